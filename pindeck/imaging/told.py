"""The colour space that a file tells outside of a profile: in a PNG's small chunks, in a HEIF's or AVIF's boxes."""

from typing import BinaryIO

from PIL import Image

from pindeck.imaging import boxes, png
from pindeck.imaging.spaces import Space, by_gamma, by_numbers

SPACE = "pindeck.space"  # where a picture's info says it


def note_space(image: Image.Image, file: BinaryIO, parts: object) -> None:
    """Write the space into `image.info`, where the file tells one that outranks its profile. Of sRGB nothing is said."""
    image.info.pop(SPACE, None)
    if isinstance(parts, png.Parts):
        told = _of_png(parts, has_profile=bool(image.info.get("icc_profile")))
    elif image.format in ("HEIF", "AVIF") and not image.info.get("icc_profile"):
        numbers = boxes.colour_of(file)
        told = by_numbers(*numbers) if numbers else None
    else:
        return
    if told is None:
        return
    image.info.pop("icc_profile", None)
    if told != Space():
        image.info[SPACE] = told


def _of_png(parts: png.Parts, *, has_profile: bool) -> Space | None:
    numbers = parts.told.get(b"cICP")
    if numbers:
        return by_numbers(numbers[0], numbers[1])
    if has_profile or b"sRGB" in parts.told or b"gAMA" not in parts.told:
        return None
    points = parts.told.get(b"cHRM", b"")
    gamma = int.from_bytes(parts.told[b"gAMA"], "big") / 100_000
    return by_gamma(
        gamma, tuple(int.from_bytes(points[at : at + 4], "big") / 100_000 for at in range(0, len(points), 4))
    )
