"""The worker while the queue goes away under it: its child is waited for, and nothing is left listening."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from pindeck import db
from pindeck.config import Settings
from pindeck.delivery_queue import RedisQueue
from pindeck.models import Job
from pindeck.runtime.housekeeping import Housekeeping
from pindeck.services import sweeps, work
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
    queues = [Queue("io", connection=carrier.client, serializer=JSONSerializer)]
    return PindeckWorker(database, carrier, queues, Housekeeping(1.0, tmp_path / "workers"))


def test_a_child_is_waited_for_although_the_queue_went_away(
    worker: PindeckWorker, queue_server: tuple[str, Callable[[], None]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, queue = tmp_path / "go-on", worker.queues[0]
    job = queue.enqueue_call("pindeck.jobs.run", args=("none",))
    worker.prepare_execution(job)
    monkeypatch.setattr(worker, "job_monitoring_interval", 1)
    child = os.fork()
    if child == 0:
        until = time.monotonic() + PATIENCE_S
        while not go_on.exists() and time.monotonic() < until:
            time.sleep(0.05)
        os._exit(0 if go_on.exists() else 1)
    worker._horse_pid = child
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

    monkeypatch.setattr(work, "reclaim", fails)
    monkeypatch.setitem(sweeps.SWEEPS, "stale_analyses", sweeps.Sweep("Fails.", fails))
    Housekeeping(1.0, tmp_path / "workers").keep(None)
    db.connect()
    assert [job.kind for job in Job.select()] == ["check_files"]
    assert "housekeeping failed" in caplog.text and "“stale_analyses” failed" in caplog.text
