"""Hostile pictures against a real web process, which stays small and quick."""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import urllib3

from pindeck import storage
from pindeck.imaging.errors import TOO_MANY_PARTS, TOO_MANY_PASSES, TOO_MUCH_TEXT
from pindeck.models import Image
from pindeck.services.derivatives import crop_urls
from pindeck.states import ImageStatus
from pindeck.storage import keys
from tests.factories import photo
from tests.imaging import hostile
from tests.kill.test_web_queue_and_disk import Person
from tests.stack import Stack

pytestmark = [pytest.mark.kill, pytest.mark.timeout(900)]

MOST_MB = 100
MOST_CPU_S = 3.0


class Patient(Person):
    """Comes again when the server says so: the machine may be busy with other things."""

    def __init__(self, base: str) -> None:
        super().__init__(base)
        self.http = urllib3.PoolManager(retries=False, timeout=170)

    def until_there_is_room(self, ask: Callable[[], Any]) -> Any:
        for _ in range(20):
            answer = ask()
            if answer.status != 503:
                break
            time.sleep(int(answer.headers["Retry-After"]))
        return answer


class Watched:
    """The web process: what a request adds to its memory at most, and what it takes of the processor, itself."""

    def __init__(self, stack: Stack) -> None:
        assert stack.web
        [self.process] = psutil.Process(stack.web.pid).children()
        self.seen: list[tuple[str, float, float]] = []

    def _status(self, name: str) -> float:
        found = re.search(rf"^{name}:\s+(\d+) kB", Path(f"/proc/{self.process.pid}/status").read_text(), re.M)
        assert found
        return int(found[1]) / 1024

    def _cpu(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)

    @contextlib.contextmanager
    def during(self, what: str) -> Iterator[None]:
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")  # the peak is that of now
        memory, cpu = self._status("VmRSS"), self._cpu()
        yield
        self.seen.append((what, self._status("VmHWM") - memory, self._cpu() - cpu))

    def check(self) -> None:
        assert [one for one in self.seen if one[1] >= MOST_MB or one[2] >= MOST_CPU_S] == []
        assert self.process.is_running()
        loaded = Path(f"/proc/{self.process.pid}/maps").read_text()
        assert "/PIL/" not in loaded and "pillow" not in loaded


UPLOADS = {
    "segments.jpg": (lambda: hostile.empty_segments(12_000_000), TOO_MANY_PARTS),
    "chunks.png": (lambda: hostile.many_chunks(1_600_000), TOO_MANY_PARTS),
    "text.png": (lambda: hostile.packed_text(240), TOO_MUCH_TEXT),
    "passes.jpg": (hostile.many_passes, TOO_MANY_PASSES),
    "rows.png": (hostile.broken_large_png, "only part of the picture arrived"),
    "wide.avif": (hostile.large_avif, None),
    "wide.jpg": (hostile.large_progressive, None),
    "wide.webp": (hostile.large_webp, None),
    "noise.jpg": (lambda: hostile.noise(4000), None),
}


def test_no_upload_and_no_crop_makes_a_web_process_large_or_busy(tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    stack.start_web()
    try:
        person = Patient(stack.base).sign_up()
        assert person.upload(photo(), "first.jpg").status == 200
        watched = Watched(stack)
        for name, (make, refused) in UPLOADS.items():
            data = make()
            with watched.during(name):
                answer = person.until_there_is_room(lambda: person.upload(data, name))  # noqa: B023
            said = answer.data.decode()
            assert answer.status == (422 if refused else 200) and (refused or "Sent") in said, (name, said)
        with stack.bound():
            Image.update(status=ImageStatus.ACTIVE).execute()  # sizes of a draft wait for its job
            ids = {image.original_filename: image.id for image in Image.select()}
            assert set(ids) == {"first.jpg", *(name for name, (_, refused) in UPLOADS.items() if not refused)}
            staged = {each.key for each in storage.current().list(keys.STAGING_PREFIX)}
            assert len(staged) == len(ids), "something is left of what was refused"
            signed = {name: crop_urls.signed_path(ids[name], w=4000, h=4000, format="jpeg") for name in ids}
        # No worker has been there, so everything is drawn from the originals.
        for name, path in {
            "size of noise.jpg": f"/i/{ids['noise.jpg']}?size=large",
            "crop of noise.jpg": signed["noise.jpg"],
            "size of wide.jpg": f"/i/{ids['wide.jpg']}?size=small",
            "size of wide.webp": f"/i/{ids['wide.webp']}?size=lg",
            "crop of wide.avif": signed["wide.avif"],
        }.items():
            with watched.during(name):
                answer = person.until_there_is_room(lambda: person.get(path))  # noqa: B023
            assert answer.status == 200, (name, answer.data[:200])
            assert answer.data
        watched.check()
    finally:
        stack.stop()
