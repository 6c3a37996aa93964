"""Likes of many pictures at once, which are an action; the like of one is its own inverse and is none (`detail.toggle_like`)."""

from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Image, Like
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.actions.verbs import verb

KIND = "like"  # its key is the person; before and after are when it was liked
LIKED = verb("image.like", "Liked", is_private=True)
UNLIKED = verb("image.unlike", "Took likes back", is_private=True)


def some(actor: Actor, ids: list[str], action_id: str, *, wanted: bool) -> tuple[list[Step], int]:
    """Inside a transaction: those of the pictures that are not liked yet are, or with `wanted` false no longer."""
    user_id, now = access.require_person(actor), db.now_ms()
    there = Image.select().where(Image.id.in_(ids) & Image.deleted_at.is_null()).order_by(Image.seq)
    images = [image.id for image in db.locked(there) if access.can(actor, "image.like", image)]
    at = _liked(user_id, images)
    changed = [image_id for image_id in images if (image_id in at) != wanted]
    steps = [Step(KIND, image_id, at.get(image_id), now if wanted else None, user_id) for image_id in changed]
    _write(user_id, {step.image_id: step.after for step in steps})
    return steps, len(changed)


def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
    """Nobody takes back what another person likes, administrators included."""
    user_id = taking.actor.user_id
    at = _liked(user_id, [step.image_id for step in steps])
    left = [
        Left(step, "is liked by a person who alone changes that" if step.key != user_id else "was liked or not since")
        for step in steps
        if step.key != user_id or at.get(step.image_id) != step.after
    ]
    stays = {one.step.image_id for one in left}
    _write(user_id, {step.image_id: step.before for step in steps if step.image_id not in stays})
    return left


def _liked(user_id: str, image_ids: list[str]) -> dict[str, int]:
    rows: Any = Like.select(Like.image_id, Like.created_at).where((Like.user_id == user_id) & Like.image_id.in_(image_ids))
    return dict(rows.tuples())


def _write(user_id: str, at: dict[str, int | None]) -> None:
    """Rows and counters of pictures that are locked, each of which changes."""
    more = [dict(user_id=user_id, image_id=image_id, created_at=when) for image_id, when in at.items() if when is not None]
    fewer = [image_id for image_id, when in at.items() if when is None]
    if more:
        Like.insert_many(more).execute()
        Image.update(likes=Image.likes + 1).where(Image.id.in_([row["image_id"] for row in more])).execute()
    if fewer:
        Like.delete().where((Like.user_id == user_id) & Like.image_id.in_(fewer)).execute()
        Image.update(likes=Image.likes - 1).where(Image.id.in_(fewer)).execute()
