"""What was found at a source, and the runs that found it, page by page."""

from dataclasses import dataclass
from typing import Any

from peewee import fn

from pindeck import access
from pindeck.access import Actor
from pindeck.models import Image, ImportBatch, SourceItem
from pindeck.services.ingest import batches
from pindeck.services.ingest.batches import BatchView
from pindeck.services.ingest.sources.sources import find
from pindeck.states import ItemState, PersistStatus

RUNS_SHOWN = 10


@dataclass(frozen=True)
class ItemView:
    """An item with its picture, if it became one that the actor sees. A picture that could not be brought is a failure."""

    item: SourceItem
    image: Image | None

    @property
    def state(self) -> str:
        return ItemState.FAILED if self._is_lost else self.item.state

    @property
    def reason(self) -> str | None:
        return (self.image.persist_error if self._is_lost and self.image else None) or self.item.reason

    @property
    def _is_lost(self) -> bool:
        return self.image is not None and self.image.persist_status == PersistStatus.FAILED


def list_page(
    actor: Actor, source_id: str, *, limit: int, after: str | None = None
) -> tuple[list[ItemView], str | None]:
    """What was found last comes first, and the id to go on from."""
    source = find(actor, "source.view", source_id)
    wanted = SourceItem.source == source.id
    if after is not None:
        wanted &= SourceItem.id < after
    found = list(SourceItem.select().where(wanted).order_by(SourceItem.id.desc()).limit(limit + 1))
    shown = found[:limit]
    ids = [item.image_id for item in shown if item.image_id]
    images = {image.id: image for image in Image.select().where(Image.id.in_(ids)) if access.sees(actor, image)}
    views = [ItemView(item, images.get(item.image_id or "")) for item in shown]
    return views, shown[-1].id if len(found) > limit else None


def list_runs(actor: Actor, source_id: str) -> list[BatchView]:
    """The latest runs, newest first."""
    source = find(actor, "source.view", source_id)
    runs = ImportBatch.select().where(ImportBatch.source_id == source.id).order_by(ImportBatch.id.desc()).limit(RUNS_SHOWN)
    return batches.seen(list(runs))


def count_by_state(actor: Actor, source_id: str) -> dict[str, int]:
    """How many items are in each state."""
    source = find(actor, "source.view", source_id)
    found = SourceItem.select(SourceItem.state, fn.COUNT(SourceItem.id)).where(SourceItem.source == source.id)
    rows: Any = found.group_by(SourceItem.state).tuples()
    return dict(rows)
