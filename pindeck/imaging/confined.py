"""Pictures of strangers, read and drawn outside of the process that asks: it cannot be made to take memory or time.

A helper process (helper.py) forks a child for each picture, limited in both. It is started when the first
picture comes, ends with this process, and is started again if it was killed. Two pictures are read at once, others
wait for a while. A process that is limited itself, such as a job of the worker, does the same work in place.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from pindeck.errors import Busy
from pindeck.imaging import slots, structure
from pindeck.imaging.errors import CUT_OFF, DAMAGED, TOO_LARGE, BadImage, NotAPicture
from pindeck.imaging.framing import Frame
from pindeck.imaging.presets import Preset
from pindeck.imaging.results import Drawn, Probe, Rendition

# Longer than any child lives, and than the most that it answers with. Kept here, so that this loads no decoder.
PATIENCE_S = 40.0
MOST_ANSWER = 40 * 1024 * 1024
_ROOT = Path(__file__).resolve().parents[2]
_NOT_NOW = "Pictures cannot be read at the moment. Nothing was kept; try again."
_CRASHED = "This picture cannot be read here; open it in an editor and save it again."

_memory_mb = 1536
_in_place = False


def bind(*, memory_mb: int, in_place: bool = False) -> None:
    """`memory_mb` (MiB) is what one picture may take. `in_place` is for a process that is limited itself."""
    global _memory_mb, _in_place
    _memory_mb, _in_place = memory_mb, in_place


def check_upload(file: BinaryIO, *, max_megapixels: int, wait_s: float = slots.WAIT_S) -> Probe:
    """Is `file` a whole picture of an accepted kind and size? Raises BadImage, or Busy when it is not known now."""
    if _in_place:
        from pindeck.imaging import probe

        return probe.check_upload(file, max_megapixels=max_megapixels)
    outline = structure.outline(file, max_megapixels=max_megapixels)
    # A JPEG is looked at in an eighth of its size, unless it has to be kept whole until its last pass.
    memory = outline.memory if outline.bytes_per_pixel > structure.PLAIN else outline.memory // 64
    return Probe(**_ask(file, "check", memory, wait_s, max_megapixels=max_megapixels)[0])


def draw(
    file: BinaryIO,
    frame: Frame,
    form: str,
    *,
    max_megapixels: int,
    webp_method: int = 4,
    wait_s: float = slots.WAIT_S,
) -> Drawn:
    """The frame of a stored picture; see `crops.draw`. Raises BadImage, or Busy."""
    if _in_place:
        from pindeck.imaging import crops

        return crops.draw(file, frame, form, max_megapixels=max_megapixels, webp_method=webp_method)
    outline = structure.outline(file, max_megapixels=max_megapixels)
    told, data = _ask(
        file, "draw", outline.memory, wait_s,
        frame=asdict(frame), form=form, max_megapixels=max_megapixels, webp_method=webp_method,
    )  # fmt: skip
    return Drawn(data=data, **told)


def make(
    file: BinaryIO, preset: Preset, *, max_megapixels: int, webp_method: int = 4, wait_s: float = slots.WAIT_S
) -> Rendition:
    """One size of a stored picture; see `derivatives.make`. Raises BadImage, or Busy."""
    if _in_place:
        from pindeck.imaging import derivatives

        return derivatives.make(file, preset, max_megapixels=max_megapixels, webp_method=webp_method)
    outline = structure.outline(file, max_megapixels=max_megapixels)
    told, data = _ask(
        file, "make", outline.memory, wait_s,
        preset=preset.name, max_megapixels=max_megapixels, webp_method=webp_method,
    )  # fmt: skip
    return Rendition(data=data, **told)


def from_rendition(
    data: bytes, preset: Preset, *, width: int, height: int, webp_method: int = 4, wait_s: float = slots.WAIT_S
) -> Rendition:
    """A further size from a stored, larger one; see `derivatives.from_rendition`. Raises BadImage, or Busy."""
    if _in_place:
        from pindeck.imaging import derivatives

        return derivatives.from_rendition(data, preset, width=width, height=height, webp_method=webp_method)
    with tempfile.TemporaryFile() as file:
        file.write(data)
        told, made = _ask(
            file, "from_rendition", 0, wait_s, preset=preset.name, width=width, height=height, webp_method=webp_method
        )
    return Rendition(data=made, **told)


# Asking


def _ask(file: BinaryIO, deed: str, memory: int, wait_s: float, **options: Any) -> tuple[dict[str, Any], bytes]:
    """What a child answers, and the bytes behind it. Raises BadImage, Busy, or the OSError of the disk."""
    wish = json.dumps({"deed": deed, **options}).encode()
    with slots.turn(memory, wait_s=wait_s), _on_disk(file) as picture:
        try:
            said, data = _exchange(picture, wish)
        except _HelperGone:  # whoever killed it; the next one may live
            said, data = _exchange(picture, wish)
    if "errno" in said:
        raise OSError(said["errno"], said["strerror"])
    if "refused" in said:
        if said["refused"] in (CUT_OFF, DAMAGED) and memory > _memory_mb * 1024 * 1024:
            raise BadImage(TOO_LARGE)  # some decoders do not tell that they had no memory
        raise (NotAPicture if said["kind"] == "NotAPicture" else BadImage)(said["refused"])
    return said["done"], data


@contextmanager
def _on_disk(file: BinaryIO) -> Iterator[int]:
    """A descriptor of the file for another process; a copy where it lies in memory."""
    try:
        number = file.fileno()
    except OSError:
        with tempfile.TemporaryFile() as copy:
            file.seek(0)
            shutil.copyfileobj(file, copy, 256 * 1024)
            copy.flush()
            yield copy.fileno()
        return
    file.flush()
    yield number


def _exchange(picture: int, wish: bytes) -> tuple[dict[str, Any], bytes]:
    """The whole answer of a child. Raises what its end means, where it ended without one."""
    mine, theirs = socket.socketpair()
    hears, told = socket.socketpair()
    with mine, hears:
        with theirs, told:
            helper = _send([picture, theirs.fileno(), told.fileno()])
        try:
            answer = _received(mine, wish)
            head, newline, data = answer.partition(b"\n")
            if newline:
                said = json.loads(head)
                if len(data) == said["bytes"]:
                    return said, data
            hears.settimeout(PATIENCE_S)
            ended = hears.recv(16).decode()
        except TimeoutError:
            helper.end()
            raise _no_answer() from None
    raise _reason(ended)


def _received(mine: socket.socket, wish: bytes) -> bytes:
    """Raises TimeoutError."""
    parts, size = [], 0
    mine.settimeout(PATIENCE_S)
    try:
        mine.sendall(wish)
        mine.shutdown(socket.SHUT_WR)
        while part := mine.recv(256 * 1024):
            parts.append(part)
            size += len(part)
            if size > MOST_ANSWER:
                raise BadImage(TOO_LARGE)
    except ConnectionError:  # it ended while it was being asked
        pass
    return b"".join(parts)


class _HelperGone(Busy):
    """The helper ended before its child."""


def _reason(ended: str) -> Exception:
    """What it means that a child ended like this: by a signal (below zero), or with this code."""
    if not ended:
        return _HelperGone(_NOT_NOW)
    if ended in (str(-signal.SIGXCPU), str(-signal.SIGKILL)):
        return BadImage(TOO_LARGE)
    if ended == "2" or (ended.startswith("-") and ended != str(-signal.SIGALRM)):
        return BadImage(_CRASHED)
    return _no_answer()


def _no_answer() -> Busy:
    return Busy(_NOT_NOW)


# The helper


class _Helper:
    """The running process and the socket on which it is asked."""

    def __init__(self) -> None:
        self.control, theirs = socket.socketpair()
        # No setting and no secret of ours goes there, and no folder is held by it.
        environ = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ}
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "pindeck.imaging.helper", str(_memory_mb)],
                stdin=theirs,
                env={**environ, "PYTHONPATH": str(_ROOT)},
                cwd="/",
            )
        self.memory_mb = _memory_mb

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.control.close()
        self.process.wait()


_helper: _Helper | None = None
_asking = threading.Lock()


def _send(fds: list[int]) -> _Helper:
    """Hand descriptors to the helper, to a new one if there is none. Raises Busy."""
    global _helper
    with _asking:
        for _ in range(2):
            try:
                if _helper is None:
                    _helper = _Helper()
                if _helper.memory_mb == _memory_mb:
                    socket.send_fds(_helper.control, [b"."], fds)
                    return _helper
            except OSError:  # it was killed, or the machine has no room for another process
                pass
            if _helper is not None:
                _helper.end()
            _helper = None
    raise _no_answer()


def _forget() -> None:
    """In a forked child: the helper is that of the parent."""
    global _helper, _asking
    if _helper is not None:
        _helper.control.close()
    _helper, _asking = None, threading.Lock()


os.register_at_fork(after_in_child=_forget)
