"""A PNG reduced to what a decoder needs of it, and what it says of its colours."""

import zlib
from dataclasses import dataclass, field
from typing import BinaryIO

from pindeck.imaging.spliced import Range

_CRITICAL = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
_MOVING = (b"acTL", b"fcTL", b"fdAT")
# The length in bytes of what is read besides; the decoder stumbles over shorter ones.
_FIXED = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4}
_OPEN = (b"tRNS", b"iCCP", b"eXIf")
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_EXIF_AS_TEXT = b"Raw profile type exif\0"
_MOST_NOTE = 32 * 1024 * 1024


@dataclass
class Parts:
    """Where the parts that count lie in the file, and the small ones that say how to read the pixels."""

    kept: list[Range] = field(default_factory=list)
    bare: list[Range] = field(default_factory=list)  # without any note and as a still picture
    told: dict[bytes, bytes] = field(default_factory=dict)  # the first of its kind


def parts_of(file: BinaryIO) -> Parts:
    """Walk through the chunks of a PNG. One that the picture does not need is left out where it has a fault."""
    found = Parts([(0, 8)], [(0, 8)])
    moving: list[Range] = []
    turns = _Turns()
    position = 8
    while True:
        file.seek(position)
        head = file.read(8)
        if len(head) < 8:
            break
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        place = (position, position + 12 + length)
        position += 12 + length
        if kind in _CRITICAL:
            found.kept.append(place)
            found.bare.append(place)
            if kind == b"IHDR":
                found.told[kind] = file.read(min(length, 13))
            if kind == b"IEND":
                break
        elif kind in _MOVING:
            turns.take(kind, length, file.read(min(length, 26) + 4))
            moving.append(place)
            found.kept.append(place)
        elif (data := _sound(file, kind, length)) is not None and _fits(kind, data, found.told):
            found.kept.append(place)
            if kind == b"tRNS":
                found.bare.append(place)
            found.told.setdefault(kind, data)
    if turns.are_broken:
        out = set(moving)
        found.kept = [place for place in found.kept if place not in out]
    return found


def _sound(file: BinaryIO, kind: bytes, length: int) -> bytes | None:
    """The content of a chunk that is of use and whole."""
    if kind not in _OPEN and kind not in _TEXTS and _FIXED.get(kind) != length or length > _MOST_NOTE:
        return None
    data = file.read(length)
    if zlib.crc32(data, zlib.crc32(kind)) != int.from_bytes(file.read(4), "big") or len(data) < length:
        return None
    if kind in _TEXTS:
        name, _, rest = data.partition(b"\0")
        is_read = data.startswith(_EXIF_AS_TEXT) and (kind != b"zTXt" or rest[:1] == b"\0")
        return data if is_read else None
    if kind == b"iCCP":
        name, _, rest = data.partition(b"\0")
        return data if 1 <= len(name) <= 79 and rest[:1] == b"\0" else None
    return data


def _fits(kind: bytes, data: bytes, told: dict[bytes, bytes]) -> bool:
    """Whether a transparent colour has as many numbers as the kind of pixels asks for."""
    if kind != b"tRNS":
        return True
    colour = told.get(b"IHDR", b"")[9:10]
    return len(data) >= {b"\0": 2, b"\2": 6}.get(colour, 1)


class _Turns:
    """Whether the parts of an animation come in the order that they say."""

    def __init__(self) -> None:
        self._next = 0
        self._seen = 0
        self.are_broken = False

    def take(self, kind: bytes, length: int, data: bytes) -> None:
        """One chunk more; `data` is its content and checksum, cut off where it holds pixels."""
        if kind != b"fdAT":
            self.are_broken |= zlib.crc32(data[:-4], zlib.crc32(kind)) != int.from_bytes(data[-4:], "big")
        number = int.from_bytes(data[:4], "big")
        if kind == b"acTL":
            self._seen += 1
            self.are_broken |= length != 8 or self._seen > 1 or not 0 < number < 0x80000000
            return
        self.are_broken |= length < (26 if kind == b"fcTL" else 4) or number != self._next or not self._seen
        self._next += 1
