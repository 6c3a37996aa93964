"""Out of sight, and out for good: the trash, restoring from it, and the one purge (unification §7)."""

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound
from pindeck.models import Activity, Alias, Image, StoredFile, User
from pindeck.services import blobs, publishing

DAY_MS = 86_400_000


def trash(actor: Actor, image_id: str) -> Image:
    """Move an image to the trash: it leaves every list, its public copies go, its aliases are released.

    Likes, tags and lineage stay (decision 44). Raises Conflict when it lies there already.
    """
    image = access.image_for(actor, "image.trash", image_id)
    with db.writing():
        now = db.now_ms()
        alias = (
            Alias.select(Alias.name).where((Alias.image_id == image.id) & Alias.project_id.is_null(False)).scalar()
        )
        gone = Image.update(
            deleted_at=now,
            deleted_by=actor.user_id,
            updated_at=now,
            version=Image.version + 1,
            last_alias=alias,
        ).where((Image.seq == image.seq) & Image.deleted_at.is_null())
        if not gone.execute():
            raise Conflict("It is in the trash already.")
        Alias.delete().where(Alias.image_id == image.id).execute()
        image = Image.get_by_id(image.seq)
        token = publishing.withdraw(image)
        Activity.create(at=now, user_id=actor.user_id, verb="image.trash", image_id=image.id)
    publishing.remove_now(token)
    return image


def restore(actor: Actor, image_id: str) -> Image:
    """Take an image out of the trash to where it was. Raises Conflict when it does not lie there."""
    image = access.image_for(actor, "image.trash", image_id, trashed=True)
    with db.writing():
        back = Image.update(
            deleted_at=None, deleted_by=None, updated_at=db.now_ms(), version=Image.version + 1
        ).where((Image.seq == image.seq) & Image.deleted_at.is_null(False))
        if not back.execute():
            raise Conflict("It is not in the trash.")
        publishing.request(image.id)
        Activity.create(at=db.now_ms(), user_id=actor.user_id, verb="image.restore", image_id=image.id)
    return Image.get_by_id(image.seq)


def purge(actor: Actor, image_id: str) -> None:
    """Delete an image for good, with all that hangs on it. Raises NotFound or Forbidden."""
    image = access.image_for(actor, "image.purge", image_id, trashed=True)
    publishing.remove_now(_purge(image, actor.user_id))


def _purge(image: Image, user_id: str | None, *, trashed_before: int | None = None) -> str | None:
    """One transaction: rows first, bytes later through jobs. Returns the public token to take away."""
    with db.writing():
        fresh = db.locked(Image.select().where(Image.seq == image.seq)).get_or_none()
        young = trashed_before is not None and (
            fresh is None or (fresh.deleted_at or trashed_before) >= trashed_before
        )
        if fresh is None or young:  # somebody deleted or restored it in between
            raise NotFound("There is no such image.")
        token = publishing.withdraw(fresh)
        file = StoredFile.get_or_none(StoredFile.id == fresh.file_id)
        Image.update(parent_id=None).where(Image.parent_id == fresh.id).execute()
        Image.delete().where(Image.seq == fresh.seq).execute()
        if file:
            StoredFile.delete().where(StoredFile.id == file.id).execute()
            blobs.release(file.blob_id)
        Activity.create(
            at=db.now_ms(),
            user_id=user_id,
            verb="image.purge",
            image_id=fresh.id,
            detail={"title": fresh.title},
        )
    return token


def list_trash(actor: Actor, *, after: str | None = None, limit: int = 50) -> tuple[list[Image], str | None]:
    """Trashed images, the last deleted first, and the id to go on from."""
    access.require(actor, "upload")
    rows = Image.select().where(access.trash_of(actor))
    if after:
        edge = Image.select(Image.deleted_at, Image.seq).where(Image.id == after).tuples().first()
        if edge:
            rows = rows.where((Image.deleted_at < edge[0]) | ((Image.deleted_at == edge[0]) & (Image.seq < edge[1])))
    found = list(rows.order_by(Image.deleted_at.desc(), Image.seq.desc()).limit(limit + 1))
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def count_trash(actor: Actor) -> int:
    return Image.select().where(access.trash_of(actor)).count() if actor.is_signed_in else 0


def empty(actor: Actor) -> int:
    """Delete all of the actor's own trash for good; how many images that were."""
    access.require(actor, "upload")
    mine = Image.select().where(Image.deleted_at.is_null(False) & (Image.user_id == actor.user_id))
    return _purge_all(list(mine), actor.user_id, trashed_before=db.now_ms() + 1)


def _purge_all(images: list[Image], user_id: str | None, *, trashed_before: int) -> int:
    """Purge what still lies in the trash since before a moment; what was restored meanwhile stays."""
    count = 0
    for image in images:
        try:
            publishing.remove_now(_purge(image, user_id, trashed_before=trashed_before))
        except NotFound:
            continue
        count += 1
    return count


def sweep(*, days: int) -> int:
    """Delete for good what has lain in the trash for longer than `days`; how many."""
    edge = db.now_ms() - days * DAY_MS
    due = list(Image.select().where(Image.deleted_at < edge).limit(500))
    return _purge_all(due, None, trashed_before=edge)


def names_of(user_ids: set[str]) -> dict[str, str]:
    """Display names by user id."""
    return {user.id: user.display_name for user in User.select().where(User.id.in_(list(user_ids)))}
