"""Pictures made on the spot: every format, mode and fault the imaging tests need."""

import io
import random
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF")


def texture(width: int = 96, height: int = 64, seed: int = 1) -> Image.Image:
    """A soft coloured pattern: enough detail that a cut or a turn shows."""
    noise = Image.frombytes("RGB", (12, 8), random.Random(seed).randbytes(12 * 8 * 3))
    return noise.resize((width, height), Image.Resampling.BICUBIC)


def quarters(width: int = 80, height: int = 40) -> Image.Image:
    """Red, green, blue and yellow corners, so that every turn and mirroring is a different picture."""
    image = Image.new("RGB", (width, height))
    half = (width // 2, height // 2)
    for colour, corner in (
        ((220, 30, 30), (0, 0)),
        ((30, 200, 30), (half[0], 0)),
        ((30, 30, 220), (0, half[1])),
        ((220, 220, 30), half),
    ):
        image.paste(colour, (*corner, corner[0] + half[0], corner[1] + half[1]))
    return image


def saved(image: Image.Image, format: str = "PNG", **options: Any) -> io.BytesIO:
    out = io.BytesIO()
    image.save(out, format, **options)
    out.seek(0)
    return out


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def png(width: int, height: int, bits: int, kind: int, rows: bytes, extra: bytes = b"") -> io.BytesIO:
    """A PNG written by hand, for headers and depths that Pillow does not write."""
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra
    return io.BytesIO(data + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def profile(red: tuple[float, float], green: tuple[float, float], blue: tuple[float, float]) -> bytes:
    """A matrix profile with the sRGB curve and other primaries (x, y).

    It is sRGB's own profile with the three colorant tags written over: they are adapted to D50 by Bradford.
    """
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    colorants = _colorants(red, green, blue)
    for number in range(int.from_bytes(data[128:132], "big")):
        at = 132 + 12 * number
        name, offset = bytes(data[at : at + 4]), int.from_bytes(data[at + 4 : at + 8], "big")
        if name in colorants:
            data[offset + 8 : offset + 20] = struct.pack(">iii", *(round(value * 65536) for value in colorants[name]))
    # The description is UTF-16; a profile that calls itself sRGB would be taken for sRGB.
    return bytes(data).replace("sRGB".encode("utf-16-be"), "wide".encode("utf-16-be"))


def _colorants(*primaries: tuple[float, float]) -> dict[bytes, list[float]]:
    columns = [(x / y, 1.0, (1 - x - y) / y) for x, y in primaries]
    matrix = [[column[row] for column in columns] for row in range(3)]
    scale = _solve(matrix, [0.95047, 1.0, 1.08883])
    bradford = (
        (1.0478112, 0.0228866, -0.0501270),
        (0.0295424, 0.9904844, -0.0170491),
        (-0.0092345, 0.0150436, 0.7521316),
    )
    found = {}
    for name, column, factor in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, scale, strict=True):
        xyz = [part * factor for part in column]
        found[name] = [sum(a * b for a, b in zip(row, xyz, strict=True)) for row in bradford]
    return found


def _solve(matrix: list[list[float]], wanted: list[float]) -> list[float]:
    def det(m: list[list[float]]) -> float:
        return sum(
            m[0][i] * (m[1][(i + 1) % 3] * m[2][(i + 2) % 3] - m[1][(i + 2) % 3] * m[2][(i + 1) % 3])
            for i in range(3)
        )

    return [
        det([[wanted[r] if c == column else matrix[r][c] for c in range(3)] for r in range(3)]) / det(matrix)
        for column in range(3)
    ]


DISPLAY_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
