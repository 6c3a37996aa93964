"""The check of an uploaded file: is it a whole picture of an accepted kind and size?"""

from typing import BinaryIO

from PIL import ImageFile

from pindeck.imaging import jpeg, structure
from pindeck.imaging.opening import (
    FORMATS,
    count_frames,
    exif_of,
    format_of,
    load,
    open_picture,
    orientation_of,
    upright_size,
    wording_faults,
)
from pindeck.imaging.results import Probe
from pindeck.imaging.rows import check_rows

__all__ = ["Probe", "check_upload", "decode", "describe"]


def check_upload(file: BinaryIO, *, max_megapixels: int) -> Probe:
    """Look how `file` is built, then decode it in this process. Raises BadImage, whatever is wrong.

    The name and the declared type of a file are not asked: a PNG called .jpg is a PNG.
    """
    with wording_faults():
        structure.outline(file, max_megapixels=max_megapixels)
    return decode(file, max_megapixels=max_megapixels)


def decode(file: BinaryIO, *, max_megapixels: int) -> Probe:
    """Decode a file once, as cheaply as shows whether it is whole. Raises BadImage."""
    image = open_picture(file, max_megapixels=max_megapixels)
    size = image.size
    with wording_faults():
        if format_of(image) == "JPEG" and not jpeg.needs_full_size(file, jpeg.parts_of(file)):
            image.draft(None, (max(1, size[0] // 8), max(1, size[1] // 8)))
        load(image, file)
        if format_of(image) == "PNG":
            check_rows(image, file)
        return describe(image, file, size)


def describe(image: ImageFile.ImageFile, file: BinaryIO, size: tuple[int, int]) -> Probe:
    """The Probe of a loaded picture whose full size, before draft decoding, is `size`."""
    name = format_of(image)
    mime, extension = FORMATS[name]
    width, height = upright_size(size, orientation_of(exif_of(image)))
    frames = count_frames(image, file)
    return Probe(name, mime, extension, width, height, frames, image.has_transparency_data)
