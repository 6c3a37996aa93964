"""Limits: a child that wants too much ends alone."""

import os
import signal
import subprocess
import sys

from pindeck.imaging.errors import TOO_LARGE

# Elsewhere the address space cannot be limited, and confine() leaves it alone.
LIMITED = sys.platform.startswith("linux")


def run(code: str) -> subprocess.CompletedProcess[str]:
    whole = "from pindeck.imaging.limits import confine\n" + code
    return subprocess.run([sys.executable, "-c", whole], capture_output=True, text=True, env=os.environ)


def test_too_much_memory_is_a_memory_error() -> None:
    code = (
        "confine(memory_mb=64, seconds=60)\n"
        "bytearray(16 << 20)\n"
        "try: bytearray(256 << 20)\n"
        "except MemoryError: print('refused')"
    )
    assert run(code).stdout == ("refused\n" if LIMITED else "")


def test_too_much_time_ends_the_process() -> None:
    done = run("confine(memory_mb=500, seconds=1)\nwhile True: pass")
    assert done.returncode == -signal.SIGXCPU


def test_time_used_before_does_not_count() -> None:
    code = (
        "import time\n"
        "while time.process_time() < 1.2: pass\n"
        "confine(memory_mb=500, seconds=1)\n"
        "began = time.process_time()\n"
        "while time.process_time() < began + 0.3: pass\n"
        "print('alive')"
    )
    assert run(code).stdout == "alive\n"


def test_a_lower_limit_stays() -> None:
    code = (
        "import resource\n"
        "confine(memory_mb=500, seconds=5)\n"
        "before = resource.getrlimit(resource.RLIMIT_CPU)\n"
        "confine(memory_mb=5000, seconds=500)\n"
        "print(before == resource.getrlimit(resource.RLIMIT_CPU), resource.getrlimit(resource.RLIMIT_CORE)[0])"
    )
    assert run(code).stdout == "True 0\n"


def test_work_that_begins_anew_has_all_of_its_limits_and_no_more_than_the_process_was_given() -> None:
    code = (
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (9, resource.getrlimit(resource.RLIMIT_CPU)[1]))\n"
        "confine(memory_mb=64, seconds=1)\n"
        "confine(memory_mb=300, seconds=5, anew=True)\n"
        "bytearray(256 << 20)\n"
        "told = [5 <= resource.getrlimit(resource.RLIMIT_CPU)[0] < 9]\n"
        "confine(memory_mb=64, seconds=60, anew=True)\n"
        "told.append(resource.getrlimit(resource.RLIMIT_CPU)[0] == 9)\n"
        "try: bytearray(256 << 20)\n"
        "except MemoryError: told.append('refused')\n"
        "print(*told)"
    )
    assert run(code).stdout == ("True True refused\n" if LIMITED else "True True\n")


def test_a_picture_that_needs_too_much_memory_is_refused_in_words() -> None:
    code = (
        "import io\n"
        "from PIL import Image\n"
        "from pindeck.imaging import derivatives\n"
        "from pindeck.imaging.errors import BadImage\n"
        "out = io.BytesIO()\n"
        "Image.new('1', (9000, 9000)).save(out, 'PNG')\n"
        "confine(memory_mb=60, seconds=60)\n"
        "try: derivatives.build(out, max_megapixels=100)\n"
        "except BadImage as error: print(error.reason)"
    )
    assert (run(code).stdout == f"{TOO_LARGE}\n") == LIMITED
