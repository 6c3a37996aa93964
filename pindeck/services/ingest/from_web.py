"""Pictures recorded by their address, brought into our store by a job.

Until that is done, and if it cannot be done, the address stays in use. Every step may be the last one of a worker
that dies: what is left then is a staging object that no row names, which the sweep removes.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from pindeck import config, db, fetching, queue, storage
from pindeck.access import Actor
from pindeck.errors import Invalid, NotFound
from pindeck.models import Image
from pindeck.services.blobs import blobs, healing, staging
from pindeck.services.files import records
from pindeck.services.ingest import uploads
from pindeck.services.ingest.sources import pages
from pindeck.services.ingest.sources.pages import Head
from pindeck.services.ingest.uploads import Staged
from pindeck.states import PersistStatus
from pindeck.storage import keys
from pindeck.storage.base import CHUNK, Written

NO_PICTURE = "This address leads to a page that names no picture. Give the address of the picture itself."


def is_wanted(image_id: str) -> bool:
    """Whether the bytes of this image are still to be fetched."""
    wanted = (Image.id == image_id) & Image.file.is_null() & (Image.external_url != "")
    return Image.select().where(wanted).exists()


@dataclass(frozen=True)
class Received:
    """What an address gave: the bytes that lie staged under `key`, or the beginning of a page. Nobody has looked at it yet."""

    key: str
    written: Written | None = None
    page: Head | None = None


def receive(image_id: str, job_id: str, attempt: int) -> Received | None:
    """Download for one attempt of a job, without looking at what comes. What an earlier attempt had received whole is not
    asked for again. None for an image that is gone or has its bytes. Raises what `fetching.fetch` and `uploads.put` raise.
    """
    image = Image.get_or_none(Image.id == image_id)
    if image is None or image.file_id is not None or not image.external_url:
        return None
    key = keys.fetched_key(job_id, attempt)
    for before in range(attempt - 1, 0, -1):
        # A copy, because an attempt that has lost its lease may not know it yet, and drop or name its own.
        with suppress(NotFound), storage.current().open(keys.fetched_key(job_id, before)) as earlier:
            return Received(key, uploads.put(key, iter(partial(earlier.read, CHUNK), b""), max_bytes=_most()))
    return _download(image.external_url, key)


def keep(image_id: str, received: Received) -> None:
    """Look whether it is a picture, and let it go the way of every upload.

    Where the address led to a page, the picture that the page names is the one. An image that is gone, or has its bytes
    by now, is no error. Raises what `receive` and `uploads.look` raise, and Invalid for a page without a picture.
    """
    written = received.written
    if received.page is not None:
        named = pages.read_head(received.page).own()
        written = _download(named, received.key).written if named else None
    if written is None:
        raise Invalid(NO_PICTURE)
    staged = uploads.look(received.key, written)
    # Dropped only when it is known that nobody names it: a job that runs out of time may do so right after the commit.
    if not healing.retried(staged.key, lambda: _attach(image_id, staged)):
        staging.drop(staged.key)


def _download(url: str, key: str) -> Received:
    with fetching.fetch(url, max_bytes=_most()) as fetched:
        if pages.is_page(fetched):
            return Received(key, page=pages.head(fetched, pages.HEAD_BYTES))
        return Received(key, uploads.put(key, fetched.chunks, max_bytes=_most()))


def _most() -> int:
    return min(config.current().max_upload_bytes, config.current().fetch_max_bytes)


def _attach(image_id: str, staged: Staged) -> bool:
    """Inside a transaction; False when the staged object is not needed: equal bytes are there, or the image is not."""
    image = db.locked(Image.select().where((Image.id == image_id) & Image.file.is_null())).get_or_none()
    if image is None:
        return False
    blob, is_new = blobs.claim(staged.written.sha256, staged.written.size, staged.key, config.current().minio_bucket)
    owner = Actor(user_id=image.user_id, client_id=image.client_id)
    file = records.add_file(owner, image.user_id, blob, image.original_filename, staged.mime)
    Image.change(
        file=file.id,
        mime=staged.mime,
        size=staged.written.size,
        width=staged.width,
        height=staged.height,
        persist_status=PersistStatus.PENDING,
        persist_error=None,
    ).where(Image.seq == image.seq).execute()
    queue.enqueue(queue.PERSIST, image_id=image.id, user_id=image.user_id, dedupe_key=f"persist:{image.id}")
    return is_new
