"""A person keeps or discards pictures of a source that wait."""

from pindeck import access
from pindeck.access import Actor
from pindeck.models import Image, SourceItem
from pindeck.services.images import chosen, trash
from pindeck.services.ingest import approval
from pindeck.services.ingest.approval import Kept
from pindeck.services.ingest.sources.sources import find
from pindeck.states import ImageStatus


def keep(actor: Actor, source_id: str, ids: list[str]) -> Kept:
    """Approve the pictures that were chosen. Those that do not wait, or did not come from this source, are passed over."""
    return approval.keep(actor, _waiting(actor, source_id, ids))


def discard(actor: Actor, source_id: str, ids: list[str]) -> tuple[int, str | None]:
    """Move the pictures that were chosen to the trash, as one action: how many, and its id."""
    gone, action_id = trash.trash_many(actor, _waiting(actor, source_id, ids))
    return len(gone), action_id


def _waiting(actor: Actor, source_id: str, ids: list[str]) -> list[Image]:
    source = find(actor, "source.edit", source_id)
    items = SourceItem.select(SourceItem.image_id).where(SourceItem.source == source.id)
    wanted = Image.id.in_(chosen.check_ids(ids)) & Image.id.in_(items)
    waits = (Image.status == ImageStatus.PENDING) & Image.deleted_at.is_null()
    return [image for image in Image.select().where(wanted & waits).order_by(Image.seq) if access.can(actor, "image.publish", image)]
