"""Into the library and out of it again: status, and the public copies that follow it.

Public is a place: copies lie under an address of 128 random bits, new at every publish. They are made by a
job, and taken away before the answer when an image leaves, with a job behind it in case that fails.
"""

import logging
from contextlib import suppress

from pindeck import access, db, queue, storage
from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, NotFound, PindeckError, no_image
from pindeck.models import Blob, Image, StoredFile
from pindeck.services import activity, addresses, blobs
from pindeck.states import ImageStatus, PersistStatus, sources
from pindeck.storage import keys

log = logging.getLogger("pindeck.publishing")


def publish(actor: Actor, image_id: str) -> Image:
    """A draft becomes part of the library. Raises Conflict when it is not the actor's draft any more."""
    image = access.image_for(actor, "image.publish", image_id)
    if image.persist_status == PersistStatus.FAILED:
        raise Conflict("It could not be stored yet. Try to store it again first, then publish it.")
    if not _activate(actor, image):
        raise Conflict(f"“{image.title}” is {image.status} already.")
    return Image.get_by_id(image.seq)


def publish_many(actor: Actor, image_ids: list[str] | None = None) -> list[str]:
    """Publish own drafts, all of them or those named; others are left alone."""
    drafts = Image.select().where(access.drafts_of(actor).expression())
    if image_ids is not None:
        drafts = drafts.where(Image.id.in_(image_ids))
    # Read to the end first: a transaction that begins while a query is open writes on an old snapshot.
    found = list(drafts.order_by(Image.seq))
    return [image.id for image in found if _activate(actor, image)]


def _activate(actor: Actor, image: Image) -> bool:
    with db.writing():
        move = Image.change(status=ImageStatus.ACTIVE).where(
            (Image.seq == image.seq)
            & Image.status.in_([s for s in sources(ImageStatus.ACTIVE) if s != ImageStatus.BROKEN])
            & Image.deleted_at.is_null()
            & (Image.persist_status != PersistStatus.FAILED)
        )
        if not move.execute():
            return False
        activity.note(actor, "image.publish", image.id)
        request(image.id)
    return True


def request(image_id: str) -> None:
    """Inside a transaction: ask for public copies if the image is visible and its renditions exist.

    The token is chosen here, so that the job writes the same addresses however often it runs.
    """
    image = Image.get(Image.id == image_id)
    ready = image.persist_status == PersistStatus.SUCCEEDED
    if ready and image.public_token is None and addresses.is_published(image):
        queue.enqueue(
            queue.PUBLISH,
            image_id=image.id,
            payload={"token": db.new_token()},
            dedupe_key=f"publish:{image.id}",
        )


def copy_out(image_id: str, token: str) -> None:
    """What the job does: copy the renditions, then let pages name them, if the image is still visible."""
    image = Image.get_or_none(Image.id == image_id)
    if image is None or not addresses.is_published(image):
        remove(token)
        return
    if image.public_token is not None:
        if image.public_token != token:
            remove(token)
        return
    file = StoredFile.get_by_id(image.file_id)
    for preset, derivative in blobs.derivatives_of(file.blob_id).items():
        if preset in keys.PUBLIC_PRESETS:
            storage.current().publish(
                derivative.object_key, keys.public_key(token, preset), content_type=derivative.mime
            )
    with db.writing():
        image = db.locked(Image.select().where(Image.id == image_id)).get_or_none()
        kept = (
            image is not None
            and addresses.is_published(image)
            and Image.update(public_token=token)
            .where((Image.id == image_id) & Image.public_token.is_null())
            .execute()
        )
    if not kept:
        remove(token)


def withdraw(image: Image) -> str | None:
    """Inside the transaction that hides an image: forget its address and see to it that the copies go."""
    token = image.public_token
    if token is None:
        return None
    Image.update(public_token=None).where(Image.seq == image.seq).execute()
    queue.enqueue(queue.UNPUBLISH, payload={"token": token})
    return token


def remove(token: str) -> None:
    """Delete the public copies of a token. Raises Upstream when the store is away."""
    for key in keys.public_keys(token):
        storage.current().unpublish(key)


def remove_now(token: str | None) -> None:
    """After the commit and before the answer; what fails here is done by the job."""
    if token:
        with suppress(PindeckError):
            remove(token)


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


def show_to(actor: Actor, image: Image, visibility: str) -> str | None:
    """Inside a transaction: change who sees an image. Returns the public token to take away after the commit."""
    fresh = db.locked(Image.select().where(Image.seq == image.seq)).get_or_none()
    if fresh is None:
        raise no_image()
    before, fresh.visibility = fresh.visibility, visibility
    Image.change(visibility=visibility).where(Image.seq == image.seq).execute()
    token = None if addresses.is_published(fresh) else withdraw(fresh)
    request(image.id)
    activity.note(actor, "image.visibility", image.id, before=before, to=visibility)
    return token


def location(image: Image) -> Blob:
    """The blob of an image's original. Raises NotFound when there is none of ours."""
    if image.file_id is None:
        raise NotFound("This picture is not stored here.")
    return Blob.select(Blob).join(StoredFile).where(StoredFile.id == image.file_id).get()
