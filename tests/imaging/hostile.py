"""Pictures that ask for much memory or time, made anew: small files, large work."""

import io
import struct
import zlib

from PIL import Image

from tests.imaging.pictures import chunk, png

SIDE = 10_000  # a hundred megapixels, which is what an installation takes at most


def _saved(format: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (SIDE, SIDE), (90, 90, 90)).save(out, format, **options)
    return out.getvalue()


def large_webp() -> bytes:
    return _saved("WEBP", quality=50, method=0)


def large_avif() -> bytes:
    return _saved("AVIF", speed=10)


def large_progressive() -> bytes:
    return _saved("JPEG", progressive=True)


def _small(format: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), (200, 80, 60)).save(out, format)
    return out.getvalue()


def empty_segments(count: int) -> bytes:
    data = _small("JPEG")
    return data[:2] + b"\xff\xe1\0\2" * count + data[2:]


def many_chunks(count: int) -> bytes:
    data = _small("PNG")
    return data[:33] + chunk(b"tEXt", b"a\0b") * count + data[33:]


def packed_text(count: int) -> bytes:
    """Each note becomes eight megabytes, and then turns out to be cut off."""
    note = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(8_000_000))[:-6])
    return png(1, 1, 8, 0, b"\0\0", note * count).getvalue()


def many_passes() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (5000, 5000)).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    at = data.rindex(b"\xff\xda")
    return data[:at] + data[at:-2] * 400 + b"\xff\xd9"


def broken_large_png() -> bytes:
    """It declares a hundred megapixels and brings a hundred rows."""
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes((3 * SIDE + 1) * 100))[:-20]
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def noise(side: int) -> bytes:
    """A JPEG whose crops are as heavy as crops get."""
    out = io.BytesIO()
    Image.effect_noise((side, side), 80).convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue()
