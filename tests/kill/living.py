"""A real `pindeck up` with the embedded queue, SQLite and files, as one machine runs it."""

import os
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import psutil

from pindeck import config
from pindeck.config import Settings
from tests.servers.s3 import free_port
from tests.stack import ROOT, bound_to, wait_for


class Living:
    """`folder` must have a short path, because the socket of the queue lies in it."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.output = folder / "output"
        self.environ = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DATA_DIR": str(self.data_dir),
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "1",
            "PUMP_INTERVAL_S": "1",
            "REGISTRATION": "open",
            **environ,
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> Settings:
        return config.load({**self.environ, "HOST": "127.0.0.1", "LOG_LEVEL": "warning"})

    def start(self) -> "Living":
        """Start it and wait until the site answers. Raises AssertionError if it ends instead."""
        before = self.output.stat().st_size if self.output.exists() else 0
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "pindeck.cli", "up"],
                cwd=ROOT,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        # What it says and not what answers: that might be left of one before.
        wait_for(
            lambda: self.ended() or "Pindeck is at" in self._said(before), 60, "the site to answer", self.printed
        )
        assert not self.ended(), self.printed()
        return self

    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def _said(self, start: int) -> str:
        return self.output.read_bytes()[start:].decode(errors="replace")

    def printed(self) -> str:
        return self.output.read_text(errors="replace")[-6000:]

    def bound(self) -> AbstractContextManager[None]:
        """This process speaks to its database and store, as its services do."""
        return bound_to(self.settings)

    def queue_pid(self) -> int:
        return int((self.data_dir / "queue" / "queue.pid").read_text())

    def processes(self) -> list[psutil.Process]:
        """The watcher and all that came from it."""
        assert self.process is not None
        watcher = psutil.Process(self.process.pid)
        return [watcher, *watcher.children(recursive=True)]

    def process_of(self, word: str) -> psutil.Process:
        """The first process whose command line has this word."""
        return next(found for found in self.processes() if word in " ".join(found.cmdline()))

    def stop(self) -> None:
        if self.process is not None and not self.ended():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                for found in self.processes():
                    found.kill()
                self.process.wait()
