"""Whether a PNG holds all of its rows: the decoder leaves those black that a stream does not bring, and says nothing."""

import math
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image

from pindeck.imaging.errors import DAMAGED, BadImage

_PIECE = 256 * 1024
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # a pixel's, by the colour type
# Where each pass of an interlaced picture begins, and its steps: x, y, across, down.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def check_rows(image: Image.Image, file: BinaryIO) -> None:
    """Raises BadImage when the stream of `file`, a PNG that was decoded to `image`, ends before the last row.

    The stream is read a second time only where that could be: where the last row is black, or the rows come in passes.
    """
    file.seek(16)
    head = file.read(13)
    is_interlaced = head[12:13] != b"\0"
    last = image.crop((0, image.height - 1, image.width, image.height))
    if not is_interlaced and any(last.tobytes()):
        return
    if not _brings(file, _bytes_of(head)):
        raise BadImage(DAMAGED)


def _bytes_of(head: bytes) -> int:
    """How many bytes the stream of a picture with this header holds, with one before each row."""
    width, height = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")
    bits = head[8] * _SAMPLES.get(head[9], 1)
    total = 0
    for x, y, across, down in _PASSES if head[12] else ((0, 0, 1, 1),):
        columns, rows = math.ceil((width - x) / across), math.ceil((height - y) / down)
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * bits + 7) // 8)
    return total


def _brings(file: BinaryIO, wanted: int) -> bool:
    unpacker, found = zlib.decompressobj(), 0
    for piece in _stream(file):
        while piece and not unpacker.eof:
            found += len(unpacker.decompress(piece, _PIECE))
            piece = unpacker.unconsumed_tail
            if found >= wanted:
                return True
    return found >= wanted


def _stream(file: BinaryIO) -> Iterator[bytes]:
    """The content of the chunks that hold the picture, piece by piece."""
    position, has_begun = 8, False
    while True:
        file.seek(position)
        head = file.read(8)
        length = int.from_bytes(head[:4], "big")
        if head[4:] == b"IDAT":
            has_begun = True
            left = length
            while left and (piece := file.read(min(left, _PIECE))):
                left -= len(piece)
                yield piece
        elif has_begun or len(head) < 8:
            return
        position += 12 + length
