"""`kill -9` below a running `pindeck up`: the queue, the watcher alone, everything in the middle of a job."""

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from pindeck.models import Image, Job
from pindeck.services import jobs
from pindeck.states import JobStatus, PersistStatus
from tests import invariants
from tests.kill.living import Living
from tests.kill.test_web_queue_and_disk import Person, all_safe
from tests.kill.test_worker_dies import photo
from tests.stack import wait_for

pytestmark = [pytest.mark.kill, pytest.mark.timeout(400)]


@pytest.fixture
def living() -> Iterator[Living]:
    # pytest's own folders are too deep for the socket of the queue.
    with tempfile.TemporaryDirectory(prefix="pindeck-up-") as folder:
        made = Living(Path(folder).resolve(), JOB_LEASE_S="3600", DISK_RESERVE_MB="1")
        yield made
        made.stop()


def test_the_queue_killed_is_started_again_and_pictures_become_ready(living: Living) -> None:
    person = Person(living.start().base).sign_up()
    assert person.upload(photo()).status == 200
    with living.bound():
        wait_for(all_safe, 90, "the first picture", living.printed)
    first = living.queue_pid()
    psutil.Process(first).kill()
    assert person.upload(photo((10, 90, 200))).status == 200
    with living.bound():
        wait_for(lambda: Image.select().count() == 2 and all_safe(), 90, "the second picture", living.printed)
    wait_for(lambda: living.queue_pid() != first, 60, "a new queue", living.printed)
    assert "The queue ended, so it is started again." in living.printed()
    assert person.upload(photo((200, 190, 20))).status == 200
    with living.bound():
        wait_for(lambda: Image.select().count() == 3 and all_safe(), 90, "the third picture", living.printed)
        invariants.check()
    assert person.get("/readyz").status == 200
    assert not living.ended()


def test_the_watcher_killed_alone_can_be_started_again_at_once(living: Living) -> None:
    living.start()
    left = living.processes()
    # A request that never ends keeps the web server, and so its port, for as long as it waits for it.
    with socket.create_connection(("127.0.0.1", living.port)) as slow:
        slow.sendall(b"POST /sign-up HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\na=")
        left[0].kill()
        left[0].wait(30)
        living.start()
    assert not [process for process in left if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def test_what_ran_when_everything_was_killed_is_taken_up_again_without_its_lease(living: Living) -> None:
    """The lease lasts an hour, so only that its worker is known to be dead can bring the job back."""
    person = Person(living.start().base).sign_up()
    assert person.upload(photo()).status == 200
    with living.bound():
        wait_for(all_safe, 90, "the first picture", living.printed)
    worker = living.process_of("worker.py")
    worker.suspend()
    assert person.upload(photo((10, 90, 200))).status == 200
    with living.bound():
        # As if a child of the suspended worker had just begun.
        job = Job.get((Job.kind == "persist") & (Job.status == JobStatus.QUEUED))
        jobs.bind_holder(Job.get((Job.kind == "persist") & (Job.status == JobStatus.COMPLETED)).holder)
        assert jobs.claim(job.id)
        assert Job.get_by_id(job.id).lease_until > job.created_at + 3_000_000
    for process in living.processes():
        process.kill()
    living.process.wait(30)
    living.start()
    with living.bound():
        done = (Job.id == job.id) & (Job.status == JobStatus.COMPLETED)
        wait_for(lambda: Job.select().where(done).exists(), 90, "the second picture", living.printed)
        assert Job.get_by_id(job.id).attempts == 2
        assert Image.select().where(Image.persist_status == PersistStatus.SUCCEEDED).count() == 2
        invariants.check()
