"""A worker is dead when neither it nor any of its children lives."""

import os
import shutil
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
        assert list(holders.dead(tmp_path, is_shared=True)) == []
        process.kill()
        process.wait()
        assert list(holders.dead(tmp_path, is_shared=True)) == []  # the child may still be at work
    finally:
        os.kill(child, signal.SIGKILL)
    process.stdout.read()  # until the child has closed it as well
    assert list(holders.dead(tmp_path, is_shared=True)) == [name]
    assert list(holders.dead(tmp_path, is_shared=True)) == []
    assert {path.stem for path in tmp_path.iterdir()} == {mine}


def test_what_could_not_be_taken_back_is_found_again(tmp_path: Path) -> None:
    name = subprocess.run(
        [sys.executable, "-c", HOLDS.partition("child")[0], str(tmp_path)], capture_output=True, text=True, cwd=ROOT
    ).stdout.strip()
    for found in holders.dead(tmp_path, is_shared=True):
        assert found == name
        break  # as an error would
    assert list(holders.dead(tmp_path, is_shared=True)) == [name]


def test_a_folder_that_is_not_there_has_no_dead(tmp_path: Path) -> None:
    assert list(holders.dead(tmp_path / "none", is_shared=True)) == []


def test_of_a_copied_folder_those_who_live_beside_the_original_are_not_called_dead(tmp_path: Path) -> None:
    original, copied = tmp_path / "original", tmp_path / "copied"
    name = holders.take(original)
    shutil.copytree(original, copied)
    assert list(holders.dead(copied, is_shared=True)) == [] and not any(copied.iterdir())
    shutil.copytree(original, copied, dirs_exist_ok=True)
    # The jobs were copied as well, and of these nobody takes care.
    assert list(holders.dead(copied, is_shared=False)) == [name]
    assert list(holders.dead(original, is_shared=True)) == []
