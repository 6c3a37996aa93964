"""A JPEG reduced to what a decoder needs of it, and whether all of its rows are there where its end marker is not."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from pindeck.imaging.errors import CUT_OFF, BadImage
from pindeck.imaging.spliced import Range, Spliced
from pindeck.imaging.structure import ALONE, FRAMES, MARKER_AMONG_ROWS, PROGRESSIVE, find_marker

END = b"\xff\xd9"
_SCAN, _END, _ADOBE, _RESTARTS = 0xDA, 0xD9, 0xEE, 0xDD
_NOTES = frozenset([*range(0xE0, 0xF0), 0xFE])
_MOST_TAIL = 64 * 1024
_FEW_ZEROS = 8  # a picture's own rows may end with some
# What a segment must begin with to be read, and its least length. Faults in all others cannot hurt the picture.
_READ: dict[int, tuple[bytes, int]] = {
    0xE0: (b"JFIF\0", 14),
    0xE1: (b"Exif\0\0", 14),
    0xE2: (b"ICC_PROFILE\0", 14),
    _ADOBE: (b"Adobe", 12),  # says which colours the numbers are
}


@dataclass(frozen=True)
class Parts:
    """Where the parts that count lie in the file."""

    kept: list[Range]
    bare: list[Range]  # without any note at all
    rows: int  # where the first pass begins
    end: int
    components: bytes
    is_progressive: bool
    has_restarts: bool


def parts_of(file: BinaryIO) -> Parts:
    """Walk through the segments of a JPEG, up to its rows."""
    kept: list[Range] = [(0, 2)]
    bare: list[Range] = [(0, 2)]
    end, position, components, is_progressive, has_restarts = _end_of_data(file), 2, b"", False, False
    while (found := find_marker(file, position)) is not None and found < end:
        marker, length, body = _segment(file, found)
        if marker == _SCAN:
            break
        position = found + 2 + (0 if marker in ALONE else max(2, length))
        if marker in _NOTES:
            magic, least = _READ.get(marker, (b"", 1 << 16))
            if body.startswith(magic) and length - 2 >= least:
                kept.append((found, position))
                if marker == _ADOBE:
                    bare.append((found, position))
            continue
        if marker in FRAMES:
            components = body[6 : 6 + 3 * body[5] : 3] if len(body) > 5 else b""
            is_progressive = marker in PROGRESSIVE
        has_restarts = has_restarts or marker == _RESTARTS
        kept.append((found, position))
        bare.append((found, position))
    else:
        found = end
    kept.append((found, end))
    bare.append((found, end))
    return Parts(kept, bare, found, end, components, is_progressive, has_restarts)


def _segment(file: BinaryIO, start: int) -> tuple[int, int, bytes]:
    """Its marker, its length as it says, and its first bytes."""
    file.seek(start + 1)
    head = file.read(67)
    return head[0], int.from_bytes(head[1:3], "big"), head[3:]


def _end_of_data(file: BinaryIO) -> int:
    """Without the zeros of a place that was kept for what never came, and without half a marker."""
    end = file.seek(0, 2)
    while end > 2:
        start = max(2, end - _MOST_TAIL)
        file.seek(start)
        data = file.read(end - start)
        meant = data.rstrip(b"\0")
        if len(data) - len(meant) <= _FEW_ZEROS:
            return end - (len(data) - len(data.rstrip(b"\xff")))
        end = start + len(meant)
        if meant:
            return end
    return end


def _behind_rows(file: BinaryIO, parts: Parts) -> Iterator[tuple[int, bytes]]:
    """The markers from the first pass to the end, each with what its segment begins with."""
    position = parts.rows
    while (found := find_marker(file, position, MARKER_AMONG_ROWS)) is not None and found < parts.end:
        marker, length, body = _segment(file, found)
        yield marker, body
        if marker == _END:
            return
        position = found + 2 + max(2, length)


def _brings_all(scans: list[bytes], parts: Parts) -> bool:
    """Whether the passes bring each of the 64 frequencies of each component down to its last bit."""
    frequencies = range(64) if parts.is_progressive else range(1)
    missing = {(component, at) for component in parts.components for at in frequencies}
    for scan in scans:
        count = scan[0] if scan else 0
        tail = scan[1 + 2 * count :][:3]
        if len(tail) < 3:
            return False
        first, last, bits = (tail[0], tail[1], tail[2] & 15) if parts.is_progressive else (0, 0, 0)
        if bits == 0:
            missing -= {(component, at) for component in scan[1 : 1 + 2 * count : 2] for at in range(first, last + 1)}
    return not missing


def _other_bytes(first: int) -> bytes:
    """Rows of no picture, in all the eight intervals that a decoder may look for.

    It passes over a whole interval where the next one, or the next but one, seems to come: hence two orders.
    """
    source = random.Random(1)
    pieces = [source.randbytes(256).replace(b"\xff", b"\xfe") for _ in range(9)]
    return pieces[0] + b"".join(bytes([0xFF, 0xD0 + (first + at) % 8]) + piece for at, piece in enumerate(pieces[1:]))


_TAILS = (_other_bytes(0) + END, _other_bytes(4) + END)


def check_all_rows(file: BinaryIO, parts: Parts, decoded: Image.Image) -> None:
    """Raises BadImage when a JPEG without its end marker lacks rows as well. `decoded` is what it is with nothing behind it.

    A decoder fills what is missing from whatever follows. So the file is decoded once more with other bytes behind it,
    and twice if it has restart intervals: the picture is the same exactly where it needed none of them.
    """
    scans = [body for marker, body in _behind_rows(file, parts) if marker == _SCAN]
    if not _brings_all(scans, parts):
        raise BadImage(CUT_OFF)
    # An eighth of the size shows each block; the last passes of others add only fine detail.
    eighth = len(scans) == 1 and not parts.is_progressive
    bare = _opened(file, parts, END, eighth)
    as_it_is = _digest(decoded if (decoded.size, decoded.mode) == (bare.size, bare.mode) else bare)
    for tail in _TAILS if parts.has_restarts else _TAILS[:1]:
        if _digest(_opened(file, parts, tail, eighth)) != as_it_is:
            raise BadImage(CUT_OFF)


def needs_full_size(file: BinaryIO, parts: Parts) -> bool:
    """Whether `check_all_rows` will look at the full size, so that it is lost work to decode the file smaller first."""
    return parts.is_progressive and not any(marker == _END for marker, _ in _behind_rows(file, parts))


def _opened(file: BinaryIO, parts: Parts, tail: bytes, eighth: bool) -> Image.Image:
    image = Image.open(Spliced(file, parts.bare, tail), formats=("JPEG",))  # type: ignore[arg-type]
    if eighth:
        image.draft(None, (max(1, image.width // 8), max(1, image.height // 8)))
    return image


def _digest(image: Image.Image) -> bytes:
    image.load()
    digest = hashlib.blake2b()
    rows = max(1, 4_000_000 // image.width)
    for top in range(0, image.height, rows):
        digest.update(image.crop((0, top, image.width, min(image.height, top + rows))).tobytes())
    return digest.digest()
