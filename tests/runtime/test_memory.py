"""What a worker's child does with the memory that a picture has freed."""

import subprocess
import sys

# Three pieces at once, as the steps of a picture hold them: more than glibc keeps by itself. Each page that the kernel
# clears is a fault.
CODE = """
import resource
from pindeck import config
from pindeck.runtime.children import limit_child

def take() -> int:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    held = [b"x" * 2**24 for _ in range(3)]
    del held
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

if {is_child}:
    limit_child(config.load({{"DATA_DIR": "data"}}), "media", 60, lambda: None)
take()
print(take())
"""


def test_what_a_picture_has_freed_serves_the_next_one() -> None:
    faults = {is_child: _faults(is_child) for is_child in (False, True)}
    assert faults[True] < 500 < faults[False]


def _faults(is_child: bool) -> int:
    code = CODE.format(is_child=is_child)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout)
