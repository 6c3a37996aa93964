"""The child that has fetched a picture stores it as well, unless its worker has to do other work before."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from pindeck import db, queue
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.jobs import child
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
from tests.factories import new_photo, objects
from tests.fetching.hostile import HostileServer, answer
from tests.servers.valkey import start_valkey

Rows = Callable[..., RowWorker]


@pytest.fixture
def environ(web: HostileServer) -> dict[str, str]:
    web.pages.clear()
    web.requests.clear()
    return {"FETCH_ALLOW_HOSTS": f"127.0.0.1:{web.port}"}


@pytest.fixture(autouse=True)
def long_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine that is busy with other things, too."""
    monkeypatch.setattr(child, "GOES_ON_S", 120.0)


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


def test_the_child_goes_on_with_what_comes_next(database: Settings, olga: Actor, ask: Callable[[str], str]) -> None:
    names = [ask("alley"), ask("roof"), ask("street")]
    uploads.accept(olga, BytesIO(new_photo()), "mine.jpg")
    db.close()
    do_one(database, "media", "io")
    assert [states(name) for name in names] == [(JobStatus.COMPLETED, JobStatus.COMPLETED)] * 3
    stored = Job.select().where(Job.kind == "persist").order_by(Job.started_at)
    assert [job.image_id in names for job in stored] == [False, True, True, True], "The upload went first."


def test_bytes_of_the_next_one_come_while_one_is_stored(
    database: Settings, web: HostileServer, ask: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is stored waits until somebody has asked for the next one, so this ends only where both are at once."""
    inner, waits = build._build, threading.Event()

    def waiting(key: str) -> object:
        if not waits.is_set():
            waits.set()
            until = time.monotonic() + 30
            while not [key for key in objects("staging/") if key.endswith("-1") and key != f"staging/{first}-1"]:
                assert time.monotonic() < until, "Nothing was fetched meanwhile."
                time.sleep(0.01)
        return inner(key)

    monkeypatch.setattr(build, "_build", waiting)
    alley_id, roof_id = ask("alley"), ask("roof")
    first = Job.get(Job.image_id == alley_id).id
    db.close()
    do_one(database, "media", "io")
    assert states(alley_id) == states(roof_id) == (JobStatus.COMPLETED, JobStatus.COMPLETED)
    assert len(web.requests) == 2


@pytest.mark.parametrize(
    ("queues", "is_stopping", "lasts"),
    [(("io",), False, 120.0), (("media", "io"), True, 120.0), (("media", "io"), False, 0.0)],
    ids=["its worker stores nothing", "its worker was asked to stop", "its time is over"],
)
def test_the_row_waits_for_its_turn(
    queues: tuple[str, ...], is_stopping: bool, lasts: float, database: Settings, ask: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "GOES_ON_S", lasts)
    image_id = ask("alley")
    do_one(database, *queues, is_stopping=is_stopping)
    assert states(image_id) == (JobStatus.COMPLETED, JobStatus.QUEUED)


def test_what_is_no_short_work_gets_a_child_of_its_own(database: Settings, ask: Callable[[str], str]) -> None:
    with db.writing():
        queue.enqueue(queue.TEND)
    alley_id = ask("alley")
    with queue.in_lane(Lane.LATER):
        roof_id = ask("roof")
    do_one(database, "media", "io")
    assert states(alley_id) == (JobStatus.COMPLETED, JobStatus.COMPLETED)
    assert states(roof_id) == (JobStatus.QUEUED, None)
    do_one(database, "media", "io")
    assert Job.get(Job.kind == "tend_tags").status == JobStatus.COMPLETED and states(roof_id) == (JobStatus.QUEUED, None)


@pytest.mark.parametrize("number", [signal.SIGXCPU, signal.SIGKILL])
def test_a_child_that_dies_over_a_picture_is_not_the_fault_of_the_one_that_waits(
    number: signal.Signals, database: Settings, web: HostileServer, ask: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(key: str) -> object:
        until = time.monotonic() + 30
        while f"staging/{second}-1" not in objects("staging/") and time.monotonic() < until:
            time.sleep(0.01)
        os.kill(os.getpid(), number)

    alley_id, roof_id = ask("alley"), ask("roof")
    second = Job.get(Job.image_id == roof_id).id
    db.close()
    jobs.bind_holder("this worker")
    try:
        with monkeypatch.context() as patched:
            patched.setattr(build, "_build", dying)
            do_one(database, "media", "io")
        assert states(alley_id) == (JobStatus.COMPLETED, JobStatus.FAILED if number == signal.SIGXCPU else JobStatus.QUEUED)
        row = Job.get_by_id(second)
        assert (row.status, row.attempts, row.spent, row.error) == (JobStatus.QUEUED, 1, 1, None)
        db.close()
        do_one(database, "media", "io")
    finally:
        jobs.bind_holder(None)
    assert states(roof_id) == (JobStatus.COMPLETED, JobStatus.COMPLETED)
    assert len(web.requests) == 2, "What had come was asked for again."


def test_a_silent_site_holds_up_its_own_row_alone(
    database: Settings, web: HostileServer, ask: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SPECS, FETCH_IMAGE.kind, replace(FETCH_IMAGE, timeout_s=1))
    web.pages["/silent.jpg"] = web.silent()
    alley_id, silent_id = ask("alley"), ask("silent")
    do_one(database, "media", "io")
    assert states(alley_id) == (JobStatus.COMPLETED, JobStatus.COMPLETED)
    row = Job.get(Job.image_id == silent_id)
    assert row.status == JobStatus.QUEUED and "JobTimeoutException" in row.error


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
    assert states(image_id) == states(other_id) == (JobStatus.COMPLETED, JobStatus.COMPLETED)
    stored = [job.image_id for job in Job.select().where(Job.kind == "persist").order_by(Job.started_at)]
    assert len(stored) == 3 and stored[0] not in (image_id, other_id)


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
