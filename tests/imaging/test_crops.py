"""Crops: the geometry as numbers, and the pixels that come out of it."""

import io
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pindeck.imaging.crops import draw
from pindeck.imaging.errors import BadImage
from pindeck.imaging.framing import FITS, Fit, Frame, frame
from pindeck.imaging.opening import upright
from tests.imaging.pictures import opened, profile, quarters, saved, texture

LENGTH = st.integers(1, 20_000)
SIDE = st.integers(1, 12_000)
SHARE = st.floats(0, 1, width=32)
RED = (230, 20, 20)


# Numbers


@given(width=LENGTH, height=LENGTH, box=st.tuples(SIDE, SIDE), x=SHARE, y=SHARE)
def test_a_cover_window_lies_inside_and_is_as_near_the_focal_point_as_it_can(
    width: int, height: int, box: tuple[int, int], x: float, y: float
) -> None:
    found = frame((width, height), "cover", box, (x, y))
    left, top, right, bottom = found.window
    assert 0 <= left < right <= width + 1e-6 and 0 <= top < bottom <= height + 1e-6
    assert found.size == found.canvas and found.at == (0, 0)
    # The focal point is shown, up to rounding, and in the middle unless an edge stands in the way.
    for start, stop, length, point in ((left, right, width, x * width), (top, bottom, height, y * height)):
        assert start - 1e-6 <= point <= stop + 1e-6
        middle = (start + stop) / 2
        assert middle == pytest.approx(point, abs=1e-6) or start == 0 or stop == pytest.approx(length)
    # Never enlarged, and all of one side is used.
    assert right - left >= found.size[0] - 1e-6 and bottom - top >= found.size[1] - 1e-6
    assert right - left == pytest.approx(width) or bottom - top == pytest.approx(height)


@given(width=LENGTH, height=LENGTH, box=st.tuples(SIDE, SIDE))
def test_the_size_is_exact_where_the_picture_is_large_enough_and_keeps_its_ratio_elsewhere(
    width: int, height: int, box: tuple[int, int]
) -> None:
    large = box[0] <= width and box[1] <= height
    for fit in ("cover", "contain"):
        canvas = frame((width, height), fit, box).canvas  # type: ignore[arg-type]
        if large:
            assert canvas == box
        assert canvas[0] <= box[0] and canvas[1] <= box[1]
        assert abs(canvas[0] * box[1] - canvas[1] * box[0]) <= max(box)  # within a pixel
        assert fit == "contain" or (canvas[0] <= width and canvas[1] <= height)


@given(
    width=LENGTH,
    height=LENGTH,
    fit=st.sampled_from(FITS),
    box=st.tuples(st.none() | SIDE, st.none() | SIDE).filter(any),
)
def test_whatever_is_asked_nothing_is_enlarged_and_nothing_is_empty(
    width: int, height: int, fit: Fit, box: tuple[int | None, int | None]
) -> None:
    found = frame((width, height), fit, box)
    assert 1 <= found.size[0] <= width and 1 <= found.size[1] <= height
    for canvas, size, at, most in zip(found.canvas, found.size, found.at, box, strict=True):
        assert at >= 0 and at + size <= canvas
        assert most is None or canvas <= most
        assert canvas <= 16_383


def test_the_fits_are_those_that_are_typed() -> None:
    assert get_args(Fit) == FITS


@pytest.mark.parametrize(
    ("picture", "fit", "box", "focal", "wanted"),
    [
        ((2000, 1000), "cover", (500, 500), (0.5, 0.5), Frame((500, 0, 1500, 1000), (500, 500), (500, 500))),
        ((2000, 1000), "cover", (500, 500), (0.0, 0.5), Frame((0, 0, 1000, 1000), (500, 500), (500, 500))),
        ((2000, 1000), "cover", (500, 500), (0.9, 1.0), Frame((1000, 0, 2000, 1000), (500, 500), (500, 500))),
        ((2000, 1000), "cover", (500, 500), (0.3, 0.0), Frame((100, 0, 1100, 1000), (500, 500), (500, 500))),
        # Too small for the box: the box shrinks to 100 × 100 and covers as before.
        ((200, 100), "cover", (400, 400), (0.5, 0.5), Frame((50, 0, 150, 100), (100, 100), (100, 100))),
        ((2000, 1000), "contain", (500, 500), (0, 0), Frame((0, 0, 2000, 1000), (500, 250), (500, 500), (0, 125))),
        ((200, 100), "contain", (400, 400), (0, 0), Frame((0, 0, 200, 100), (200, 100), (200, 200), (0, 50))),
        ((2000, 1000), "inside", (500, 500), (0, 0), Frame((0, 0, 2000, 1000), (500, 250), (500, 250))),
        ((200, 100), "inside", (500, 500), (0, 0), Frame((0, 0, 200, 100), (200, 100), (200, 100))),
        ((2000, 1000), "cover", (500, None), (0, 0), Frame((0, 0, 2000, 1000), (500, 250), (500, 250))),
        ((2000, 1000), "contain", (None, 100), (0, 0), Frame((0, 0, 2000, 1000), (200, 100), (200, 100))),
    ],
)
def test_frames_as_they_were_worked_out_by_hand(
    picture: tuple[int, int],
    fit: Fit,
    box: tuple[int | None, int | None],
    focal: tuple[float, float],
    wanted: Frame,
) -> None:
    assert frame(picture, fit, box, focal) == wanted


# Pixels


def drawn(file: io.BytesIO, wanted: Frame, form: str = "webp") -> Image.Image:
    made = draw(file, wanted, form, max_megapixels=100, webp_method=0)
    picture = opened(made.data)
    assert picture.size == (made.width, made.height) == wanted.canvas
    assert made.mime == f"image/{form}" and (picture.format or "").lower() == form
    return picture


def marked(size: tuple[int, int], at: tuple[float, float], radius: int) -> Image.Image:
    """Grey, with a red square around a point."""
    picture = Image.new("RGB", size, (90, 90, 90))
    x, y = int(at[0] * size[0]), int(at[1] * size[1])
    picture.paste(RED, (x - radius, y - radius, x + radius, y + radius))
    return picture


def near(found: tuple[int, ...], wanted: tuple[int, ...], most: int = 24) -> bool:
    return all(abs(one - other) <= most for one, other in zip(found, wanted, strict=False))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("focal", [(0.1, 0.3), (0.5, 0.5), (0.83, 0.6), (0.95, 0.92)])
def test_the_mark_at_the_focal_point_is_in_the_crop_where_it_belongs(format: str, focal: tuple[float, float]) -> None:
    size = (1601, 903)
    wanted = frame(size, "cover", (200, 300), focal)
    picture = drawn(saved(marked(size, focal, 40), format), wanted)
    scale = wanted.size[0] / (wanted.window[2] - wanted.window[0])
    x = int((focal[0] * size[0] - wanted.window[0]) * scale)
    y = int((focal[1] * size[1] - wanted.window[1]) * scale)
    assert near(picture.convert("RGB").getpixel((min(x, 199), min(y, 299))), RED, 40)  # type: ignore[arg-type]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_a_turned_picture_is_cropped_as_it_is_seen(orientation: int, format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = quarters(640, 320)
    seen = upright(stored, orientation)
    wanted = frame(seen.size, "cover", (60, 60), (0.1, 0.8))
    picture = drawn(saved(stored, format, exif=exif), wanted).convert("RGB")
    left, top, right, bottom = (round(edge) for edge in wanted.window)
    expected = seen.crop((left, top, right, bottom)).resize((60, 60), Image.Resampling.LANCZOS)
    for point in ((8, 8), (52, 8), (8, 52), (52, 52)):
        assert near(picture.getpixel(point), expected.getpixel(point), 40)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["webp", "jpeg", "avif"])
def test_a_crop_is_what_cutting_the_whole_picture_would_give(form: str) -> None:
    whole = texture(2400, 1600)
    wanted = frame(whole.size, "cover", (300, 300), (0.7, 0.4))
    picture = drawn(saved(whole, "JPEG", quality=95), wanted, form).convert("RGB")
    expected = whole.resize((300, 300), Image.Resampling.LANCZOS, box=wanted.window)
    for x in range(20, 300, 65):
        for y in range(20, 300, 65):
            assert near(picture.getpixel((x, y)), expected.getpixel((x, y)), 14)  # type: ignore[arg-type]


def test_what_is_contained_has_clear_edges_and_white_ones_in_jpeg() -> None:
    wanted = frame((400, 200), "contain", (200, 200))
    clear = drawn(saved(quarters(400, 200)), wanted)
    assert clear.mode == "RGBA" and clear.getpixel((100, 10))[3] == 0 and clear.getpixel((20, 70))[3] == 255  # type: ignore[index]
    white = drawn(saved(quarters(400, 200)), wanted, "jpeg")
    assert near(white.getpixel((100, 10)), (255, 255, 255), 8)  # type: ignore[arg-type]
    assert near(white.getpixel((20, 70)), (220, 30, 30), 30)  # type: ignore[arg-type]


def test_transparency_is_kept_and_white_in_jpeg() -> None:
    glass = Image.new("RGBA", (300, 300), (10, 10, 200, 0))
    glass.paste((10, 10, 200, 255), (0, 0, 150, 300))
    wanted = frame((300, 300), "cover", (100, 100))
    assert drawn(saved(glass), wanted).getpixel((90, 50))[3] == 0  # type: ignore[index]
    assert near(drawn(saved(glass), wanted, "jpeg").getpixel((90, 50)), (255, 255, 255), 8)  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["CMYK", "L", "P", "1", "I;16", "LA"])
def test_every_mode_can_be_cropped(mode: str) -> None:
    source = texture(200, 160)
    source = Image.new("I;16", (200, 160), 30_000) if mode == "I;16" else source.convert(mode)
    file = saved(source, "JPEG" if mode == "CMYK" else "PNG")
    assert drawn(file, frame((200, 160), "cover", (50, 50))).mode in ("RGB", "RGBA")


def test_a_crop_is_srgb_and_holds_no_notes() -> None:
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    icc = profile((0.68, 0.32), (0.265, 0.69), (0.15, 0.06))
    file = saved(Image.new("RGB", (400, 300), (200, 60, 60)), "JPEG", exif=exif, icc_profile=icc, comment=b"secret")
    for form in ("webp", "jpeg", "avif"):
        file.seek(0)
        made = draw(file, frame((400, 300), "cover", (100, 100)), form, max_megapixels=100).data
        picture = opened(made)
        assert not {"exif", "icc_profile", "comment", "xmp"} & set(picture.info)
        assert b"camera" not in made and b"secret" not in made
        assert picture.convert("RGB").getpixel((50, 50))[0] > 206  # type: ignore[index]


def test_an_animation_gives_its_first_frame() -> None:
    first, second = Image.new("RGB", (120, 80), RED), Image.new("RGB", (120, 80), (0, 0, 255))
    file = saved(first, "GIF", save_all=True, append_images=[second], duration=100)
    assert near(drawn(file, frame((120, 80), "cover", (40, 40))).convert("RGB").getpixel((20, 20)), RED)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (3, 16_000)])
@pytest.mark.parametrize("fit", FITS)
def test_the_thinnest_pictures_can_be_cropped(size: tuple[int, int], fit: Fit) -> None:
    for box in ((4000, 1), (1, 4000), (10, 10), (None, 7)):
        drawn(saved(Image.new("RGB", size, RED)), frame(size, fit, box, (1.0, 0.0)))


@given(st.data())
def test_any_crop_of_any_size_comes_out_as_framed(data: st.DataObject) -> None:
    size = (data.draw(st.integers(1, 500)), data.draw(st.integers(1, 500)))
    form = data.draw(st.sampled_from(["JPEG", "PNG"]))
    wanted = frame(
        size,
        data.draw(st.sampled_from(FITS)),
        data.draw(st.tuples(st.none() | st.integers(1, 600), st.none() | st.integers(1, 600)).filter(any)),
        (data.draw(SHARE), data.draw(SHARE)),
    )
    drawn(saved(Image.new("RGB", size, RED), form), wanted)


def test_what_is_no_picture_is_refused_and_what_is_cut_off_too() -> None:
    wanted = frame((100, 100), "cover", (10, 10))
    with pytest.raises(BadImage):
        draw(io.BytesIO(b"not a picture"), wanted, "webp", max_megapixels=100)
    half = saved(texture(800, 600), "JPEG").getvalue()
    with pytest.raises(BadImage):
        draw(io.BytesIO(half[: len(half) // 2]), wanted, "webp", max_megapixels=100)
