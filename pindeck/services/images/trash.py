"""Out of sight, and out for good: the trash, restoring from it, and the one purge."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound, no_image
from pindeck.models import Image, StoredFile, User
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.services.blobs import blobs
from pindeck.services.images import aliases, announcing, generations, names, publishing, telling, word_store
from pindeck.states import Way

PUT = verb("image.trash", "Moved to the trash")
BACK = verb("image.restore", "Restored")
TRASH = "trash"  # the kind of step
SYSTEM = Actor(comes_by=Way.ITSELF)  # the sweep: nobody asked
THERE = "We have it already"  # the reason for what goes because another one stays


@dataclass(frozen=True)
class Trashed:
    """An image that went to the trash, and the action that took it there."""

    image: Image
    action_id: str | None


def trash(
    actor: Actor,
    image_id: str,
    *,
    unused: bool = False,
    instead_of: Image | None = None,
    also: Callable[[], None] | None = None,
    reason: str = "",
) -> Trashed:
    """Move an image to the trash: it leaves every list, its public copies go, its aliases are released.

    Likes, tags and lineage stay. Raises Conflict when it lies there already, `IN_USE` with `unused` when something
    refers to it, and `NO_OTHER` when the older image that is kept `instead_of` it is gone. `also` is done in the same
    transaction, before: it may raise to keep the image where it is.
    """
    image = access.image_for(actor, "image.trash", image_id)

    def check() -> None:
        if unused:
            _refuse_used(image.id)
        if instead_of:
            _hold(instead_of)
        if also:
            also()

    gone, action_id = _trash(actor, [image.id], check, reason=reason)
    if not gone:
        raise Conflict("It is in the trash already.")
    # Somebody may have deleted it for good since: then it is told of as it was.
    return Trashed(Image.get_or_none(Image.seq == image.seq) or image, action_id)


def trash_many(actor: Actor, images: list[Image], *, reason: str = "") -> tuple[list[str], str | None]:
    """The same for several, as one action: the ids that went, and its id. Those are passed over that the actor may
    not remove, and those that are gone already. The `reason` is noted with each."""
    return _trash(actor, [image.id for image in images if access.can(actor, "image.trash", image)], reason=reason)


def _hold(image: Image) -> None:
    """Inside a transaction: this one stays until it ends."""
    there = Image.select().where((Image.seq == image.seq) & Image.deleted_at.is_null())
    if db.locked(there, "FOR SHARE").get_or_none() is None:
        raise no_other()


def no_other() -> Conflict:
    return Conflict("The other picture is gone, so this one stays.", code="NO_OTHER")


def _trash(
    actor: Actor, wanted: list[str], check: Callable[[], None] | None = None, *, reason: str = ""
) -> tuple[list[str], str | None]:
    gone: dict[str, None] = {}
    tokens: dict[str, None] = {}

    def work(ids: list[str], _: str) -> tuple[list[Step], int]:
        if check:
            check()
        steps, taken = put_in(actor, ids, reason=reason)
        gone.update(dict.fromkeys(step.image_id for step in steps))
        tokens.update(dict.fromkeys(taken))
        return steps, len(steps)

    action_id = log.in_parts(actor, PUT, wanted, work, **({"reason": reason} if reason else {}))
    publishing.remove_all_now(tokens)
    return list(gone), action_id


def put_in(actor: Actor, ids: list[str], *, reason: str = "") -> tuple[list[Step], list[str]]:
    """Inside a transaction: those of the images that are not there yet. Their steps, and public tokens to take away."""
    live = Image.id.in_(ids) & Image.deleted_at.is_null()
    images = list(db.locked(Image.select().where(live).order_by(Image.seq)))
    if not images:
        return [], []
    # Read after the rows are locked: a name that came in between is released and remembered like any other.
    held, now = names.held_by([image.id for image in images]), db.now_ms()
    announcing.tell_rejected(images, actor)
    telling.discarded(images, actor)
    steps = [Step(TRASH, image.id, state_of(image, held), {"at": now, "names": []}) for image in images]
    names.release([image.id for image in images])
    columns = {
        image.id: {
            "deleted_at": now,
            "deleted_by": actor.user_id,
            "last_alias": names.project_name(held[image.id]),
        }
        for image in images
    }
    word_store.write_columns(images, columns)
    activity.note_many(actor, "image.trash", [image.id for image in images], **({"reason": reason} if reason else {}))
    return steps, publishing.withdraw_many(images)


def state_of(image: Image, held: dict[str, list[names.Row]]) -> dict[str, Any]:
    """Where an image lies, as a step keeps it."""
    return {"at": image.deleted_at, "by": image.deleted_by, "last": image.last_alias, "names": held[image.id]}


@dataclass(frozen=True)
class Restored:
    """An image that is back, and the action that did it. At most one of the two names the alias it had, with its @."""

    image: Image
    action_id: str | None
    restored_alias: str | None = None
    lost_alias: str | None = None


def restore(actor: Actor, image_id: str) -> Image:
    """Take an image out of the trash to where it was. Raises Conflict `NOT_DELETED` when it does not lie there."""
    return bring_back(actor, image_id).image


def bring_back(actor: Actor, image_id: str) -> Restored:
    """The same, and what became of its alias: it has that again unless somebody else holds it now."""
    image = access.image_for(actor, "image.restore", image_id, trashed=True)
    steps, action_id = restore_many(actor, [image.id])
    if action_id is None:
        raise Conflict("It is not in the trash.", code="NOT_DELETED")
    had, held = aliases.shown(steps[0].before["last"]), steps[0].after["names"]
    # Somebody may have deleted it for good since: then it is told of as it was.
    found = Image.get_or_none(Image.seq == image.seq) or image
    return Restored(found, action_id, restored_alias=had if held else None, lost_alias=None if held else had)


def restore_many(actor: Actor, ids: list[str]) -> tuple[list[Step], str | None]:
    """Take those of the images out of the trash that lie there, as one action: a step for each, and its id.

    The caller has asked whether the actor may.
    """
    done: dict[str, Step] = {}

    def work(part: list[str], _: str) -> tuple[list[Step], int]:
        steps = take_out(actor, part)
        done.update({step.image_id: step for step in steps})
        return steps, len(steps)

    action_id = log.in_parts(actor, BACK, ids, work)
    return list(done.values()), action_id


def take_out(actor: Actor, ids: list[str]) -> list[Step]:
    """Inside a transaction: those of the images that lie in the trash, in a constant number of statements."""
    gone = Image.id.in_(ids) & Image.deleted_at.is_null(False)
    named = Image.select(Image.project).where(gone & Image.last_alias.is_null(False)).distinct()
    names.lock_projects({image.project_id for image in named})
    images = list(db.locked(Image.select().where(gone).order_by(Image.seq)))
    if not images:
        return []
    there = [image.id for image in images]
    before = {image.id: state_of(image, {image.id: []}) for image in images}
    aliases.give_back(actor, images)
    word_store.write_columns(images, {i: {"deleted_at": None, "deleted_by": None, "last_alias": None} for i in there})
    publishing.request_many(images)
    activity.note_many(actor, "image.restore", there)
    held = names.held_by(there)
    return [Step(TRASH, i, before[i], {"at": None, "names": held[i]}) for i in there]


def purge(actor: Actor, image_id: str, *, unused: bool = False) -> None:
    """Delete an image for good, with all that hangs on it. Raises NotFound or Forbidden.

    With `unused` it stays, and Conflict `IN_USE` is raised, when something refers to it.
    """
    image = access.image_for(actor, "image.purge", image_id, trashed=True)
    publishing.remove_now(_purge(image, actor, unused=unused))


def _purge(image: Image, actor: Actor, *, trashed_before: int | None = None, unused: bool = False) -> str | None:
    """One transaction: rows first, bytes later through jobs. Returns the public token to take away."""

    def work() -> str | None:
        fresh = db.locked(Image.select().where(Image.seq == image.seq)).get_or_none()
        young = trashed_before is not None and (
            fresh is None or (fresh.deleted_at or trashed_before) >= trashed_before
        )
        if fresh is None or young:  # somebody deleted or restored it in between
            raise no_image()
        if unused:
            _refuse_used(fresh.id)
        return remove_rows(actor, fresh)

    return db.retried(work)  # an upload of the same bytes may hold what this needs, and the other way round


def remove_rows(actor: Actor, image: Image) -> str | None:
    """Inside a transaction that locked the image: everything of it. Returns the public token to take away.

    Generations that made it stay without an output; those that used it lose it from their inputs.
    """
    announcing.tell_rejected([image], actor)
    telling.discarded([image], actor)
    token = publishing.withdraw(image)
    file = StoredFile.get_or_none(StoredFile.id == image.file_id)
    Image.update(parent_id=None).where(Image.parent_id == image.id).execute()
    generations.forget(image.id)
    log.forget(image.id)
    Image.delete().where(Image.seq == image.seq).execute()
    if file:
        StoredFile.delete().where(StoredFile.id == file.id).execute()
        blobs.release(file.blob_id)
    activity.note(actor, "image.purge", image.id, title=image.title)
    return token


def _refuse_used(image_id: str) -> None:
    """Boards and decks join here when they come."""
    if generations.users_of(image_id):
        raise Conflict("Something uses this image.", code="IN_USE")


def empty(actor: Actor) -> int:
    """Delete all of the actor's own trash for good; how many images that were."""
    access.require(actor, "upload")
    mine = Image.select().where(Image.deleted_at.is_null(False) & (Image.user_id == actor.user_id))
    return purge_all(list(mine), actor, trashed_before=db.now_ms() + 1)


def purge_all(images: list[Image], actor: Actor, *, trashed_before: int) -> int:
    """Purge what still lies in the trash since before a moment; what was restored meanwhile stays."""
    count = 0
    for image in images:
        try:
            publishing.remove_now(_purge(image, actor, trashed_before=trashed_before))
        except NotFound:
            continue
        count += 1
    return count


def sweep(*, days: int) -> int:
    """Delete for good what has lain in the trash for longer than `days`; how many."""
    edge = db.now_ms() - days * db.DAY_MS
    due = list(Image.select().where(Image.deleted_at < edge).limit(500))
    return purge_all(due, SYSTEM, trashed_before=edge)


def names_of(user_ids: set[str]) -> dict[str, str]:
    """Display names by user id."""
    return {user.id: user.display_name for user in User.select().where(User.id.in_(list(user_ids)))}
