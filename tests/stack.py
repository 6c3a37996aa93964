"""A whole Pindeck of real processes: queue, web and worker, started with the Procfile's own commands."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import ClassVar
from unittest.mock import patch

import pytest
import urllib3

from pindeck import config, db
from pindeck.bootstrap import connect_parts
from pindeck.runtime.processes import tied
from pindeck.services.images import analysis
from tests.servers.postgres import PostgresServer
from tests.servers.s3 import free_port
from tests.servers.valkey import start_valkey

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent


class Stack:
    """Processes on a folder of their own. `environ` adds settings, such as a database or an object store.

    They start in `root`, where the Procfile is, with `programs` first on their path.
    """

    _made_once = tempfile.TemporaryDirectory(prefix="pindeck-tests-")
    quick: ClassVar[dict[str, str]] = {}  # more settings, which a run of tests makes and a measurement does not

    def __init__(
        self, folder: Path, environ: dict[str, str] | None = None, *, root: Path = ROOT, programs: Path = PROGRAMS
    ) -> None:
        self.folder, self.root, self.programs = folder, root, programs
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.queue_folder = folder / "queue"
        self.queue_folder.mkdir(parents=True, exist_ok=True)
        self.redis_url, self._stop_queue = start_valkey(self.queue_folder)
        self.environ = {
            "PATH": f"{programs}:{os.environ['PATH'] if programs == PROGRAMS else '/usr/bin:/bin'}",
            "DATA_DIR": str(folder / "data"),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "REDIS_URL": self.redis_url,
            "WEB_CONCURRENCY": "1",
            "JOB_LEASE_S": "4",
            "DISK_RESERVE_MB": "1",
            "PUMP_INTERVAL_S": "1",
            "REGISTRATION": "open",
            "SECRET_KEY": "test-test-test-test-test-test",
            **self.quick,
            **(environ or {}),
        }
        self.settings = config.load(self.environ)
        self.web: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self._release()

    def _release(self) -> None:
        """Bring the library to its newest version, as a deploy does. An empty one on files is made once and copied."""
        told, made = self.settings, Path(self._made_once.name) / "data"
        is_empty = self.root == ROOT and not (told.is_postgres or told.is_s3 or told.media_base_url or told.data_dir.exists())
        if is_empty and made.exists():
            shutil.copytree(made, told.data_dir)
            return
        subprocess.run(self.command("release"), cwd=self.root, env=self.environ, check=True, stdout=subprocess.DEVNULL)
        if is_empty:
            shutil.copytree(told.data_dir, made)

    def command(self, process: str) -> list[str]:
        """What the Procfile says of `release`, `web` or `worker`, as its programs lie on our path."""
        line = re.search(rf"^{process}:\s*(.+)$", (self.root / "Procfile").read_text(), re.M)
        assert line
        return shlex.split(line.group(1))

    def run(self, *words: str, check: bool = True) -> str:
        """A `pindeck` command with this stack's settings; its standard output."""
        done = subprocess.run(
            [str(self.programs / "pindeck"), *words], cwd=self.root, env=self.environ, capture_output=True, text=True
        )
        if check and done.returncode:
            raise RuntimeError(f"pindeck {' '.join(words)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _start(self, command: list[str], log: str, extra: dict[str, str] | None = None) -> "subprocess.Popen[bytes]":
        with open(self.folder / log, "ab") as output:
            return subprocess.Popen(
                command,
                cwd=self.root,
                env={**self.environ, **(extra or {})},
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=tied(),
            )

    def start_web(self) -> None:
        """Start the web server and wait until it answers."""
        self.web = self._start(self.command("web"), "web.log")
        wait_for(lambda: self.answers("/healthz"), 120, "the web server to answer", self.log)

    def start_worker(
        self, script: str | None = None, extra: dict[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        command = [str(self.programs / "python"), script] if script else self.command("worker")
        process = self._start(command, "worker.log", extra)
        self.workers.append(process)
        return process

    def start_bot(self) -> "subprocess.Popen[bytes]":
        process = self._start(self.command("bot"), "bot.log")
        self.workers.append(process)
        return process

    def start_index(self) -> "subprocess.Popen[bytes]":
        process = self._start(self.command("index"), "index.log")
        self.workers.append(process)
        return process

    def stop_workers(self) -> None:
        """Kill those that still run, as no test after this one expects them."""
        for process in self.workers:
            if process.poll() is None:
                kill_group(process)
            process.wait()
        self.workers = []

    def start(self) -> "Stack":
        self.start_web()
        self.start_worker()
        return self

    def answers(self, path: str) -> bool:
        try:
            return urllib3.request("GET", self.base + path, timeout=2, retries=False).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def stop_queue(self) -> None:
        self._stop_queue()

    def start_queue(self) -> None:
        _, self._stop_queue = start_valkey(self.queue_folder)

    def log(self) -> str:
        return "".join(path.read_text(errors="replace")[-4000:] for path in sorted(self.folder.glob("*.log")))

    def bound(self) -> AbstractContextManager[None]:
        """This process speaks to the stack's database and store, as its services do."""
        return bound_to(self.settings)

    def stop(self) -> None:
        for process in [*self.workers, self.web]:
            if process and process.poll() is None:
                kill_group(process, signal.SIGTERM)
        for process in [*self.workers, self.web]:
            if process:
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    kill_group(process, signal.SIGKILL)
                    process.wait()
        self._stop_queue()


@contextmanager
def bound_to(settings: config.Settings) -> Iterator[None]:
    """This process speaks to the database and the store of these settings, as services do. It describes nothing
    itself, whatever another test has bound: that is for the stack's workers."""
    connect_parts(settings)
    db.connect()
    try:
        with patch.object(analysis, "_describer", None):
            yield
    finally:
        db.close()


def kill_group(process: "subprocess.Popen[bytes]", number: signal.Signals = signal.SIGKILL) -> None:
    """Signal a process and all its children: what a power cut does, if the signal is SIGKILL."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


def pair_environ(request: pytest.FixtureRequest, name: str, *, files: bool = False) -> dict[str, str]:
    """Settings for a fixture with the parameters sqlite and postgres: the database, and the store that goes with it.

    Files on disk go with SQLite. An object store goes with PostgreSQL, unless `files` says that what is tested is too
    large for one in memory. `name` is that of the database.
    """
    if request.param == "sqlite":
        return {}
    server: PostgresServer = request.getfixturevalue("postgres")
    store = {"ALLOW_LOCAL_FILES": "1"} if files else request.getfixturevalue("ministack").environ()
    return {"DATABASE_URL": server.create_database(name), **store}


@contextmanager
def on_either_pair(
    request: pytest.FixtureRequest, factory: pytest.TempPathFactory, name: str, *, files: bool = False, **environ: str
) -> Iterator[Stack]:
    """`pair_environ` with three web processes, as they are deployed, and no worker."""
    environ = {"WEB_CONCURRENCY": "3", **pair_environ(request, name, files=files), **environ}
    stack = Stack(factory.mktemp(name), environ)
    stack.start_web()
    try:
        yield stack
    finally:
        stack.stop()


def wait_for(condition: Callable[[], object], seconds: float, what: str, log: Callable[[], str] = lambda: "") -> None:
    """Wait until something is true. The limit only ends a test that hangs; it asserts no speed."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {seconds} s for {what}.\n{log()}")
        time.sleep(0.05)
