"""Into the library and out of it again: status, and the public copies that follow it.

Public is a place: copies lie under an address of 128 random bits, new at every publish. They are made by a
job, and taken away before the answer when an image leaves, with a job behind it in case that fails.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from pindeck import access, db, queue, storage
from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, PindeckError, no_image
from pindeck.models import Blob, Image, StoredFile
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.services.blobs import blobs
from pindeck.services.images import image_urls, telling, unique_ids, word_store
from pindeck.states import ImageStatus, PersistStatus, sources
from pindeck.storage import keys

PUBLISH = verb("image.publish", "Published")


@dataclass(frozen=True)
class Published:
    """An image that became part of the library, and the action that did it."""

    image: Image
    action_id: str | None


def publish(actor: Actor, image_id: str, *, only_stored: bool = False) -> Published:
    """A draft becomes part of the library. Raises Conflict when it is not the actor's draft any more.

    With `only_stored` a draft whose sizes are not made yet is refused as well: people would see an empty tile.
    """
    image = access.image_for(actor, "image.publish", image_id)
    if only_stored and image.persist_status == PersistStatus.PENDING:
        raise Conflict("It is still being stored. Publish it when that is done.")
    if image.persist_status == PersistStatus.FAILED:
        raise Conflict("It could not be stored yet. Try to store it again first, then publish it.")
    action_id = log.in_parts(actor, PUBLISH, [image.id], lambda ids, action: activate(actor, ids, action))
    if action_id is None:
        raise Conflict(f"“{image.title}” is {image.status} already.")
    # Somebody may have deleted it for good since: then it is told of as it was.
    return Published(Image.get_or_none(Image.seq == image.seq) or image, action_id)


def publish_many(
    actor: Actor, image_ids: list[str] | None = None, *, only_stored: bool = False
) -> tuple[list[str], str | None]:
    """Publish own drafts, all of them or those named; others are left alone.

    Their ids, and the action that did it if there were any. With `only_stored` those that are being stored stay.
    """
    drafts = Image.select(Image.id).where(access.drafts_of(actor).expression())
    if only_stored:
        drafts = drafts.where(Image.persist_status == PersistStatus.SUCCEEDED)
    if image_ids is not None:
        drafts = drafts.where(Image.id.in_(image_ids))
    published: dict[str, None] = {}

    def work(ids: list[str], action_id: str) -> tuple[list[Step], int]:
        steps, count = activate(actor, ids, action_id)
        published.update(dict.fromkeys(step.image_id for step in steps))
        return steps, count

    wanted = [image.id for image in drafts.order_by(Image.seq)]
    action_id = log.in_parts(actor, PUBLISH, wanted, work)
    return list(published), action_id


def activate(actor: Actor, ids: list[str], action_id: str) -> tuple[list[Step], int]:
    """Inside a transaction: those of the images that can still become part of the library do; a step for each."""
    can_be = Image.status.in_([s for s in sources(ImageStatus.ACTIVE) if s != ImageStatus.BROKEN])
    wanted = Image.id.in_(ids) & can_be & Image.deleted_at.is_null() & (Image.persist_status != PersistStatus.FAILED)
    images = list(db.locked(Image.select().where(wanted).order_by(Image.seq)))
    if not images:
        return [], 0
    steps = [Step("status", image.id, image.status, ImageStatus.ACTIVE) for image in images]
    word_store.write_columns(images, {image.id: {"status": ImageStatus.ACTIVE} for image in images})
    unique_ids.give(images, action_id)
    activity.note_many(actor, "image.publish", [image.id for image in images])
    telling.published(images, actor)
    request_many(images)
    return steps, len(images)


def request(image_id: str) -> None:
    """Inside a transaction: ask for public copies if the image is visible and its renditions exist."""
    request_many([Image.get(Image.id == image_id)])


def request_many(images: list[Image]) -> None:
    """The same for several images, as they are now.

    The token is chosen here, so that the job writes the same addresses however often it runs.
    """
    queue.enqueue_many(
        queue.PUBLISH,
        [
            {
                "image_id": image.id, "user_id": image.user_id, "payload": {"token": db.new_token()},
                "dedupe_key": f"publish:{image.id}",
            }
            for image in images
            if image.persist_status == PersistStatus.SUCCEEDED
            and image.public_token is None
            and image_urls.is_published(image)
        ],
    )


def follow(images: list[Image]) -> list[str]:
    """Inside a transaction that changed who sees images: public copies are asked for, or told to go.

    Returns the public tokens to take away after the commit.
    """
    request_many(images)
    return withdraw_many([image for image in images if not image_urls.is_published(image)])


def copy_out(image_id: str, token: str) -> None:
    """What the job does: copy the renditions, then let pages name them, if the image is still visible."""
    image = Image.get_or_none(Image.id == image_id)
    if image is None or not image_urls.is_published(image):
        remove(token)
        return
    if image.public_token is not None:
        if image.public_token != token:
            remove(token)
        return
    blob_id = StoredFile.get_by_id(image.file_id).blob_id
    copied: dict[str, str] = {}
    while True:
        for preset, made in blobs.derivatives_of(blob_id).items():
            if preset in keys.PUBLIC_PRESETS and copied.get(preset) != made.object_key:
                storage.current().publish(made.object_key, keys.public_key(token, preset), content_type=made.mime)
                copied[preset] = made.object_key
        kept = _show_at(token, image_id, blob_id, copied)
        if kept is not None:
            break
    if not kept:
        remove(token)


def _show_at(token: str, image_id: str, blob_id: str, copied: dict[str, str]) -> bool | None:
    """Whether the image has this address from now on. None when a size was made since the others were copied: its
    maker, who keeps the blob locked as well, did not know the address yet."""
    with db.writing():
        image = db.locked(Image.select().where(Image.id == image_id)).get_or_none()
        if image is None or not image_urls.is_published(image):
            return False
        if image.public_token is not None:
            return str(image.public_token) == token  # this very job, run twice
        db.lock_rows(Blob.select(Blob.id).where(Blob.id == blob_id))
        sizes = blobs.derivatives_of(blob_id)
        if any(preset in keys.PUBLIC_PRESETS and copied.get(preset) != sizes[preset].object_key for preset in sizes):
            return None
        Image.update(public_token=token).where(Image.seq == image.seq).execute()
        return True


def withdraw(image: Image) -> str | None:
    """Inside the transaction that hides an image: forget its address and see to it that the copies go."""
    return next(iter(withdraw_many([image])), None)


def withdraw_many(images: list[Image]) -> list[str]:
    """The same for several images; their public tokens."""
    tokens = {image.seq: str(image.public_token) for image in images if image.public_token}
    if tokens:
        Image.update(public_token=None).where(Image.seq.in_(list(tokens))).execute()
        queue.enqueue_many(queue.UNPUBLISH, [{"payload": {"token": token}} for token in tokens.values()])
    return list(tokens.values())


def remove(token: str) -> None:
    """Delete the public copies of a token. Raises Upstream when the store is away."""
    for key in keys.public_keys(token):
        storage.current().unpublish(key)


def remove_now(token: str | None) -> None:
    """After the commit and before the answer; what fails here is done by the job."""
    if token:
        with suppress(PindeckError):
            remove(token)


def remove_all_now(tokens: Iterable[str]) -> None:
    for token in tokens:
        remove_now(token)


def sweep(limit: int = 500) -> int:
    """Bring the public place in step with the setting PUBLIC_LIBRARY after it changed; how many images that were."""
    token = Image.public_token
    open_to_all = access.seen(VISITOR).expression()
    hidden = token.is_null(False) & ~open_to_all
    count = 0
    while stale := list(
        Image.select(Image.seq).where(hidden).limit(limit)
    ):  # all of it at once: it is meant to be hidden
        for row in stale:
            with db.writing():
                image = db.locked(Image.select().where((Image.seq == row.seq) & hidden)).get_or_none()
                withdrawn = withdraw(image) if image else None
            remove_now(withdrawn)
        count += len(stale)
    stored = Image.persist_status == PersistStatus.SUCCEEDED
    missing = list(Image.select(Image.id).where(token.is_null() & stored & open_to_all).limit(limit))
    for image in missing:
        with db.writing():
            request(image.id)
    return count + len(missing)


def show_to(actor: Actor, image: Image, visibility: str) -> tuple[list[Step], str | None]:
    """Inside a transaction: change who sees an image. The step if it did, and the public token to take away after
    the commit."""
    fresh = db.locked(Image.select().where(Image.seq == image.seq)).get_or_none()
    if fresh is None:
        raise no_image()
    before = fresh.visibility
    word_store.write_columns([fresh], {fresh.id: {"visibility": visibility}})
    token = next(iter(follow([fresh])), None)
    activity.note(actor, "image.visibility", image.id, before=before, to=visibility)
    if before != visibility and fresh.status == ImageStatus.ACTIVE and not fresh.is_trashed:
        telling.published([fresh], actor)
    return [Step("visibility", image.id, before, visibility)] if before != visibility else [], token
