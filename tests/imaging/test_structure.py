"""What a look at the structure of a file finds, and that its cost is bounded whatever the bytes are."""

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pindeck.imaging import structure
from pindeck.imaging.errors import TOO_MANY_PARTS, TOO_MANY_PASSES, TOO_MUCH_TEXT, BadImage, NotAPicture
from pindeck.imaging.parts import MOST_NOTES
from pindeck.imaging.probe import check_upload
from tests.imaging.pictures import FORMATS, chunk, png, saved, texture

VALID = {name: saved(texture(), name).getvalue() for name in FORMATS}
PROGRESSIVE = saved(texture(), "JPEG", progressive=True).getvalue()


class Counting(io.BytesIO):
    """Counts how often it is read and how many bytes that brings."""

    calls = 0
    brought = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.calls += 1
        self.brought += len(data)
        return data


def look(data: bytes, most: int = 100) -> structure.Outline:
    return structure.outline(io.BytesIO(data), max_megapixels=most)


def refusal(data: bytes) -> tuple[str, Counting]:
    file = Counting(data)
    with pytest.raises(BadImage) as caught:
        structure.outline(file, max_megapixels=100)
    return caught.value.reason, file


@pytest.mark.parametrize("name", FORMATS)
def test_the_declared_size_is_found(name: str) -> None:
    assert look(VALID[name]).size == (96, 64)
    with pytest.raises(BadImage, match="megapixels; the most is 1"):
        look(saved(Image.new("RGB", (1100, 1000)), name).getvalue(), 1)


def test_an_animation_declares_its_canvas() -> None:
    frames = [texture(seed=number) for number in range(300)]
    for name in ("GIF", "WEBP", "PNG", "AVIF"):
        few = frames if name in ("GIF", "PNG") else frames[:20]
        data = saved(few[0], name, save_all=True, append_images=few[1:], duration=50).getvalue()
        assert look(data).size == (96, 64)


def test_what_needs_all_its_pixels_at_once_is_known() -> None:
    plain, passes, webp = (look(data).memory for data in (VALID["JPEG"], PROGRESSIVE, VALID["WEBP"]))
    assert plain < passes < webp
    assert look(b"\0\0\0\x1cftypavif\0\0\0\0").memory > 10**9  # nothing is known of it


@pytest.mark.parametrize("segment", [b"\xff\xe1\0\2", b"\xff\xfe\0\3x", b"\xff\xd0", b"\xff\xff\xd9"])
def test_a_jpeg_of_countless_segments_is_refused_after_a_few_of_them(segment: bytes) -> None:
    data = VALID["JPEG"]
    reason, file = refusal(data[:2] + segment * 2_000_000 + data[2:])
    assert reason == TOO_MANY_PARTS
    assert file.calls < 30_000 and file.brought < 1_000_000


def test_a_jpeg_with_junk_between_its_segments_is_refused() -> None:
    data = VALID["JPEG"]
    after_app0 = 4 + int.from_bytes(data[4:6], "big")
    assert look(data[:after_app0] + bytes(1000) + data[after_app0:]).size == (96, 64)
    assert refusal(data[:after_app0] + bytes(3_000_000) + data[after_app0:])[0] == TOO_MANY_PARTS


def test_notes_of_a_camera_pass_and_an_endless_amount_does_not() -> None:
    segment = b"\xff\xe2\xff\xff" + bytes(65_533)
    data = VALID["JPEG"]
    assert check_upload(io.BytesIO(data[:2] + segment * 200 + data[2:]), max_megapixels=100).format == "JPEG"
    assert refusal(data[:2] + segment * (MOST_NOTES // 65_535 + 1) + data[2:])[0] == TOO_MUCH_TEXT


def test_passes_are_weighed_by_the_pixels_they_go_over() -> None:
    at = PROGRESSIVE.rindex(b"\xff\xda")
    last = PROGRESSIVE[at:-2]

    def with_passes(count: int) -> bytes:
        return PROGRESSIVE[:at] + last * count + b"\xff\xd9"

    few = PROGRESSIVE.count(b"\xff\xda") - 1
    assert look(with_passes(100 - few)).size == (96, 64)
    assert refusal(with_passes(101 - few))[0] == TOO_MANY_PASSES
    frame = PROGRESSIVE.index(b"\xff\xc2") + 5
    large = bytearray(with_passes(30 - few))
    large[frame : frame + 4] = struct.pack(">HH", 9_900, 9_900)
    assert refusal(bytes(large))[0] == TOO_MANY_PASSES
    large[frame : frame + 4] = struct.pack(">HH", 5_000, 5_000)
    assert look(bytes(large)).size == (5_000, 5_000)


def test_previews_behind_a_jpeg_are_no_passes_of_it() -> None:
    assert look(VALID["JPEG"] + PROGRESSIVE * 40).size == (96, 64)


def test_a_marker_that_lies_across_two_reads_is_counted() -> None:
    at = PROGRESSIVE.rindex(b"\xff\xda")
    gap = b"\xff\xda\0\2" + bytes(1024 * 1024 - 5)
    for shift in range(4):
        assert refusal(PROGRESSIVE[:at] + bytes(shift) + gap * 30 + PROGRESSIVE[at:-2] * 101)[0] == TOO_MANY_PASSES


def test_the_picture_of_a_png_may_come_in_any_number_of_ordinary_chunks() -> None:
    rows = zlib.compress(b"".join(b"\0" + bytes(3 * 4000) for _ in range(3000)), 0)
    head = VALID["PNG"][:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", 4000, 3000, 8, 2, 0, 0, 0))
    parts = b"".join(chunk(b"IDAT", rows[at : at + 8192]) for at in range(0, len(rows), 8192))
    assert look(head + parts + chunk(b"IEND", b"")).size == (4000, 3000)


@pytest.mark.parametrize(
    "piece", [chunk(b"tEXt", b"a\0b"), chunk(b"IDAT", b""), chunk(b"fdAT", b"1234"), chunk(b"teSt", b"")]
)
def test_a_png_of_countless_chunks_is_refused_after_a_few_of_them(piece: bytes) -> None:
    data = VALID["PNG"]
    reason, file = refusal(data[:33] + piece * 400_000 + data[33:])
    assert reason == TOO_MANY_PARTS
    assert file.calls < 20_000 and file.brought < 1_000_000


def test_packed_notes_of_a_png_are_bounded_in_number_and_notes_in_bytes() -> None:
    packed = zlib.compress(bytes(8_000_000))[:-6]
    for piece in (chunk(b"zTXt", b"a\0\0" + packed), chunk(b"iTXt", b"a\0\1\0\0\0" + packed)):
        assert check_upload(png(1, 1, 8, 0, b"\0\0", piece * 3), max_megapixels=1).format == "PNG"
        assert refusal(png(1, 1, 8, 0, b"\0\0", piece * 240).getvalue())[0] == TOO_MUCH_TEXT
    plain = chunk(b"iTXt", b"a\0\0\0\0\0" + b"x" * 1000)
    assert look(png(1, 1, 8, 0, b"\0\0", plain * 240).getvalue()).size == (1, 1)
    assert (
        refusal(png(1, 1, 8, 0, b"\0\0", chunk(b"tEXt", b"a\0" + bytes(9_000_000)) * 4).getvalue())[0]
        == TOO_MUCH_TEXT
    )


def test_what_comes_before_the_first_frame_of_a_gif_is_bounded() -> None:
    data = VALID["GIF"]
    start = data.index(b"\x2c\0\0\0\0")
    note = b"\x21\xfe" + (b"\xff" + bytes(255)) * 100 + b"\0"
    assert check_upload(io.BytesIO(data[:start] + note * 10 + data[start:]), max_megapixels=1).format == "GIF"
    for many in (note * 400, b"\x21\xfe" + b"\1x" * 1_000_000 + b"\0"):
        reason, file = refusal(data[:start] + many + data[start:])
        assert reason == TOO_MUCH_TEXT and file.calls < 200_000


def test_chunks_of_a_webp_and_boxes_of_an_avif_are_bounded() -> None:
    webp = VALID["WEBP"] + b"junk\0\0\0\0" * 100_000
    avif = VALID["AVIF"] + b"\0\0\0\x08free" * 100_000
    items = bytearray(VALID["AVIF"])
    at = items.index(b"iinf")
    items[at + 8 : at + 10] = b"\xff\xff"
    for data in (webp, avif, bytes(items)):
        reason, file = refusal(data)
        assert reason == TOO_MANY_PARTS and file.calls < 20_000


def test_boxes_that_lie_about_their_length_end_the_walk() -> None:
    head = b"\0\0\0\x1cftypavif" + bytes(16)
    for box in (
        b"\0\0\0\0meta" + bytes(4) + b"\0\0\0\0iprp\0\0\0\0ipco\0\0\0\x14ispe" + bytes(12),
        b"\0\0\0\1meta" + b"\xff" * 8,
        b"\0\0\0\4meta",
        b"\xff\xff\xff\xffmeta" + b"\0" * 5,
    ):
        assert look(head + box).size == (0, 0)


def answers(data: bytes) -> None:
    file = Counting(data)
    try:
        structure.outline(file, max_megapixels=100)
    except BadImage as error:
        assert error.reason.endswith(".")
    assert file.calls <= 100 + 4 * len(data)


MAGIC = [data[:24] for data in VALID.values()] + [
    b"GIF89a",
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"\0\0\0\x1cftypavif",
]
PIECE = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [b"\xff\xda", b"\xff\xff", b"\0\0\0\0", b"\x21\xfe\1x", b"meta", b"ipco", b"ispe", b"IHDR", b"\xff" * 8]
    ),
)


@settings(max_examples=400)
@given(st.sampled_from([b"", *MAGIC]), st.lists(PIECE, max_size=40))
def test_any_bytes_have_a_verdict_within_bounds(magic: bytes, pieces: list[bytes]) -> None:
    answers(magic + b"".join(pieces))


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=100)
@given(st.data())
def test_bent_pictures_have_a_verdict_within_bounds(name: str, data: st.DataObject) -> None:
    bent = bytearray(VALID[name])
    for _ in range(data.draw(st.integers(1, 8))):
        bent[data.draw(st.integers(0, len(bent) - 1))] = data.draw(st.integers(0, 255))
    answers(bytes(bent[: data.draw(st.integers(1, len(bent)))]))


@pytest.mark.parametrize("make", [lambda: b"", lambda: b"<html>", lambda: b"BM" + bytes(50)])
def test_what_is_no_picture_is_said_without_a_decoder(make: Callable[[], bytes]) -> None:
    with pytest.raises(NotAPicture):
        look(make())
