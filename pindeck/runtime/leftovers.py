"""Processes that a killed `pindeck up` left behind on the same DATA_DIR. Standard library only.

The kernel asks them to stop when their watcher dies, but a web server still ends its requests and keeps its port. They
are known by a word of their environment that names the watcher and the folder, so nobody else's process is touched.
"""

import os
import signal
import sys
from pathlib import Path

from pindeck.runtime.processes import send, wait_gone

NAME = "PINDECK_UP"
PATIENCE_S = 2.0


def mark(data_dir: Path) -> dict[str, str]:
    """What goes into the environment of a watcher, which will have the number of this process, and of all it starts."""
    return {NAME: f"{os.getpid()}@{_place(data_dir)}"} if data_dir.is_dir() else {}


def end(data_dir: Path) -> None:
    """End what is left of watchers that are gone. Only Linux shows the environment of a process."""
    if sys.platform != "linux" or not data_dir.is_dir():
        return
    place = _place(data_dir)
    marks = {pid: found for pid in _pids() if (found := _mark_of(pid)) and found.partition("@")[2] == place}
    left = [pid for pid, found in marks.items() if marks.get(_watcher(found)) != found and pid != os.getpid()]
    for pid in left:
        send(pid, signal.SIGTERM)
    if left and not wait_gone(left, PATIENCE_S):
        for pid in left:
            if _mark_of(pid) == marks[pid]:
                send(pid, signal.SIGKILL)
        wait_gone(left, PATIENCE_S)


def _place(data_dir: Path) -> str:
    """The folder itself, whatever it is called: a container may give the same name to another."""
    found = data_dir.stat()
    return f"{found.st_dev}:{found.st_ino}"


def _watcher(found: str) -> int:
    number = found.partition("@")[0]
    return int(number) if number.isdigit() else -1


def _mark_of(pid: int) -> str | None:
    """Its mark, if it is ours to look at and numbered as we number."""
    try:
        if Path(f"/proc/{pid}/ns/pid").readlink() != Path("/proc/self/ns/pid").readlink():
            return None
        words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    start = f"{NAME}=".encode()
    return next((word[len(start) :].decode(errors="replace") for word in words if word.startswith(start)), None)


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
