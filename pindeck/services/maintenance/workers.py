"""Who works: the row that each worker keeps of itself, and whether what waits is being worked on."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from peewee import fn

from pindeck import access, config, db, queue
from pindeck.access import Actor
from pindeck.models import Job, Worker
from pindeck.states import JobStatus

TELL_S = 10  # how often a worker says that it lives
SILENT_MS = 60_000  # a worker of which nothing was heard for longer is not counted on
LATE_MS = 300_000
BOT = "discord"  # what the bot says that it listens to, which is no queue


@dataclass(frozen=True)
class WorkerView:
    """`job` is what it does now, in a person's words, since `job_at`; `memory_bytes` with its children, where known. The bot
    of Discord `is_bot`: it does no job, and is alive while it is connected."""

    name: str
    host: str
    pid: int
    queues: list[str]
    started_at: int
    seen_at: int
    memory_bytes: int | None
    is_alive: bool
    job: str | None
    job_at: int | None

    @property
    def is_bot(self) -> bool:
        return BOT in self.queues


@dataclass(frozen=True)
class QueueView:
    """What is due in one lane of a queue; nobody does it where `listeners` is 0."""

    queue: str
    lane: str
    due: int
    oldest_at: int | None
    listeners: int


@dataclass(frozen=True)
class Verdict:
    is_well: bool
    told: str


def tell(name: str, *, host: str, pid: int, queues: list[str], started_at: int, memory_bytes: int | None) -> None:
    """A worker says that it lives. Rows of workers that were silent for a day are forgotten."""
    now = db.now_ms()
    row = dict(
        name=name, host=host, pid=pid, queues=",".join(queues), started_at=started_at, seen_at=now,
        memory_bytes=memory_bytes,
    )  # fmt: skip
    anew = {Worker.seen_at: now, Worker.memory_bytes: memory_bytes}
    Worker.insert(row).on_conflict(conflict_target=[Worker.name], update=anew).execute()
    Worker.delete().where(Worker.seen_at < now - db.DAY_MS).execute()


def leave(name: str) -> None:
    """A worker has ended, or is known to be dead."""
    Worker.delete().where(Worker.name == name).execute()


def list_workers(actor: Actor) -> list[WorkerView]:
    """All that said something within a day, the oldest first. Two statements. Raises Forbidden."""
    access.require(actor, "admin")
    return _workers()


def _workers() -> list[WorkerView]:
    now = db.now_ms()
    running = {job.holder: job for job in Job.select().where((Job.status == JobStatus.RUNNING) & Job.holder.is_null(False))}
    found = []
    for row in Worker.select().order_by(Worker.started_at, Worker.name):
        job = running.get(row.name)
        works = job is not None and (job.lease_until or 0) > now
        spec = queue.SPECS.get(job.kind) if job else None
        found.append(
            WorkerView(
                name=row.name, host=row.host, pid=row.pid, queues=row.queues.split(","), started_at=row.started_at,
                seen_at=row.seen_at, memory_bytes=row.memory_bytes, is_alive=works or row.seen_at > now - SILENT_MS,
                job=(spec.label if spec else job.kind) if job else None, job_at=job.started_at if job else None,
            )
        )  # fmt: skip
    return found


def list_queues(actor: Actor) -> list[QueueView]:
    """What is due in each lane of each queue, and how many live workers look there. Raises Forbidden."""
    access.require(actor, "admin")
    listeners = Counter(name for each in _workers() if each.is_alive for name in each.queues)
    due = {(name, lane): (count, oldest) for name, lane, count, oldest in _due(db.now_ms())}
    names = dict.fromkeys([*config.current().worker_queues.split(","), *(name for name, _ in due)])
    return [
        QueueView(name, lane, *due.get((name, lane), (0, None)), listeners[name])
        for name in names
        for lane in ("now", "later")
    ]


def _due(until: int) -> list[Any]:
    waits = (Job.status == JobStatus.QUEUED) & (Job.due_at <= until)
    counted: Any = Job.select(Job.queue, Job.lane, fn.COUNT(Job.id), fn.MIN(Job.due_at)).where(waits)
    return list(counted.group_by(Job.queue, Job.lane).tuples())


def _most_due(until: int) -> str:
    """The kind of job of which most are due, with its number: an import of 1,500 is told as that. Empty where none is."""
    waits = (Job.status == JobStatus.QUEUED) & (Job.due_at <= until)
    number = fn.COUNT(Job.id)
    found: Any = Job.select(Job.kind, number).where(waits).group_by(Job.kind).order_by(number.desc(), Job.kind).limit(1).tuples()
    for kind, count in found:
        return f"{count} × “{queue.SPECS[kind].label if kind in queue.SPECS else kind}”"
    return ""


def judge() -> Verdict:
    """Whether what waits is being worked on: a long queue is no trouble while somebody shortens it."""
    now = db.now_ms()
    gave_up = (Job.status == JobStatus.FAILED) & (Job.ended_at > now - db.DAY_MS) & Job.cancelled_at.is_null()
    failed = Job.select().where(gave_up).count()
    late = _due(now - LATE_MS)
    count = sum(row[2] for row in late)
    if not count:
        waits = _most_due(now)
        # One that lives would have begun by now.
        if (idle := _most_due(now - SILENT_MS)) and not any(worker.is_alive for worker in _workers()):
            return Verdict(False, f"No worker is running, and {idle} is due. Start one.")
        told = f"No job is late, and what is due is mostly {waits}" if waits else "No job is late"
        return Verdict(True, f"{told}; {failed} failed within a day.")
    told = f"{count} {'job has' if count == 1 else 'jobs have'} waited for more than five minutes ({_most_due(now - LATE_MS)})"
    alive = [worker for worker in _workers() if worker.is_alive and not worker.is_bot]
    if not alive:
        return Verdict(False, f"{told}, and no worker is running. Start one.")
    heard = {name for worker in alive for name in worker.queues}
    if unheard := sorted({row[0] for row in late} - heard):
        return Verdict(False, f"{told}, and no worker listens to {' and '.join(unheard)}. Add it to WORKER_QUEUES.")
    done = Job.select().where((Job.status == JobStatus.COMPLETED) & (Job.ended_at > now - LATE_MS)).count()
    busy = [worker for worker in alive if worker.job]
    if not done and not busy:
        return Verdict(False, f"{told}. A worker is running, and does nothing: its log says why.")
    at = f", at “{busy[0].job}” now" if busy else ""
    return Verdict(True, f"Busy: {told}, and {done} were done in the last five{at}. {failed} failed within a day.")


def judge_bot() -> Verdict:
    """Whether one bot is connected to Discord. Where Discord calls an address of ours instead, none has to be."""
    count = sum(each.is_bot and each.is_alive for each in _workers())
    if count == 1:
        return Verdict(True, "The bot is connected to Discord.")
    if count:
        return Verdict(False, f"{count} bots are connected to Discord, and each answers everything. Stop all but one.")
    if config.current().discord_public_key:
        return Verdict(True, "No bot is connected to Discord: commands come to /discord/interactions, and emojis save nothing.")
    return Verdict(False, "No bot is connected to Discord, so commands and emojis do nothing there.")
