"""The process of the embedded queue: started, asked whether it answers, and started again when it ends.

Standard library only: the watcher loads this and nothing heavier.
"""

import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pindeck.runtime.processes import is_alive, send, stop, tied, wait_gone

STOP_S = 10.0
SOON_S = 60.0  # one that ended sooner than this after its start may end again at once
LONGEST_WAIT_S = 30.0
ASK_S = 10.0  # between two questions whether it answers
SILENT_S = 60.0  # it answers a ping in less than a thousandth of this, also on a busy machine


@dataclass(frozen=True)
class QueueServer:
    """What is run, the socket on which it answers, and the file in which it says what is wrong."""

    command: list[str]
    socket: str
    log: str

    def launch(self) -> int:
        """Start it; returns its number before it answers. Raises OSError when it cannot be started."""
        with contextlib.suppress(OSError):
            Path(self.socket).unlink(missing_ok=True)
        process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # A session of its own: Ctrl-C in the terminal must not reach it before web and worker are done.
            start_new_session=True,
            preexec_fn=tied(),
        )
        process.returncode = 0  # It is waited for by its number; Popen must not warn about it.
        return process.pid


class KeptQueue:
    """A queue server that is started again whenever it ends or hangs, more and more slowly while it cannot stay."""

    def __init__(self, server: QueueServer, pid: int, say: Callable[[str], None]) -> None:
        self._server = server
        self._say = say
        self._pid: int | None = pid
        self._began = self._asked = self._heard = time.monotonic()
        self._wait_s = 0.0
        self._again_at = 0.0

    def keep(self) -> float:
        """Look after it. Answers in how many seconds to look again; its end is a signal, which comes sooner."""
        if self._pid is not None:
            if is_alive(self._pid) and not self._hung(self._pid):
                return ASK_S
            self._ended()
        left = self._again_at - time.monotonic()
        if left > 0:
            return left
        try:
            self._pid = self._server.launch()
        except OSError as error:
            self._say(f"The queue cannot be started ({error.strerror}).")
            self._wait_longer()
            return self._wait_s
        self._began = self._asked = self._heard = time.monotonic()
        return ASK_S

    def _hung(self, pid: int) -> bool:
        """Whether it was silent for so long that it was killed. It keeps nothing that could be lost."""
        now = time.monotonic()
        if now < self._asked + ASK_S:
            return False
        self._asked = now
        if answers(Path(self._server.socket)):
            self._heard = time.monotonic()
            return False
        if now < self._heard + SILENT_S:
            return False
        self._say(f"The queue has not answered for {SILENT_S:.0f} s, so it is stopped.")
        send(pid, signal.SIGKILL)
        wait_gone([pid], 2)
        return True

    def _ended(self) -> None:
        self._pid = None
        if time.monotonic() - self._began > SOON_S:
            self._wait_s = 0.0
        if self._wait_s:
            self._say(
                f"The queue ended again; the next start is in {self._wait_s:.0f} s. {self._server.log} says why."
            )
        else:
            self._say("The queue ended, so it is started again. Nothing is lost: work is listed in the database.")
        self._wait_longer(first=not self._wait_s)

    def _wait_longer(self, *, first: bool = False) -> None:
        self._again_at = time.monotonic() + (0 if first else self._wait_s)
        self._wait_s = min(LONGEST_WAIT_S, self._wait_s * 2 or 1.0)

    def stop(self) -> None:
        """Stop it for good."""
        if self._pid is not None:
            stop(self._pid, STOP_S)


def answers(path: Path) -> bool:
    """Whether a queue server answers on this socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False
