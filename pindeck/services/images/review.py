"""Review and finalise: a person's own drafts, corrected, published or discarded one by one or together."""

from dataclasses import dataclass

from pindeck import access
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.images import chosen, large, ledger, publishing, trash
from pindeck.states import PersistStatus


@dataclass(frozen=True)
class Published:
    """The ids that became part of the library, and the action.

    `stayed` counts those that could not be stored, `busy` those that are still being stored.
    """

    ids: list[str]
    stayed: int
    busy: int
    action_id: str | None = None


def own_images(actor: Actor, ids: list[str]) -> list[Image]:
    return list(Image.select().where(Image.id.in_(ids) & access.owned_by(actor).expression()))


def set_field(actor: Actor, ids: list[str] | None, name: str, raw: str) -> str | None:
    """One value for the chosen drafts, or for all, as one action; other people's pictures are refused.

    The id of the action, if anything changed.
    """
    return ledger.edit_many(actor, chosen.ids_of(access.drafts_of(actor), ids), name, raw)


def begin(actor: Actor, act: str, ids: list[str] | None, name: str = "", raw: str = "") -> str | None:
    """For more than 250 drafts: ask a job to "publish", "trash" or "set" them; the action, which runs from now on.

    None for fewer, which wait for no job; of those to be published only what is stored counts. Raises Invalid for a
    value that nobody could write.
    """
    wanted = chosen.ids_of(access.drafts_of(actor), ids)
    if act == "set":
        return large.set_field(actor, wanted, name, raw)
    if act == "publish":
        stored = Image.select(Image.id).where(Image.persist_status == PersistStatus.SUCCEEDED)
        known = {image.id for image in stored.where(access.drafts_of(actor).expression())}
        wanted = [image_id for image_id in wanted if image_id in known]
    return large.begin(actor, act, wanted)


def publish_one(actor: Actor, image_id: str) -> publishing.Published:
    """Publish a draft that is stored. Raises Conflict when it is not, or is no draft any more."""
    return publishing.publish(actor, image_id, only_stored=True)


def publish(actor: Actor, ids: list[str] | None) -> Published:
    """Publish the chosen drafts, or all of them that are stored."""
    wanted = None if ids is None else chosen.check_ids(ids)
    published, action_id = publishing.publish_many(actor, wanted, only_stored=True)
    mine = access.drafts_of(actor).expression()
    left = Image.select().where(mine if wanted is None else mine & Image.id.in_(wanted))
    stayed = left.where(Image.persist_status == PersistStatus.FAILED).count()
    busy = left.where(Image.persist_status == PersistStatus.PENDING).count()
    return Published(published, stayed, busy, action_id)


def discard(actor: Actor, ids: list[str] | None) -> tuple[list[str], str | None]:
    """Move the chosen drafts to the trash, or all; the ids that went, and the action that took them there."""
    mine = access.drafts_of(actor).expression() & Image.id.in_(chosen.ids_of(access.drafts_of(actor), ids))
    return trash.trash_many(actor, list(Image.select().where(mine).order_by(Image.seq)))
