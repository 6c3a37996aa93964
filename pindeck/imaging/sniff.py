"""What a file that is no accepted picture seems to be, and bounded looks into the structure of files."""

_NOT_PICTURES: tuple[tuple[bytes, str], ...] = (
    (b"%!PS", "EPS and PostScript files are not accepted; export a PNG."),
    (b"\xc5\xd0\xd3\xc6", "EPS and PostScript files are not accepted; export a PNG."),
    (b"%PDF", "PDF files are not accepted; export a PNG."),
    (b"II*\x00", "TIFF and raw camera files are not accepted; export a JPEG or PNG."),
    (b"MM\x00*", "TIFF and raw camera files are not accepted; export a JPEG or PNG."),
    (b"II+\x00", "TIFF and raw camera files are not accepted; export a JPEG or PNG."),
    (b"8BPS", "Photoshop files are not accepted; export a PNG."),
    (b"BM", "BMP files are not accepted; export a PNG."),
    (b"\xff\x0a", "JPEG XL files are not accepted; export a JPEG or PNG."),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL files are not accepted; export a JPEG or PNG."),
    (b"\x00\x00\x00\x0cjP", "JPEG 2000 files are not accepted; export a JPEG or PNG."),
    (b"PK\x03\x04", "This is an archive, not a picture."),
    (b"\x1aE\xdf\xa3", "This is a video, not a picture."),
)
_OURS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
)
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_AVIF_BRANDS = (b"avif", b"avis")
_MOST_SUB_BLOCKS = 2_000_000


def reason_for(head: bytes, *, reads_heic: bool = False) -> str:
    """Why a file that starts with `head` (some hundred bytes) was not recognised."""
    if not head:
        return "The file is empty."
    for magic, reason in _NOT_PICTURES:
        if head.startswith(magic):
            return reason
    if head[4:8] == b"ftyp":
        return _container_reason(head[8:12], reads_heic)
    for magic, name in _OURS:
        if head.startswith(magic):
            return f"This file is damaged: it begins like a {name} picture but cannot be read."
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "This file is damaged: it begins like a WebP picture but cannot be read."
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<svg" in text:
        return "SVG files are not accepted; export a PNG."
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) or b"<html" in text:
        return "This is an HTML page, not a picture."
    return "This is not a picture that can be read here. Use JPEG, PNG, WebP, GIF or AVIF."


def _container_reason(brand: bytes, reads_heic: bool) -> str:
    if brand in _HEIF_BRANDS:
        if reads_heic:
            return "This file is damaged: it begins like a HEIC picture but cannot be read."
        return "HEIC pictures cannot be read here; export a JPEG."
    if brand in _AVIF_BRANDS:
        return "This file is damaged: it begins like an AVIF picture but cannot be read."
    return "This is a video, not a picture."


def is_still(brand: bytes) -> bool:
    """Whether a container of this brand holds pictures and not a film."""
    return brand in _HEIF_BRANDS or brand in _AVIF_BRANDS


def webp_canvas(head: bytes) -> tuple[int, int] | None:
    """Width and height in pixels from the first 30 bytes of a WebP file; None if they do not tell."""
    if len(head) < 30 or head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        return None
    kind = head[12:16]
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = int.from_bytes(head[26:28], "little"), int.from_bytes(head[28:30], "little")
        return width & 0x3FFF, height & 0x3FFF
    return None


def gif_frames(data: bytes, *, most: int = 1000) -> int:
    """Number of frames in a GIF, counted up to `most` and within bounded time."""
    frames, steps, position = 0, 0, 13
    try:
        if data[10] & 0x80:
            position += 3 << ((data[10] & 7) + 1)
        while frames < most and data[position] in (0x21, 0x2C):
            if data[position] == 0x2C:
                frames += 1
                flags = data[position + 9]
                position += 11 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
            else:
                position += 2
            while size := data[position]:
                position += size + 1
                steps += 1
                if steps > _MOST_SUB_BLOCKS:
                    return max(1, frames)
            position += 1
    except IndexError:
        pass
    return max(1, frames)
