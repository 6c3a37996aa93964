"""Everything that is stored is read again and hashed within thirty days, the longest unread first.

A night reads its share of all bytes, and more where nights were missed. It is done in jobs of a few seconds that
follow one another and give way to other work; each object is written down as read by itself, so a reader may die
anywhere. What is done with a damaged object stands in `inspection`.
"""

import logging
import time
from dataclasses import dataclass

from peewee import InterfaceError, OperationalError, fn

from pindeck import db, queue
from pindeck.errors import NoSpace, Upstream
from pindeck.models import Blob, Derivative, Job
from pindeck.services import jobs
from pindeck.services.maintenance import inspection
from pindeck.services.maintenance.inspection import Beat
from pindeck.states import BlobState, JobStatus

log = logging.getLogger("pindeck.integrity")

EVERY_MS = db.DAY_MS
WITHIN_DAYS = 30
NIGHTS = 28  # two fewer than days, because a night may begin late
MOST_NIGHTS_AT_ONCE = 4  # how fast missed nights are caught up with
SLICE_S = 3.0
BEAT_S = 10.0
BATCH = 20
RECENT_MS = 60_000
EVERYTHING = 2**62


def ask_nightly() -> int:
    """Ask for a check if the last one is a day old; how many were asked for."""
    latest = Job.select(fn.MAX(Job.created_at)).where(Job.kind == queue.CHECK_FILES.kind).scalar()
    if latest is not None and latest > db.now_ms() - EVERY_MS:
        return 0
    with db.writing():
        return int(queue.enqueue(queue.CHECK_FILES, dedupe_key=queue.CHECK_FILES.kind) is not None)


def begin_night() -> None:
    """Ask for a night's share. What is damaged is looked at first: it may have been mended, or a backup be there."""
    with db.writing():
        for table in (Blob, Derivative):
            table.update(checked_at=0).where(table.damaged_at.is_null(False)).execute()
        ask(share())


def share() -> int:
    """The bytes to read this night: of everything a twenty-eighth, up to four times that after missed nights."""
    blobs = Blob.select(fn.SUM(Blob.size)).where(Blob.state == BlobState.LIVE).scalar() or 0
    total = int(blobs) + int(Derivative.select(fn.SUM(Derivative.bytes)).scalar() or 0)
    late_ms = db.now_ms() - NIGHTS * db.DAY_MS - (oldest_check() or db.now_ms())
    nights = min(MOST_NIGHTS_AT_ONCE, max(1, 1 - (-late_ms // db.DAY_MS)))
    return -(-total // NIGHTS) * nights


def oldest_check() -> int | None:
    """When the longest unread object was read, leaving out what is to be read at once; None where there is none."""
    found = [rows[0][0] for table in _OLDEST if (rows := db.sql(_OLDEST[table]).fetchall())]
    return min(found, default=None)


def ask(most_bytes: int, *, until: int | None = None, delay_s: float = 0) -> None:
    """Inside a transaction: a worker reads so many bytes, and whatever is to be read at once, until there is nothing
    left that was last read before `until`. Where that waits already, the larger of the two counts."""
    payload = {"bytes": most_bytes, "until": until or db.now_ms()}
    if queue.enqueue(queue.READ_FILES, payload=payload, dedupe_key=queue.READ_FILES.kind, delay_s=delay_s):
        return
    waiting = (Job.kind == queue.READ_FILES.kind) & (Job.status == JobStatus.QUEUED)
    job = db.locked(Job.select().where(waiting)).get_or_none()
    if job is not None:
        larger = {name: max(payload[name], job.payload[name]) for name in payload}
        Job.update(payload=larger).where((Job.id == job.id) & (Job.status == JobStatus.QUEUED)).execute()


def ask_at_once() -> None:
    """A worker reads what is to be read at once, and no more."""
    with db.writing():
        ask(0)


def run(job: Job) -> None:
    """What a job does: read for a few seconds, and ask for another job if there is more to read."""
    told = time.monotonic()

    def beat() -> None:
        nonlocal told
        if time.monotonic() - told > BEAT_S:
            told = time.monotonic()
            jobs.progress(job, "reading", 50)

    reader = Reader(job.payload["bytes"], job.payload["until"], beat)
    try:
        is_done = reader.read(seconds=SLICE_S, gives_way=True)
    finally:
        left = {**job.payload, "bytes": reader.left}
        Job.update(payload=left).where((Job.id == job.id) & (Job.attempts == job.attempts)).execute()
    if not is_done:
        with db.writing():
            ask(reader.left, until=job.payload["until"])


@dataclass
class Reader:
    """Reads the longest unread until so many bytes are `left`, or nothing that was last read before `until` (ms)."""

    left: int
    until: int
    beat: Beat

    def read(self, *, seconds: float = float("inf"), gives_way: bool = False) -> bool:
        """Whether all of it is done. Raises Upstream when the store is away, NoSpace when the disk is full, and what
        the database says when it cannot be written: then the object at hand does not count as read.
        """
        ends = time.monotonic() + seconds
        while batch := self._next():
            for table, key in batch:
                if self.left <= 0 and self._is_only_due(table, key):
                    return True
                self._one(table, key)
                if time.monotonic() > ends or (gives_way and _others_wait()):
                    return False
        return True

    def _next(self) -> list[tuple[type[Blob] | type[Derivative], str]]:
        found = []
        for table, sql in _LONGEST_UNREAD.items():
            rows = db.sql(sql, until=self.until, most=BATCH).fetchall()
            found += [(checked_at, key, table) for checked_at, key in rows]
        found.sort(key=lambda line: line[:2])
        return [(table, key) for _, key, table in found[:BATCH]]

    def _is_only_due(self, table: type[Blob] | type[Derivative], key: str) -> bool:
        return not table.select().where((table.id == key) & (table.checked_at == 0)).exists()

    def _one(self, table: type[Blob] | type[Derivative], key: str) -> None:
        row = table.get_or_none((table.id == key) & (table.checked_at < self.until))
        if row is None:  # deleted, or read by somebody else
            return
        try:
            if isinstance(row, Blob):
                inspection.original(row, self.beat)
            else:
                inspection.rendition(row, self.beat)
        except (Upstream, NoSpace, OperationalError, InterfaceError):
            raise  # the trouble is ours and says nothing about this object, which stays unread
        except Exception as error:  # one object must not keep all others from being read, tonight and for ever
            log.exception("%s could not be checked", row.object_key)
            if isinstance(row, Blob):
                inspection.not_judged(row, error)
            else:
                table.update(checked_at=db.now_ms()).where(table.id == key).execute()
        self.left -= row.size if isinstance(row, Blob) else row.bytes


# The words are literal, because only then do both engines know that the partial index serves.
_LONGEST_UNREAD: dict[type[Blob] | type[Derivative], str] = {
    Blob: "SELECT checked_at, id FROM blob WHERE state = 'live' AND checked_at < :until ORDER BY checked_at LIMIT :most",
    Derivative: "SELECT checked_at, id FROM derivative WHERE checked_at < :until ORDER BY checked_at LIMIT :most",
}
_OLDEST = {
    Blob: "SELECT checked_at FROM blob WHERE state = 'live' AND checked_at > 0 ORDER BY checked_at LIMIT 1",
    Derivative: "SELECT checked_at FROM derivative WHERE checked_at > 0 ORDER BY checked_at LIMIT 1",
}


def _others_wait() -> bool:
    """Whether other work is due. What has waited for long waits for something else than this."""
    now = db.now_ms()
    due = (Job.status == JobStatus.QUEUED) & (Job.due_at <= now) & (Job.due_at > now - RECENT_MS)
    return Job.select().where(due & (Job.kind != queue.READ_FILES.kind)).exists()
