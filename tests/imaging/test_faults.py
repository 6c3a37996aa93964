"""Faults that hurt no pixel are passed over, and those that do are refused."""

import io
import struct
import zlib

import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from pindeck.imaging.derivatives import build
from pindeck.imaging.errors import CUT_OFF, BadImage
from pindeck.imaging.probe import check_upload
from pindeck.imaging.spliced import Spliced
from tests.imaging.pictures import chunk, png, quarters, saved, texture

FLAT = b"".join(b"\0" + bytes([200, 80, 60]) * 64 for _ in range(64))
PLAIN = saved(texture(), "JPEG", quality=90).getvalue()
KINDS: dict[str, dict[str, object]] = {
    "baseline": {},
    "progressive": {"progressive": True},
    "grey": {"mode": "L"},
    "intervals": {"restart_marker_rows": 1},
    "tiny intervals": {"restart_marker_blocks": 1},
    "fine": {"subsampling": 0, "quality": 98},
}


def jpeg(kind: str) -> bytes:
    options = dict(KINDS[kind])
    return saved(texture(201, 133).convert(str(options.pop("mode", "RGB"))), "JPEG", **options).getvalue()


def pixels(data: bytes) -> bytes:
    """What the whole way makes of a file: checked, and drawn large."""
    check_upload(io.BytesIO(data), max_megapixels=1)
    drawn = build(io.BytesIO(data), max_megapixels=1).renditions[0].data
    with Image.open(io.BytesIO(drawn)) as image:
        return image.tobytes()


def is_refused(data: bytes) -> bool:
    try:
        check_upload(io.BytesIO(data), max_megapixels=1)
    except BadImage as error:
        assert error.reason == CUT_OFF
        return True
    return False


@pytest.mark.parametrize("kind", KINDS)
def test_a_jpeg_that_lacks_its_end_marker_alone_is_whole(kind: str) -> None:
    data = jpeg(kind)
    assert data.endswith(b"\xff\xd9")
    for end in (data[:-2], data[:-1], data[:-2] + bytes(5000)):
        assert pixels(end) == pixels(data)


@pytest.mark.parametrize("kind", KINDS)
def test_a_jpeg_that_lacks_rows_is_cut_off(kind: str) -> None:
    data = jpeg(kind)
    start = data.index(b"\xff\xda")
    cuts = [start + (len(data) - 2 - start) * part // 50 for part in range(1, 50)]
    assert [cut for cut in cuts if not is_refused(data[:cut])] == []
    # Room that was kept for what never came
    assert [cut for cut in cuts[::7] if not is_refused(data[:cut].ljust(len(data) * 2, b"\0"))] == []
    with pytest.raises(BadImage):
        build(io.BytesIO(data[: cuts[30]]), max_megapixels=1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_jpeg_without_its_end_marker_is_decoded_twice_or_with_restarts_three_times(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, decoded = jpeg(kind), []
    loaded = JpegImageFile.load

    def load(image: JpegImageFile) -> object:
        decoded.extend([image.size] if image.tile else [])
        return loaded(image)

    monkeypatch.setattr(JpegImageFile, "load", load)
    check_upload(io.BytesIO(data), max_megapixels=1)
    assert len(decoded) == 1
    decoded.clear()
    check_upload(io.BytesIO(data[:-2]), max_megapixels=1)
    assert len(decoded) == (3 if b"\xff\xdd" in data else 2) and len(set(decoded)) == 1


def test_a_jpeg_that_lacks_whole_passes_is_cut_off() -> None:
    data = jpeg("progressive")
    scans = [at for at in range(len(data)) if data[at : at + 2] == b"\xff\xda"]
    tables = [data.rfind(b"\xff\xc4", before, at) for before, at in zip(scans, scans[1:], strict=False)]
    ends = [table if table > 0 else at for table, at in zip(tables, scans[1:], strict=True)]
    assert len(ends) > 5
    assert all(is_refused(data[:end]) for end in ends)


SEGMENTS = {
    "an empty JFIF": b"\xff\xe0\0\x07JFIF\0",
    "a half Adobe": b"\xff\xee\0\x09Adobe\0\x64",
    "an ICC part without a number": b"\xff\xe2\0\x0eICC_PROFILE\0",
    "an EXIF block of nonsense": b"\xff\xe1\0\x0eExif\0\0II*\0\xff\xff",
    "a short Photoshop block": b"\xff\xed\0\x16Photoshop 3.0\x008BIM\x03\xed",
    "an index of nothing": b"\xff\xe2\0\x0aMPF\0II*\0",
    "a comment": b"\xff\xfe\0\x05\xff\xd8\0",
    "a segment shorter than its own length": b"\xff\xe5\0\0",
}


@pytest.mark.parametrize("name", SEGMENTS)
def test_a_fault_in_a_segment_without_pixels_is_passed_over(name: str) -> None:
    after_app0 = 4 + int.from_bytes(PLAIN[4:6], "big")
    expected = pixels(PLAIN)
    for start, behind in ((2, after_app0), (2, 2), (after_app0, after_app0)):
        assert pixels(PLAIN[:start] + SEGMENTS[name] + PLAIN[behind:]) == expected


def test_one_faulty_segment_costs_no_other() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Maker"
    data = saved(quarters(), "JPEG", exif=exif).getvalue()
    without = b"".join(part for name, part in SEGMENTS.items() if "EXIF" not in name)
    built = build(io.BytesIO(data[:2] + without + data[2:]), max_megapixels=1)
    assert (built.probe.width, built.probe.height, built.exif.camera) == (40, 80, "Maker")


def spoilt(part: bytes) -> bytes:
    return part[:-1] + bytes([part[-1] ^ 255])


CHUNKS = {
    **{
        f"a wrong checksum of {kind.decode()}": spoilt(chunk(kind, data))
        for kind, data in (
            (b"tEXt", b"Comment\0hello"),
            (b"zTXt", b"a\0\0" + zlib.compress(b"b")),
            (b"iTXt", b"a\0\0\0\0\0b"),
            (b"pHYs", bytes(9)),
            (b"gAMA", struct.pack(">I", 100_000)),
            (b"cHRM", bytes(32)),
            (b"sRGB", b"\0"),
            (b"iCCP", b"a\0\0" + zlib.compress(b"b")),
            (b"eXIf", b"II*\0"),
            (b"tIME", bytes(7)),
            (b"bKGD", bytes(6)),
            (b"tRNS", struct.pack(">HHH", 200, 80, 60)),
            (b"acTL", struct.pack(">II", 2, 0)),
            (b"prVt", b"x"),
        )
    },
    "no text": chunk(b"zTXt", b""),
    "text packed in an unknown way": chunk(b"zTXt", b"a\0\x07xyz"),
    "EXIF as text, packed in an unknown way": chunk(b"zTXt", b"Raw profile type exif\0\x07xyz"),
    "a profile packed in an unknown way": chunk(b"iCCP", b"a\0\x07xyz"),
    "a profile without a name": chunk(b"iCCP", b""),
    "a short gamma": chunk(b"gAMA", b"\0"),
    "a short density": chunk(b"pHYs", b"\0"),
    "a short transparency": chunk(b"tRNS", b"\0"),
    "an animation of no length": chunk(b"acTL", b"\0"),
    "an animation out of turn": chunk(b"acTL", struct.pack(">II", 2, 0))
    + chunk(b"fcTL", struct.pack(">IIIIIHHBB", 5, 64, 64, 0, 0, 1, 10, 0, 0)),
    "a part of an animation alone": chunk(b"fcTL", b"\0\0"),
}


@pytest.mark.parametrize("name", CHUNKS)
def test_a_fault_in_a_chunk_without_pixels_is_passed_over(name: str) -> None:
    whole = png(64, 64, 8, 2, FLAT).getvalue()
    at_end = whole.index(b"IEND") - 4
    expected = pixels(whole)
    for at in (33, at_end):
        data = whole[:at] + CHUNKS[name] + whole[at:]
        assert pixels(data) == expected
        assert check_upload(io.BytesIO(data), max_megapixels=1).frames == 1


def test_a_fault_in_a_chunk_with_pixels_is_damage() -> None:
    whole = png(64, 64, 8, 2, FLAT).getvalue()
    for spoilt_at in (25, 31, whole.index(b"IDAT") + 20):
        data = bytearray(whole)
        data[spoilt_at] ^= 255
        with pytest.raises(BadImage):
            check_upload(io.BytesIO(bytes(data)), max_megapixels=1)


def test_a_spliced_file_reads_like_its_parts() -> None:
    spliced = Spliced(io.BytesIO(bytes(range(100))), [(0, 3), (3, 3), (10, 14), (90, 100)], b"ab")
    expected = bytes([0, 1, 2, 10, 11, 12, 13, *range(90, 100)])
    assert spliced.read(5) == expected[:5] and not spliced.is_short
    assert spliced.read(100) == expected[5:] and not spliced.is_short
    assert spliced.read(100) == b"ab" and spliced.is_short
    assert spliced.read(1) == b""
    for at in range(20):
        spliced.seek(at)
        assert spliced.read() == (expected + b"ab")[at:]
    assert spliced.seek(-1, 2) == 18 and spliced.seek(-2, 1) == 16
    with pytest.raises(ValueError, match="negative"):
        spliced.seek(-1)
