"""Pictures for paper: JPEG without notes, of a stored size, cut around a focal point, or with the bytes that there are."""

import io
import math

from PIL import Image

from pindeck.imaging.opening import wording_faults
from pindeck.imaging.structure import ALONE

QUALITY = {"screen": 85, "print": 90}
_SPARE = 1.35  # a picture with so many times more pixels than wanted across is reduced
_KEPT_NOTES = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}  # what its colours and measures are told by


def as_jpeg(
    data: bytes, *, width_px: int, height_px: int, quality: str, ratio: float | None = None, focal: tuple[float, float] = (0.5, 0.5),
    grey: float = 0,
) -> tuple[bytes, int, int]:  # fmt: skip
    """A rendition as JPEG on white, with its width and height: no larger than it needs to be to fill so many pixels, and cut
    to `ratio` (width by height) around what is in focus, with so much of its colour taken away (0 to 1). One that is a JPEG and
    is just so large stays byte for byte. Raises BadImage."""
    with wording_faults():
        stored = Image.open(io.BytesIO(data), formats=("WEBP", "JPEG"))
        size = _wanted(stored.size, width_px, height_px, ratio, focal)
        if stored.format == "JPEG" and size == stored.size and not grey:
            return data, *size
        # Decoded as small as will do, which is several times quicker.
        stored.draft(None, size if ratio is None else _around(stored.size, size, ratio, focal))
        stored.load()
        image = stored.crop(cut(stored.width, stored.height, ratio, focal)) if ratio else stored
        if image.width > size[0] or image.height > size[1]:
            image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        image = _on_white(image)
        if grey:
            image = Image.blend(image, image.convert("L").convert("RGB"), grey)
        return encode(image, QUALITY[quality], "4:2:0" if quality == "screen" else "4:4:4"), *image.size


def encode(image: Image.Image, quality: int, subsampling: str = "4:4:4") -> bytes:
    """The picture as JPEG on white, without notes."""
    out = io.BytesIO()
    _on_white(image).save(out, "JPEG", quality=quality, subsampling=subsampling)
    return out.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    image = image.convert("RGBA")
    on_white = Image.new("RGB", image.size, "white")
    on_white.paste(image, mask=image.getchannel("A"))
    return on_white


def _wanted(size: tuple[int, int], width_px: int, height_px: int, ratio: float | None, focal: tuple[float, float]) -> tuple[int, int]:
    """What a picture of this size is reduced to once it is cut: nothing where that would hardly take a pixel."""
    left, top, right, bottom = cut(*size, ratio, focal) if ratio else (0, 0, *size)
    across, down = right - left, bottom - top
    scale = max(width_px / across, height_px / down) if ratio else min(width_px / across, height_px / down)
    return (across, down) if scale * _SPARE >= 1 else (max(1, round(across * scale)), max(1, round(down * scale)))


def _around(size: tuple[int, int], part: tuple[int, int], ratio: float, focal: tuple[float, float]) -> tuple[int, int]:
    """How large the whole picture is where what is cut from it is as large as `part`."""
    left, top, right, bottom = cut(*size, ratio, focal)
    scale = max(part[0] / (right - left), part[1] / (bottom - top))
    return max(1, math.ceil(size[0] * scale)), max(1, math.ceil(size[1] * scale))


def cut(width: int, height: int, ratio: float, focal: tuple[float, float]) -> tuple[int, int, int, int]:
    """The largest box of this ratio inside, as near to the middle of what is in focus as it can be: left, top, right, bottom."""
    across = min(width, max(1, round(height * ratio)))
    down = min(height, max(1, round(width / ratio)))
    left = min(max(0, round(width * focal[0] - across / 2)), width - across)
    top = min(max(0, round(height * focal[1] - down / 2)), height - down)
    return left, top, left + across, top + down


def bare_jpeg(data: bytes) -> bytes | None:
    """A JPEG without EXIF, XMP, comments and whatever else says where and with what it was made; its rows and its colour
    profile stay byte for byte. None for what is none that every reader of PDF shows as it is meant: turned, or not in three
    or one colours of eight bits."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            if image.mode not in ("RGB", "L") or image.getexif().get(0x0112, 1) != 1:
                return None
    except (OSError, ValueError, SyntaxError):
        return None
    kept, at = [data[:2]], 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in ALONE:
            return None
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDA:  # from here on rows, up to the first end: what is behind it is no part of the picture
            last = data.rfind(b"\xff\xd9")
            return b"".join([*kept, data[at : last + 2]]) if last > at else None
        is_note = 0xE0 <= marker <= 0xEF or marker == 0xFE
        if not is_note or data[at + 4 : end].startswith(_KEPT_NOTES.get(marker, b"\0never")):
            kept.append(data[at:end])
        at = end
    return None
