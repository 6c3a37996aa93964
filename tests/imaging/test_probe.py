"""Uploads: what is taken, what is refused, and in which words."""

import io
import random
import subprocess
import sys
import warnings
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pindeck.imaging import extensions, sniff
from pindeck.imaging.errors import BadImage
from pindeck.imaging.opening import FORMATS
from pindeck.imaging.probe import Probe, check_upload

from .pictures import FORMATS as PLAIN_FORMATS
from .pictures import chunk, png, saved, texture

VALID = {name: saved(texture(), name).getvalue() for name in PLAIN_FORMATS}


def check(data: bytes, max_megapixels: int = 100) -> Probe:
    return check_upload(io.BytesIO(data), max_megapixels=max_megapixels)


def reason(data: bytes, max_megapixels: int = 100) -> str:
    with pytest.raises(BadImage) as caught:
        check(data, max_megapixels)
    assert str(caught.value) == caught.value.reason
    return caught.value.reason


@pytest.mark.parametrize("name", PLAIN_FORMATS)
def test_every_accepted_format_is_described(name: str) -> None:
    mime, extension = FORMATS[name]
    assert check(VALID[name]) == Probe(name, mime, extension, 96, 64, 1, False)


def test_the_bytes_decide_and_not_the_name(tmp_path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(VALID["PNG"])
    with path.open("rb") as file:
        probe = check_upload(file, max_megapixels=100)
        assert (probe.format, probe.mime, probe.extension) == ("PNG", "image/png", "png")
        assert not file.closed


def test_the_file_may_stand_anywhere_before_the_check() -> None:
    file = io.BytesIO(VALID["JPEG"])
    file.seek(0, io.SEEK_END)
    assert check_upload(file, max_megapixels=100).format == "JPEG"


# Each with the bytes of its 32 rows of 40 pixels, one more before each: bits of a sample, colour type.
DEPTHS = {(1, 0): 32 * 6, (2, 3): 32 * 11, (8, 0): 32 * 41, (8, 2): 32 * 121, (8, 6): 32 * 161, (16, 2): 32 * 241}
PALETTE = chunk(b"PLTE", bytes(range(12)))


@pytest.mark.parametrize(("bits", "kind"), DEPTHS)
def test_a_png_whose_stream_ends_before_its_last_row_is_damaged(bits: int, kind: int) -> None:
    whole = DEPTHS[bits, kind]
    row = whole // 32
    extra = PALETTE if kind == 3 else b""
    shades = b"".join(b"\0" + random.Random(number).randbytes(row - 1) for number in range(32))
    for rows in (shades, bytes(whole), shades[:-row] + bytes(row)):  # the last ones of some are black
        assert check(png(40, 32, bits, kind, rows, extra).getvalue()).width == 40
        for count in (1, 16, 31):
            assert "damaged" in reason(png(40, 32, bits, kind, rows[: count * row], extra).getvalue())


def test_an_interlaced_png_is_whole_after_its_last_pass() -> None:
    """40 × 30 in grey: 5×4 5×4 10×4 10×8 20×7 20×15 40×15 pixels."""
    rows = b"".join(
        (b"\0" + b"\x80" * width) * height
        for width, height in ((5, 4), (5, 4), (10, 4), (10, 8), (20, 7), (20, 15), (40, 15))
    )
    whole = bytearray(png(40, 30, 8, 0, rows).getvalue())
    cut = bytearray(png(40, 30, 8, 0, rows[: -41 * 7]).getvalue())
    for data in (whole, cut):
        data[28] = 1
        data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    assert check(bytes(whole)).height == 30
    assert "damaged" in reason(bytes(cut))


def test_a_png_in_many_chunks_that_ends_black_is_whole() -> None:
    packed = zlib.compress((b"\0" + bytes(120)) * 2000, 0)
    pieces = b"".join(chunk(b"IDAT", packed[at : at + 1000]) for at in range(0, len(packed), 1000))
    head = png(40, 2000, 8, 2, b"").getvalue()[:33]
    assert check(head + pieces + chunk(b"IEND", b"")).height == 2000
    half = zlib.compress((b"\0" + bytes(120)) * 1000, 0)
    assert "damaged" in reason(head + chunk(b"IDAT", half) + chunk(b"IEND", b""))


@pytest.mark.parametrize("name", PLAIN_FORMATS)
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_cut_off_file_is_refused(name: str, part: float) -> None:
    data = saved(texture(400, 300), name).getvalue()
    said = reason(data[: int(len(data) * part)])
    assert "cut off" in said or "damaged" in said


def test_a_jpeg_whose_header_is_whole_is_found_to_be_cut_off_by_decoding() -> None:
    data = saved(texture(400, 300), "JPEG").getvalue()
    half = data[: len(data) * 3 // 4]
    assert Image.open(io.BytesIO(half)).size == (400, 300)
    assert reason(half) == "This file is cut off: only part of the picture arrived."


def test_a_progressive_jpeg_that_is_cut_off_is_refused() -> None:
    data = saved(texture(400, 300), "JPEG", progressive=True).getvalue()
    assert "cut off" in reason(data[: len(data) // 2])


def test_a_png_with_a_wrong_checksum_is_damaged() -> None:
    data = bytearray(VALID["PNG"])
    data[len(data) // 2] ^= 0xFF
    assert "damaged" in reason(bytes(data))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty."),
        (b"<!DOCTYPE html><html><body>404</body></html>", "This is an HTML page, not a picture."),
        (b"\n  <html lang=en>", "This is an HTML page, not a picture."),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG files are not accepted; export a PNG."),
        (b'<?xml version="1.0"?>\n<svg/>', "SVG files are not accepted; export a PNG."),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "EPS and PostScript files are not accepted"),
        (b"%PDF-1.7\n", "PDF files are not accepted"),
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00", "This is a film, not a picture."),
        (b"\x00\x00\x00\x20ftypqt  \x00\x00\x02\x00", "This is a film, not a picture."),
        (b"\x00\x00\x00\x08wide\x00\x00\x00\x00mdat", "This is a film, not a picture."),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "This is a film, not a picture."),
        (b"\x1aE\xdf\xa3\x01\x00", "This is a film, not a picture."),
        (b"\x00\x00\x00\x20ftypM4A \x00\x00\x02\x00", "This is a sound recording, not a picture."),
        (b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01", "Raw camera files are not accepted; export a JPEG or PNG."),
        (b"FUJIFILMCCD-RAW 0201", "Raw camera files are not accepted; export a JPEG or PNG."),
        (b"II*\x00\x10\x00\x00\x00CR\x02\x00", "Raw camera files are not accepted; export a JPEG or PNG."),
        (b"IIRO\x08\x00", "Raw camera files are not accepted; export a JPEG or PNG."),
        (b"II*\x00\x08\x00\x00\x00", "TIFF and raw camera files are not accepted; export a JPEG or PNG."),
        (b"\x00\x00\x00\x18ftypjp2 \x00\x00\x00\x00", "JPEG 2000 files are not accepted"),
        (b"\x00\x00\x00\x18ftypzzzz\x00\x00\x00\x00", "This is not a picture that can be read here."),
        (b"\x76\x2f\x31\x01\x02", "OpenEXR files are not accepted; export a PNG."),
        (b"\x89PNG\r\n\x1a\nnothing", "begins like a PNG picture"),
        (b"hello there", "This is not a picture that can be read here."),
    ],
)
def test_what_is_no_picture_is_named(data: bytes, said: str) -> None:
    assert said in reason(data)


def test_heic_is_named_where_its_decoder_is_installed_and_refused_in_words_where_not(monkeypatch: pytest.MonkeyPatch) -> None:
    head = b"\0\0\0\x1cftypheic\0\0\0\0mif1heic"
    monkeypatch.setattr(extensions, "reads_heic", lambda: False)
    assert sniff.reason_for(head) == "HEIC pictures cannot be read here; export a JPEG."
    assert reason(b"hello there").endswith("Use JPEG, PNG, WebP, GIF or AVIF.")
    monkeypatch.setattr(extensions, "reads_heic", lambda: True)
    assert "damaged" in sniff.reason_for(head) and "HEIC" in reason(head)
    assert reason(b"hello there").endswith("Use JPEG, PNG, WebP, GIF, AVIF or HEIC.")


@pytest.mark.parametrize(("at", "number"), [(1, 0xC3), (1, 0xC5), (1, 0xCB), (4, 12), (4, 16), (9, 2), (1, 0xF7)])
def test_a_jpeg_of_a_kind_that_is_not_read_is_not_called_damaged(at: int, number: int) -> None:
    """Without loss, in several sizes, of more than eight bits, of two components, JPEG-LS."""
    data = bytearray(VALID["JPEG"])
    data[data.index(b"\xff\xc0") + at] = number
    said = reason(bytes(data))
    assert said.startswith("This kind of JPEG cannot be read here") and "damaged" not in said


def test_a_gif_that_ends_early_is_read_as_far_as_its_first_frame_goes() -> None:
    frames = [texture(60, 40, seed=number) for number in range(4)]
    one, many = saved(frames[0], "GIF").getvalue(), saved(frames[0], "GIF", save_all=True, append_images=frames[1:]).getvalue()
    for data in (one[:-1], one[:-2], many[:-1], many[:-300], many[: len(many) // 2]):
        assert check(data).format == "GIF"
    assert check(many[: len(many) // 2]).frames == 2
    for data in (one[: len(one) // 2], many[: len(many) // 8], one[: len(one) * 3 // 4] + b"\0;"):
        assert reason(data) == "This file is cut off: only part of the picture arrived."


@pytest.mark.parametrize("name", ["BMP", "TIFF", "EPS", "PPM", "ICO", "TGA", "JPEG2000", "PCX", "SGI"])
def test_formats_that_pillow_could_read_are_refused_all_the_same(name: str) -> None:
    image = texture(64, 64)
    assert reason(saved(image, name).getvalue())


def test_nine_hundred_megapixels_in_a_small_file_are_refused_before_decoding() -> None:
    data = png(30_000, 30_000, 1, 0, bytes(3751) * 30).getvalue()
    assert reason(data) == "This picture has 900 megapixels; the most is 100."


@pytest.mark.parametrize(
    "head",
    [
        b"RIFF\xff\xff\x00\x00WEBPVP8X\x0a\x00\x00\x00\x10\x00\x00\x00" + b"\xff\x3e\x00" * 2 + bytes(64),
        b"RIFF\xff\xff\x00\x00WEBPVP8L\xff\x00\x00\x00\x2f" + (0x3FFE | 0x3FFE << 14).to_bytes(4, "little"),
        b"RIFF\xff\xff\x00\x00WEBPVP8 \xff\x00\x00\x00\x00\x00\x00\x9d\x01\x2a\xff\x3e\xff\x3e",
    ],
)
def test_a_large_webp_canvas_is_refused_before_memory_is_taken(head: bytes) -> None:
    assert "megapixels; the most is 100." in reason(head.ljust(200, b"\0"))


def test_a_gif_frame_beyond_its_screen_counts_with_its_own_size() -> None:
    data = bytearray(VALID["GIF"])
    descriptor = data.index(b"\x2c\x00\x00\x00\x00\x60\x00\x40\x00")
    data[descriptor + 5 : descriptor + 9] = b"\xff\xff\xff\xff"
    assert "megapixels" in reason(bytes(data))


def test_the_cap_is_exact_and_says_both_numbers() -> None:
    data = saved(Image.new("1", (1000, 1000))).getvalue()
    assert check(data, 1).width == 1000
    over = saved(Image.new("1", (1001, 1000))).getvalue()
    assert reason(over, 1) == "This picture has 1.1 megapixels; the most is 1."


def test_a_picture_below_the_cap_but_above_pillows_own_gives_no_warning() -> None:
    data = saved(Image.new("1", (9_500, 10_000))).getvalue()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert check(data).height == 10_000


def test_a_picture_without_pixels_is_refused() -> None:
    assert reason(png(0, 5, 8, 0, b"").getvalue())


def test_a_jpeg_of_countless_passes_is_refused() -> None:
    data = saved(texture(), "JPEG", progressive=True).getvalue()
    at = data.rindex(b"\xff\xda")
    bomb = data[:at] + data[at:-2] * 200 + b"\xff\xd9"
    assert "too many passes" in reason(bomb)
    assert check(data).format == "JPEG"


def test_what_a_phone_appends_to_a_jpeg_does_not_count_as_passes() -> None:
    assert check(VALID["JPEG"] + b"\xff\xda\x00\x02" * 500).format == "JPEG"


@pytest.mark.parametrize("name", ["GIF", "WEBP", "PNG", "AVIF"])
def test_the_frames_of_an_animation_are_counted(name: str) -> None:
    frames = [texture(seed=number) for number in range(4)]
    data = saved(frames[0], name, save_all=True, append_images=frames[1:], duration=50).getvalue()
    assert check(data).frames == 4


def test_frames_of_a_gif_are_counted_within_bounds() -> None:
    data = VALID["GIF"]
    start = data.index(b"\x2c\x00\x00\x00\x00")
    many = data[:start] + data[start:-1] * 1500 + b";"
    assert sniff.gif_frames(data) == 1
    assert sniff.gif_frames(many) == 1000
    assert sniff.gif_frames(many[:-1000], most=5) == 5


@pytest.mark.parametrize("orientation", range(1, 9))
def test_width_and_height_are_those_of_the_upright_picture(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    for name in ("JPEG", "PNG", "WEBP", "AVIF"):
        probe = check(saved(texture(400, 300), name, exif=exif).getvalue())
        assert (probe.width, probe.height) == ((400, 300) if orientation < 5 else (300, 400)), name


def test_an_orientation_that_is_nonsense_is_ignored() -> None:
    for value in (0, 9, 65535):
        exif = Image.Exif()
        exif[0x0112] = value
        assert check(saved(texture(), "JPEG", exif=exif).getvalue()).width == 96


def test_an_orientation_in_notes_that_browsers_ignore_is_ignored() -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6"/></x:xmpmeta>'
    assert check(saved(texture(), "JPEG", xmp=xmp).getvalue()).width == 96


@pytest.mark.parametrize(
    ("image", "has_alpha"),
    [
        (Image.new("RGBA", (9, 9), (1, 2, 3, 4)), True),
        (Image.new("LA", (9, 9)), True),
        (Image.new("L", (9, 9)), False),
        (Image.new("1", (9, 9)), False),
        (texture(9, 9).quantize(8), False),
    ],
)
def test_transparency_is_told(image: Image.Image, has_alpha: bool) -> None:
    assert check(saved(image).getvalue()).has_alpha is has_alpha


@pytest.mark.parametrize("size", [(1, 1), (10_000, 1), (1, 10_000)])
def test_strange_sizes_pass(size: tuple[int, int]) -> None:
    probe = check(saved(Image.new("RGB", size)).getvalue())
    assert (probe.width, probe.height) == size


def test_a_png_with_a_megabyte_of_notes_passes() -> None:
    text = chunk(b"zTXt", b"Notes\0\0" + zlib.compress(bytes(2_000_000)))
    assert check(png(1, 1, 8, 0, b"\0\0", text).getvalue()).format == "PNG"


def test_a_broken_disk_is_not_blamed_on_the_picture() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        check_upload(Broken(VALID["PNG"]), max_megapixels=100)


def test_importing_the_package_does_not_import_pillow() -> None:
    code = "import sys, pindeck.imaging, pindeck.imaging.errors; print('PIL' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def only_bad_image(data: bytes) -> None:
    try:
        assert check(data).width >= 1
    except BadImage as error:
        assert error.reason.endswith(".")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    only_bad_image(data)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\0\0\0\x1cftypavif"]), st.binary())
def test_any_bytes_behind_a_true_beginning_get_an_answer(magic: bytes, data: bytes) -> None:
    only_bad_image(magic + data)


@pytest.mark.parametrize("name", PLAIN_FORMATS)
@settings(max_examples=120, deadline=None)
@given(st.data())
def test_truncated_and_bit_flipped_pictures_get_an_answer(name: str, data: st.DataObject) -> None:
    bent = bytearray(VALID[name])
    for _ in range(data.draw(st.integers(0, 6))):
        bent[data.draw(st.integers(0, len(bent) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    only_bad_image(bytes(bent[: data.draw(st.integers(1, len(bent)))]))


def test_flipping_header_bits_never_raises_anything_else() -> None:
    rnd = random.Random(7)
    for name in PLAIN_FORMATS:
        for _ in range(150):
            bent = bytearray(VALID[name])
            for _ in range(rnd.randint(1, 4)):
                bent[rnd.randrange(min(len(bent), 120))] = rnd.randrange(256)
            only_bad_image(bytes(bent))


def test_a_forked_child_loads_nothing_for_a_picture(tmp_path: Path) -> None:
    """It would load it again for each picture."""
    picture = tmp_path / "roof.jpg"
    picture.write_bytes(saved(texture(1500, 900), "JPEG").getvalue())
    code = (
        "import sys; from pindeck.imaging import derivatives, helper, probe; known = set(sys.modules); file = open(sys.argv[1], 'rb');"
        " probe.decode(file, max_megapixels=10); derivatives.build(file, max_megapixels=10); print(sorted(set(sys.modules) - known))"
    )
    done = subprocess.run([sys.executable, "-c", code, picture], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
