"""What a file that is no accepted picture seems to be, and bounded looks into the structure of files."""

from pindeck.imaging import extensions

_RAW = "Raw camera files are not accepted; export a JPEG or PNG."
_TIFF = "TIFF and raw camera files are not accepted; export a JPEG or PNG."
_FILM = "This is a film, not a picture."
_SOUND = "This is a sound recording, not a picture."
_ARCHIVE = "This is an archive, not a picture."


def _unread(kind: str, instead: str = "a PNG") -> str:
    return f"{kind} files are not accepted; export {instead}."


_NOT_PICTURES: tuple[tuple[bytes, str], ...] = (
    (b"%!PS", _unread("EPS and PostScript")),
    (b"\xc5\xd0\xd3\xc6", _unread("EPS and PostScript")),
    (b"%PDF", _unread("PDF")),
    # Canon's marks stand behind the TIFF header; other cameras' files cannot be told from a TIFF.
    (b"II*\x00\x10\x00\x00\x00CR", _RAW),
    (b"II*\x00", _TIFF),
    (b"MM\x00*", _TIFF),
    (b"II+\x00", _TIFF),
    (b"MM\x00+", _TIFF),
    (b"FUJIFILMCCD-RAW", _RAW),
    (b"IIRO", _RAW),
    (b"IIRS", _RAW),
    (b"MMOR", _RAW),
    (b"IIU\x00", _RAW),
    (b"FOVb", _RAW),
    (b"\x00MRM", _RAW),
    (b"II\x1a\x00\x00\x00HEAPCCDR", _RAW),
    (b"ARRI", _RAW),
    (b"8BPS", _unread("Photoshop")),
    (b"BM", _unread("BMP")),
    (b"II\xbc", _unread("JPEG XR", "a JPEG or PNG")),
    (b"\xff\x0a", _unread("JPEG XL", "a JPEG or PNG")),
    (b"\x00\x00\x00\x0cJXL ", _unread("JPEG XL", "a JPEG or PNG")),
    (b"\x00\x00\x00\x0cjP", _unread("JPEG 2000", "a JPEG or PNG")),
    (b"\xff\x4f\xff\x51", _unread("JPEG 2000", "a JPEG or PNG")),
    (b"\x76\x2f\x31\x01", _unread("OpenEXR")),
    (b"#?RADIANCE", _unread("Radiance")),
    (b"SDPX", _unread("DPX")),
    (b"XPDS", _unread("DPX")),
    (b"gimp xcf", _unread("GIMP")),
    (b"qoif", _unread("QOI")),
    (b"DDS ", _unread("DDS")),
    (b"\x8aMNG", _unread("MNG")),
    (b"\x00\x00\x01\x00", _unread("Icon")),
    (b"PK\x03\x04", _ARCHIVE),
    (b"Rar!", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (b"\x1f\x8b", _ARCHIVE),
    (b"\x1aE\xdf\xa3", _FILM),
    (b"\x00\x00\x01\xba", _FILM),
    (b"\x00\x00\x01\xb3", _FILM),
    (b"FLV\x01", _FILM),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "This is a film or a sound recording, not a picture."),
    (b"OggS", "This is a film or a sound recording, not a picture."),
    (b"ID3", _SOUND),
    (b"fLaC", _SOUND),
)
# By the brand that a file of boxes names first. Its first letters are enough.
_BRANDS: tuple[tuple[bytes, str], ...] = (
    (b"crx ", _RAW),
    (b"M4A", _SOUND),
    (b"M4B", _SOUND),
    (b"jp2", _unread("JPEG 2000", "a JPEG or PNG")),
    (b"jpx", _unread("JPEG 2000", "a JPEG or PNG")),
    (b"jxl", _unread("JPEG XL", "a JPEG or PNG")),
    *(
        (brand, _FILM)
        for brand in (b"iso", b"mp4", b"M4V", b"qt  ", b"3g", b"avc1", b"dash", b"MSNV", b"XAVC", b"f4v")
    ),
)
_BOXES_NOT_READ = (
    "This {} picture cannot be read here: it is damaged, or of a kind that is not known. Export a JPEG or PNG."
)
_OURS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
)
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_AVIF_BRANDS = (b"avif", b"avis")
_MOST_SUB_BLOCKS = 2_000_000


def reason_for(head: bytes) -> str:
    """Why a file that starts with `head` (some hundred bytes) was not recognised."""
    if not head:
        return "The file is empty."
    for magic, reason in _NOT_PICTURES:
        if head.startswith(magic):
            return reason
    if head[4:8] in (b"moov", b"mdat", b"wide"):  # films of before there were brands
        return _FILM
    if head[4:8] == b"ftyp":
        return _container_reason(head[8:12])
    for magic, name in _OURS:
        if head.startswith(magic):
            return f"This file is damaged: it begins like a {name} picture but cannot be read."
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "This file is damaged: it begins like a WebP picture but cannot be read."
    if head.startswith(b"RIFF"):
        return {b"AVI ": _FILM, b"WAVE": _SOUND}.get(head[8:12], _not_read())
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<svg" in text:
        return "SVG files are not accepted; export a PNG."
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) or b"<html" in text:
        return "This is an HTML page, not a picture."
    return _not_read()


def _container_reason(brand: bytes) -> str:
    if brand in _HEIF_BRANDS:
        if extensions.reads_heic():
            return _BOXES_NOT_READ.format("HEIC")
        return "HEIC pictures cannot be read here; export a JPEG."
    if brand in _AVIF_BRANDS:
        return _BOXES_NOT_READ.format("AVIF")
    return next((reason for start, reason in _BRANDS if brand.startswith(start)), _not_read())


def _not_read() -> str:
    *kinds, last = extensions.accepted()
    return f"This is not a picture that can be read here. Use {', '.join(kinds)} or {last}."


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
