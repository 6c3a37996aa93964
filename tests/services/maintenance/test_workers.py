"""Who works: what a worker says of itself, and how a long queue is told from one that nobody works on."""

import pytest

from pindeck import db, queue
from pindeck.access import Actor
from pindeck.errors import Forbidden
from pindeck.models import Job, Worker
from pindeck.services import jobs
from pindeck.services.maintenance import workers
from tests.conftest import ChangeSettings

pytestmark = pytest.mark.parametrize("engine", ["sqlite", "postgres"])

LATE = 400_000


def tell(name: str = "a", queues: str = "media,io,ai,out", **columns: object) -> None:
    workers.tell(name, host="here", pid=7, queues=queues.split(","), started_at=db.now_ms(), memory_bytes=9)
    if columns:
        Worker.update(columns).where(Worker.name == name).execute()


def add(count: int, spec: queue.JobSpec = queue.SWEEP, **columns: object) -> None:
    with db.writing():
        queue.enqueue_many(spec, [{"payload": {"names": []}} for _ in range(count)])
    if columns:
        Job.update(columns).where(Job.status == "queued").execute()


def test_a_worker_is_listed_with_what_it_does(mo: Actor, olga: Actor) -> None:
    tell("quiet")
    tell("busy")
    tell("silent", seen_at=db.now_ms() - 2 * workers.SILENT_MS)
    tell("long", seen_at=db.now_ms() - 2 * workers.SILENT_MS)
    tell("gone", seen_at=db.now_ms() - 2 * db.DAY_MS)
    add(2)
    for holder in ("busy", "long"):
        job = jobs.claim(Job.select().where(Job.status == "queued").get().id)
        Job.update(holder=holder).where(Job.id == job.id).execute()  # type: ignore[union-attr]
    tell("quiet")  # a second word of it is no second worker, and forgets the one that is gone
    found = {view.name: view for view in workers.list_workers(mo)}
    assert {name: (view.is_alive, view.job) for name, view in found.items()} == {
        "quiet": (True, None), "busy": (True, "Clear up"), "silent": (False, None), "long": (True, "Clear up"),
    }  # fmt: skip
    assert (found["busy"].pid, found["busy"].memory_bytes, found["busy"].queues) == (7, 9, ["media", "io", "ai", "out"])
    workers.leave("busy")
    assert "busy" not in [view.name for view in workers.list_workers(mo)]
    for door in (workers.list_workers, workers.list_queues):
        with pytest.raises(Forbidden):
            door(olga)


def test_each_lane_tells_what_is_due_and_who_listens(mo: Actor) -> None:
    tell("a")
    tell("b", queues="media")
    add(3)
    found = {(view.queue, view.lane): (view.due, view.listeners) for view in workers.list_queues(mo)}
    assert found[("io", "later")] == (3, 1) and found[("media", "now")] == (0, 2) and found[("ai", "now")] == (0, 1)


def test_busy_is_told_from_nobody_works(mo: Actor) -> None:
    assert workers.judge().is_well
    add(30)
    assert workers.judge().is_well
    Job.update(due_at=db.now_ms() - 2 * workers.SILENT_MS).execute()
    assert not workers.judge().is_well and workers.judge().told.startswith("No worker is running, and 30 × “")
    tell("first")
    assert workers.judge().is_well
    workers.leave("first")
    add(0, due_at=db.now_ms() - LATE)
    nobody = workers.judge()
    assert not nobody.is_well and "30 jobs have waited" in nobody.told and "no worker is running" in nobody.told
    tell("deaf", queues="media")
    assert not workers.judge().is_well and "no worker listens to io" in workers.judge().told
    tell("idle")
    assert not workers.judge().is_well and "does nothing" in workers.judge().told
    job = jobs.claim(Job.select().where(Job.status == "queued").get().id)
    assert job
    jobs.complete(job)
    busy = workers.judge()
    assert busy.is_well and busy.told.startswith("Busy: 29 jobs have waited") and "1 were done" in busy.told
    assert "29 × “" in busy.told
    Job.update(due_at=db.now_ms() - 1000).where(Job.status == "queued").execute()
    assert "No job is late, and what is due is mostly 29 × “" in workers.judge().told


def test_what_was_cancelled_is_no_failure(mo: Actor) -> None:
    add(2, status="failed", ended_at=db.now_ms())
    Job.update(cancelled_at=db.now_ms()).where(Job.id == Job.select().get().id).execute()
    assert "1 failed within a day" in workers.judge().told


def test_the_bot_is_no_worker(mo: Actor, change_settings: ChangeSettings) -> None:
    change_settings(discord_token="a-token")
    assert not workers.judge_bot().is_well and "No bot is connected" in workers.judge_bot().told
    tell("bot", queues=workers.BOT)
    assert workers.judge_bot().is_well
    (view,) = workers.list_workers(mo)
    assert view.is_bot and view.is_alive and workers.BOT not in {each.queue for each in workers.list_queues(mo)}
    add(1, due_at=db.now_ms() - LATE)
    assert "no worker is running" in workers.judge().told
    tell("another", queues=workers.BOT)
    assert not workers.judge_bot().is_well and "2 bots" in workers.judge_bot().told
    Worker.update(seen_at=db.now_ms() - 2 * workers.SILENT_MS).execute()
    assert not workers.judge_bot().is_well
    change_settings(discord_public_key="ab" * 32)  # then Discord calls us
    assert workers.judge_bot().is_well and "No bot is connected" in workers.judge_bot().told
