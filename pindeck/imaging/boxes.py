"""The boxes of a HEIF or AVIF file: how many there are, and the largest picture they declare."""

from typing import BinaryIO

from pindeck.imaging.errors import TOO_MANY_PARTS, BadImage
from pindeck.imaging.parts import Parts

# A large photo of a phone has some two hundred tiles, each an item.
MOST_ITEMS = 5_000
# Which boxes are looked into, and how many bytes of their own come before those within.
_INSIDE: dict[bytes, tuple[int, tuple[bytes, ...]]] = {
    b"meta": (4, (b"iprp", b"iinf")),
    b"iprp": (0, (b"ipco",)),
    b"ipco": (0, (b"ispe",)),
}


def size_of(file: BinaryIO) -> tuple[int, int]:
    """Width and height in pixels; (0, 0) where none is declared. Raises BadImage for too many boxes or items."""
    end = file.seek(0, 2)
    return max(_walk(file, 0, end, (b"meta",), Parts()), key=lambda size: size[0] * size[1], default=(0, 0))


def _walk(file: BinaryIO, position: int, end: int, wanted: tuple[bytes, ...], parts: Parts) -> list[tuple[int, int]]:
    found = []
    while position + 8 <= end:
        file.seek(position)
        head = file.read(20)
        length, kind, start = int.from_bytes(head[:4], "big"), head[4:8], 8
        if length == 1:
            length, start = int.from_bytes(head[8:16], "big"), 16
        elif length == 0:
            length = end - position
        if length < start:
            break
        parts.count(length)
        inside, stop = position + start, min(end, position + length)
        if kind in wanted and kind in _INSIDE:
            own, further = _INSIDE[kind]
            found += _walk(file, inside + own, stop, further, parts)
        elif kind in wanted:
            file.seek(inside)
            data = file.read(max(0, min(12, stop - inside)))
            if kind == b"ispe":
                found.append((int.from_bytes(data[4:8], "big"), int.from_bytes(data[8:12], "big")))
            elif int.from_bytes(data[4 : 8 if data[:1] > b"\0" else 6], "big") > MOST_ITEMS:
                raise BadImage(TOO_MANY_PARTS)
        position += length
    return found
