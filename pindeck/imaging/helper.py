"""The process that decodes for a web process: one thread, the decoders loaded, a forked child for each picture.

    python -m pindeck.imaging.helper MEMORY_MB

Its standard input is a socket. Each message there brings three descriptors: the picture, the socket on which the
child is told what to do and answers, and one that hears how the child ended. It ends when its input closes, as it
does with the web process, however that ends. It knows no settings and no secrets.
"""

import contextlib
import ctypes
import gc
import json
import os
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO

from pindeck.imaging import crops, derivatives, probe
from pindeck.imaging.errors import TOO_LARGE, BadImage
from pindeck.imaging.framing import Frame
from pindeck.imaging.limits import confine
from pindeck.imaging.presets import PRESETS

SECONDS = 10  # of processor time for one picture
WALL_S = 60  # however busy the machine is
NICE = 2  # somebody waits for it, and others for a page
NO_CHILD = "none"
_PARENT_DIED = 1  # prctl's PR_SET_PDEATHSIG
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

Answer = tuple[dict[str, Any], bytes]


def serve(control: socket.socket, memory_mb: int) -> None:
    """Fork a child for each message until the other side closes the socket."""
    here = os.getpid()
    told: dict[int, int] = {}  # of each child, the socket that hears how it ended
    woken, waker = socket.socketpair()
    woken.setblocking(False)
    waker.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker.fileno())
    selector = selectors.DefaultSelector()
    selector.register(control, selectors.EVENT_READ)
    selector.register(woken, selectors.EVENT_READ)
    while True:
        ready = {key.fileobj for key, _ in selector.select()}
        if woken in ready:
            woken.recv(4096)
            _reap(told)
        if control in ready:
            message, fds, _, _ = socket.recv_fds(control, 1, 3)
            if not message:
                return
            picture, talk, heard = fds
            try:
                pid = os.fork()
            except OSError:
                _tell(heard, NO_CHILD)
            else:
                if pid == 0:
                    signal.set_wakeup_fd(-1)
                    for fd in (control.fileno(), woken.fileno(), waker.fileno(), heard, *told.values()):
                        os.close(fd)
                    _be_a_child(picture, talk, memory_mb, parent=here)
                told[pid] = heard
            os.close(picture)
            os.close(talk)


def _reap(told: dict[int, int]) -> None:
    while told:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        _tell(told.pop(pid), str(os.waitstatus_to_exitcode(status)))


def _tell(heard: int, words: str) -> None:
    with contextlib.suppress(OSError):  # nobody waits any more
        os.write(heard, words.encode())
    os.close(heard)


def _be_a_child(picture: int, talk: int, memory_mb: int, *, parent: int) -> None:
    """Do what is asked for one picture, and end."""
    try:
        signal.setitimer(signal.ITIMER_REAL, WALL_S)  # its signal ends a process that does not listen to it
        if _libc is not None:
            _libc.prctl(_PARENT_DIED, signal.SIGKILL)
            if os.getppid() != parent:  # it died before it could be told
                os._exit(1)
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")  # where the memory of the machine ends, this process goes before any other
        confine(memory_mb=memory_mb, seconds=SECONDS)
        with socket.socket(fileno=talk) as line, _opened(picture) as opened:
            head, data = _answer(_read(line), opened)
            line.sendall(json.dumps({**head, "bytes": len(data)}).encode() + b"\n")
            line.sendall(data)
    except OSError:
        os._exit(1)  # nobody listens any more
    except BaseException:
        traceback.print_exc()
        os._exit(2)
    os._exit(0)


def _opened(picture: int) -> BinaryIO:
    """The picture with a position of its own, from its beginning: the one of the descriptor is the asker's as well."""
    with contextlib.suppress(OSError):
        return open(f"/proc/self/fd/{picture}", "rb")
    file = os.fdopen(picture, "rb")
    file.seek(0)
    return file


def _read(line: socket.socket) -> dict[str, Any]:
    told = b""
    while part := line.recv(65536):
        told += part
    return json.loads(told)  # type: ignore[no-any-return]


def _answer(task: dict[str, Any], file: BinaryIO) -> Answer:
    """What is said first, and the bytes that follow it."""
    try:
        return _DEEDS[task.pop("deed")](file, **task)
    except MemoryError:
        return {"refused": TOO_LARGE, "kind": "BadImage"}, b""
    except BadImage as error:
        return {"refused": error.reason, "kind": type(error).__name__}, b""
    except OSError as error:
        return {"errno": error.errno, "strerror": error.strerror or str(error)}, b""


def _check(file: BinaryIO, *, max_megapixels: int) -> Answer:
    return {"done": vars(probe.decode(file, max_megapixels=max_megapixels))}, b""


def _draw(file: BinaryIO, *, frame: dict[str, Any], **options: Any) -> Answer:
    return _with_bytes(crops.draw(file, Frame(**{name: tuple(value) for name, value in frame.items()}), **options))


def _make(file: BinaryIO, *, preset: str, **options: Any) -> Answer:
    return _with_bytes(derivatives.make(file, PRESETS[preset], **options))


def _from_rendition(file: BinaryIO, *, preset: str, **options: Any) -> Answer:
    return _with_bytes(derivatives.from_rendition(file.read(), PRESETS[preset], **options))


def _with_bytes(made: Any) -> Answer:
    told = dict(vars(made))
    data = told.pop("data")
    return {"done": told}, data


_DEEDS: dict[str, Callable[..., Answer]] = {
    "check": _check, "draw": _draw, "make": _make, "from_rendition": _from_rendition,
}  # fmt: skip


def main() -> None:
    # A signal to the whole group is meant for the web process, which may still want its last pictures.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.nice(NICE)
    gc.collect()
    gc.freeze()  # what is loaded by now stays shared with the children
    with socket.socket(fileno=0) as control:
        serve(control, int(sys.argv[1]))


if __name__ == "__main__":
    main()
