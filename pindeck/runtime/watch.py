"""Starts web and worker, waits for the site, keeps the queue, and stops everything when one ends or a signal comes.

`up` replaces itself by this program, which loads the standard library alone and so idles in a few megabytes.
honcho's Manager is not used: it keeps a Python process per command, lets a closed terminal or a SIGKILL leave
the commands behind, and stops on a traceback if the signal comes while it starts.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from types import FrameType

from pindeck.runtime.processes import STOP_SIGNALS, kill_sessions, on_stop_signals, send, tied, wait_gone
from pindeck.runtime.queue_server import KeptQueue, QueueServer

ANSWER_S = 60.0
STOP_S = 10.0
TELL_S = 1.0
LATER = frozenset({"index", "bot"})  # they would take the cores that web and worker start on
SPARED = frozenset({"index"})  # the rest works without it: it is started again, and nothing is stopped
SPARED_AGAIN_S = 5.0


@dataclass(frozen=True)
class Plan:
    """What to run. `commands` are shell commands by name; `message` is printed once the site answers.

    `queue` is the server that runs already as the process `queue_pid`; both are None where another queue is used.
    """

    commands: dict[str, str]
    folder: str
    host: str
    port: int
    message: str
    queue: QueueServer | None
    queue_pid: int | None


class Watch:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._queue = KeptQueue(plan.queue, plan.queue_pid, say) if plan.queue and plan.queue_pid else None
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._again_at: dict[str, float] = {}
        self._signals: list[int] = []
        self._wake, wake_end = os.pipe()
        for end in (self._wake, wake_end):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake_end, warn_on_full_buffer=False)
        on_stop_signals(self._note)
        signal.signal(signal.SIGCHLD, self._note)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def run(self) -> int:
        """Run until asked to stop (0) or until web or worker ends by itself (1). The queue is started again."""
        try:
            return self._run()
        finally:
            self._stop()

    def _run(self) -> int:
        for name in self._plan.commands:
            if name not in LATER:
                self._start(name)
        ready = False
        deadline = time.monotonic() + ANSWER_S
        while not self._signals:
            for name, child in self._children.items():
                if child.poll() is not None and name not in SPARED:
                    say(f"{name} ended ({_how(child.returncode)}), so everything else was stopped too.")
                    return 1
            if not ready and _site_answers(self._plan.host, self._plan.port):
                ready = True
                say(self._plan.message)
                for name in LATER & self._plan.commands.keys():
                    self._start(name)
            if not ready and time.monotonic() > deadline:
                say(f"The site did not answer within {ANSWER_S:.0f} seconds, so everything was stopped.")
                return 1
            look_again_s = min((each for each in (self._queue and self._queue.keep(), self._spare()) if each), default=None)
            self._sleep(look_again_s if ready else 0.03)
        return 0

    def _start(self, name: str) -> None:
        self._children[name] = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {self._plan.commands[name]}"],
            cwd=self._plan.folder,
            stdin=subprocess.DEVNULL,
            # Sessions of their own: Ctrl-C reaches this process alone, which stops them in order.
            start_new_session=True,
            preexec_fn=tied(unblock=True),
        )

    def _spare(self) -> float | None:
        """Start again what may be away for a while; in how many seconds to look again, if any of it is away."""
        now = time.monotonic()
        for name in SPARED & self._children.keys():
            child = self._children[name]
            if child.poll() is None:
                continue
            if name not in self._again_at:
                say(f"{name} ended ({_how(child.returncode)}). It is started again in {SPARED_AGAIN_S:.0f} seconds; the rest works.")
                self._again_at[name] = now + SPARED_AGAIN_S
            if self._again_at[name] <= now:
                del self._again_at[name]
                self._start(name)
        return max(0.05, min(self._again_at.values()) - now) if self._again_at else None

    def _stop(self) -> None:
        asked = len(self._signals)
        alive = [child for child in self._children.values() if child.poll() is None]
        for child in alive:
            send(child.pid, signal.SIGTERM)
        began = time.monotonic()
        told = False
        # A second Ctrl-C means now.
        while any(child.poll() is None for child in alive) and len(self._signals) <= asked:
            passed = time.monotonic() - began
            if passed > STOP_S:
                break
            if passed > TELL_S and not told:
                told = True
                say("Waiting for running work to end. Ctrl-C again stops it now.")
            self._sleep(0.1)
        kill_sessions([child.pid for child in self._children.values()])
        wait_gone([child.pid for child in alive if child.poll() is None], 2)
        # The queue goes last: a worker that is stopping still tells it so.
        if self._queue:
            self._queue.stop()

    def _sleep(self, seconds: float | None) -> None:
        """Until a signal arrives or a child ends, and at most `seconds`."""
        if select.select([self._wake], [], [], seconds)[0]:
            os.read(self._wake, 4096)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self._signals.append(number)


def say(sentence: str) -> None:
    """Print, even to a terminal that has been closed."""
    try:
        print(sentence, flush=True)
    except OSError:
        # Whatever is still buffered must not be tried again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {-code}"


def _site_answers(host: str, port: int) -> bool:
    reachable = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)
    try:
        with socket.create_connection((reachable, port), timeout=1) as client:
            client.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            answer = b""
            while part := client.recv(4096):
                answer += part
            return answer.split(b" ")[1:2] == [b"200"]
    except OSError:
        return False


def main() -> None:
    """Read the plan from the file descriptor named by the only argument, and carry it out."""
    with open(int(sys.argv[1])) as handed:
        told = json.load(handed)
    if told["queue"]:
        told["queue"] = QueueServer(**told["queue"])
    sys.exit(Watch(Plan(**told)).run())
