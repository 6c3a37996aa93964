"""The transparent colour of a PNG, in every depth."""

import io
import struct

import pytest
from PIL import Image

from pindeck.imaging.crops import draw
from pindeck.imaging.derivatives import build
from pindeck.imaging.framing import frame
from pindeck.imaging.probe import check_upload
from tests.imaging.pictures import chunk, opened, png

W = 64


def halves(bits: int, left: tuple[int, ...], right: tuple[int, ...], key: tuple[int, ...] | None = None) -> bytes:
    """The left half in one colour, the right in another; the key is the left one unless another is named."""
    row = 0
    for number in [*(left * (W // 2)), *(right * (W // 2))]:
        row = (row << bits) | number
    rows = (b"\0" + row.to_bytes(W * len(left) * bits // 8, "big")) * W
    told = chunk(b"tRNS", struct.pack(f">{len(left)}H", *(key or left)))
    return png(W, W, bits, 0 if len(left) == 1 else 2, rows, told).getvalue()


DEEP = (0x1234, 0x5678, 0x9ABC)
CASES = {
    "1 bit, black": (1, (0,), (1,), (255, 255, 255)),
    "1 bit, white": (1, (1,), (0,), (0, 0, 0)),
    "2 bits": (2, (1,), (2,), (170, 170, 170)),
    "4 bits": (4, (7,), (12,), (204, 204, 204)),
    "8 bits": (8, (100,), (200,), (200, 200, 200)),
    "16 bits": (16, (0x1234,), (0xC000,), (192, 192, 192)),
    "16 bits with the upper half alike": (16, (0x1234,), (0x1235,), (18, 18, 18)),
    "16 bits with the lower half alike": (16, (0x1234,), (0x5634,), (86, 86, 86)),
    "8 bits of colour": (8, (10, 20, 30), (200, 20, 30), (200, 20, 30)),
    "16 bits of colour": (16, DEEP, (0xC000, 0x2000, 0x2000), (192, 32, 32)),
    "16 bits of colour, one bit apart": (16, DEEP, (0x1234, 0x5678, 0x9ABD), (18, 86, 154)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_transparent_half_is_clear_and_gives_no_colour(name: str) -> None:
    bits, left, right, meant = CASES[name]
    data = halves(bits, left, right)
    assert check_upload(io.BytesIO(data), max_megapixels=1).has_alpha
    built = build(io.BytesIO(data), max_megapixels=1)
    crop = draw(io.BytesIO(data), frame((W, W), "inside", (W, None)), "webp", max_megapixels=1)
    for made in (built.renditions[0].data, crop.data):
        picture = opened(made)
        assert picture.mode == "RGBA"
        assert picture.getchannel("A").crop((0, 0, 30, W)).getextrema() == (0, 0)
        assert picture.getchannel("A").crop((34, 0, W, W)).getextrema() == (255, 255)
        assert picture.getpixel((60, 60)) == pytest.approx((*meant, 255), abs=4)
    for colour in built.palette[:1]:
        assert tuple(bytes.fromhex(colour[1:])) == pytest.approx(meant, abs=4)


@pytest.mark.parametrize(
    ("bits", "left", "key"),
    [(4, (7,), (0x1007,)), (8, (100,), (0xFF64,)), (8, (1, 2, 3), (0x0101, 0x0202, 0x0303))],
)
def test_only_the_bits_that_a_pixel_has_are_compared(bits: int, left: tuple[int, ...], key: tuple[int, ...]) -> None:
    data = halves(bits, left, tuple(number + 3 for number in left), key)
    clear = opened(build(io.BytesIO(data), max_megapixels=1).renditions[0].data).getchannel("A")
    assert clear.getpixel((5, 5)) == 0 and clear.getpixel((60, 5)) == 255


@pytest.mark.parametrize("colours", [1, 3])
def test_a_key_that_no_pixel_has_clears_nothing(colours: int) -> None:
    data = halves(16, (0x1234,) * colours, (0xC000,) * colours, (0x1235,) * colours)
    large = opened(build(io.BytesIO(data), max_megapixels=1).renditions[0].data)
    assert large.mode == "RGB"


def test_an_interlaced_picture_of_sixteen_bits_is_cleared_too() -> None:
    def rows(width: int, height: int, step: int, start: int) -> bytes:
        line = b"".join(
            struct.pack(">3H", *(DEEP if start + step * x < 4 else (0xC000, 0x2000, 0x2000))) for x in range(width)
        )
        return (b"\0" + line) * height

    passes = rows(1, 1, 8, 0) + rows(1, 1, 8, 4) + rows(2, 1, 4, 0) + rows(2, 2, 4, 2)
    passes += rows(4, 2, 2, 0) + rows(4, 4, 2, 1) + rows(8, 4, 1, 0)
    data = bytearray(png(8, 8, 16, 2, passes, chunk(b"tRNS", struct.pack(">3H", *DEEP))).getvalue())
    data[28] = 1
    data[8:33] = chunk(b"IHDR", bytes(data[16:29]))
    large = opened(build(io.BytesIO(bytes(data)), max_megapixels=1).renditions[0].data)
    assert [large.getchannel("A").getpixel((x, 7)) for x in (0, 3, 4, 7)] == [0, 0, 255, 255]


def test_sixteen_bits_without_a_key_are_as_before() -> None:
    rows = (b"\0" + struct.pack(">H", 0x8000) * W) * W
    large = opened(build(png(W, W, 16, 0, rows), max_megapixels=1).renditions[0].data)
    assert large.mode == "RGB" and large.getpixel((3, 3)) == pytest.approx((128, 128, 128), abs=2)
    assert isinstance(large, Image.Image)
