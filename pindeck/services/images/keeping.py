"""Out of review: what waits for a decision is kept, published or held, one or many in the same statements.

All of it inside a transaction, for the caller to write down as one action.
"""

from typing import Any

from pindeck import db
from pindeck.access import Actor
from pindeck.discord.status import Event
from pindeck.models import Image
from pindeck.services import activity
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.services.images import (
    analysis,
    announcing,
    origins,
    publishing,
    storing,
    telling,
    unique_ids,
    word_store,
)
from pindeck.states import AiStatus, ImageStatus, Origin, PersistStatus

APPROVE = verb("image.approve", "Approved")
HOLD = verb("image.hold", "Held")
RELEASE = verb("image.release", "Released")
HELD = "held_at"  # the kind of step
WAITING = (ImageStatus.PENDING, ImageStatus.DRAFT)

Done = tuple[list[Step], int]


def approved_as(image: Image) -> ImageStatus:
    """The status a waiting picture gets. A draft stays a draft where this rule makes drafts.

    One from Discord waits once more, for its owner to publish it. One from Pinterest does where Pinterest is
    moderated and nobody has paid for describing it yet.
    """
    if image.origin == Origin.DISCORD:
        return ImageStatus.DRAFT
    kept = image.status == ImageStatus.DRAFT or image.ai_status == AiStatus.QUEUED
    if image.origin == Origin.PINTEREST and origins.is_moderated(Origin.PINTEREST) and kept:
        return ImageStatus.DRAFT
    return ImageStatus.ACTIVE


def keep(actor: Actor, ids: list[str], action_id: str) -> Done:
    """Imports that wait become drafts or part of the library, by where they came from; of drafts nothing changes.

    One that would be in the library without its bytes stays. A draft whose bytes had not come is asked for once more.
    """
    waiting = _locked(ids, Image.status == ImageStatus.PENDING)
    lost = [i for i in waiting if i.persist_status == PersistStatus.FAILED and approved_as(i) == ImageStatus.DRAFT]
    done = approve(actor, waiting, action_id)
    for image in lost:
        storing.store_again(Image.get_by_id(image.seq), by=actor)
    return done


def approve(actor: Actor, images: list[Image], action_id: str) -> Done:
    """The same for images that are locked and wait. Describing begins for those that waited for this."""
    target = {image.id: approved_as(image) for image in images}
    able = [i for i in images if target[i.id] == ImageStatus.DRAFT or i.persist_status != PersistStatus.FAILED]
    going = [image for image in able if image.status != target[image.id]]
    steps = [Step("status", image.id, image.status, target[image.id]) for image in going]
    if going:
        word_store.write_columns(going, {image.id: {"status": target[image.id]} for image in going})
        for status in sorted(set(target.values())):
            there = [image for image in going if target[image.id] == status]
            activity.note_many(actor, APPROVE.name, [image.id for image in there], to=status)
        announcing.tell_many(Event.APPROVED, going, actor)
        telling.approved(going, actor)
        active = [image for image in going if target[image.id] == ImageStatus.ACTIVE]
        unique_ids.give(active, action_id)
        telling.published(active, actor)
        publishing.request_many(active)
    _describe(able)
    return steps, len(going)


def publish(actor: Actor, ids: list[str], action_id: str) -> Done:
    """What is stored becomes part of the library, drafts and imports alike: an import is kept with the same press."""
    stored = Image.persist_status == PersistStatus.SUCCEEDED
    images = _locked(ids, Image.status.in_(WAITING) & stored)
    imports = [image for image in images if image.status == ImageStatus.PENDING]
    steps, count = publishing.activate(actor, [image.id for image in images], action_id)
    announcing.tell_many(Event.APPROVED, imports, actor)
    went = {step.image_id for step in steps}
    telling.approved([image for image in imports if image.id in went], actor, ImageStatus.ACTIVE)
    _describe(imports)
    return steps, count


def hold(actor: Actor, ids: list[str], action_id: str, *, reason: str = "") -> Done:
    """Set aside: what waits stays, and is out of the way until somebody looks at what is held."""
    return _set_held(actor, HOLD.name, _locked(ids, Image.held_at.is_null()), db.now_ms(), reason)


def release(actor: Actor, ids: list[str], action_id: str) -> Done:
    """What was held waits among the others again."""
    return _set_held(actor, RELEASE.name, _locked(ids, Image.held_at.is_null(False)), None)


def _set_held(actor: Actor, name: str, images: list[Image], at: int | None, reason: str = "") -> Done:
    if not images:
        return [], 0
    steps = [Step(HELD, image.id, image.held_at, at) for image in images]
    word_store.write_columns(images, {image.id: {HELD: at} for image in images})
    activity.note_many(actor, name, [image.id for image in images], **({"reason": reason} if reason else {}))
    return steps, len(images)


def _locked(ids: list[str], wanted: Any) -> list[Image]:
    waits = Image.id.in_(ids) & Image.status.in_(WAITING) & Image.deleted_at.is_null() & wanted
    return list(db.locked(Image.select().where(waits).order_by(Image.seq)))


def _describe(images: list[Image]) -> None:
    analysis.ask_many([image for image in images if image.ai_status == AiStatus.QUEUED])
