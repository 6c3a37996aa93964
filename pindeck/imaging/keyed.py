"""The one colour of a PNG that is transparent (tRNS), in every depth.

Pillow compares it with the pixels as it has decoded them, which is right for eight bits alone: fewer bits are
spread over eight, and of sixteen the lower half is gone.
"""

from typing import BinaryIO

from PIL import Image, ImageChops, ImageFile

from pindeck.imaging import png
from pindeck.imaging.spliced import Spliced

_KEY = "pindeck.key"
_GREY, _COLOUR = 0, 2


def note_key(image: ImageFile.ImageFile, parts: png.Parts) -> None:
    """Correct what `image.info` says of the transparent colour, before the picture is loaded."""
    data, head = parts.told.get(b"tRNS"), parts.told.get(b"IHDR", b"")
    if data is None or len(head) < 13 or head[9] not in (_GREY, _COLOUR):
        return
    bits = head[8]
    numbers = [
        int.from_bytes(data[at : at + 2], "big") & ((1 << bits) - 1)
        for at in range(0, 2 if head[9] == _GREY else 6, 2)
    ]
    if bits == 16:
        image.info[_KEY] = numbers, parts
        image.info["transparency"] = 0 if head[9] == _GREY else (0, 0, 0)  # it has one; which, is compared later
        # Grey becomes eight bits at once, like colour, so that both go one way.
        if head[9] == _GREY:
            _decode_as(image, "L", "L;16B")
        return
    spread = [number * 255 // ((1 << bits) - 1) for number in numbers]
    image.info["transparency"] = spread[0] if head[9] == _GREY else tuple(spread)


def clear_key(image: ImageFile.ImageFile, file: BinaryIO) -> None:
    """Give a loaded picture of sixteen bits an alpha of its own: 0 where all bits are those of its transparent colour."""
    told = image.info.pop(_KEY, None)
    if told is None:
        return
    numbers, parts = told
    lower = Image.open(Spliced(file, parts.bare), formats=("PNG",))  # type: ignore[arg-type]
    lower.info.pop("transparency", None)
    assert isinstance(lower, ImageFile.ImageFile)
    # The same bytes read the other way round: what is kept of each number is its lower half.
    _decode_as(lower, image.mode, "L;16" if image.mode == "L" else "RGB;16L")
    lower.load()
    same = Image.new("L", image.size, 255)
    for half, shift in ((image, 8), (lower, 0)):
        for band, number in zip(half.split(), numbers, strict=True):
            table = [255 if value == (number >> shift) & 255 else 0 for value in range(256)]
            same = ImageChops.darker(same, band.point(table))
    del lower
    image.info.pop("transparency", None)
    image.putalpha(ImageChops.invert(same))


def _decode_as(image: ImageFile.ImageFile, mode: str, raw: str) -> None:
    image._mode = mode
    image.tile = [tile._replace(args=raw) for tile in image.tile]
