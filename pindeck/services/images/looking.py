"""The picture as a model gets it: small, as a JPEG, and without anything that the file told besides."""

import shutil
import tempfile
import threading

from pindeck import config, storage
from pindeck.imaging import confined
from pindeck.imaging.framing import frame
from pindeck.models import Image
from pindeck.services.blobs import blobs
from pindeck.vision.base import LONGEST_SIDE

_drawing = threading.Lock()  # one picture at a time is in memory as pixels, however many calls are on their way


def picture_of(image: Image) -> bytes:
    """Made from the stored size `large`, which is ours, or from the original where there is none.

    Raises NotFound without a stored original, BadImage, or Upstream when the store is away.
    """
    blob = blobs.original_of(image)
    large = blobs.derivatives_of(blob.id).get("large")
    key, size = blob.object_key, (image.width or 1, image.height or 1)
    if large is not None:
        key, size = large.object_key, (large.width, large.height)
    settings = config.current()
    with tempfile.TemporaryFile() as copy:
        with storage.current().open(key) as stored:
            shutil.copyfileobj(stored, copy, 256 * 1024)
        copy.seek(0)
        whole = frame(size, "inside", (LONGEST_SIDE, LONGEST_SIDE))
        with _drawing:
            return confined.draw(copy, whole, "jpeg", max_megapixels=settings.max_image_megapixels).data
