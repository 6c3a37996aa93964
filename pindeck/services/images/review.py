"""Review and finalise: a person's own drafts, corrected, published or discarded one by one or together."""

from dataclasses import dataclass

from pindeck import access
from pindeck.access import Actor
from pindeck.errors import Invalid
from pindeck.models import Image
from pindeck.services.images import large, ledger, publishing, trash
from pindeck.states import PersistStatus
from pindeck.text import can_be_id

MAX_IDS = 500


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


def check_ids(ids: list[str]) -> list[str]:
    """Raises Invalid when nothing or too much was chosen."""
    if not ids:
        raise Invalid("Choose at least one picture.", fields={"ids": "Choose at least one picture."})
    if len(ids) > MAX_IDS:
        message = f"Choose at most {MAX_IDS} pictures at a time."
        raise Invalid(message, fields={"ids": message})
    return [i if can_be_id(i) else "" for i in dict.fromkeys(ids)]


def _chosen(actor: Actor, ids: list[str] | None) -> list[str]:
    """The ids that were chosen; None is every draft of the actor."""
    if ids is not None:
        return check_ids(ids)
    return [image.id for image in Image.select(Image.id).where(access.drafts_of(actor).expression())]


def set_field(actor: Actor, ids: list[str] | None, name: str, raw: str) -> str | None:
    """One value for the chosen drafts, or for all, as one action; other people's pictures are refused.

    The id of the action, if anything changed.
    """
    return ledger.edit_many(actor, _chosen(actor, ids), name, raw)


def begin(actor: Actor, act: str, ids: list[str] | None, name: str = "", raw: str = "") -> str | None:
    """For more than 250 drafts: ask a job to "publish", "trash" or "set" them; the action, which runs from now on.

    None for fewer, which wait for no job; of those to be published only what is stored counts. Raises Invalid for a
    value that nobody could write.
    """
    chosen = _chosen(actor, ids)
    if act == "set":
        return large.set_field(actor, chosen, name, raw)
    if act == "publish":
        stored = Image.select(Image.id).where(Image.persist_status == PersistStatus.SUCCEEDED)
        known = {image.id for image in stored.where(access.drafts_of(actor).expression())}
        chosen = [image_id for image_id in chosen if image_id in known]
    return large.begin(actor, act, chosen)


def publish_one(actor: Actor, image_id: str) -> publishing.Published:
    """Publish a draft that is stored. Raises Conflict when it is not, or is no draft any more."""
    return publishing.publish(actor, image_id, only_stored=True)


def publish(actor: Actor, ids: list[str] | None) -> Published:
    """Publish the chosen drafts, or all of them that are stored."""
    chosen = None if ids is None else check_ids(ids)
    published, action_id = publishing.publish_many(actor, chosen, only_stored=True)
    mine = access.drafts_of(actor).expression()
    left = Image.select().where(mine if chosen is None else mine & Image.id.in_(chosen))
    stayed = left.where(Image.persist_status == PersistStatus.FAILED).count()
    busy = left.where(Image.persist_status == PersistStatus.PENDING).count()
    return Published(published, stayed, busy, action_id)


def discard(actor: Actor, ids: list[str] | None) -> tuple[list[str], str | None]:
    """Move the chosen drafts to the trash, or all; the ids that went, and the action that took them there."""
    mine = access.drafts_of(actor).expression() & Image.id.in_(_chosen(actor, ids))
    return trash.trash_many(actor, list(Image.select().where(mine).order_by(Image.seq)))
