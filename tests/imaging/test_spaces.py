"""Colours told by numbers instead of a profile, and profiles that are not what their name says."""

import io
import struct
import zlib
from itertools import pairwise

import pillow_heif
import pytest
from PIL import Image, ImageCms

from pindeck.imaging import boxes, spaces
from pindeck.imaging.crops import draw
from pindeck.imaging.derivatives import build
from pindeck.imaging.framing import frame
from pindeck.imaging.probe import check_upload
from pindeck.imaging.told import SPACE, note_space
from tests.imaging.pictures import DISPLAY_P3, chunk, opened, png, profile, saved

Rgb = tuple[int, int, int]
ASKED: Rgb = (200, 80, 60)
IN_P3: Rgb = (216, 69, 50)  # the same numbers, meant in Display P3, by the matrices of CSS Color 4
SRGB_POINTS = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
P3_POINTS = (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)


def flat(colour: Rgb, *chunks: bytes, size: int = 64) -> bytes:
    rows = (b"\0" + bytes(colour) * size) * size
    return png(size, size, 8, 2, rows, b"".join(chunks)).getvalue()


def cicp(primaries: int, transfer: int) -> bytes:
    return chunk(b"cICP", bytes([primaries, transfer, 0, 1]))


def gamma(value: int) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", value))


def points(*values: float) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in values)))


def icc(data: bytes) -> bytes:
    return chunk(b"iCCP", b"a\0\0" + zlib.compress(data))


def seen(data: bytes) -> tuple[Rgb, Rgb]:
    """The colour of a plain picture in its rendition and in a crop. Its palette begins with the same one."""
    check_upload(io.BytesIO(data), max_megapixels=1)
    built = build(io.BytesIO(data), max_megapixels=1)
    crop = draw(io.BytesIO(data), frame((64, 64), "cover", (32, 20)), "webp", max_megapixels=1)
    one, other = (opened(made).convert("RGB").getpixel((9, 9)) for made in (built.renditions[0].data, crop.data))
    assert isinstance(one, tuple) and isinstance(other, tuple)
    leading = tuple(bytes.fromhex(built.palette[0][1:]))
    assert leading == pytest.approx(one, abs=4)
    return one, other  # type: ignore[return-value]


def is_seen_as(data: bytes, colour: Rgb) -> None:
    for found in seen(data):
        assert found == pytest.approx(colour, abs=4)


def test_a_profile_is_judged_by_what_it_does_and_not_by_its_name() -> None:
    linear = spaces.profile(spaces.Space(curve=1.0))
    assert linear is not None
    named = linear.replace(b"told by numbers", b"sRGB-elle-V2-g1")
    is_seen_as(flat((55, 110, 30), icc(named)), (128, 175, 96))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    nameless = srgb.replace("sRGB".encode("utf-16-be"), "wide".encode("utf-16-be"))
    own = spaces.profile(spaces.Space())
    assert own is not None
    for data in (srgb, nameless, own):
        assert seen(flat(ASKED, icc(data))) == seen(flat(ASKED))


def test_a_grey_profile_is_judged_so_too() -> None:
    rows = (b"\0" + bytes([60]) * 64) * 64
    data = bytearray(spaces.profile(spaces.Space(curve=1.0)) or b"")
    data[16:20] = b"GRAY"
    at = 132 + 12 * next(n for n in range(9) if data[132 + 12 * n : 136 + 12 * n] == b"rTRC")
    data[at : at + 4] = b"kTRC"
    is_seen_as(png(64, 64, 8, 0, rows, icc(bytes(data))).getvalue(), (133, 133, 133))


@pytest.mark.parametrize(
    ("numbers", "asked", "meant"),
    [
        ((12, 13), ASKED, IN_P3),
        ((1, 13), ASKED, ASKED),
        ((1, 1), ASKED, ASKED),
        ((2, 2), ASKED, ASKED),
        ((99, 13), ASKED, ASKED),
        ((12, 99), ASKED, ASKED),
        ((1, 8), (55, 110, 30), (128, 175, 96)),
        ((9, 13), (148, 148, 148), (148, 148, 148)),
        # 203 candela, the white of a page, in both
        ((9, 16), (148, 148, 148), (191, 191, 191)),
        ((9, 18), (191, 191, 191), (191, 191, 191)),
        ((9, 16), (192, 192, 192), (255, 255, 255)),
        ((9, 18), (255, 255, 255), (255, 255, 255)),
        ((9, 16), (0, 0, 0), (0, 0, 0)),
        ((9, 18), (0, 0, 0), (0, 0, 0)),
    ],
)
def test_numbers_in_a_png_are_followed(numbers: tuple[int, int], asked: Rgb, meant: Rgb) -> None:
    is_seen_as(flat(asked, cicp(*numbers)), meant)


@pytest.mark.parametrize("transfer", [16, 18])
def test_more_light_is_never_less(transfer: int) -> None:
    rows = (b"\0" + b"".join(bytes([grey] * 3) for grey in range(256))) * 8
    data = png(256, 8, 8, 2, rows, cicp(9, transfer)).getvalue()
    drawn = draw(io.BytesIO(data), frame((256, 8), "inside", (256, None)), "avif", max_megapixels=1)
    assert drawn.width == 256
    space = spaces.by_numbers(9, transfer)
    assert space is not None
    curve = spaces.profile(space) or b""
    at = curve.index(b"curv")
    values = struct.unpack(">4096H", curve[at + 12 : at + 12 + 8192])
    assert all(one <= other for one, other in pairwise(values))
    assert values[0] == 0 and values[-1] == 65535


def with_numbers(primaries: int, transfer: int) -> bytes:
    data = bytearray(saved(Image.new("RGB", (64, 64), ASKED), "AVIF", quality=100, subsampling="4:4:4").getvalue())
    at = data.index(b"nclx") + 4
    data[at : at + 4] = struct.pack(">HH", primaries, transfer)
    return bytes(data)


def test_numbers_in_an_avif_are_followed() -> None:
    is_seen_as(with_numbers(12, 13), IN_P3)
    is_seen_as(with_numbers(1, 13), ASKED)
    is_seen_as(with_numbers(2, 2), ASKED)


def heic(primaries: int, transfer: int) -> bytes:
    numbers = {"color_primaries": primaries, "transfer_characteristics": transfer, "matrix_coefficients": 6, "full_range_flag": 1}
    out, image = io.BytesIO(), pillow_heif.from_pillow(Image.new("RGB", (64, 64), ASKED))
    image.save(out, quality=100, chroma=444, save_nclx_profile=True, **numbers)
    return out.getvalue()


def test_numbers_in_a_heic_are_followed_unless_a_profile_says_more() -> None:
    data = heic(12, 13)
    assert b"nclx" in data and b"prof" not in data
    is_seen_as(data, IN_P3)
    is_seen_as(heic(1, 13), ASKED)
    image = Image.open(io.BytesIO(data))
    image.info["icc_profile"] = b"a profile"
    note_space(image, io.BytesIO(data), None)
    assert SPACE not in image.info


def box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", 8 + len(data)) + kind + data


@pytest.mark.parametrize("wide", [False, True])
def test_the_numbers_are_those_of_the_picture_that_is_shown(wide: bool) -> None:
    def numbers(primaries: int) -> bytes:
        return box(b"colr", b"nclx" + struct.pack(">HHHB", primaries, 13, 6, 0x80))

    described = box(b"ipco", numbers(9) + box(b"ispe", bytes(12)) + numbers(12))
    width, number = (">I", ">H") if wide else (">H", ">B")
    items = b"".join(
        struct.pack(width, item)
        + b"\2"
        + struct.pack(number, 2)
        + struct.pack(number, at | (0x8000 if wide else 0x80))
        for item, at in ((1, 1), (7, 3))
    )
    assigned = box(b"ipma", bytes([wide, 0, 0, wide]) + struct.pack(">I", 2) + items)
    primary = box(b"pitm", bytes([wide, 0, 0, 0]) + struct.pack(width, 7))
    whole = box(b"ftyp", b"avif") + box(b"meta", bytes(4) + primary + box(b"iprp", described + assigned))
    assert boxes.colour_of(io.BytesIO(whole)) == (12, 13)
    for end in range(len(whole)):
        assert boxes.colour_of(io.BytesIO(whole[:end])) in (None, (12, 13))
    assert boxes.colour_of(io.BytesIO(whole.replace(primary, box(b"free", primary[8:])))) is None


@pytest.mark.parametrize(
    ("chunks", "asked", "meant"),
    [
        ([gamma(100_000)], (55, 110, 30), (128, 175, 96)),
        ([gamma(45_455)], ASKED, ASKED),
        ([gamma(47_000)], ASKED, ASKED),  # within 5 % of the usual
        ([gamma(0)], ASKED, ASKED),
        ([gamma(0xFFFFFFFF)], ASKED, ASKED),
        ([gamma(45_455), points(*SRGB_POINTS)], ASKED, ASKED),
        ([gamma(45_455), points(*P3_POINTS)], ASKED, IN_P3),
        ([gamma(45_455), points(*[0.3] * 8)], ASKED, ASKED),  # three primaries in one point
        ([gamma(45_455), points(*[0.0] * 8)], ASKED, ASKED),
        ([points(*P3_POINTS)], ASKED, ASKED),
        ([gamma(100_000), chunk(b"sRGB", b"\0")], ASKED, ASKED),
        ([gamma(100_000), cicp(12, 13)], ASKED, IN_P3),
        ([gamma(100_000), icc(profile(*DISPLAY_P3))], ASKED, IN_P3),
        ([cicp(1, 13), icc(profile(*DISPLAY_P3))], ASKED, ASKED),
        ([cicp(99, 13), icc(profile(*DISPLAY_P3))], ASKED, IN_P3),
    ],
)
def test_of_all_that_a_png_says_of_its_colours_the_strongest_counts(
    chunks: list[bytes], asked: Rgb, meant: Rgb
) -> None:
    is_seen_as(flat(asked, *chunks), meant)
