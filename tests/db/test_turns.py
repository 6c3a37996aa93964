"""Turns of writing: one at a time, in threads and processes, and nobody keeps a turn by dying."""

import gc
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from pindeck import db, locks
from pindeck.config import Settings
from pindeck.db.turns import WriteLock
from pindeck.models import Setup
from tests.factories import together
from tests.stack import wait_for

_COUNT = """
import sys
from pathlib import Path
from pindeck.db.turns import WriteLock
turns, counter = WriteLock(Path(sys.argv[1]), 30), Path(sys.argv[2])
for _ in range(200):
    turns.take()
    counter.write_text(str(int(counter.read_text()) + 1))
    turns.give_back()
"""
_WAIT = """
import sys
from pathlib import Path
from pindeck.db.turns import WriteLock
turns, told = WriteLock(Path(sys.argv[1]), 30), Path(sys.argv[2])
print("asks", flush=True)
turns.take()
told.write_text(told.read_text() + "other ")
turns.give_back()
"""
_HOLD = """
import sys, time
from pathlib import Path
from pindeck.db.turns import WriteLock
turns = WriteLock(Path(sys.argv[1]), 30)
turns.take()
print("held", flush=True)
time.sleep(600)
"""


def start(code: str, *words: object) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", code, *map(str, words)], stdout=subprocess.PIPE, text=True)


def test_processes_take_turns(tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_text("0")
    processes = [start(_COUNT, tmp_path / "turn", counter) for _ in range(4)]
    assert [process.wait(120) for process in processes] == [0] * 4
    assert counter.read_text() == "800"


def test_whoever_does_not_wait_is_told_at_once(tmp_path: Path, database: Settings) -> None:
    turns, other = WriteLock(tmp_path / "turn", 30), WriteLock(tmp_path / "turn", 30)
    assert turns.take()
    assert not other.take(waits=False), "another process has it"
    assert together(1, lambda _: turns.take(waits=False)) == [False], "another thread has it"
    turns.give_back()
    assert other.take(waits=False)
    other.give_back()
    assert turns.take(waits=False)
    turns.give_back()


def test_threads_take_turns(tmp_path: Path, database: Settings) -> None:
    turns, found = WriteLock(tmp_path / "turn", 30), [0]

    def count(_: int) -> None:
        for _ in range(300):
            turns.take()
            before = found[0]
            threading.Event().wait(0)  # lets another thread run, if it may
            found[0] = before + 1
            turns.give_back()

    together(6, count)
    assert found == [1800]


def test_who_writes_again_and_again_gives_way_to_another_process(tmp_path: Path) -> None:
    """As a job does between two parts of a large act: the one that waits is next, however soon the same one asks again."""
    for number in range(5):
        turns, told = WriteLock(tmp_path / f"turn{number}", 30), tmp_path / f"told{number}"
        told.write_text("first ")
        turns.take()
        process = start(_WAIT, tmp_path / f"turn{number}", told)
        assert process.stdout and process.stdout.readline() == "asks\n"
        with locks.opened(tmp_path / f"turn{number}.line") as line:
            wait_for(lambda line=line: not locks.lock(line, waits=False) or locks.unlock(line), 60, "the other one to wait")
        turns.give_back()
        turns.take()
        told.write_text(told.read_text() + "again")
        turns.give_back()
        assert process.wait(60) == 0
        assert told.read_text() == "first other again"


def test_who_writes_again_and_again_gives_way_to_another_thread(tmp_path: Path) -> None:
    turns, told = WriteLock(tmp_path / "turn", 30), ["first"]

    def other() -> None:
        turns.take()
        told.append("other")
        turns.give_back()

    turns.take()
    thread = threading.Thread(target=other)
    thread.start()
    wait_for(turns._line.locked, 60, "the other one to wait")
    turns.give_back()
    turns.take()
    told.append("again")
    turns.give_back()
    thread.join()
    assert told == ["first", "other", "again"]


def test_a_turn_ends_with_its_process(tmp_path: Path) -> None:
    process = start(_HOLD, tmp_path / "turn")
    assert process.stdout and process.stdout.readline() == "held\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert WriteLock(tmp_path / "turn", 30).take()


def test_a_child_of_a_fork_waits_for_its_parent(tmp_path: Path) -> None:
    turns = WriteLock(tmp_path / "turn", 30)
    turns.take()
    child = os.fork()
    if child == 0:
        turns.take()
        (tmp_path / "child").write_text("had its turn")
        os._exit(0)
    assert os.waitpid(child, os.WNOHANG) == (0, 0)
    assert not (tmp_path / "child").exists()
    turns.give_back()
    assert os.waitpid(child, 0)[1] == 0
    assert (tmp_path / "child").exists()


def test_who_waits_too_long_hears_so_and_gives_nothing_back(tmp_path: Path, database: Settings) -> None:
    turns = WriteLock(tmp_path / "turn", 0.01)
    turns.take()

    def late(_: int) -> bool:
        took = turns.take()
        turns.give_back()
        return took

    assert together(1, late) == [False]
    turns.give_back()
    assert turns.take()


def test_a_transaction_gives_its_turn_back_whatever_happens(database: Settings) -> None:
    for ending in (None, ValueError):
        try:
            with db.writing(), db.writing():
                Setup.insert(name=str(ending), value="x").execute()
                if ending:
                    raise ending
        except ValueError:
            pass
    with db.writing():
        Setup.insert(name="after", value="x").execute()
    assert {row.name for row in Setup.select()} >= {"None", "after"}


def test_what_waits_for_the_commit_runs_after_the_turn(database: Settings) -> None:
    held: list[bool] = []
    with db.writing():
        db.database.after_commit(lambda: held.append(db.database.obj.turns._mine.locked()))
    assert held == [False]


@pytest.mark.parametrize("number", range(3))
def test_many_writers_lose_nothing(database: Settings, number: int) -> None:
    Setup.insert(name="n", value="0").execute()

    def add(_: int) -> None:
        for _ in range(20):
            with db.writing():
                value = int(Setup.get(Setup.name == "n").value)
                Setup.update(value=str(value + 1)).where(Setup.name == "n").execute()

    assert together(6, add) == [None] * 6
    assert Setup.get(Setup.name == "n").value == "120"


def test_its_file_is_closed_with_it(tmp_path):
    """A process that makes databases one after the other, as a test run does, keeps none of their locks open."""
    path = tmp_path / "turn"
    turns = WriteLock(path, 1)
    assert turns.take()
    turns.give_back()
    opened = [one for one in psutil.Process().open_files() if one.path == str(path)]
    assert len(opened) == 1
    del turns
    gc.collect()
    assert [one for one in psutil.Process().open_files() if one.path == str(path)] == []
