"""The worker while the queue goes away under it: its child is waited for, and nothing is left listening."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from redis.exceptions import RedisError
from rq.worker.base import StopRequested

from pindeck import db
from pindeck import queue as jobs_queue
from pindeck.config import Settings
from pindeck.models import Job
from pindeck.queue.redis import RedisQueue
from pindeck.runtime import children
from pindeck.runtime.housekeeping import Housekeeping
from pindeck.services import jobs
from pindeck.services.maintenance import sweeps
from pindeck.states import JobStatus
from pindeck.worker import PindeckWorker
from tests.servers.valkey import start_valkey

PATIENCE_S = 60


@pytest.fixture
def queue_server(tmp_path: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    address, stop = start_valkey(tmp_path)
    yield address, stop
    stop()


@pytest.fixture
def worker(database: Settings, tmp_path: Path, queue_server: tuple[str, Callable[[], None]]) -> PindeckWorker:
    carrier = RedisQueue(queue_server[0])
    return PindeckWorker(database, carrier, ["io"], Housekeeping(1.0, tmp_path / "workers"))


def claimed(**columns: object) -> Job:
    """A job that this worker holds."""
    job_id = jobs_queue.enqueue(jobs_queue.RESTORE_FILE, payload={"blob_id": "none"})
    job = jobs.claim(str(job_id))
    assert job is not None
    if columns:
        Job.update(columns).where(Job.id == job.id).execute()
    db.close()
    return job


def as_it_is_now(job: Job) -> Job:
    db.connect()
    return Job.get_by_id(job.id)


@pytest.mark.parametrize("queue_is", ["there", "away", "empty"])
def test_a_job_whose_child_was_killed_goes_back_at_once(
    queue_is: str, worker: PindeckWorker, queue_server: tuple[str, Callable[[], None]]
) -> None:
    job = claimed()
    delivery = worker.queues[0].enqueue_call("pindeck.jobs.run", args=(job.id,))
    worker.prepare_execution(delivery)
    worker._horse_pid = os.fork()
    if worker._horse_pid == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    if queue_is == "away":
        queue_server[1]()
    elif queue_is == "empty":
        worker.connection.flushall()
    with suppress(RedisError):
        worker.monitor_work_horse(delivery, worker.queues[0])
    assert as_it_is_now(job).status == JobStatus.QUEUED


def test_a_job_keeps_its_lease_while_its_child_works(
    worker: PindeckWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, job = tmp_path / "go-on", claimed(lease_until=1)
    worker.register_birth()
    delivery = worker.queues[0].enqueue_call("pindeck.jobs.run", args=(job.id,))
    worker.prepare_execution(delivery)
    monkeypatch.setattr(worker, "job_monitoring_interval", 1)
    worker._horse_pid = waiting_child(go_on)
    kept = worker.maintain_heartbeats

    def then_go_on(job: object) -> None:
        kept(job)  # type: ignore[arg-type]
        go_on.touch()

    monkeypatch.setattr(worker, "maintain_heartbeats", then_go_on)
    worker.monitor_work_horse(delivery, worker.queues[0])
    now = as_it_is_now(job)
    assert now.status == JobStatus.RUNNING and now.lease_until > db.now_ms()


def test_without_a_queue_a_job_keeps_its_lease_as_well(
    database: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, job, lives = tmp_path / "go-on", claimed(lease_until=1), children.child_lives

    def then_go_on(job_id: str) -> bool:
        may_live = lives(job_id)
        go_on.touch()
        return may_live

    monkeypatch.setattr(jobs, "renewal_s", lambda: 0.0)
    monkeypatch.setattr(children, "child_lives", then_go_on)
    rows = children.RowWorker(database, ["io"], lambda: False, lambda: None)
    assert rows._wait(waiting_child(go_on), job.id, PATIENCE_S) == 0
    assert as_it_is_now(job).lease_until > db.now_ms()


def waiting_child(go_on: Path) -> int:
    """A child that ends well as soon as there is this file."""
    child = os.fork()
    if child == 0:
        until = time.monotonic() + PATIENCE_S
        while not go_on.exists() and time.monotonic() < until:
            time.sleep(0.05)
        os._exit(0 if go_on.exists() else 1)
    return child


def test_a_child_is_waited_for_although_the_queue_went_away(
    worker: PindeckWorker, queue_server: tuple[str, Callable[[], None]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, queue = tmp_path / "go-on", worker.queues[0]
    job = queue.enqueue_call("pindeck.jobs.run", args=("none",))
    worker.prepare_execution(job)
    monkeypatch.setattr(worker, "job_monitoring_interval", 1)
    worker._horse_pid = child = waiting_child(go_on)
    queue_server[1]()
    noticed = worker.maintain_heartbeats

    def then_go_on(job: object) -> None:
        try:
            noticed(job)  # type: ignore[arg-type]
        finally:
            go_on.touch()

    monkeypatch.setattr(worker, "maintain_heartbeats", then_go_on)
    try:
        worker.monitor_work_horse(job, queue)
    finally:
        go_on.touch()
    with pytest.raises(ChildProcessError):  # it was waited for to its end
        os.waitpid(child, os.WNOHANG)


def test_nothing_listens_any_more_after_the_queue_went_away(
    worker: PindeckWorker, queue_server: tuple[str, Callable[[], None]]
) -> None:
    worker.subscribe()
    listening = worker.pubsub_thread
    queue_server[1]()
    with pytest.raises(RedisError):
        worker.teardown()
    listening.join(PATIENCE_S)
    assert not listening.is_alive()


def test_no_step_of_housekeeping_keeps_another_from_running(
    database: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> int:
        raise ArithmeticError

    monkeypatch.setattr(jobs, "reclaim", fails)
    monkeypatch.setitem(sweeps.SWEEPS, "stale_analyses", sweeps.Sweep("Fails.", fails))
    Housekeeping(1.0, tmp_path / "workers").keep(None)
    db.connect()
    assert [job.kind for job in Job.select()] == ["check_files"]
    assert "housekeeping failed" in caplog.text and "“stale_analyses” failed" in caplog.text


def test_a_worker_that_is_asked_to_stop_while_it_keeps_house_stops(
    worker: PindeckWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def step(waits: object) -> None:
        with suppress(StopRequested):  # as a step does that fails
            worker.request_stop(signal.SIGTERM, None)

    monkeypatch.setattr(worker.house, "keep", step)
    worker.register_birth()
    try:
        with pytest.raises(StopRequested):
            worker.heartbeat()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
