"""Pictures read by another process: the same answers, whatever ends that process or its children."""

import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from pindeck.errors import Busy
from pindeck.imaging import confined, courier, crops, derivatives, probe, slots
from pindeck.imaging.errors import CRASHED, TOO_LARGE, BadImage, NotAPicture
from pindeck.imaging.framing import frame
from pindeck.imaging.presets import PRESETS
from pindeck.runtime.processes import is_alive, wait_gone
from tests.conftest import ChangeSettings
from tests.imaging import hostile
from tests.imaging.pictures import FORMATS, saved, texture
from tests.stack import wait_for

VALID = {name: saved(texture(400, 300), name).getvalue() for name in FORMATS}
MB = 1536


@pytest.fixture(autouse=True)
def apart(change_settings: ChangeSettings) -> Iterator[None]:
    """Here nothing is read in place, whatever a test before this one wanted."""
    before = confined._in_place
    confined.work_in_place(False)
    change_settings(job_memory_mb=MB)
    yield
    confined.work_in_place(before)


def check(data: bytes) -> probe.Probe:
    return confined.check_upload(io.BytesIO(data), max_megapixels=100)


def helper() -> psutil.Process:
    check(VALID["GIF"])
    assert courier._helper is not None
    return psutil.Process(courier._helper.process.pid)


@pytest.mark.parametrize("name", FORMATS)
def test_the_answer_is_that_of_reading_in_place(name: str) -> None:
    assert check(VALID[name]) == probe.check_upload(io.BytesIO(VALID[name]), max_megapixels=100)


@pytest.mark.parametrize(
    "data", [b"", b"<html>", b"\0\0\0\x1cftypisom", VALID["JPEG"][:2000], VALID["PNG"][:900] + bytes(900)]
)
def test_a_refusal_is_that_of_reading_in_place(data: bytes) -> None:
    with pytest.raises(BadImage) as here:
        probe.check_upload(io.BytesIO(data), max_megapixels=100)
    with pytest.raises(BadImage) as there:
        check(data)
    assert (type(there.value), there.value.reason) == (type(here.value), here.value.reason)
    assert isinstance(there.value, NotAPicture) == (len(data) < 900)


def test_what_is_drawn_is_what_would_be_drawn_in_place(tmp_path: Path) -> None:
    path = tmp_path / "still"
    path.write_bytes(VALID["JPEG"])
    wanted = frame((400, 300), "cover", (100, 200), (0.2, 0.9))
    with path.open("rb") as file:
        found = confined.draw(file, wanted, "jpeg", max_megapixels=100)
        assert found == crops.draw(file, wanted, "jpeg", max_megapixels=100)
        small = confined.make(file, PRESETS["small"], max_megapixels=100, webp_method=0)
        assert small == derivatives.make(file, PRESETS["small"], max_megapixels=100, webp_method=0)
    options = {"width": 400, "height": 300, "webp_method": 0}
    tiny = confined.from_rendition(small.data, PRESETS["sm"], **options)
    assert tiny == derivatives.from_rendition(small.data, PRESETS["sm"], **options)
    with pytest.raises(BadImage):
        confined.from_rendition(b"nothing", PRESETS["sm"], **options)
    with pytest.raises(BadImage):
        confined.draw(io.BytesIO(VALID["JPEG"][:2000]), wanted, "webp", max_megapixels=100)


def test_a_file_may_lie_on_disk_or_in_memory_and_stand_anywhere() -> None:
    for size in (10, 10_000_000):
        with tempfile.SpooledTemporaryFile(max_size=size) as file:
            file.write(VALID["PNG"])
            assert confined.check_upload(file, max_megapixels=100).format == "PNG"  # type: ignore[arg-type]
            assert not file.closed


def test_many_at_once_all_get_their_answer_and_two_are_read_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now, most, lock, real = 0, 0, threading.Lock(), courier.exchange

    def counted(*args: object) -> object:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        try:
            return real(*args)  # type: ignore[arg-type]
        finally:
            with lock:
                now -= 1

    monkeypatch.setattr(courier, "exchange", counted)
    monkeypatch.setattr(slots, "WAIT_S", 120.0)

    def one(data: bytes) -> str:
        try:
            return confined.check_upload(io.BytesIO(data), max_megapixels=100, wait_s=120).format
        except BadImage:
            return "refused"

    jobs = [VALID["JPEG"], VALID["AVIF"], VALID["PNG"], VALID["JPEG"][:2000], VALID["WEBP"]] * 4
    with ThreadPoolExecutor(20) as threads:
        found = list(threads.map(one, jobs))
    assert found == ["JPEG", "AVIF", "PNG", "refused", "WEBP"] * 4
    assert most == 2


def test_the_size_for_a_screen_is_drawn_one_at_a_time() -> None:
    with slots.turn(alone=True):
        with pytest.raises(Busy):
            confined.make(io.BytesIO(VALID["JPEG"]), PRESETS["screen"], max_megapixels=100, wait_s=0.1)
        assert confined.make(io.BytesIO(VALID["JPEG"]), PRESETS["small"], max_megapixels=100).data
    assert confined.make(io.BytesIO(VALID["JPEG"]), PRESETS["screen"], max_megapixels=100).data


@pytest.mark.parametrize("name", ["large_webp", "large_progressive", "broken_large_png"])
def test_what_needs_more_memory_than_one_picture_may_take_is_too_large(
    name: str, change_settings: ChangeSettings
) -> None:
    change_settings(job_memory_mb=256)
    with pytest.raises(BadImage) as caught:
        check(getattr(hostile, name)())
    assert caught.value.reason == TOO_LARGE
    assert check(VALID["JPEG"]).format == "JPEG"


# How children and helpers end


class Errand:
    """A child that waits for a file which does not end, and the thread that waits for the child."""

    def __init__(self) -> None:
        self.found: object = None
        self.process = helper()
        wait_for(lambda: not self.process.children(), 60, "the child of before to be gone")
        self.reads, self.writes = os.pipe()
        task = {"deed": "from_rendition", "preset": "sm", "width": 400, "height": 300, "webp_method": 0}
        self.thread = threading.Thread(target=self._ask, args=(json.dumps(task).encode(),))
        self.thread.start()
        wait_for(self.process.children, 60, "a child")

    def _ask(self, task: bytes) -> None:
        try:
            self.found = courier.exchange(self.reads, task, MB)
        except (BadImage, Busy) as error:
            self.found = error

    def end(self) -> object:
        self.thread.join(60)
        assert not self.thread.is_alive()
        for fd in (self.reads, self.writes):
            os.close(fd)
        return self.found


@pytest.mark.parametrize(
    ("number", "reason"),
    [(signal.SIGXCPU, TOO_LARGE), (signal.SIGKILL, TOO_LARGE), (signal.SIGSEGV, CRASHED), (signal.SIGALRM, None)],
)
def test_how_a_child_ends_tells_what_was_wrong(number: signal.Signals, reason: str | None) -> None:
    errand = Errand()
    [child] = errand.process.children()
    child.send_signal(number)
    found = errand.end()
    assert isinstance(found, Busy if reason is None else BadImage)
    assert reason is None or getattr(found, "reason", None) == reason
    assert helper().pid == errand.process.pid


def test_a_child_is_confined_and_gives_way() -> None:
    errand = Errand()
    [child] = errand.process.children()
    wait_for(lambda: 10 <= child.rlimit(psutil.RLIMIT_CPU)[0] <= 12, 50, "the limits")
    wait_for(lambda: child.rlimit(psutil.RLIMIT_AS)[0] > 0, 50, "the limits")
    assert MB * 2**20 < child.rlimit(psutil.RLIMIT_AS)[0] < (MB + 500) * 2**20
    assert child.nice() > psutil.Process().nice()
    assert "SECRET_KEY" not in errand.process.environ() and "DATABASE_URL" not in errand.process.environ()
    child.kill()
    errand.end()


def test_a_helper_that_is_killed_takes_its_child_along_and_another_one_follows() -> None:
    errand = Errand()
    [child] = errand.process.children()
    errand.process.kill()
    assert isinstance(errand.end(), courier.HelperGone)
    assert wait_gone([child.pid], 30)
    assert helper().pid != errand.process.pid
    # Whoever asked is not told: the same picture is handed to the next one.
    first, real = helper(), courier._received

    def killing(*args: object) -> bytes:
        courier._received = real
        first.kill()
        first.wait(30)
        return real(*args)  # type: ignore[arg-type]

    courier._received = killing  # type: ignore[assignment]
    try:
        assert check(VALID["AVIF"]).format == "AVIF"
    finally:
        courier._received = real


def test_no_room_for_another_process_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    helper().kill()

    def refuse(*args: object, **options: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "Popen", refuse)
        with pytest.raises(Busy) as caught:
            check(VALID["JPEG"])
    assert (caught.value.status, caught.value.code) == (503, "SERVER_BUSY")
    assert check(VALID["JPEG"]).format == "JPEG"


def test_signals_meant_for_the_web_process_do_not_end_its_helper() -> None:
    found = helper()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        found.send_signal(number)
    assert helper().pid == found.pid


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_helper_ends_with_its_process(number: signal.Signals) -> None:
    code = (
        "import io, sys, time; from pindeck import config; from pindeck.imaging import confined, courier\n"
        "config.bind(config.load({}))\n"
        "confined.check_upload(io.BytesIO(bytes.fromhex(sys.argv[1])), max_megapixels=1)\n"
        "print(courier._helper.process.pid, 'PIL' in sys.modules, flush=True); time.sleep(600)"
    )
    data = saved(texture(8, 8), "GIF").getvalue().hex()
    with subprocess.Popen([sys.executable, "-c", code, data], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        pid, loaded = process.stdout.readline().split()
        assert loaded == "False" and is_alive(int(pid))
        process.send_signal(number)
    assert wait_gone([int(pid)], 30)


def test_a_forked_process_has_a_helper_of_its_own() -> None:
    mine = helper().pid
    reads, writes = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.write(writes, b"same" if helper().pid == mine else b"own")
        finally:
            os._exit(0)
    os.close(writes)
    with open(reads, "rb") as said:
        assert said.read() == b"own"
    os.waitpid(child, 0)
    assert helper().pid == mine
