"""`python -m bench.colour_precision`: whether the right pictures come first, among swatches with known shares and near misses.

Each question has ten pictures that answer it and others that nearly do: one colour is another one, or the shares are exchanged.
Beside it stand plain distance in RGB and "redmean", each to the nearest colour of the palette.
"""

import random
import sys
from collections.abc import Callable
from itertools import count

from PIL import Image, ImageDraw

from pindeck.finding.features import Row
from pindeck.finding.shelf import Shelf, WantedRgb
from pindeck.imaging import amounts, light, oklab, palette
from pindeck.imaging.lab import Rgb

QUESTIONS, RIGHT, WIDE, HIGH = 20, 10, 160, 90
Colours = list[tuple[Rgb, float]]


def picture(colours: Colours, chance: random.Random) -> Image.Image:
    """Fields of these colours, as wide as their shares, with grain."""
    made, at = Image.new("RGB", (WIDE, HIGH)), 0.0
    draw = ImageDraw.Draw(made)
    for rgb, share in colours:
        draw.rectangle((round(at * WIDE), 0, round((at + share) * WIDE) - 1, HIGH), fill=rgb)
        at += share
    grain = Image.frombytes("L", (WIDE, HIGH), chance.randbytes(WIDE * HIGH))
    return Image.blend(made, Image.merge("RGB", (grain,) * 3), 0.03)


def colour(chance: random.Random) -> Rgb:
    return chance.randrange(30, 230), chance.randrange(30, 230), chance.randrange(30, 230)


def far(one: Rgb, other: Rgb) -> float:
    return oklab.distance(oklab.of_rgb(one), oklab.of_rgb(other))


def near(rgb: Rgb, chance: random.Random, least: float, most: float) -> Rgb:
    """Another colour that lies so far from one."""
    step = 255 if most > 0.1 else 22
    while True:
        r, g, b = (chance.randrange(max(0, value - step), min(255, value + step) + 1) for value in rgb)
        if least <= far((r, g, b), rgb) <= most:
            return r, g, b


def question(number: int, chance: random.Random) -> tuple[Colours, list[Colours], list[Colours]]:
    """What is asked, what answers it, and what nearly does."""
    while True:
        wanted = [colour(chance) for _ in range(number)]
        if all(far(a, b) > 0.25 for at, a in enumerate(wanted) for b in wanted[:at]):
            break
    shares = [1.0] if number == 1 else [0.5, 0.3, 0.2]
    asked = list(zip(wanted, [0.6] if number == 1 else shares, strict=True))
    ground = [] if number > 1 else [(near(wanted[0], chance, 0.3, 0.8), 0.4)]
    right = [[(near(rgb, chance, 0, 0.04), share) for rgb, share in asked] + ground for _ in range(RIGHT)]
    wrong: list[Colours] = []
    for _ in range(RIGHT):
        changed = list(asked)
        at = chance.randrange(number)
        changed[at] = (near(changed[at][0], chance, 0.14, 0.3), changed[at][1])
        wrong.append(changed + ground)
        if number > 1:
            wrong.append(list(zip([wanted[2], wanted[0], wanted[1]], shares, strict=True)))
    return asked, right, wrong


def measure(number: int) -> dict[str, float]:
    """Precision of the first ten, by way of measuring."""
    chance, seqs, shelf = random.Random(number), count(1), Shelf()
    asked_of, made_of, palettes = [], {}, {}
    for _ in range(QUESTIONS):
        asked, right, wrong = question(number, chance)
        asked_of.append(asked)
        rows = []
        for colours in [*right, *wrong]:
            small = palette.sample(picture(colours, chance))
            five, seq = palette.extract_from_sample(small), next(seqs)
            found = amounts.of(small, five)
            made_of[seq] = colours
            palettes[seq] = [one.rgb for one in found[: len(five)]]
            rows.append(Row(seq, amounts.packed(found), light.of(small)))
        shelf.put(rows)
    ours = [shelf.by_colours([WantedRgb(rgb, share, 0.12) for rgb, share in asked], most=50)[:RIGHT] for asked in asked_of]
    # A picture that was made for another question may answer this one as well.
    right_of = [{seq for seq, colours in made_of.items() if _answers(asked, colours)} for asked in asked_of]
    told = {"ours": _share(ours, right_of)}
    for name, distance in (("rgb", _rgb), ("redmean", _redmean)):
        told[name] = _share([_nearest(asked, palettes, distance) for asked in asked_of], right_of)
    return told


def accents() -> float:
    """The share of small lively colours, of a hundredth to a thirtieth of the area, that are found."""
    chance, found = random.Random(9), 0
    for _ in range(100):
        made = picture([(colour(chance), 0.5), (colour(chance), 0.5)], chance)
        rgb = near(made.getpixel((5, 5)), chance, 0.3, 0.9)  # type: ignore[arg-type]
        while far(rgb, made.getpixel((150, 5))) < 0.2:  # type: ignore[arg-type]
            rgb = near(made.getpixel((5, 5)), chance, 0.3, 0.9)  # type: ignore[arg-type]
        side = round((chance.uniform(0.01, 0.03) * WIDE * HIGH) ** 0.5)
        ImageDraw.Draw(made).rectangle((20, 20, 19 + side, 19 + side), fill=rgb)
        shelf, small = Shelf(), palette.sample(made)
        shelf.put([Row(1, amounts.packed(amounts.of(small, palette.extract_from_sample(small))), light.of(small))])
        found += shelf.by_colours([WantedRgb(rgb, None, 0.08)], most=1) == [1]
    return found / 100


def _answers(asked: Colours, colours: Colours) -> bool:
    return all(any(far(rgb, one) <= 0.06 and abs(share - part) <= 0.1 for one, part in colours) for rgb, share in asked)


def _share(found: list[list[int]], right: list[set[int]]) -> float:
    return sum(len(set(some) & of) for some, of in zip(found, right, strict=True)) / (RIGHT * len(found))


def _nearest(asked: Colours, palettes: dict[int, list[Rgb]], distance: Callable[[Rgb, Rgb], float]) -> list[int]:
    costs = {seq: sum(min(distance(rgb, one) for one in of) for rgb, _ in asked) for seq, of in palettes.items()}
    return sorted(costs, key=lambda seq: costs[seq])[:RIGHT]


def _rgb(one: Rgb, other: Rgb) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5


def _redmean(one: Rgb, other: Rgb) -> float:
    mean, (r, g, b) = (one[0] + other[0]) / 2, ((a - c) ** 2 for a, c in zip(one, other, strict=True))
    return float(((2 + mean / 256) * r + 4 * g + (2 + (255 - mean) / 256) * b) ** 0.5)


def main() -> None:
    one, three, small = measure(1), measure(3), accents()
    print("one colour:   ", ", ".join(f"{name} {share:.3f}" for name, share in one.items()))
    print("three colours:", ", ".join(f"{name} {share:.3f}" for name, share in three.items()))
    print(f"accents found: {small:.2f}")
    sys.exit(min(one["ours"], three["ours"], small) < 0.9)


if __name__ == "__main__":
    main()
