"""Palettes: known pictures with known colours in a known order."""

import random

import pytest
from coloraide import Color
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pindeck.imaging.lab import hex_to_lab, hex_to_rgb, lab_to_rgb, rgb_to_hex
from pindeck.imaging.palette import extract, sample

from .pictures import texture

RED, BLUE, GREEN, YELLOW, VIOLET = "#c82828", "#2832b4", "#289632", "#d2c828", "#8228a0"


def stripes(*parts: tuple[str, int], mode: str = "RGB") -> Image.Image:
    """Vertical stripes of a colour and a width; 100 pixels high."""
    image = Image.new(mode, (sum(width for _, width in parts), 100))
    left = 0
    for colour, width in parts:
        image.paste(colour, (left, 0, left + width, 100))
        left += width
    return image


def assert_five(colours: list[str]) -> None:
    assert len(colours) == len(set(colours)) == 5
    assert all(colour == rgb_to_hex(hex_to_rgb(colour)) for colour in colours)


def test_five_plain_colours_come_back_by_their_area() -> None:
    image = stripes((VIOLET, 12), (RED, 50), (GREEN, 28), (BLUE, 40), (YELLOW, 20))
    assert extract(image) == [RED, BLUE, GREEN, YELLOW, VIOLET]


def test_a_sixth_colour_is_left_out() -> None:
    image = stripes((VIOLET, 15), (RED, 50), (GREEN, 28), (BLUE, 35), (YELLOW, 20), ("#28b4b4", 12))
    assert extract(image) == [RED, BLUE, GREEN, YELLOW, VIOLET]


def test_more_colour_wins_between_nearly_equal_areas() -> None:
    dull, vivid = "#8c7878", "#14c814"
    image = stripes((dull, 51), (vivid, 50), (BLUE, 59))
    assert extract(image)[:3] == [BLUE, vivid, dull]


def test_near_colours_count_as_one_while_others_are_there() -> None:
    near = "#c83228"
    parts = ((RED, 50), (near, 40), (BLUE, 20), (GREEN, 20), (YELLOW, 15), (VIOLET, 15))
    assert near not in extract(stripes(*parts))


def test_near_colours_are_taken_when_there_is_nothing_else() -> None:
    near = "#c83c28"
    assert set(extract(stripes((RED, 80), (near, 60), (BLUE, 20)))) >= {RED, near, BLUE}


def test_a_bucket_is_the_average_of_its_pixels() -> None:
    found = extract(stripes(("#c62828", 80), ("#c82828", 80)))
    assert found[0] == "#c72828"


def test_shadows_greys_and_highlights_are_no_colours_while_there_are_others() -> None:
    parts = ((RED, 20), (BLUE, 20), (GREEN, 20), (YELLOW, 20), (VIOLET, 20))
    image = stripes(*parts, ("#000000", 20), ("#808080", 20), ("#fefefe", 20))
    assert set(extract(image)) == {RED, BLUE, GREEN, YELLOW, VIOLET}


def test_a_black_and_white_still_gives_its_greys() -> None:
    greys = ["#101010", "#404040", "#777777", "#acacac", "#e6e6e6"]
    assert extract(stripes(*((grey, 48 - 8 * number) for number, grey in enumerate(greys)))) == greys


def test_a_grey_ramp_gives_five_greys_that_lie_apart() -> None:
    ramp = Image.linear_gradient("L").convert("RGB")
    found = extract(ramp)
    assert_five(found)
    assert all(colour[1:3] == colour[3:5] == colour[5:7] for colour in found)
    levels = sorted(hex_to_lab(colour)[0] for colour in found)
    assert min(high - low for low, high in zip(levels, levels[1:], strict=False)) >= 8


def test_one_colour_is_padded_by_its_own_shades() -> None:
    found = extract(Image.new("RGB", (40, 40), RED))
    assert_five(found)
    level, a, b = hex_to_lab(RED)
    shades = [level + step for step in (6, -6, 12, -12)]
    assert found == [RED, *(rgb_to_hex(lab_to_rgb((shade, a, b))) for shade in shades)]


@pytest.mark.parametrize("colour", ["#ffffff", "#000000", "#0000ff", "#ffff00", "#010101", "#fefefe", "#808080"])
def test_any_single_colour_comes_first_and_is_padded_to_five(colour: str) -> None:
    found = extract(Image.new("RGB", (7, 3), colour))
    assert_five(found)
    assert found[0] == colour


def test_one_pixel_has_five_colours() -> None:
    assert extract(Image.new("RGB", (1, 1), RED))[0] == RED


def test_what_is_transparent_has_no_colour() -> None:
    image = stripes((RED, 40), (BLUE, 80)).convert("RGBA")
    image.paste((40, 50, 180, 100), (40, 0, 120, 100))
    found = extract(image)
    assert_five(found)
    assert found[0] == RED
    assert BLUE not in found


def test_a_picture_that_is_transparent_throughout_still_has_five() -> None:
    assert_five(extract(Image.new("RGBA", (20, 20), (10, 200, 30, 0))))


FRINGE = "#3246a0"


def warm_scene(*more: tuple[str, int]) -> Image.Image:
    warm = (("#c87828", 60), ("#8c4614", 40), ("#e6c878", 30), ("#aa8232", 16))
    return stripes(*warm, *more)


def test_a_little_blue_in_a_warm_scene_is_fringe() -> None:
    assert FRINGE not in extract(warm_scene((FRINGE, 3), ("#5a2808", 11)))


def test_much_blue_in_a_warm_scene_is_a_colour() -> None:
    assert FRINGE in extract(warm_scene((FRINGE, 14)))


def test_a_little_blue_in_a_cool_scene_is_a_colour() -> None:
    cool = (("#28a08c", 70), ("#3c6e96", 40), ("#96d2e6", 25), ("#145046", 20))
    assert FRINGE in extract(stripes(*cool, (FRINGE, 5)))


def test_fringe_is_better_than_nothing() -> None:
    assert FRINGE in extract(stripes(("#c87828", 157), (FRINGE, 3)))


def test_the_sample_is_an_average_of_at_most_160_pixels() -> None:
    board = Image.new("L", (640, 320))
    board.putdata([255 * ((x + y) % 2) for y in range(320) for x in range(640)])
    small = sample(board)
    assert (small.mode, small.size) == ("RGB", (160, 80))
    assert small.getextrema() == ((128, 128),) * 3
    assert sample(texture(300, 20_000)).size == (2, 160)
    assert sample(Image.new("RGB", (10_000, 1))).size == (160, 1)
    assert sample(texture(160, 160)).size == (160, 160)


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "CMYK", "RGBA"])
def test_other_modes_are_converted(mode: str) -> None:
    assert_five(extract(texture().convert(mode)))


def test_two_runs_give_the_same() -> None:
    noise = Image.frombytes("RGB", (300, 200), random.Random(5).randbytes(300 * 200 * 3))
    assert extract(noise) == extract(noise.copy())
    turned = noise.resize((150, 100), Image.Resampling.BOX)
    flipped = turned.transpose(Image.Transpose.ROTATE_180)
    assert extract(turned) == extract(flipped)


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.data())
def test_always_five_distinct(width: int, height: int, data: st.DataObject) -> None:
    size = width * height * 4
    pixels = data.draw(st.binary(min_size=size, max_size=size))
    assert_five(extract(Image.frombytes("RGBA", (width, height), pixels)))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 0xFFFFFF))
def test_lab_agrees_with_a_colour_library(number: int) -> None:
    colour = f"#{number:06x}"
    wanted = Color(colour).convert("lab-d65")
    assert hex_to_lab(colour) == pytest.approx((wanted["l"], wanted["a"], wanted["b"]), abs=0.05)
    assert rgb_to_hex(lab_to_rgb(hex_to_lab(colour))) == colour


@pytest.mark.parametrize("text", ["", "c82828", "#c8282", "#c828288", "#gggggg"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        hex_to_rgb(text)
