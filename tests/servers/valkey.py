"""Starts Valkey on a Unix socket for tests: no persistence, no port."""

import hashlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pindeck.runtime.embedded_queue import LONGEST_SOCKET_PATH, answers, server_binary
from tests.servers.s3 import end, start


def start_valkey(folder: Path) -> tuple[str, Callable[[], None]]:
    """Start an empty server; gives its address and a function that stops it.

    The address depends on `folder` alone, so a server started there again answers at the same one.
    """
    path = _socket_path(folder)
    path.unlink(missing_ok=True)
    log = folder / "valkey.log"
    process = start(
        [
            server_binary(), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700",
            "--dir", str(folder), "--save", "", "--appendonly", "no", "--loglevel", "warning",
        ],
        log,
        {},
    )  # fmt: skip
    deadline = time.monotonic() + 20
    while not answers(path):
        if process.poll() is not None or time.monotonic() > deadline:
            end(process)
            raise RuntimeError(f"Valkey did not start:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.01)
    return f"unix://{path}", lambda: end(process)


def _socket_path(folder: Path) -> Path:
    path = folder.absolute() / "valkey.sock"
    if len(str(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"pindeck-valkey-{name}"
    short.mkdir(mode=0o700, exist_ok=True)
    return short / "valkey.sock"
