"""Crops as they are drawn and kept: found by what they show, and the longest unused go first.

What a crop shows is spelt in its `variant`, with the focal point in it. So a kept crop never changes, and a focal
point that moves leads to another one.
"""

import hashlib
from io import BytesIO

from peewee import fn

from pindeck import access, config, db, queue, storage
from pindeck.access import Actor
from pindeck.errors import NotFound, Upstream, no_image
from pindeck.imaging import confined
from pindeck.imaging.extensions import extension_of
from pindeck.imaging.framing import CENTRE, Frame, frame
from pindeck.imaging.results import Drawn
from pindeck.models import Blob, Crop, Image
from pindeck.services.blobs import blobs, room
from pindeck.services.derivatives import build, crop_urls, delivery, on_demand, single_flight
from pindeck.services.derivatives.crop_urls import CropSpec
from pindeck.services.derivatives.delivery import Delivery
from pindeck.states import BlobState
from pindeck.storage import keys

# Raise it when the same spec would give other bytes.
VERSION = 1
TOUCH_MS = db.HOUR_MS
GRACE_S = 60  # somebody may be reading what falls out
EVICTED_AT_ONCE = 200
# A short time without asking, then with: a focal point is moved to be seen.
KEPT = "public, max-age=300, stale-while-revalidate=86400"


def crop(actor: Actor, ref: str, spec: CropSpec, *, project: str | None = None, takes_webp: bool = False) -> Delivery:
    """A crop at its public address. `takes_webp` says whether the caller names that type as welcome.

    Raises NotFound for what the actor may not see, Invalid for a crop of too many pixels, Unavailable.
    """
    image = delivery.find(actor, ref, project=project)
    blob = blobs.original_of(image)
    form = spec.format if spec.format != "auto" else "webp" if takes_webp else "jpeg"
    focal = _focal(image)
    wanted = frame((image.width or 1, image.height or 1), spec.fit, spec.box, focal)
    crop_urls.check_pixels(*wanted.canvas)
    variant = _variant(spec, focal, form)
    found, data = _find(blob.id, variant), None
    if found is None:
        found, data = single_flight.once(
            f"crop {variant} of {blob.id}",
            lambda: _kept(blob.id, variant),
            lambda: _make(blob.id, variant, wanted, form),
        )
        access.find_image(actor, image.id, trashed=image.is_trashed)  # it may have been deleted meanwhile
    return Delivery(
        found.object_key,
        found.sha256,
        found.bytes,
        found.mime,
        f"{delivery.stem_of(image)}-{found.width}x{found.height}.{extension_of(found.mime)}",
        delivery.cache_of(image, "public, no-cache" if ref.startswith("@") else KEPT),
        delivery.is_open(image),
        vary=("Accept",) if spec.format == "auto" else (),
        image_id=image.id,
        data=data,
    )


def _focal(image: Image) -> tuple[float, float]:
    if image.focal_x is None or image.focal_y is None:
        return CENTRE
    return round(image.focal_x, 4), round(image.focal_y, 4)


def _variant(spec: CropSpec, focal: tuple[float, float], form: str) -> str:
    """Equal for all specs that lead to the same picture, such as 300 pixels at a ratio of 2 and 600 at 1."""
    width, height = spec.box
    fit = spec.fit if width and height else "inside"
    seen = f" {focal[0]:.4f},{focal[1]:.4f}" if fit == "cover" else ""
    return f"{fit} {width or ''}x{height or ''}{seen} {form} v{VERSION}"


def _find(blob_id: str, variant: str) -> Crop | None:
    """A kept crop, noted as used; at most once an hour, because most requests should write nothing."""
    found = Crop.get_or_none((Crop.blob == blob_id) & (Crop.variant == variant))
    now = db.now_ms()
    if found is not None and found.used_at < now - TOUCH_MS:
        with db.writing():
            Crop.update(used_at=now).where(Crop.id == found.id).execute()
    return found


def _kept(blob_id: str, variant: str) -> tuple[Crop, bytes | None] | None:
    found = _find(blob_id, variant)
    return None if found is None else (found, None)


def _make(blob_id: str, variant: str, wanted: Frame, form: str) -> tuple[Crop, bytes | None]:
    """The crop, and its bytes where they are not kept."""
    blob = Blob.get_or_none((Blob.id == blob_id) & (Blob.state == BlobState.LIVE))
    if blob is None:
        raise no_image()
    drawn = _draw(blob, wanted, form)
    now = db.now_ms()
    made = Crop(
        id=db.new_id(),
        blob=blob.id,
        variant=variant,
        object_key=keys.crop_key(),
        sha256=hashlib.sha256(drawn.data).hexdigest(),
        mime=drawn.mime,
        width=drawn.width,
        height=drawn.height,
        bytes=len(drawn.data),
        created_at=now,
        used_at=now,
    )
    if made.bytes > config.current().crop_cache_bytes or room.is_short():
        return made, drawn.data
    storage.current().put(made.object_key, BytesIO(drawn.data), content_type=made.mime, expect_sha256=made.sha256)
    try:
        kept = db.retried(lambda: _keep(made))
    except BaseException:
        storage.current().delete(made.object_key)
        raise
    if not kept:
        storage.current().delete(made.object_key)
        raise no_image()
    return made, None


def _draw(blob: Blob, wanted: Frame, form: str) -> Drawn:
    """Raises BadImage, or Upstream when the store is away or has lost the bytes."""
    if blob.damaged_at is not None:
        raise on_demand.damaged(blob)
    settings = config.current()
    try:
        with build.open_seekable(blob.object_key) as file:
            return confined.draw(
                file,
                wanted,
                form,
                max_megapixels=settings.max_image_megapixels,
                webp_method=min(settings.webp_method, on_demand.MOST_EFFORT),
                wait_s=single_flight.WAIT_S,
            )
    except NotFound as error:
        raise Upstream("The bytes of this picture cannot be found in the store.") from error


def _keep(made: Crop) -> bool:
    """False when the blob went meanwhile. What is too much afterwards falls out."""
    alive = (Blob.id == made.blob_id) & (Blob.state == BlobState.LIVE)
    if db.locked(Blob.select().where(alive)).get_or_none() is None:
        return False
    made.save(force_insert=True)
    _evict()
    return True


def evict() -> int:
    """Forget the longest unused crops until the others fit; how many."""
    with db.writing():
        return _evict()


def _evict() -> int:
    """Inside a transaction. Objects go by a job a little later, and none is pushed: the queue may be away."""
    over = (Crop.select(fn.SUM(Crop.bytes)).scalar() or 0) - config.current().crop_cache_bytes
    if over <= 0:
        return 0
    count = 0
    oldest = Crop.select(Crop.id, Crop.object_key, Crop.bytes).order_by(Crop.used_at, Crop.id)
    for old in list(oldest.limit(EVICTED_AT_ONCE)):
        if Crop.delete().where(Crop.id == old.id).execute():
            queue.enqueue(queue.DELETE_OBJECTS, payload={"object": old.object_key}, delay_s=GRACE_S)
            count += 1
        over -= old.bytes
        if over <= 0:
            break
    return count
