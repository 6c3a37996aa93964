"""The way to the helper process and back: starts it, hands it a file, waits for the answer of its child."""

import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from pindeck import config
from pindeck.errors import Busy
from pindeck.imaging.errors import CRASHED, TOO_LARGE, BadImage

log = logging.getLogger("pindeck.imaging")

PATIENCE_S = 70.0  # longer than any child lives
MOST_ANSWER = 32 * 1024 * 1024
_ROOT = Path(__file__).resolve().parents[2]
_NOT_NOW = "Pictures cannot be read at the moment. Nothing was kept; try again."


def exchange(picture: int, task: bytes, memory_mb: int) -> tuple[dict[str, Any], bytes]:
    """Have a child do what `task` (JSON) says with the file of this descriptor; its whole answer, and the bytes behind it.

    Raises BadImage where the picture ended the child, HelperGone, or Busy.
    """
    mine, theirs = socket.socketpair()
    hears, told = socket.socketpair()
    with mine, hears:
        with theirs, told:
            helper = _send([picture, theirs.fileno(), told.fileno()], memory_mb)
        try:
            answer = _received(mine, task)
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


def _received(mine: socket.socket, task: bytes) -> bytes:
    """Raises TimeoutError."""
    parts, size = [], 0
    mine.settimeout(PATIENCE_S)
    try:
        mine.sendall(task)
        mine.shutdown(socket.SHUT_WR)
        while part := mine.recv(256 * 1024):
            parts.append(part)
            size += len(part)
            if size > MOST_ANSWER:
                raise BadImage(TOO_LARGE)
    except ConnectionError:  # it ended while it was being asked
        pass
    return b"".join(parts)


class HelperGone(Busy):
    """The helper ended before its child."""


def _reason(ended: str) -> Exception:
    """What it means that a child ended like this: by a signal (below zero), or with this code."""
    if not ended:
        return HelperGone(_NOT_NOW)
    if ended in (str(-signal.SIGXCPU), str(-signal.SIGKILL)):
        return BadImage(TOO_LARGE)
    if ended == "2" or (ended.startswith("-") and ended != str(-signal.SIGALRM)):
        return BadImage(CRASHED)
    return _no_answer()


def _no_answer() -> Busy:
    return Busy(_NOT_NOW)


# The helper


class _Helper:
    """The running process and the socket on which it is asked."""

    def __init__(self, memory_mb: int) -> None:
        self.control, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "pindeck.imaging.helper", str(memory_mb)],
                stdin=theirs.fileno(),
                env={**config.bare_environment(), "PYTHONPATH": str(_ROOT)},  # no setting and no secret goes there
                cwd="/",
            )
        self.memory_mb = memory_mb

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.control.close()
        self.process.wait()


_helper: _Helper | None = None
_asking = threading.Lock()


def _send(fds: list[int], memory_mb: int) -> _Helper:
    """Hand descriptors to the helper, to a new one if there is none. Raises Busy."""
    global _helper
    with _asking:
        for _ in range(2):
            try:
                if _helper is None:
                    _helper = _Helper(memory_mb)
                if _helper.memory_mb == memory_mb:
                    socket.send_fds(_helper.control, [b"."], fds)
                    return _helper
            except OSError as error:  # it was killed, or the machine has no room for another process
                log.warning("the process that reads pictures is gone or cannot start (%s)", error.strerror)
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
