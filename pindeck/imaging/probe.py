"""The check of an uploaded file in the web process: is it a whole picture of an accepted kind and size?"""

import threading
from contextlib import nullcontext
from dataclasses import dataclass
from typing import BinaryIO

from PIL import ImageFile

from pindeck.imaging.opening import (
    FORMATS,
    count_frames,
    exif_of,
    format_of,
    open_picture,
    orientation_of,
    upright_size,
    wording_faults,
)

_BIG_PX = 24_000_000
# Two decodes at a time keep the web process small; only one of them may be a big one.
_SLOTS = threading.BoundedSemaphore(2)
_BIG_SLOT = threading.Lock()


@dataclass(frozen=True)
class Probe:
    """What a picture is. Width and height are in pixels, after its orientation was applied."""

    format: str
    mime: str
    extension: str
    width: int
    height: int
    frames: int
    has_alpha: bool


def check_upload(file: BinaryIO, *, max_megapixels: int) -> Probe:
    """Decode `file` once, as cheaply as shows whether it is whole. Raises BadImage, whatever is wrong.

    The name and the declared type of a file are not asked: a PNG called .jpg is a PNG.
    """
    with _SLOTS:
        image = open_picture(file, max_megapixels=max_megapixels)
    size = image.size
    big = size[0] * size[1] > _BIG_PX
    # The order matters: who waits for the turn of the big ones must not hold one of the two slots.
    with _BIG_SLOT if big else nullcontext(), _SLOTS, wording_faults():
        if format_of(image) == "JPEG":
            image.draft(None, (max(1, size[0] // 8), max(1, size[1] // 8)))
        image.load()
        return describe(image, file, size)


def describe(image: ImageFile.ImageFile, file: BinaryIO, size: tuple[int, int]) -> Probe:
    """The Probe of a loaded picture whose full size, before draft decoding, is `size`."""
    name = format_of(image)
    mime, extension = FORMATS[name]
    width, height = upright_size(size, orientation_of(exif_of(image)))
    frames = count_frames(image, file)
    return Probe(name, mime, extension, width, height, frames, image.has_transparency_data)
