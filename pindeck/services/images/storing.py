"""Bringing in and storing a picture once more, after that failed."""

from pindeck import access, db, queue
from pindeck.access import Actor
from pindeck.errors import Conflict
from pindeck.models import Image
from pindeck.services.clients import askers
from pindeck.states import AiStatus, ImageStatus, PersistStatus


def retry(actor: Actor, image_id: str) -> Image:
    """Store, size and colour an image again after a failure. Raises Conflict when there was none."""
    image = access.image_for(actor, "image.retry", image_id)
    with db.writing():
        if not store_again(image, by=actor):
            raise Conflict("There is nothing to try again: the picture is being stored or is stored already.")
    return Image.get_by_id(image.seq)


def store_again(image: Image, *, by: Actor) -> bool:
    """Inside a transaction: ask once more for what failed. False when it did not, or nothing is there to be stored."""
    if not await_bytes(image):
        return False
    ask_to_store(image, by=by)
    return True


def await_bytes(image: Image) -> bool:
    """Inside a transaction: what could not be stored is on its way again. False when it was stored, or is on its way."""
    # Why it failed stays to be read until the next try has an end of its own.
    expected = Image.change(persist_status=PersistStatus.PENDING).where(
        (Image.seq == image.seq)
        & (Image.persist_status == PersistStatus.FAILED)
        & (Image.file.is_null(False) | (Image.external_url != ""))  # else there is nothing to store
    )
    return bool(expected.execute())


def ask_to_store(image: Image, *, by: Actor) -> bool:
    """Inside a transaction: bring in the bytes of an image that has none yet, or make safe those it has.

    False when that work waits already. The bytes are fetched only if `by` may still upload then. Describing, which had been given up with the bytes, is due again.
    """
    await_words(image)
    spec = queue.FETCH_IMAGE if image.file_id is None else queue.PERSIST
    key = f"{spec.kind}:{image.id}"
    job_id = queue.enqueue(
        spec, image_id=image.id, user_id=by.user_id, client_id=by.client_id, dedupe_key=key, payload=askers.told(by)
    )
    return job_id is not None


def await_words(image: Image) -> None:
    """Describing that was given up with the bytes is due again once they are there."""
    waits = image.status == ImageStatus.PENDING  # for a person to approve it
    db.sql(
        "UPDATE image SET ai_status = :due, ai_started_at = :at, ai_error = NULL WHERE seq = :seq AND ai_status = :given_up",
        due=AiStatus.QUEUED if waits else AiStatus.PROCESSING,
        at=None if waits else db.now_ms(),
        seq=image.seq,
        given_up=AiStatus.FAILED,
    )
