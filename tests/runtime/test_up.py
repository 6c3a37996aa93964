"""`pindeck up` as a person uses it: start, look, stop in every way there is."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from urllib.request import urlopen

import pytest
import redis

from pindeck.runtime import embedded_queue
from pindeck.runtime.up import on_loopback, read_procfile
from tests.runtime.conftest import MESSAGE, ROOT, Place, wait_until
from tests.servers.s3 import free_port

pytestmark = pytest.mark.kill


def to_the_group(number: signal.Signals) -> Callable[["subprocess.Popen[bytes]"], None]:
    return lambda process: os.killpg(process.pid, number)


def to_itself(number: signal.Signals) -> Callable[["subprocess.Popen[bytes]"], None]:
    return lambda process: process.send_signal(number)


def queue_of(place: Place) -> "redis.Redis":
    return redis.Redis(unix_socket_path=str(place.data_dir / "queue" / "queue.sock"))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_everything_starts_and_the_address_answers(place: Place) -> None:
    place.start_and_wait()
    with urlopen(f"http://127.0.0.1:{place.port}/some/page") as answer:
        assert answer.read() == b"/some/page"
    assert queue_of(place).ping()
    commands = place.commands()
    assert sum("web.py" in command for command in commands) == 1
    assert sum("sleep 600" in command for command in commands) == 1
    assert sum("queue.sock" in command for command in commands) == 1
    assert len(commands) == 4


def test_the_index_is_started_again_and_the_rest_stays(place: Place) -> None:
    with (place.folder / "Procfile").open("a") as file:
        file.write("index: sleep 0.2\n")
    process = place.start_and_wait()
    wait_until(lambda: "index ended (exit code 0). It is started again in 5 seconds; the rest works." in place.printed())
    wait_until(lambda: place.printed().count("index ended") == 2)
    assert process.poll() is None and urlopen(f"http://127.0.0.1:{place.port}/").status == 200


def test_the_queue_is_readable_by_its_owner_alone(place: Place) -> None:
    place.start_and_wait()
    assert (place.data_dir / "queue").stat().st_mode & 0o077 == 0
    assert (place.data_dir / "queue" / "queue.sock").stat().st_mode & 0o077 == 0


def test_the_message_waits_for_the_site(place: Place) -> None:
    place.write_procfile(web="sleep 600", worker="sleep 600")
    process = place.start()
    wait_until(lambda: sum("sleep 600" in command for command in place.commands()) == 2)
    assert MESSAGE not in place.printed()
    process.terminate()
    assert process.wait(30) == 0
    assert place.processes() == []


@pytest.mark.parametrize(
    "stop",
    [
        to_the_group(signal.SIGINT),
        to_itself(signal.SIGTERM),
        to_the_group(signal.SIGTERM),
        to_the_group(signal.SIGHUP),
    ],
    ids=["Ctrl-C", "SIGTERM", "SIGTERM to the group", "closed terminal"],
)
def test_stopping_leaves_no_process_and_no_traceback(
    place: Place, stop: Callable[["subprocess.Popen[bytes]"], None]
) -> None:
    process = place.start_and_wait()
    stop(process)
    assert process.wait(30) == 0
    assert place.processes() == []
    assert is_free(place.port)
    assert place.printed() == f"{MESSAGE}\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent was killed")
def test_killing_it_leaves_no_process(place: Place) -> None:
    process = place.start_and_wait()
    process.kill()
    process.wait(30)
    wait_until(lambda: place.processes() == [])
    assert is_free(place.port)
    place.start_and_wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_during_the_preparation_leaves_no_process(place: Place, number: signal.Signals) -> None:
    process = place.start(PREPARE_S="600")
    wait_until(lambda: (place.folder / "prepared").exists() and len(place.processes()) == 2)
    os.killpg(process.pid, number)
    assert process.wait(30) == 0
    assert place.processes() == []
    assert place.printed() == ""


def test_a_preparation_that_fails_stops_the_queue(place: Place) -> None:
    process = place.start(PREPARE_FAILS="1")
    assert process.wait(30) == 1
    assert place.printed() == "The database is away.\n"
    assert place.processes() == []


def test_a_process_that_forks_out_of_reach_is_stopped_too(place: Place) -> None:
    script = place.folder / "stubborn.py"
    script.write_text(
        "import os, signal, time\n"
        "if os.fork() == 0:\n"
        "    os.setpgid(0, 0)\n"
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "time.sleep(600)\n"
    )
    place.write_procfile(web="python web.py", worker="python stubborn.py")
    process = place.start_and_wait()
    wait_until(lambda: sum("stubborn.py" in command for command in place.commands()) == 2)
    process.terminate()
    assert process.wait(30) == 0
    assert place.processes() == []


def test_a_second_ctrl_c_does_not_wait_for_a_process_that_will_not_stop(place: Place) -> None:
    script = place.folder / "deaf.py"
    script.write_text(
        "import signal, time\nfrom pathlib import Path\n"
        "signal.signal(signal.SIGTERM, lambda *_: Path('asked').touch())\n"
        "Path('deaf').touch()\n"
        "while True:\n    time.sleep(600)\n"
    )
    place.write_procfile(web="python web.py", worker="python deaf.py")
    process = place.start_and_wait()
    wait_until((place.folder / "deaf").exists)
    process.send_signal(signal.SIGINT)
    wait_until(lambda: "Ctrl-C again stops it now." in place.printed())
    assert (place.folder / "asked").exists()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert place.processes() == []


@pytest.mark.parametrize(
    ("web", "worker", "sentence"),
    [
        ("python web.py", "sh -c 'exit 3'", "worker ended (exit code 3)"),
        ("sh -c 'kill -9 $$'", "sleep 600", "web ended (signal 9)"),
        ("no-such-program", "sleep 600", "web ended (exit code 127)"),
    ],
)
def test_when_one_ends_everything_stops_and_it_is_named(place: Place, web: str, worker: str, sentence: str) -> None:
    place.write_procfile(web=web, worker=worker)
    process = place.start()
    assert process.wait(30) == 1
    assert f"{sentence}, so everything else was stopped too." in place.printed()
    assert place.processes() == []


def test_the_queue_writes_nothing_to_disk(place: Place) -> None:
    """So it takes work on a full disk as well; what was queued is in the database."""
    (place.data_dir / "queue" / "appendonlydir").mkdir(parents=True)
    process = place.start_and_wait()
    queue_of(place).rpush("waiting", "a job")
    process.terminate()
    process.wait(30)
    assert {path.name for path in (place.data_dir / "queue").iterdir()} <= {"lock", "queue.log"}


def test_a_queue_left_behind_is_replaced(place: Place) -> None:
    folder = place.data_dir / "queue"
    folder.mkdir(parents=True)
    options = embedded_queue._options(folder / "queue.sock", folder / "queue.log")
    left = subprocess.Popen([embedded_queue.server_binary(), *options])
    try:
        wait_until(lambda: embedded_queue.answers(folder / "queue.sock"))
        place.start_and_wait()
        assert left.wait(30) == 0
        assert queue_of(place).info("server")["process_id"] != left.pid
    finally:
        left.kill()
        left.wait()


def test_a_queue_that_is_killed_is_started_again_in_the_same_place(place: Place) -> None:
    process = place.start_and_wait()
    first = queue_of(place).info("server")["process_id"]
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: embedded_queue.answers(place.data_dir / "queue" / "queue.sock"))
    second = queue_of(place).info("server")["process_id"]
    assert second != first
    assert (place.data_dir / "queue" / "queue.pid").read_text().strip() == str(second)
    assert "The queue ended, so it is started again." in place.printed()
    assert place.start(PORT=str(free_port())).wait(30) == 1  # the folder is still locked
    process.terminate()
    assert process.wait(30) == 0
    assert place.processes() == []


def test_a_queue_that_cannot_stay_is_tried_again_and_again(place: Place) -> None:
    process = place.start_and_wait()
    folder = place.data_dir / "queue"
    in_the_way = folder / "queue.sock"
    os.kill(queue_of(place).info("server")["process_id"], signal.SIGKILL)
    wait_until(lambda: embedded_queue.answers(in_the_way))
    server = queue_of(place).info("server")["process_id"]
    in_the_way.unlink()
    in_the_way.mkdir()
    os.kill(server, signal.SIGKILL)
    wait_until(lambda: "The queue ended again; the next start is in 2 s." in place.printed())
    in_the_way.rmdir()
    wait_until(lambda: embedded_queue.answers(in_the_way))
    process.terminate()
    assert process.wait(30) == 0
    assert place.processes() == []


def test_a_port_in_use_is_said_before_anything_starts(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", place.port))
        taken.listen()
        process = place.start()
        assert process.wait(30) == 1
    assert place.printed() == (
        f"Port {place.port} on 127.0.0.1 is taken: stop what listens there, or choose another with PORT.\n"
    )
    assert not place.data_dir.exists()
    assert not (place.folder / "prepared").exists()


def test_a_second_one_on_the_same_folder_is_refused_and_the_first_goes_on(place: Place) -> None:
    place.start_and_wait()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        other_port = probe.getsockname()[1]
    second = place.start(PORT=str(other_port))
    assert second.wait(30) == 1
    assert "Pindeck already runs on" in place.printed()
    assert queue_of(place).ping()
    assert not is_free(place.port)


def test_a_queue_of_ones_own_is_used_when_named(place: Place) -> None:
    place.write_procfile(web="python web.py", worker="sh -c 'echo $REDIS_URL; exec sleep 600'")
    place.start_and_wait(REDIS_URL="redis://queue.example.org:6379/0")
    wait_until(lambda: "redis://queue.example.org:6379/0" in place.printed())
    assert not (place.data_dir / "queue").exists()


def test_the_processes_see_the_same_place_and_address(place: Place) -> None:
    place.write_procfile(web="python web.py", worker="sh -c 'echo $HOST $PORT $DATA_DIR; exec sleep 600'")
    place.start_and_wait(DATA_DIR="data")
    wait_until(lambda: f"127.0.0.1 {place.port} {place.data_dir}\n" in place.printed())


def test_it_listens_on_loopback_unless_told() -> None:
    assert on_loopback({})["HOST"] == "127.0.0.1"
    assert on_loopback({"HOST": ""})["HOST"] == "127.0.0.1"
    assert on_loopback({"HOST": "0.0.0.0"})["HOST"] == "0.0.0.0"
    assert "HOST" not in on_loopback({"HOST_FILE": "host"})


def test_the_projects_procfile_can_be_started() -> None:
    commands = {"web": "gunicorn app:app", "worker": "python worker.py", "index": "pindeck index"}
    assert read_procfile(ROOT / "Procfile") == commands
