"""A look at how a file is built, before any decoder sees it: bounded, in little memory, without a decoder.

A decoder takes time for every segment, chunk, pass and note, so a small file can ask for hours. Here each part costs
one step, its content is jumped over, and a file of more small parts than any camera or editor writes is refused.
What is merely broken is left to the decoder, which says so.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from pindeck.imaging import boxes, sniff
from pindeck.imaging.errors import TOO_MANY_PARTS, TOO_MANY_PASSES, TOO_MUCH_TEXT, UNREAD_JPEG, BadImage, NotAPicture
from pindeck.imaging.parts import Parts

MOST_PASSES = 100
# Each pass goes over all pixels. So many pixels in all, or so few passes, are no burden.
_MOST_PASSED_PX = 2_400_000_000
_FEW_PASSES = 20
_MOST_PACKED_NOTES = 64  # of PNG; each may become eight megabytes
_MOST_JUNK = 64 * 1024
_MOST_GIF_NOTES = 1024 * 1024
_MOST_GIF_BLOCKS = 50_000
_CHUNK = 1024 * 1024
PLAIN = 3  # bytes a pixel of a JPEG that is decoded row by row takes
_UNKNOWN = 1024 * 1024 * 1024
_PASS = re.compile(rb"\xff\xda")
MARKER = re.compile(rb"\xff[\x01-\xfe]")
MARKER_AMONG_ROWS = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")
# Markers that no length follows, as the decoder takes them.
ALONE = frozenset([0x01, 0xC8, *range(0xD0, 0xDA), *range(0xF0, 0xFE)])
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_READ_FRAMES = frozenset([0xC0, 0xC1, 0xC2, 0xC9, 0xCA])  # not those without loss, nor those in several sizes
_JPEG_LS = 0xF7
PROGRESSIVE = frozenset([0xC2, 0xC6, 0xCA, 0xCE])


@dataclass(frozen=True)
class Outline:
    """The size in pixels that a file declares, before any turning, and what decoding all of it takes in bytes.

    A size of (0, 0) means that none was found, and then much is assumed.
    """

    size: tuple[int, int]
    bytes_per_pixel: int

    @property
    def memory(self) -> int:
        return _area(self.size) * self.bytes_per_pixel or _UNKNOWN


def outline(file: BinaryIO, *, max_megapixels: int) -> Outline:
    """Walk through the parts of `file`, which must be seekable. Raises BadImage, and an OSError of the disk."""
    file.seek(0)
    head = file.read(1024)
    for is_one, walk in _WALKS:
        if is_one(head):
            found = walk(file)
            if found.size != (0, 0):
                check_size(found.size, max_megapixels)
            return found
    raise NotAPicture(sniff.reason_for(head))


def begins_like_a_picture(head: bytes) -> bool:
    """Whether the first bytes of a file (16 or more) are those of an accepted kind. Films share a container with some."""
    is_film = head[4:8] == b"ftyp" and not sniff.is_still(head[8:12])
    return not is_film and any(is_one(head) for is_one, _ in _WALKS)


def check_size(size: tuple[int, int], max_megapixels: int) -> None:
    """Raises BadImage for a picture without pixels, or with more than `max_megapixels` millions of them."""
    width, height = size
    if width < 1 or height < 1:
        raise BadImage("This picture has no pixels.")
    if width * height > max_megapixels * 1_000_000:
        megapixels = -(-width * height // 100_000) / 10
        raise BadImage(f"This picture has {megapixels:g} megapixels; the most is {max_megapixels}.")


def _jpeg(file: BinaryIO) -> Outline:
    parts, size, position, junk, progressive = Parts(), (0, 0), 2, 0, False
    while (found := find_marker(file, position)) is not None:
        junk += found - position
        if junk > _MOST_JUNK:
            raise BadImage(TOO_MANY_PARTS)
        file.seek(found)
        head = file.read(10)
        marker, length = head[1], int.from_bytes(head[2:4], "big")
        if marker == 0xDA:
            _check_passes(file, found, size)
            break
        if marker == _JPEG_LS and size == (0, 0):
            raise BadImage(UNREAD_JPEG)
        if marker in ALONE:
            parts.count(0)
            position = found + 2
            continue
        parts.count(length, is_note=marker >= 0xE0)
        if marker in FRAMES and len(head) == 10:
            if marker not in _READ_FRAMES or head[4] != 8 or head[9] not in (1, 3, 4):
                raise BadImage(UNREAD_JPEG)
            size = max(size, (int.from_bytes(head[7:9], "big"), int.from_bytes(head[5:7], "big")), key=_area)
            progressive = progressive or marker in PROGRESSIVE
        position = found + 2 + max(2, length)
    return Outline(size, 6 if progressive else PLAIN)


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def find_marker(file: BinaryIO, position: int, pattern: "re.Pattern[bytes]" = MARKER) -> int | None:
    """Where the next marker stands. Most stand at once where one is looked for."""
    length = 16
    while True:
        file.seek(position)
        data = file.read(length)
        if found := pattern.search(data):
            return position + found.start()
        if len(data) < length:
            return None
        position, length = position + length - 1, min(_CHUNK, length * 8)


def _check_passes(file: BinaryIO, position: int, size: tuple[int, int]) -> None:
    """Passes are counted roughly, with what looks like one in notes and previews, and exactly where that is too many."""
    most = min(MOST_PASSES, max(_FEW_PASSES, _MOST_PASSED_PX // max(1, _area(size))))
    file.seek(position)
    rough, last = 0, b""
    while rough <= most and (data := file.read(_CHUNK)):
        # An expression finds two bytes in less than half the time of `count`. There may be very many, so no list of them.
        rough += sum(1 for _ in islice(_PASS.finditer(data), most + 1)) + (last == b"\xff" and data[:1] == b"\xda")
        last = data[-1:]
    if rough <= most:
        return
    parts, passes, at = Parts(), 0, position
    while (found := find_marker(file, at, MARKER_AMONG_ROWS)) is not None:
        file.seek(found + 1)
        head = file.read(3)
        if head[0] == 0xD9:
            return
        length = 0 if head[0] == 0xD8 else int.from_bytes(head[1:3], "big")
        passes += head[0] == 0xDA
        if passes > most:
            raise BadImage(TOO_MANY_PASSES)
        parts.count(length)
        at = found + 2 + length


def _png(file: BinaryIO) -> Outline:
    parts, size, position, packed, deep = Parts(), (0, 0), 8, 0, False
    while True:
        file.seek(position)
        head = file.read(17)
        if len(head) < 8:
            break
        length, kind = int.from_bytes(head[:4], "big"), head[4:8]
        if kind == b"IEND":
            break
        parts.count(length, is_note=kind in (b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"eXIf"))
        if kind == b"IHDR":
            size = int.from_bytes(head[8:12], "big"), int.from_bytes(head[12:16], "big")
            deep = head[16:17] == b"\x10"
        elif kind in (b"zTXt", b"iCCP") or (kind == b"iTXt" and _is_packed(file, position, length)):
            packed += 1
            if packed > _MOST_PACKED_NOTES:
                raise BadImage(TOO_MUCH_TEXT)
        position += 12 + length
    return Outline(size, 8 if deep else 4)


def _is_packed(file: BinaryIO, position: int, length: int) -> bool:
    file.seek(position + 8)
    keyword, _, rest = file.read(min(length, 81)).partition(b"\0")
    return rest[:1] == b"\x01"


def _gif(file: BinaryIO) -> Outline:
    """Up to its first frame, because no other one is decoded."""
    file.seek(6)
    head = file.read(7)
    width, height = int.from_bytes(head[:2], "little"), int.from_bytes(head[2:4], "little")
    if len(head) == 7 and head[4] & 0x80:
        file.seek(3 << ((head[4] & 7) + 1), 1)
    blocks = notes = 0
    while (kind := file.read(1)) == b"\x21":
        file.read(1)
        while size := file.read(1)[:1]:
            blocks, notes = blocks + 1, notes + size[0]
            if blocks > _MOST_GIF_BLOCKS or notes > _MOST_GIF_NOTES:
                raise BadImage(TOO_MUCH_TEXT)
            if size == b"\0":
                break
            file.seek(size[0], 1)
    frame = file.read(8) if kind == b"\x2c" else b""
    if len(frame) == 8:
        left, top, across, down = (int.from_bytes(frame[at : at + 2], "little") for at in (0, 2, 4, 6))
        width, height = max(width, left + across), max(height, top + down)
    return Outline((width, height), 8)


def _webp(file: BinaryIO) -> Outline:
    file.seek(0)
    parts, size, position = Parts(), sniff.webp_canvas(file.read(30)) or (0, 0), 12
    while True:
        file.seek(position)
        head = file.read(8)
        if len(head) < 8:
            break
        length = int.from_bytes(head[4:8], "little")
        parts.count(length, is_note=head[:4] in (b"ICCP", b"EXIF", b"XMP "))
        position += 8 + length + length % 2
    return Outline(size, 14)


def _heif(file: BinaryIO) -> Outline:
    return Outline(boxes.size_of(file), 9)


_WALKS: tuple[tuple[Callable[[bytes], bool], Callable[[BinaryIO], Outline]], ...] = (
    (lambda head: head.startswith(b"\xff\xd8\xff"), _jpeg),
    (lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), _png),
    (lambda head: head.startswith((b"GIF87a", b"GIF89a")), _gif),
    (lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP", _webp),
    (lambda head: head[4:8] == b"ftyp", _heif),
)
