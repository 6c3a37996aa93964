"""The picture that is sent to a provider."""

from contextlib import suppress

from pindeck import storage
from pindeck.errors import NotFound
from pindeck.models import Image
from pindeck.services.blobs import blobs
from pindeck.varying.base import Refused

CANDIDATES = ("large", "preview", "medium", "small")


def read(image: Image) -> tuple[bytes, str]:
    """Its largest rendition: the bytes and their type. Raises Refused where none is there, Upstream when the store is away."""
    if image.file_id is not None:
        sizes = blobs.derivatives_of(blobs.original_of(image).id)
        for found in (sizes[name] for name in CANDIDATES if name in sizes):
            with suppress(NotFound), storage.current().open(found.object_key) as chunks:
                return b"".join(iter(lambda: chunks.read(256 * 1024), b"")), found.mime
    raise Refused("The picture has no stored sizes. Repair it first, then order again.")
