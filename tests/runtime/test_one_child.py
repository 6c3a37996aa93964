"""The child that has fetched a picture stores it as well, unless its worker has to do other work before."""

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from pindeck import db, queue
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.models import Job
from pindeck.queue import FETCH_IMAGE, PERSIST, SPECS
from pindeck.queue.redis import RedisQueue
from pindeck.runtime import children
from pindeck.runtime.children import RowWorker
from pindeck.runtime.housekeeping import Housekeeping
from pindeck.services import jobs
from pindeck.services.derivatives import build
from pindeck.services.ingest import external, uploads
from pindeck.services.ingest.external import Candidate
from pindeck.states import JobStatus, Lane
from pindeck.worker import PindeckWorker
from tests.factories import new_photo
from tests.fetching.hostile import HostileServer, answer
from tests.servers.valkey import start_valkey

Rows = Callable[..., RowWorker]


@pytest.fixture
def environ(web: HostileServer) -> dict[str, str]:
    web.pages.clear()
    return {"FETCH_ALLOW_HOSTS": f"127.0.0.1:{web.port}"}


@pytest.fixture
def ask(web: HostileServer, olga: Actor) -> Callable[[str], str]:
    """Import a picture under this name; the id of its image."""

    def make(name: str) -> str:
        web.pages.setdefault(f"/{name}.jpg", answer(new_photo(), "Content-Type: image/jpeg"))
        image_id = external.create(olga, Candidate(f"{web.base}/{name}.jpg"))
        db.close()  # as a worker does before it forks
        return image_id

    return make


def do_one(settings: Settings, *queues: str, is_stopping: bool = False) -> None:
    """What a worker does with the next row, in a real child."""
    rows = RowWorker(settings, list(queues), lambda: False, lambda: None)
    if is_stopping:
        rows._stopping.raise_()
    rows._do_one()
    db.connect()


def states(image_id: str) -> tuple[str | None, str | None]:
    """How the row that fetches a picture and the one that stores it are."""
    found = {job.kind: job.status for job in Job.select().where(Job.image_id == image_id)}
    return found.get("fetch_image"), found.get("persist")


def test_one_child_fetches_and_stores(database: Settings, ask: Callable[[str], str]) -> None:
    image_id = ask("alley")
    do_one(database, "media", "io")
    assert states(image_id) == (JobStatus.COMPLETED, JobStatus.COMPLETED)


@pytest.mark.parametrize(
    ("queues", "is_stopping"),
    [(("io",), False), (("media", "io"), True), (("io", "media"), False)],
    ids=["its worker stores nothing", "its worker was asked to stop", "another row goes before"],
)
def test_the_row_waits_for_its_turn(queues: tuple[str, ...], is_stopping: bool, database: Settings, ask: Callable[[str], str]) -> None:
    image_id = ask("alley")
    ask("roof")
    do_one(database, *queues, is_stopping=is_stopping)
    assert states(image_id) == (JobStatus.COMPLETED, JobStatus.QUEUED)


def test_an_import_that_nobody_waits_for_lets_an_upload_go_first(
    database: Settings, web: HostileServer, olga: Actor, ask: Callable[[str], str]
) -> None:
    def slow() -> Iterator[bytes]:
        """While the bytes come, somebody uploads a picture."""
        db.connect()
        uploads.accept(olga, BytesIO(new_photo()), "mine.jpg")
        db.close()
        yield answer(new_photo(), "Content-Type: image/jpeg")

    web.pages["/alley.jpg"] = slow
    with queue.in_lane(Lane.LATER):
        image_id, other_id = ask("alley"), ask("roof")
    do_one(database, "media", "io")
    assert states(image_id) == (JobStatus.COMPLETED, JobStatus.QUEUED)
    do_one(database, "media", "io")  # the upload
    do_one(database, "media", "io")
    do_one(database, "media", "io")
    assert states(image_id) == states(other_id) == (JobStatus.COMPLETED, JobStatus.COMPLETED)


def test_each_row_has_its_own_limit_of_time(
    database: Settings, web: HostileServer, ask: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SPECS, FETCH_IMAGE.kind, replace(FETCH_IMAGE, timeout_s=1))
    web.pages["/silent.jpg"] = web.silent()
    silent = ask("silent")
    do_one(database, "media", "io")
    assert states(silent) == (JobStatus.QUEUED, None)
    monkeypatch.setitem(SPECS, FETCH_IMAGE.kind, replace(FETCH_IMAGE, follow_up=replace(PERSIST, timeout_s=1)))
    monkeypatch.setitem(SPECS, PERSIST.kind, replace(PERSIST, timeout_s=1))
    monkeypatch.setattr(build, "_build", lambda key: time.sleep(60))
    slow = ask("slow")
    do_one(database, "media", "io")
    assert states(slow) == (JobStatus.COMPLETED, JobStatus.QUEUED)
    assert all("JobTimeoutException" in str(job.error) for job in Job.select().where(Job.status == JobStatus.QUEUED))


def test_a_child_that_does_not_heed_the_limit_of_its_second_row_is_killed(
    database: Settings, ask: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def deaf(image_id: str, progress: object) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        time.sleep(60)

    monkeypatch.setitem(SPECS, PERSIST.kind, replace(PERSIST, timeout_s=1))
    monkeypatch.setattr(build, "run", deaf)
    monkeypatch.setattr(children, "GRACE_S", 0.0)
    monkeypatch.setattr(jobs, "renewal_s", lambda: 0.2)
    jobs.bind_holder("this worker")
    try:
        image_id = ask("alley")
        do_one(database, "media", "io")
    finally:
        jobs.bind_holder(None)
    assert states(image_id) == (JobStatus.COMPLETED, JobStatus.QUEUED)
    assert "worker was stopped" in Job.get(Job.kind == "persist").error


def test_with_a_queue_it_is_asked_what_would_be_delivered(database: Settings, tmp_path: Path, ask: Callable[[str], str]) -> None:
    address, stop = start_valkey(tmp_path)
    try:
        carrier = RedisQueue(address)
        worker = PindeckWorker(database, carrier, ["media", "io"], Housekeeping(1.0, tmp_path / "workers"))
        db.connect()
        now, later = Job(queue="media", lane=Lane.NOW), Job(queue="media", lane=Lane.LATER)
        assert worker._is_next(now) and worker._is_next(later)
        carrier.push(PERSIST, "mine", 1, Lane.NOW)
        carrier.push(PERSIST, "another", 1, Lane.LATER)
        carrier.push(FETCH_IMAGE, "has-its-turn-after-it", 1, Lane.NOW)
        assert worker._is_next(now) and not worker._is_next(later)
        carrier.push(PERSIST, "of-somebody-else", 1, Lane.NOW)
        assert not worker._is_next(now)
    finally:
        stop()
    assert not worker._is_next(now)
