"""The picture that is sent to a provider."""

from pindeck import storage
from pindeck.models import Image
from pindeck.services.blobs import blobs
from pindeck.varying.base import Refused

CANDIDATES = ("large", "preview", "medium", "small")


def read(image: Image) -> tuple[bytes, str]:
    """Its largest rendition: the bytes and their type. Raises Refused where it has none, Upstream when the store is away."""
    if image.file_id is not None:
        sizes = blobs.derivatives_of(blobs.original_of(image).id)
        found = next((sizes[name] for name in CANDIDATES if name in sizes), None)
        if found is not None:
            with storage.current().open(found.object_key) as chunks:
                return b"".join(iter(lambda: chunks.read(256 * 1024), b"")), found.mime
    raise Refused("The picture has no stored sizes. Repair it first, then order again.")
