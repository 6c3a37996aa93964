"""Camera data: what is read, and that hostile data does no harm."""

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from pindeck.imaging.exif import Exif, read_exif

from .pictures import opened, saved, texture

# Pillow says that camera data is broken, and here it is broken on purpose.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

DETAIL, PLACE = 0x8769, 0x8825


def with_exif(
    base: dict[int, object] | None = None,
    detail: dict[int, object] | None = None,
    place: dict[int, object] | None = None,
    name: str = "JPEG",
) -> Image.Image:
    exif = Image.Exif()
    exif.update(base or {})
    exif.get_ifd(DETAIL).update(detail or {})
    exif.get_ifd(PLACE).update(place or {})
    return opened(saved(texture(16, 16), name, exif=exif).getvalue())


FULL_DETAIL = {
    0xA434: "EF 50mm f/1.8",
    0x829A: IFDRational(1, 250),
    0x829D: IFDRational(28, 10),
    0x8827: 400,
    0x920A: IFDRational(50, 1),
    0x9003: "2024:05:06 07:08:09",
}
BERLIN = {
    1: "N",
    2: (IFDRational(52), IFDRational(31), IFDRational(12)),
    3: "E",
    4: (IFDRational(13), IFDRational(24), IFDRational(18)),
}


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_everything_a_camera_writes_is_read(name: str) -> None:
    found = read_exif(with_exif({0x10F: "Canon", 0x110: "Canon EOS R5"}, FULL_DETAIL, BERLIN, name))
    assert found == Exif(
        camera="Canon EOS R5",
        lens="EF 50mm f/1.8",
        exposure="1/250 s",
        aperture="f/2.8",
        iso=400,
        focal_length="50 mm",
        taken_at="2024-05-06T07:08:09",
        gps=(52.52, 13.405),
    )


def test_the_dictionary_holds_no_place_and_nothing_empty() -> None:
    assert Exif(camera="X", iso=100, gps=(1.0, 2.0)).as_dict() == {"camera": "X", "iso": 100}
    assert Exif().as_dict() == {}


def test_a_picture_without_camera_data_has_none() -> None:
    assert read_exif(texture()) == Exif()


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("NIKON CORPORATION", "NIKON D850", "NIKON D850"),
        ("FUJIFILM", "X-T5", "FUJIFILM X-T5"),
        ("", "X100", "X100"),
        ("Arri", "", "Arri"),
    ],
)
def test_the_maker_is_named_once(make: str, model: str, camera: str) -> None:
    assert read_exif(with_exif({0x10F: make, 0x110: model})).camera == camera


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (IFDRational(1, 8000), "1/8000 s"),
        (IFDRational(10, 60), "1/6 s"),
        (IFDRational(1, 2), "0.5 s"),
        (IFDRational(30, 1), "30 s"),
        (IFDRational(0, 1), None),
        (IFDRational(1, 0), None),
        (IFDRational(0, 0), None),
    ],
)
def test_exposure_is_said_as_photographers_say_it(value: IFDRational, said: str | None) -> None:
    assert read_exif(with_exif(detail={0x829A: value})).exposure == said


@pytest.mark.parametrize("tag", [0x829A, 0x829D, 0x920A])
@pytest.mark.parametrize("raw", [(0, 0), (5, 0), (0, 5), (0xFFFFFFFF, 1), (1, 0xFFFFFFFF)])
def test_numbers_that_mean_nothing_are_left_out(tag: int, raw: tuple[int, int]) -> None:
    assert read_exif(with_exif(detail={tag: IFDRational(*raw)})).as_dict() == {}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024:05:06 07:08:09", "2024-05-06T07:08:09"),
        ("2024-05-06T07:08:09", "2024-05-06T07:08:09"),
        ("2024:05:06 07:08:09+02:00", "2024-05-06T07:08:09"),
        ("0000:00:00 00:00:00", None),
        ("2024:13:40 99:99:99", None),
        ("    :  :     :  :  ", None),
        ("yesterday", None),
    ],
)
def test_only_a_real_moment_is_taken(written: str, read: str | None) -> None:
    assert read_exif(with_exif(detail={0x9003: written})).taken_at == read


def test_the_moment_of_digitizing_stands_in() -> None:
    assert read_exif(with_exif(detail={0x9004: "2001:02:03 04:05:06"})).taken_at == "2001-02-03T04:05:06"


def test_south_and_west_are_negative() -> None:
    found = read_exif(with_exif(place=BERLIN | {1: "S", 3: "W"}))
    assert found.gps == (-52.52, -13.405)


@pytest.mark.parametrize(
    "change",
    [
        {1: ""},
        {1: "Q"},
        {2: (IFDRational(91), IFDRational(0), IFDRational(0))},
        {2: (IFDRational(52, 0), IFDRational(0), IFDRational(0))},
        {2: (IFDRational(0),) * 3, 4: (IFDRational(0),) * 3},
        {4: (IFDRational(13), IFDRational(24))},
    ],
)
def test_half_a_place_is_no_place(change: dict[int, object]) -> None:
    assert read_exif(with_exif(place=BERLIN | change)).gps is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"Lens\0hidden", "Lens"),
        (b"  a \r\n\t b  ", "a b"),
        ("Objektiv für 50 mm".encode(), "Objektiv für 50 mm"),
        ("Objektiv für 50 mm".encode("latin-1"), "Objektiv für 50 mm"),
        (b"\xed\xa0\x80x", None),
        (b"\x1b[31mred\x07", "[31mred"),
        ("a\u202eb".encode(), "a b"),
        (b"\0\0\0", None),
    ],
)
def test_text_is_clean(written: bytes, read: str | None) -> None:
    lens = read_exif(with_exif(detail={0xA434: written})).lens
    if read is None:
        assert lens is None or lens.isprintable()
    else:
        assert lens == read
    (lens or "").encode("utf-8")


def test_text_is_bounded() -> None:
    found = read_exif(with_exif({0x10F: "M" * 20_000, 0x110: "x" * 20_000}, {0xA434: "L" * 20_000}))
    assert len(found.camera or "") == 120
    assert len(found.lens or "") == 120


def test_an_enormous_block_is_left_alone() -> None:
    image = opened(saved(texture(), "PNG").getvalue())
    image.info["exif"] = b"Exif\0\0II*\0\x08\0\0\0" + bytes(2_000_000)
    assert read_exif(image) == Exif()


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_any_block_gives_clean_data_or_none(block: bytes, with_header: bool) -> None:
    image = texture(4, 4)
    image.info["exif"] = b"Exif\0\0II*\0\x08\0\0\0" + block if with_header else block
    for value in read_exif(image).as_dict().values():
        assert str(value).isprintable()
        assert len(str(value)) <= 120


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_bent_block_gives_clean_data_or_none(data: st.DataObject) -> None:
    whole = with_exif({0x10F: "Canon", 0x110: "EOS"}, FULL_DETAIL, BERLIN).info["exif"]
    bent = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 8))):
        bent[data.draw(st.integers(6, len(bent) - 1))] = data.draw(st.integers(0, 255))
    image = texture(4, 4)
    image.info["exif"] = bytes(bent)
    for value in read_exif(image).as_dict().values():
        assert str(value).isprintable()


def test_a_block_that_points_to_itself_ends() -> None:
    entry = struct.pack("<HHLL", 0x8769, 4, 1, 8)
    image = texture(4, 4)
    image.info["exif"] = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 1) + entry + struct.pack("<L", 8)
    assert read_exif(image) == Exif()


def test_broken_camera_data_does_not_make_a_picture_unusable() -> None:
    from pindeck.imaging.derivatives import build

    data = saved(texture(), "JPEG", exif=b"Exif\0\0" + b"\xff" * 400).getvalue()
    assert build(io.BytesIO(data), max_megapixels=100).exif == Exif()


TYPE, OUTPUT, RECOMMENDED, SPEED = 0x8830, 0x8831, 0x8832, 0x8833


@pytest.mark.parametrize(
    ("fields", "iso"),
    [
        ({0x8827: 65535, TYPE: 2, RECOMMENDED: 102400}, 102400),
        ({0x8827: 65535, TYPE: 1, OUTPUT: 204800, RECOMMENDED: 102400}, 204800),
        ({0x8827: 65535, TYPE: 3, SPEED: 409600, RECOMMENDED: 102400}, 409600),
        ({0x8827: 65535, TYPE: 7, SPEED: 409600, RECOMMENDED: 102400}, 102400),
        ({0x8827: 65535, TYPE: 0, OUTPUT: 204800}, 204800),
        ({0x8827: 65535, OUTPUT: 0, SPEED: 3276800}, 3276800),
        ({TYPE: 2, RECOMMENDED: 800}, 800),
        ({0x8827: 65534, TYPE: 2, RECOMMENDED: 102400}, 65534),
        ({0x8827: 400, TYPE: 2, RECOMMENDED: 500}, 400),
        ({0x8827: 65535}, None),  # more than the field holds, and nobody says how much
        ({0x8827: 65535, TYPE: 2, RECOMMENDED: 4294967295}, None),
    ],
)
def test_a_sensitivity_beyond_its_field_is_read_from_those_made_for_it(fields: dict[int, object], iso: int | None) -> None:
    assert read_exif(with_exif(detail=fields)).iso == iso
