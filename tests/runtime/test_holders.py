"""A worker is dead when neither it nor any of its children lives."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from pindeck.runtime import holders
from tests.runtime.conftest import ROOT

HOLDS = """
import os, sys, time
from pathlib import Path
from pindeck.runtime import holders
print(holders.take(Path(sys.argv[1])), flush=True)
child = os.fork()
if child:
    print(child, flush=True)
time.sleep(600)
"""


def test_a_worker_counts_as_dead_when_the_last_of_its_children_has_ended(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout
    name, child = process.stdout.readline().strip(), int(process.stdout.readline())
    mine = holders.take(tmp_path)
    try:
        assert list(holders.dead(tmp_path)) == []
        process.kill()
        process.wait()
        assert list(holders.dead(tmp_path)) == []  # the child may still be at work
    finally:
        os.kill(child, signal.SIGKILL)
    process.stdout.read()  # until the child has closed it as well
    assert list(holders.dead(tmp_path)) == [name]
    assert list(holders.dead(tmp_path)) == []
    assert {path.stem for path in tmp_path.iterdir()} == {mine}


def test_what_could_not_be_taken_back_is_found_again(tmp_path: Path) -> None:
    name = subprocess.run(
        [sys.executable, "-c", HOLDS.partition("child")[0], str(tmp_path)], capture_output=True, text=True, cwd=ROOT
    ).stdout.strip()
    for found in holders.dead(tmp_path):
        assert found == name
        break  # as an error would
    assert list(holders.dead(tmp_path)) == [name]


def test_a_folder_that_is_not_there_has_no_dead(tmp_path: Path) -> None:
    assert list(holders.dead(tmp_path / "none")) == []
