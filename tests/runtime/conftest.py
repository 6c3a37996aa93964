"""A folder with a Procfile of two trivial processes, and `pindeck up` on it as a process of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.servers.s3 import free_port

ROOT = Path(__file__).resolve().parents[2]
MESSAGE = "The site answers now."

_WEB = """\
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.path.encode())
    def log_message(self, *arguments):
        pass

HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Answer).serve_forever()
"""

_LAUNCHER = """\
import os, sys, time
from pathlib import Path
from pindeck import config
from pindeck.errors import SettingError
from pindeck.runtime.up import on_loopback, up

def prepare():
    Path("prepared").touch()
    time.sleep(float(os.environ.get("PREPARE_S", "0")))
    if "PREPARE_FAILS" in os.environ:
        raise SettingError("The database is away.")
    return {message!r}

environ = on_loopback(os.environ)
try:
    sys.exit(up(config.load(environ), environ=environ, prepare=prepare, procfile=Path("Procfile")))
except SettingError as error:
    sys.exit(str(error))
"""


class Place:
    """One folder to run `up` in, and sight of every process that came from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.data_dir = folder / "data"
        self.output = folder / "output"
        self._mark = uuid.uuid4().hex
        (folder / "web.py").write_text(_WEB)
        (folder / "launcher.py").write_text(_LAUNCHER.format(message=MESSAGE))
        self.write_procfile(web="python web.py", worker="sleep 600")

    def write_procfile(self, **commands: str) -> None:
        lines = [f"{name}: {command}\n" for name, command in {"release": "false", **commands}.items()]
        (self.folder / "Procfile").write_text("".join(lines))

    def start(self, **environ: str) -> "subprocess.Popen[bytes]":
        """Start `up` in a process group of its own, as a shell does."""
        clean = {name: value for name, value in os.environ.items() if name not in ("HOST", "REDIS_URL")}
        ours = {
            "PORT": str(self.port),
            "DATA_DIR": str(self.data_dir),
            "PYTHONPATH": str(ROOT),
            "PINDECK_TEST_MARK": self._mark,
        }
        with self.output.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "launcher.py"],
                cwd=self.folder,
                env=clean | ours | environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                # A runner started with nohup ignores this signal, and would hand that down.
                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
            )

    def start_and_wait(self, **environ: str) -> "subprocess.Popen[bytes]":
        """Start `up` and wait until it says that the site answers."""
        process = self.start(**environ)
        wait_until(lambda: MESSAGE in self.printed() or process.poll() is not None)
        assert process.poll() is None, self.printed()
        return process

    def printed(self) -> str:
        return self.output.read_text()

    def processes(self) -> list[psutil.Process]:
        """Every living process that came from here, whoever its parent is now."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def commands(self) -> list[str]:
        found = []
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):  # it has ended since it was listed
                found.append(" ".join(process.cmdline()))
        return found

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            # Valkey writes over its environment, but its title names the socket.
            return str(self.folder) in " ".join(process.cmdline()) or self._mark in process.environ().values()
        except psutil.Error:
            return False


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "That did not happen in time."
        time.sleep(0.02)


@pytest.fixture
def place() -> Iterator[Place]:
    # pytest's own folders are too deep for the socket of the queue.
    import tempfile

    with tempfile.TemporaryDirectory(prefix="pindeck-up-") as folder:
        made = Place(Path(folder).resolve())
        yield made
        for process in made.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
