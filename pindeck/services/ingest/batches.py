"""Imports that belong together: made before the first picture comes, and read while they come."""

from dataclasses import dataclass
from typing import Any

from peewee import Expression, fn

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import NotFound
from pindeck.models import Image, ImportBatch
from pindeck.states import Origin, PersistStatus, RunStatus


@dataclass(frozen=True)
class BatchView:
    """A batch with what its pictures say: `failed` could not be brought or recorded, `waiting` are on their way; `updated_at` in ms."""

    batch: ImportBatch
    failed: int
    waiting: int
    updated_at: int

    @property
    def status(self) -> RunStatus:
        """A run that is done is still running while pictures of it are on their way."""
        is_done = self.batch.status == RunStatus.DONE
        return RunStatus.RUNNING if is_done and self.waiting else RunStatus(self.batch.status)


def mine(actor: Actor) -> Expression:
    """The batches of the person; for the key of a project those that were made with one of its keys."""
    own = ImportBatch.user == access.require_person(actor)
    return own if actor.project_id is None else own & (ImportBatch.project_id == actor.project_id)


def create(actor: Actor, *, origin: Origin = Origin.UPLOAD, source_url: str | None = None) -> BatchView:
    """A new batch, to be named by the imports that belong to it."""
    access.require(actor, "upload")
    batch = ImportBatch.create(
        id=db.new_id(), user=access.require_person(actor), project_id=actor.project_id, origin=origin,
        source_url=source_url, created_at=db.now_ms(),
    )  # fmt: skip
    return BatchView(batch, 0, 0, batch.created_at)


def get(actor: Actor, batch_id: str) -> BatchView:
    """Raises NotFound for one that is not the actor's own."""
    access.require(actor, "library.own")
    batch = ImportBatch.get_or_none((ImportBatch.id == batch_id) & mine(actor))
    if batch is None:
        raise NotFound("You have no such import.", code="BATCH_NOT_FOUND")
    return seen([batch])[0]


def list_page(actor: Actor, *, limit: int, after: str | None = None) -> tuple[list[BatchView], str | None]:
    """Own batches, newest first, and the id to go on from."""
    access.require(actor, "library.own")
    wanted = mine(actor) if after is None else mine(actor) & (ImportBatch.id < after)
    found = list(ImportBatch.select().where(wanted).order_by(ImportBatch.id.desc()).limit(limit + 1))
    return seen(found[:limit]), found[limit - 1].id if len(found) > limit else None


def seen(batches: list[ImportBatch]) -> list[BatchView]:
    """What the pictures of batches say. One query, however many batches."""
    state = Image.persist_status
    rows: Any = (
        Image.select(Image.import_batch_id, state, fn.COUNT(Image.seq), fn.MAX(Image.updated_at))
        .where(Image.import_batch_id.in_([batch.id for batch in batches]))
        .group_by(Image.import_batch_id, state)
        .tuples()
    )
    counts: dict[str, dict[str, int]] = {batch.id: {} for batch in batches}
    latest = {batch.id: batch.created_at for batch in batches}
    for batch_id, status, many, at in rows:
        counts[batch_id][status] = many
        latest[batch_id] = max(latest[batch_id], at)
    return [
        BatchView(
            batch,
            counts[batch.id].get(PersistStatus.FAILED, 0) + batch.failed_count,
            counts[batch.id].get(PersistStatus.PENDING, 0),
            latest[batch.id],
        )
        for batch in batches
    ]
