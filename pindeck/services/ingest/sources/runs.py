"""Runs of a source: begun by a person or in time, and done by a job that may die anywhere and run again.

A run is an import. What was found is written down first, each thing once; then each is sent on its way. So a second
try goes on where the first one ended.
"""

import time
from collections.abc import Callable

from peewee import IntegrityError, chunked

from pindeck import db, queue
from pindeck.access import Actor
from pindeck.errors import Forbidden, NotFound
from pindeck.fetching import NO_VERSION, Version
from pindeck.models import ImportBatch, Source, SourceItem, User
from pindeck.services import activity
from pindeck.services.ingest.sources import kinds
from pindeck.services.ingest.sources.found import Found
from pindeck.services.ingest.sources.sources import MINUTE_MS, find
from pindeck.states import ItemState, RunStatus, SourceKind, Way
from pindeck.states import sources as states_before

MOST = 10_000  # new things of one run; the next one goes on
LASTS_S = 20 * 60  # then the next one goes on
PART = 100
OWNER_GONE = "The account of this source may no longer add pictures."

Tell = Callable[[int, int], None]


def run(actor: Actor, source_id: str) -> ImportBatch:
    """Ask for a run now, which also tries again what failed. While one is under way, that is the answer."""
    source = find(actor, "source.edit", source_id)
    with db.writing():
        failed = (SourceItem.source == source.id) & (SourceItem.state == ItemState.FAILED)
        SourceItem.update(state=ItemState.NEW, reason=None, tries=0, updated_at=db.now_ms()).where(failed).execute()
        batch = _begin(source)
        activity.note(actor, "source.run", source=source.id)
    return batch


def run_due() -> int:
    """Begin a run of every source whose time has come; how many. Several workers may do this at once."""
    now = db.now_ms()
    due = Source.select(Source.id).where((Source.next_run_at <= now) & Source.paused_at.is_null())
    return sum(_take(row.id, now) for row in due.order_by(Source.next_run_at).limit(PART))


def _take(source_id: str, now: int) -> bool:
    """Whether this worker was the first to begin the run that is due."""
    with db.writing():
        due = (Source.id == source_id) & (Source.next_run_at <= now) & Source.paused_at.is_null()
        source = db.locked(Source.select().where(due)).get_or_none()
        if source is None:
            return False
        if _owner(source) is None:
            _pause(source)
            return False
        after = now + source.every_minutes * MINUTE_MS if source.every_minutes else None
        Source.update(next_run_at=after).where(Source.id == source.id).execute()
        _begin(source)
        return True


def _begin(source: Source) -> ImportBatch:
    """Inside a transaction: the run that is under way, or a new one with its job."""
    running = (ImportBatch.source_id == source.id) & (ImportBatch.status == RunStatus.RUNNING)
    try:
        with db.database.atomic():
            batch = ImportBatch.create(
                id=db.new_id(), user=source.user_id, source_id=source.id, origin=kinds.KINDS[SourceKind(source.kind)].origin,
                source_url=source.url,
                status=RunStatus.RUNNING, created_at=db.now_ms(),
            )  # fmt: skip
    except IntegrityError:
        found = ImportBatch.get_or_none(running)
        if found is None:
            raise NotFound("There is no such source.", code="SOURCE_NOT_FOUND") from None
        return found
    Source.update(last_run_id=batch.id).where(Source.id == source.id).execute()
    queue.enqueue(queue.RUN_SOURCE, user_id=source.user_id, payload={"batch": batch.id}, dedupe_key=f"run_source:{batch.id}")
    return batch


def go_on(batch_id: str, tell: Tell) -> None:
    """Do a run, or what is left of it. Raises what reading raises; Forbidden when its owner may add nothing."""
    from pindeck.services.ingest.sources import reading  # only the job needs it

    batch = ImportBatch.get_or_none((ImportBatch.id == batch_id) & (ImportBatch.status == RunStatus.RUNNING))
    if batch is None:
        return
    source = Source.get_or_none(Source.id == batch.source_id)
    if source is None:
        give_up(batch_id, "The source was deleted.")
        return
    owner = _owner(source)
    if owner is None:
        with db.writing():
            _pause(source)
        raise Forbidden(OWNER_GONE)
    read = reading.read(source, _known(source))
    is_cut = _write_down(source, read.found)
    is_late = _send(owner, source, batch_id, tell)
    _end(source, batch_id, NO_VERSION if is_cut else read.version, goes_on=is_cut or is_late)


def give_up(batch_id: str, reason: str) -> None:
    """End a run that came to nothing, and say why. What it sent stays, what it found is sent by the next one."""
    ended = {"status": RunStatus.FAILED, "error": reason[:500]}
    ImportBatch.update(ended).where(
        (ImportBatch.id == batch_id) & ImportBatch.status.in_(states_before(RunStatus.FAILED))
    ).execute()


def _owner(source: Source) -> Actor | None:
    """Who the pictures of a source belong to, as long as that person may add some."""
    user = User.get_or_none((User.id == source.user_id) & User.disabled_at.is_null())
    actor = Actor(user.id, user.role, user.name, user.email, comes_by=Way.SOURCE) if user else None
    if actor is None or not actor.is_curator or (kinds.KINDS[SourceKind(source.kind)].refused and not actor.is_admin):
        return None
    return actor


def _pause(source: Source) -> None:
    """Inside a transaction: read it no more by itself, and say why."""
    Source.change(paused_at=db.now_ms(), pause_reason=OWNER_GONE).where(
        (Source.id == source.id) & Source.paused_at.is_null()
    ).execute()


def _known(source: Source) -> Version:
    return Version(source.etag, source.last_modified)


def _write_down(source: Source, found: list[Found]) -> bool:
    """Keep what is new, the last of the list first, so that the newest stands on top. Whether there is more than a run takes."""
    room = MOST
    for part in chunked(found[::-1], PART):
        ids = [each.external_id for each in part]
        rows = SourceItem.select(SourceItem.external_id).where((SourceItem.source == source.id) & SourceItem.external_id.in_(ids))
        there = {row.external_id for row in rows}
        new = [each for each in part if each.external_id not in there]
        if new[:room]:
            with db.writing():
                SourceItem.insert_many([_row(source, each) for each in new[:room]]).on_conflict_ignore().execute()
        if len(new) > room:
            return True
        room -= len(new)
    return False


def _row(source: Source, found: Found) -> dict[str, object]:
    now = db.now_ms()
    return dict(
        id=db.new_id(), source=source.id, external_id=found.external_id, url=found.url, page_url=found.page_url,
        title=found.title, words=found.words, created_at=now, updated_at=now,
    )  # fmt: skip


def _send(owner: Actor, source: Source, batch_id: str, tell: Tell) -> bool:
    """Send on what is new. Whether time ran out before all was sent. What may work later stays new.

    What failed least often goes first, so that dead pages do not use up the time of each run.
    """
    from pindeck.services.ingest.sources import sending  # only the job needs it

    until = time.monotonic() + LASTS_S
    waiting = (SourceItem.source == source.id) & (SourceItem.state == ItemState.NEW)
    order = (SourceItem.tries, SourceItem.id)
    ids, done = [row.id for row in SourceItem.select(SourceItem.id).where(waiting).order_by(*order)], 0
    for part in chunked(ids, PART):
        for item in list(SourceItem.select().where(waiting & SourceItem.id.in_(part)).order_by(*order)):
            if time.monotonic() > until:
                return True
            if done % 10 == 0:
                tell(done, len(ids))
            sending.send(owner, source, batch_id, item)
            done += 1
    return False


def _end(source: Source, batch_id: str, version: Version, *, goes_on: bool) -> None:
    """The run is done, and what it read is known, in one transaction. With `goes_on` the next one begins at once, unless
    this one settled nothing: then it would never end."""
    with db.writing():
        running = (ImportBatch.id == batch_id) & ImportBatch.status.in_(states_before(RunStatus.DONE))
        if not ImportBatch.update(status=RunStatus.DONE, error=None).where(running).execute():
            return
        # Only of the address that was read: it may be another one by now.
        read = (Source.id == source.id) & ~db.differs(Source.url, source.url)
        Source.update(etag=version.etag, last_modified=version.last_modified).where(read).execute()
        settled = ImportBatch.created_count + ImportBatch.skipped_count + ImportBatch.failed_count
        if goes_on and ImportBatch.select().where((ImportBatch.id == batch_id) & (settled > 0)).exists():
            Source.update(next_run_at=db.now_ms()).where(Source.id == source.id).execute()
