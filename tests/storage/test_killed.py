"""A writer that is killed leaves the whole object or none."""

import os
import signal
import subprocess
import sys
import time
from hashlib import sha256

import pytest

from pindeck import config, storage
from tests.storage.conftest import prepared

pytestmark = pytest.mark.kill

KEY = "staging/0123456789abcdef0123456789abcdef"

# Says "half" in the middle of the stream and "end" when all of it has been taken.
WRITER = """
import os, sys, time
from pindeck import config, storage

def stream(chunks, pause):
    for number in range(chunks):
        yield bytes([number % 251]) * 65536
        if number == chunks // 2:
            print("half", flush=True)
            time.sleep(pause)
    print("end", flush=True)

store = storage.from_settings(config.load())
chunks, pause = int(sys.argv[1]), float(sys.argv[2])
store.put(sys.argv[3], stream(chunks, pause), content_type="image/png")
print("put", flush=True)
time.sleep(60)
"""


def writer(environ: dict[str, str], chunks: int, pause_s: float) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(chunks), str(pause_s), KEY],
        env=os.environ | environ,
        stdout=subprocess.PIPE,
        text=True,
    )


def kill_at(process: "subprocess.Popen[str]", word: str, later_s: float = 0.0) -> None:
    assert process.stdout is not None
    with process.stdout as said:
        for line in said:
            if line.strip() == word:
                time.sleep(later_s)
                process.send_signal(signal.SIGKILL)
                break
    assert process.wait(30) == -signal.SIGKILL


def whole(chunks: int) -> str:
    return sha256(b"".join(bytes([number % 251]) * 65536 for number in range(chunks))).hexdigest()


def test_a_writer_killed_in_the_middle_leaves_nothing_under_the_key(environ: dict[str, str]) -> None:
    store = prepared(environ)
    kill_at(writer(environ, chunks=300, pause_s=60), "half")
    assert store.stat(KEY) is None
    assert list(store.list("")) == []
    store.put(KEY, [b"again"], content_type="image/png")
    assert [found.size for found in store.list("")] == [5]


def test_a_writer_killed_in_the_middle_leaves_what_was_there(environ: dict[str, str]) -> None:
    store = prepared(environ)
    store.put(KEY, [b"before"], content_type="image/png")
    kill_at(writer(environ, chunks=100, pause_s=60), "half")
    with store.open(KEY) as stream:
        assert stream.read() == b"before"


def test_a_writer_killed_while_the_store_takes_the_bytes_leaves_all_or_nothing(
    environ: dict[str, str],
) -> None:
    store = prepared(environ)
    chunks = 400
    for later_s in (0.0, 0.01, 0.05, 0.1):
        kill_at(writer(environ, chunks, pause_s=0), "end", later_s)
        if store.stat(KEY) is not None:
            with store.open(KEY) as stream:
                assert sha256(stream.read()).hexdigest() == whole(chunks)
        store.delete(KEY)


def test_what_was_acknowledged_survives_the_writer(environ: dict[str, str]) -> None:
    prepared(environ)
    kill_at(writer(environ, chunks=100, pause_s=0), "put")
    with storage.from_settings(config.load(environ)).open(KEY) as stream:
        assert sha256(stream.read()).hexdigest() == whole(100)
