"""Pictures recorded by their address, brought into our store by a job.

Until that is done, and if it cannot be done, the address stays in use. Every step may be the last one of a worker
that dies: what is left then is a staging object that no row names, which the sweep removes.
"""

from pindeck import config, db, fetching, queue
from pindeck.access import Actor
from pindeck.errors import Invalid
from pindeck.models import Image
from pindeck.services.blobs import blobs, healing, staging
from pindeck.services.files import records
from pindeck.services.ingest import uploads
from pindeck.services.ingest.sources import pages
from pindeck.services.ingest.uploads import Staged
from pindeck.states import PersistStatus

NO_PICTURE = "This address leads to a page that names no picture. Give the address of the picture itself."


def is_wanted(image_id: str) -> bool:
    """Whether the bytes of this image are still to be fetched."""
    wanted = (Image.id == image_id) & Image.file.is_null() & (Image.external_url != "")
    return Image.select().where(wanted).exists()


def bring(image_id: str) -> None:
    """Download one picture, look whether it is one, and let it go the way of every upload.

    Where its address leads to a page, the picture that the page names is the one. An image that is gone, or has its bytes,
    is no error. Raises what `fetching.fetch` and `uploads.stage` raise, and Invalid for a page without a picture.
    """
    image = Image.get_or_none(Image.id == image_id)
    if image is None or image.file_id is not None or not image.external_url:
        return
    most = min(config.current().max_upload_bytes, config.current().fetch_max_bytes)
    with fetching.fetch(image.external_url, max_bytes=most) as fetched:
        named = pages.read(fetched, pages.HEAD_BYTES).own() if pages.is_page(fetched) else None
        if pages.is_page(fetched) and named is None:
            raise Invalid(NO_PICTURE)
        staged = None if named else uploads.stage(fetched.chunks, max_bytes=most)
    if staged is None:
        with fetching.fetch(str(named), max_bytes=most) as fetched:
            staged = uploads.stage(fetched.chunks, max_bytes=most)
    # Dropped only when it is known that nobody names it: a job that runs out of time may do so right after the commit.
    if not healing.retried(staged.key, lambda: _attach(image, staged)):
        staging.drop(staged.key)


def _attach(image: Image, staged: Staged) -> bool:
    """Inside a transaction; False when the staged object is not needed: equal bytes are there, or the image is not."""
    fresh = db.locked(Image.select().where((Image.seq == image.seq) & Image.file.is_null())).get_or_none()
    if fresh is None:
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
