"""The boxes of a HEIF or AVIF file: how many there are, the largest picture they declare, and its colours."""

from collections.abc import Iterator
from typing import BinaryIO

from pindeck.imaging.errors import TOO_MANY_PARTS, BadImage
from pindeck.imaging.parts import Parts

# A large photo of a phone has some two hundred tiles, each an item.
MOST_ITEMS = 5_000
_MOST_BYTES = 1024 * 1024
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


def colour_of(file: BinaryIO) -> tuple[int, int] | None:
    """Colour primaries and transfer characteristics of the picture that is shown, by their numbers in H.273."""
    end = file.seek(0, 2)
    found = _first(file, (0, end), b"meta")
    if found is None:
        return None
    meta = found[0] + 4, found[1]
    primary, properties = _first(file, meta, b"pitm"), _first(file, meta, b"iprp")
    if properties is None or primary is None:
        return None
    described, assigned = _first(file, properties, b"ipco"), _first(file, properties, b"ipma")
    if described is None or assigned is None:
        return None
    data = _bytes(file, primary)
    item = int.from_bytes(data[4 : 8 if data[:1] > b"\0" else 6], "big")
    wanted = _properties_of(item, _bytes(file, assigned))
    for at, (kind, start, stop) in enumerate(_children(file, described), 1):
        data = _bytes(file, (start, min(stop, start + 11)))
        if at in wanted and kind == b"colr" and data[:4] == b"nclx" and len(data) == 11:
            return int.from_bytes(data[4:6], "big"), int.from_bytes(data[6:8], "big")
    return None


def _properties_of(item: int, data: bytes) -> set[int]:
    """The numbers of the properties that an `ipma` box assigns to an item."""
    wide_items, wide_numbers = data[:1] > b"\0", bool(data[3:4] and data[3] & 1)
    at = 8
    for _ in range(min(MOST_ITEMS, int.from_bytes(data[4:8], "big"))):
        width = 4 if wide_items else 2
        one, count = (
            int.from_bytes(data[at : at + width], "big"),
            int.from_bytes(data[at + width : at + width + 1], "big"),
        )
        at += width + 1
        step = 2 if wide_numbers else 1
        if one == item:
            mask = 0x7FFF if wide_numbers else 0x7F
            return {int.from_bytes(data[at + n * step : at + (n + 1) * step], "big") & mask for n in range(count)}
        at += count * step
    return set()


_Place = tuple[int, int]


def _first(file: BinaryIO, place: _Place, wanted: bytes) -> _Place | None:
    return next(((start, stop) for kind, start, stop in _children(file, place) if kind == wanted), None)


def _bytes(file: BinaryIO, place: _Place) -> bytes:
    file.seek(place[0])
    return file.read(min(place[1] - place[0], _MOST_BYTES))


def _children(file: BinaryIO, place: _Place) -> Iterator[tuple[bytes, int, int]]:
    """Each box between two positions: its kind, and where its content begins and ends."""
    position, end = place
    for _ in range(MOST_ITEMS):
        if position + 8 > end:
            return
        file.seek(position)
        head = file.read(16)
        length, start = int.from_bytes(head[:4], "big"), 8
        if length == 1:
            length, start = int.from_bytes(head[8:16], "big"), 16
        elif length == 0:
            length = end - position
        if length < start:
            return
        yield head[4:8], position + start, min(end, position + length)
        position += length
