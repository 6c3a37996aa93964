"""`python -m bench.precision`: how well copies of pictures are found, on scenes that the project draws.

Copies are made in four ways: made smaller, compressed, cropped by a tenth, graded. The scenes are of a few kinds on purpose, with
the same light and the same colours, so that different ones are near misses.
"""

import io
import random
import sys
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image, ImageEnhance

from pindeck.imaging import light, likeness, palette
from tests.stills import still

SCENES = 400
WIDE = 640
SHIFTS = (48, 32, 16, 0)
WANTED = {"resize": 0.98, "compression": 0.98, "crop": 0.85, "grade": 0.95}


def resize(picture: Image.Image, chance: random.Random) -> Image.Image:
    part = chance.uniform(0.25, 0.8)
    return picture.resize((round(picture.width * part), round(picture.height * part)), Image.Resampling.LANCZOS)


def compression(picture: Image.Image, chance: random.Random) -> Image.Image:
    out = io.BytesIO()
    picture.save(out, chance.choice(("JPEG", "WEBP")), quality=chance.randint(20, 50))
    return Image.open(out).convert("RGB")


def crop(picture: Image.Image, chance: random.Random) -> Image.Image:
    """A tenth of its area goes, wherever."""
    return _cropped(picture, 0.9**0.5, chance.random(), chance.random())


def middle(picture: Image.Image, chance: random.Random) -> Image.Image:
    """A tenth of each side goes, half of it on either."""
    return _cropped(picture, 0.9, 0.5, 0.5)


def edge(picture: Image.Image, chance: random.Random) -> Image.Image:
    """A tenth of each side goes, all of it from one corner."""
    return _cropped(picture, 0.9, chance.choice((0, 1)), chance.choice((0, 1)))


def _cropped(picture: Image.Image, part: float, across: float, down: float) -> Image.Image:
    width, height = round(picture.width * part), round(picture.height * part)
    left, top = round((picture.width - width) * across), round((picture.height - height) * down)
    return picture.crop((left, top, left + width, top + height))


def grade(picture: Image.Image, chance: random.Random) -> Image.Image:
    for enhancer, least, most in (
        (ImageEnhance.Contrast, 0.75, 1.3), (ImageEnhance.Brightness, 0.8, 1.2), (ImageEnhance.Color, 0.3, 1.5)
    ):  # fmt: skip
        picture = enhancer(picture).enhance(chance.uniform(least, most))
    gains = [chance.uniform(0.85, 1.15) for _ in range(3)]
    bands = (band.point([min(255, int(v * gain)) for v in range(256)]) for band, gain in zip(picture.split(), gains, strict=True))
    return Image.merge("RGB", list(bands))


COPIES: dict[str, Callable[[Image.Image, random.Random], Image.Image]] = {
    "resize": resize, "compression": compression, "crop": crop, "grade": grade, "middle": middle, "edge": edge,
}  # fmt: skip

class Seen(NamedTuple):
    look: likeness.Look
    light: bytes


Scene = dict[str, Seen]


def scenes(count: int = SCENES) -> list[Scene]:
    """How each scene looks, under an empty name, and how its copies do."""
    found = []
    for seed in range(count):
        chance = random.Random(seed)
        size = random.Random(seed % 7).choice(((16, 9), (235, 100), (4, 5), (3, 2), (1, 1)))
        picture = still(seed, (WIDE, round(WIDE * size[1] / size[0])))
        made = {"": picture, **{name: copy(picture, chance) for name, copy in COPIES.items()}}
        small = {name: palette.sample(copy) for name, copy in made.items()}
        looks = {name: likeness.look_of(sample) for name, sample in small.items()}
        found.append({name: Seen(look, light.of(small[name])) for name, look in looks.items() if look is not None})
    return found


def looks_alike(one: Seen, other: Seen) -> bool:
    """As Review and the drawer tell it, by the hashes alone."""
    return _is_met(one.look, other.look) and likeness.how_far(one.look, other.look) is not None


def is_same(one: Seen, other: Seen) -> bool:
    """As the groups of duplicates are made: the hashes propose, the light decides."""
    near = _is_met(one.look, other.look) and likeness.may_be_same(one.look, other.look)
    return near and light.is_same_scene(one.light, other.light)


def _is_met(one: likeness.Look, other: likeness.Look) -> bool:
    """Whether the indexes lead from one to the other."""
    cuts = ((one.whole, other.whole), (one.middle, other.whole), (one.whole, other.middle))
    return any(
        mine is not None and theirs is not None and (((mine ^ theirs) >> shift) & 65535).bit_count() < 2
        for mine, theirs in cuts
        for shift in SHIFTS
    )


def recall(found: list[Scene], judge: Callable[[Seen, Seen], bool]) -> dict[str, float]:
    """By the way of copying: the share of the copies that are found from their picture."""
    return {name: sum(name in of and judge(of[""], of[name]) for of in found) / len(found) for name in COPIES}


def strangers(found: list[Scene], judge: Callable[[Seen, Seen], bool]) -> float:
    """The share of the pairs of different scenes that are taken for one."""
    firsts = [of[""] for of in found]
    pairs = [(one, other) for at, one in enumerate(firsts) for other in firsts[:at]]
    return sum(judge(one, other) for one, other in pairs) / len(pairs)


def mixed(found: list[Scene]) -> tuple[int, int]:
    """Of the groups that all these pictures and copies make, how many hold two scenes, and how many there are."""
    scene_of, group_of = {}, {}
    pictures = [(at, seen) for at, of in enumerate(found) for seen in of.values()]
    for number, (scene, seen) in enumerate(pictures):
        scene_of[number] = scene
        near = [other for other in range(number) if is_same(seen, pictures[other][1])]
        group_of[number] = group_of[near[0]] if near else number
    groups: dict[int, set[int]] = {}
    for number, group in group_of.items():
        groups.setdefault(group, set()).add(scene_of[number])
    return sum(len(scenes) > 1 for scenes in groups.values()), len(groups)


def main() -> None:
    found = scenes()
    print(f"{len(found)} scenes")
    fails = False
    for title, judge in (("looks alike", looks_alike), ("is a duplicate", is_same)):
        shares = recall(found, judge)
        fails |= any(shares[name] < least for name, least in WANTED.items())
        print(f"{title}: " + ", ".join(f"{name} {share:.3f}" for name, share in shares.items()))
        print(f"  pairs of different scenes: {strangers(found, judge):.5f}")
    bad, groups = mixed(found[:150])
    print(f"groups with two scenes: {bad} of {groups}")
    sys.exit(fails or bad > 0.005 * groups)


if __name__ == "__main__":
    main()
