"""Store and database side by side: objects that no row names, and rows whose object is gone.

Both are read once in the order of their keys, a page at a time, so that a large library needs no more memory than a
small one. Nothing is deleted and nothing is mended here: what differs is reported, and what is missing is read next.
"""

import heapq
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from pindeck import db, queue, storage
from pindeck.models import Activity, Blob, Crop, Derivative, Job
from pindeck.services import activity
from pindeck.states import BlobState, JobStatus
from pindeck.storage import keys

log = logging.getLogger("pindeck.stocktaking")

VERB = "store.compare"
PAGE = 10_000
BATCH = 100
MOST = 1000  # differences after which it stops: something larger must be wrong
SHOWN = 20

TABLES: dict[str, Any] = {"original": Blob, "rendition": Derivative, "crop": Crop}
STORED = "object"
# Whatever the sweeps of every ten minutes clear away by themselves.
_SWEPT = (keys.STAGING_PREFIX, keys.CROPS_PREFIX)

# A key, and the name in `TABLES` of the table whose row names it.
Line = tuple[str, str]


@dataclass(frozen=True)
class Found:
    """How many there are of each; `since` when there was something to find at every comparison.

    Not `complete` means that it stopped at so many differences that something larger must be wrong.
    """

    objects: int
    unnamed: int
    originals: int
    renditions: int
    complete: bool
    since: int | None
    keys: list[str]

    @property
    def missing(self) -> int:
        return self.originals + self.renditions


def compare() -> Found:
    """Compare once, and leave the result in the activity trail and in the log. Raises Upstream."""
    unnamed: list[str] = []
    missing: list[Line] = []
    doubtful: list[str] = []
    objects, edge, complete = 0, db.now_ms() - db.DAY_MS, True
    for key, where, modified_ms in _side_by_side():
        objects += STORED in where
        if STORED not in where:
            missing += _still_missing(key, where)
        elif len(where) == 1 and modified_ms < edge and not key.startswith(_SWEPT):
            doubtful.append(key)
        if len(doubtful) == BATCH:
            unnamed += _still_unnamed(doubtful)
            doubtful = []
        if max(len(unnamed), len(missing)) >= MOST:
            complete = False
            break
    return _report(objects, unnamed + _still_unnamed(doubtful), missing, complete)


def _side_by_side() -> Iterator[tuple[str, set[str], int]]:
    """Each key that is stored or named: where it stands, and since when it is stored."""
    stored = ((found.key, STORED, found.modified_ms) for found in storage.current().list(""))
    named = [_named(table) for table in TABLES]
    for key, lines in groupby(heapq.merge(stored, *named), key=itemgetter(0)):
        held = list(lines)
        yield key, {where for _, where, _ in held}, max(modified_ms for _, _, modified_ms in held)


def _named(table: str) -> Iterator[tuple[str, str, int]]:
    """The keys of a table in the order in which stores list them, which on PostgreSQL is not that of the column."""
    model = TABLES[table]
    ordered = db.in_byte_order(model.object_key)
    last = ""
    while page := [
        key for (key,) in model.select(model.object_key).where(ordered > last).order_by(ordered).limit(PAGE).tuples()
    ]:
        yield from ((key, table, 0) for key in page)
        last = page[-1]


def _still_unnamed(candidates: list[str]) -> list[str]:
    """Rows and objects were not read in the same moment, and a replaced object waits for its job."""
    if not candidates:
        return []
    named: set[str] = set()
    for model in TABLES.values():
        rows = model.select(model.object_key).where(model.object_key.in_(candidates))
        named |= {key for (key,) in rows.tuples()}
    waiting = (Job.kind == queue.DELETE_OBJECTS.kind) & Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING])
    going = {job.payload.get("object") for job in Job.select(Job.payload).where(waiting)}
    return [key for key in candidates if key not in named | going and storage.current().stat(key) is not None]


def _still_missing(key: str, tables: set[str]) -> list[Line]:
    """A blob that is being deleted loses its objects before its row."""
    live = [(key, table) for table in sorted(tables) if _is_live(key, table)]
    return live if live and storage.current().stat(key) is None else []


def _is_live(key: str, table: str) -> bool:
    model = TABLES[table]
    rows = model.select() if model is Blob else model.select().join(Blob)
    found: bool = rows.where((model.object_key == key) & (Blob.state == BlobState.LIVE)).exists()
    return found


def _report(objects: int, unnamed: list[str], missing: list[Line], complete: bool) -> Found:
    for key, table in missing:
        model = TABLES[table]
        if model is not Crop:  # it is read again at once, and restored or made again
            model.update(checked_at=0).where(model.object_key == key).execute()
        digest = model.select(model.sha256).where(model.object_key == key).scalar()
        log.error("the %s %s is missing from the store; its SHA-256 is %s", table, key, digest)
    for key in unnamed:
        log.warning("no row names the object %s", key)
    originals = sum(table == "original" for _, table in missing)
    found = Found(
        objects=objects,
        unnamed=len(unnamed),
        originals=originals,
        renditions=len(missing) - originals,
        complete=complete,
        since=_since() if unnamed or missing else None,
        keys=[key for key, _ in missing[:SHOWN]] + unnamed[:SHOWN],
    )
    activity.note(None, VERB, **asdict(found))
    return found


def _since() -> int:
    previous = last()
    return (previous[1].since if previous else None) or db.now_ms()


def last() -> tuple[int, Found] | None:
    """When the latest comparison ended, and what it found."""
    row = Activity.select().where(Activity.verb == VERB).order_by(Activity.id.desc()).first()
    return None if row is None else (row.at, Found(**row.detail))
