"""How much of a picture its colours fill: the palette with its parts, and accents that are too small for it."""

from PIL import Image as Picture
from PIL import ImageDraw

from pindeck.imaging import amounts, light, oklab, palette
from tests.stills import still


def test_parts_are_of_the_area_and_a_small_lively_colour_is_an_accent() -> None:
    picture = Picture.new("RGB", (320, 180), (40, 60, 120))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((160, 0, 319, 179), fill=(200, 180, 150))
    draw.rectangle((20, 20, 43, 31), fill=(220, 20, 30))  # half a hundredth
    small = palette.sample(picture)
    five = palette.extract_from_sample(small)
    found = amounts.of(small, five)
    assert [one.rgb for one in found[:5]] == [tuple(bytes.fromhex(code[1:])) for code in five]
    assert abs(sum(one.part for one in found[:5]) - 1) < 0.02
    red = oklab.of_rgb((220, 20, 30))
    near = [one.part for one in found if oklab.distance(oklab.of_rgb(one.rgb), red) < 0.08]
    assert len(near) == 1 and 0.003 < near[0] < 0.008
    assert [one.rgb for one in amounts.unpacked(amounts.packed(found))] == [one.rgb for one in found]
    clear = Picture.new("RGBA", (20, 20), (9, 9, 9, 0))
    assert [one.part for one in amounts.of(clear, ["#808080"])] == [0]


def test_accents_beside_a_full_palette_are_kept() -> None:
    for seed in range(4):
        picture = still(seed, (640, 360))
        ImageDraw.Draw(picture).rectangle((300, 100, 330, 120), fill=(0, 205, 60))
        small = palette.sample(picture)
        found = amounts.of(small, palette.extract_from_sample(small))
        green = oklab.of_rgb((0, 205, 60))
        assert any(oklab.distance(oklab.of_rgb(one.rgb), green) < 0.06 for one in found), found
        assert len(found) <= amounts.MOST and all(one.part <= amounts.SMALL for one in found[5:])


def test_the_light_of_a_copy_a_grade_and_a_part_agree_and_of_another_scene_do_not() -> None:
    picture = still(3, (640, 360))
    graded = picture.point([min(255, int(value * 0.8 + 12)) for value in range(256)] * 3)
    for same in (picture.resize((200, 112)), graded, picture.crop((0, 0, 576, 324)), picture.crop((40, 20, 616, 344))):
        assert light.is_same_scene(light.of(palette.sample(picture)), light.of(palette.sample(same)))
    for seed in (13, 23, 33):  # of the same colours and the same kind
        other = light.of(palette.sample(still(seed, (640, 360))))
        assert not light.is_same_scene(light.of(palette.sample(picture)), other)
    plain = light.of(Picture.new("RGBA", (9, 9), (0, 0, 0, 0)))
    assert set(plain) == {128} and not light.is_same_scene(plain, light.of(picture))
