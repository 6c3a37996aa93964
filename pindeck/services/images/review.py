"""Review: what waits is kept, published, held or discarded, one by one or together, each time as one action."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from pindeck import access
from pindeck.access import Actor
from pindeck.errors import Conflict
from pindeck.models import Image
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import Verb
from pindeck.services.images import chosen, keeping, large, publishing, trash
from pindeck.states import ImageStatus, PersistStatus
from pindeck.text import clean_text

MAX_REASON = 200


@dataclass(frozen=True)
class Decided:
    """The ids of which something was decided, and the action.

    Of those that were to be published or kept `stayed` counts what could not be stored, `busy` what is being stored.
    `drafts` are those that were kept and still wait, to be published.
    """

    ids: list[str]
    stayed: int = 0
    busy: int = 0
    drafts: int = 0
    action_id: str | None = None


def title_of_one(decided: Decided) -> str | None:
    """The title where exactly one picture was decided; None for several, or one that is gone by now."""
    image = Image.get_or_none(Image.id == decided.ids[0]) if len(decided.ids) == 1 else None
    return image.title if image else None


def own_images(actor: Actor, ids: list[str]) -> list[Image]:
    return list(Image.select().where(Image.id.in_(ids) & access.owned_by(actor).expression()))


def waiting(actor: Actor, ids: list[str]) -> list[Image]:
    """Those of the images that still wait for the actor."""
    return list(Image.select().where(Image.id.in_(ids) & access.waiting_for(actor).expression()).order_by(Image.seq))


def begin(actor: Actor, act: str, ids: list[str] | None, *, is_all: bool = False, reason: str = "") -> str | None:
    """For more than 250 pictures: ask a job to "publish", "keep", "trash", "hold" or "release" them; the action, which
    runs from now on.

    None for fewer, which wait for no job; of those to be published only what is stored counts. With `is_all` the ids
    are all that a list shows, so there may be any number.
    """
    wanted = ids if ids is not None and is_all else _ids(actor, ids)
    if len(wanted) <= log.PART:
        return None
    rows = Image.select(Image.id).where(access.waiting_for(actor).expression())
    if act == "publish":
        rows = rows.where(Image.persist_status == PersistStatus.SUCCEEDED)
    known = {image.id for image in rows}
    given: dict[str, Any] = {"reason": checked(reason)} if act in ("trash", "hold") and reason else {}
    return large.begin(actor, act, [image_id for image_id in wanted if image_id in known], **given)


def checked(reason: str) -> str:
    """Why it was decided so, on one line. Raises Invalid for one that is too long."""
    return clean_text(reason, field="reason", max_length=MAX_REASON)


def publish_one(actor: Actor, image_id: str) -> publishing.Published:
    """Publish what is stored. Raises Conflict when it is not, or waits no more."""
    image = _one(actor, image_id)
    if image.persist_status == PersistStatus.PENDING:
        raise Conflict("It is still being stored. Publish it when that is done.")
    if image.persist_status == PersistStatus.FAILED:
        raise Conflict("It could not be stored yet. Try to store it again first, then publish it.")
    return _done_with(image, publish(actor, [image.id]))


def keep_one(actor: Actor, image_id: str) -> publishing.Published:
    """Keep an import. Raises Conflict when it does not wait for that."""
    image = _one(actor, image_id)
    kept = keep(actor, [image.id])
    if kept.stayed and not kept.ids:
        raise Conflict("It could not be stored yet. Try to store it again first, then keep it.")
    return _done_with(image, kept)


def hold_one(actor: Actor, image_id: str, *, is_held: bool, reason: str = "") -> publishing.Published:
    """Set a picture aside, or take it up again. Raises Conflict when that is so already."""
    image = _one(actor, image_id)
    held = hold(actor, [image.id], reason=reason) if is_held else release(actor, [image.id])
    if image.status in keeping.WAITING and not held.ids:
        raise Conflict(f"“{image.title}” is held already." if is_held else f"“{image.title}” is not held.")
    return _done_with(image, held)


def _one(actor: Actor, image_id: str) -> Image:
    return access.image_for(actor, "image.publish", image_id)


def _done_with(image: Image, decided: Decided) -> publishing.Published:
    # Somebody may have deleted it for good since: then it is told of as it was.
    found = Image.get_or_none(Image.seq == image.seq) or image
    if not decided.ids:
        raise Conflict(f"“{found.title}” is {found.status} already.")
    return publishing.Published(found, decided.action_id)


def publish(actor: Actor, ids: list[str] | None) -> Decided:
    """Publish what was chosen and is stored, or all that waits and is not held. An import is kept with it."""
    wanted = _ids(actor, ids)
    done, action_id = _act(actor, publishing.PUBLISH, wanted, keeping.publish)
    return _told(actor, wanted, done, action_id)


def keep(actor: Actor, ids: list[str] | None) -> Decided:
    """Keep the imports among what was chosen, or all of them."""
    wanted = _ids(actor, ids)
    done, action_id = _act(actor, keeping.APPROVE, wanted, keeping.keep)
    told = _told(actor, wanted, done, action_id)
    drafts = Image.select().where(Image.id.in_(done) & (Image.status == ImageStatus.DRAFT)).count()
    return Decided(told.ids, told.stayed, told.busy, drafts, action_id)


def hold(actor: Actor, ids: list[str] | None, *, reason: str = "") -> Decided:
    why = checked(reason)
    done, action_id = _act(actor, keeping.HOLD, _ids(actor, ids), partial(keeping.hold, reason=why), reason=why)
    return Decided(done, action_id=action_id)


def release(actor: Actor, ids: list[str] | None) -> Decided:
    done, action_id = _act(actor, keeping.RELEASE, _ids(actor, ids), keeping.release)
    return Decided(done, action_id=action_id)


def discard(actor: Actor, ids: list[str] | None, *, reason: str = "") -> tuple[list[str], str | None]:
    """Move what was chosen to the trash, or all that waits; the ids that went, and the action that took them there."""
    why = checked(reason)
    return trash.trash_many(actor, waiting(actor, _ids(actor, ids)), reason=why)


Part = Callable[[Actor, list[str], str], tuple[list[Step], int]]


def _act(actor: Actor, verb: Verb, ids: list[str], part: Part, *, reason: str = "") -> tuple[list[str], str | None]:
    """What was decided of, and the action; what does not wait for the actor is passed over."""
    done: dict[str, None] = {}

    def work(some: list[str], action_id: str) -> tuple[list[Step], int]:
        mine = [image.id for image in waiting(actor, some) if access.can(actor, "image.publish", image)]
        steps, count = part(actor, mine, action_id)
        done.update(dict.fromkeys(step.image_id for step in steps))
        return steps, count

    action_id = log.in_parts(actor, verb, ids, work, **({"reason": reason} if reason else {}))
    return list(done), action_id


def _ids(actor: Actor, ids: list[str] | None) -> list[str]:
    if ids is not None:
        return chosen.check_ids(ids)
    return chosen.ids_of(access.waiting_for(actor) & access.NOT_HELD, None)


def _told(actor: Actor, wanted: list[str], done: list[str], action_id: str | None) -> Decided:
    """With what stayed although it was meant to go."""
    left = Image.select().where(access.waiting_for(actor).expression() & Image.id.in_(wanted) & Image.id.not_in(done))
    stayed = left.where(Image.persist_status == PersistStatus.FAILED).count()
    busy = left.where(Image.persist_status == PersistStatus.PENDING).count()
    return Decided(done, stayed, busy, action_id=action_id)
