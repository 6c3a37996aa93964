"""Bytes on their way out: which object answers an address, and how long that answer may be kept.

Decision 52: what a visitor may see is public and may be cached; everything else is private.
"""

from dataclasses import dataclass

from pindeck import access
from pindeck.access import VISITOR, Actor
from pindeck.errors import Invalid, NotFound
from pindeck.models import Blob, Derivative, StoredFile
from pindeck.services import publishing
from pindeck.states import BlobState

SIZES = ("preview", "small", "medium", "large")


@dataclass(frozen=True)
class Delivery:
    """An object to send. `sha256` makes the strong ETag."""

    key: str
    sha256: str
    size: int
    mime: str
    filename: str
    cache: str
    is_public: bool


def picture(actor: Actor, image_id: str, size: str | None) -> Delivery:
    """An original (no size) or a rendition. Raises NotFound for what the actor may not see or is not made yet."""
    if size not in (None, "", "full", *SIZES):
        message = f"There is no size “{size[:20]}”. Use one of: full, {', '.join(SIZES)}."  # type: ignore[index]
        raise Invalid(message, fields={"size": message}, code="UNKNOWN_SIZE")
    image = access.image_for(actor, "image.view", image_id, trashed=True)
    blob = publishing.location(image)
    open_to_all = not image.is_trashed and access.can(VISITOR, "image.view", image)
    if size and size != "full":
        found = Derivative.get_or_none((Derivative.blob == blob.id) & (Derivative.preset == size))
        if found is None:
            raise NotFound("This size is not ready yet.")
        cache = "public, max-age=86400" if open_to_all else "private, no-cache"
        stem = image.original_filename.rpartition(".")[0] or image.original_filename or "image"
        return Delivery(
            found.object_key, found.sha256, found.bytes, found.mime, f"{stem}-{size}.webp", cache, open_to_all
        )
    cache = "public, max-age=86400, immutable" if open_to_all else "private, no-cache"
    return Delivery(
        blob.object_key,
        blob.sha256,
        blob.size,
        image.mime or "application/octet-stream",
        image.original_filename or "image",
        cache,
        open_to_all,
    )


def stored_file(file_key: str) -> Delivery:
    """The file behind a `/storage` address: whoever has the address may read it."""
    row = (
        StoredFile.select(StoredFile, Blob)
        .join(Blob)
        .where((StoredFile.file_key == file_key) & (Blob.state == BlobState.LIVE))
        .get_or_none()
    )
    if row is None:
        raise NotFound("There is no such file.")
    return Delivery(
        row.blob.object_key,
        row.blob.sha256,
        row.blob.size,
        row.declared_type or "application/octet-stream",
        row.filename or "file",
        "private, max-age=31536000, immutable",
        False,
    )
