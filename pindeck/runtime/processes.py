"""Processes of ours: tied to their parent, found by session, stopped by asking before forcing.

Standard library only: the watcher loads this and nothing heavier.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path
from types import FrameType

STOP_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT})

_SET_PARENT_DEATH_SIGNAL = 1
# Looked up before any fork: loading a library in the forked child could deadlock.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def tied(unblock: bool = False) -> Callable[[], None]:
    """What a child does first, so that it is asked to stop when this process dies, even by SIGKILL.

    Only Linux can do that; elsewhere a killed parent leaves its children behind. `unblock` lets the
    stop signals through again where the parent holds them back.
    """
    parent = os.getpid()

    def prepare() -> None:
        if unblock:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        if _libc is not None:
            _libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)  # The parent died before the line above could tell.

    return prepare


def on_stop_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    """Call `handler` for every signal that asks to stop. Under `nohup` a closed terminal stays ignored."""
    for number in STOP_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def is_alive(pid: int) -> bool:
    """Whether `pid` runs. One that has ended counts as gone, also while nobody has reaped it."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == 0
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return not _is_zombie(pid)


def wait_gone(pids: Collection[int], seconds: float) -> bool:
    """Wait until none of `pids` is alive; False if that takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while any(is_alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal; a process that has gone meanwhile is fine."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def stop(pid: int, seconds: float) -> None:
    """Ask a process to stop, wait `seconds`, then force it."""
    send(pid, signal.SIGTERM)
    if not wait_gone([pid], seconds):
        send(pid, signal.SIGKILL)
        wait_gone([pid], 2)


def kill_sessions(leaders: Collection[int]) -> None:
    """Kill what is left of the sessions these processes led, such as a job that forked and hangs."""
    for _ in range(20):
        left = [pid for pid in _all_pids() if _session(pid) in leaders and is_alive(pid)]
        if not left:
            return
        for pid in left:
            send(pid, signal.SIGKILL)
        wait_gone(left, 0.5)


def command_of(pid: int) -> str:
    """The command line of a process, or nothing if it is gone."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    shown = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
    return shown.stdout


def _is_zombie(pid: int) -> bool:
    # The first process of a container often reaps nobody; elsewhere zombies are gone in no time.
    if sys.platform != "linux":
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return -1


def _all_pids() -> list[int]:
    if sys.platform == "linux":
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    shown = subprocess.run(["ps", "-A", "-o", "pid="], capture_output=True, text=True)
    return [int(word) for word in shown.stdout.split()]
