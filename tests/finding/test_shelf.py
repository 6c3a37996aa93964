"""The arrays of the index: the nearest by colours as a plain reading of all would find them, and the likest by dials."""

import math
import random

from pindeck.finding.features import Row
from pindeck.finding.shelf import Shelf, WantedRgb
from pindeck.imaging import amounts, oklab
from pindeck.imaging.amounts import Amount


def row(seq: int, chance: random.Random) -> Row:
    parts = [chance.random() for _ in range(chance.randrange(1, 9))]
    colours = [Amount((chance.randrange(256), chance.randrange(256), chance.randrange(256)), part / sum(parts)) for part in parts]
    return Row(seq, amounts.packed(colours), chance.randbytes(256))


def plain(rows: list[Row], asked: list[WantedRgb], without: list[WantedRgb]) -> list[tuple[float, int]]:
    """Number and cost of each that fits, as the words of the page say it."""
    found = []
    for one in rows:
        colours = [(oklab.of_rgb(amount.rgb), amount.part) for amount in amounts.unpacked(one.amounts) if amount.part]
        far = [[oklab.distance(oklab.of_rgb(want.rgb), lab) for lab, _ in colours] for want in asked]
        banned = [oklab.distance(oklab.of_rgb(want.rgb), lab) <= want.tolerance - 0.03 for want in without for lab, _ in colours]
        if any(banned) or any(min(each) > want.tolerance for want, each in zip(asked, far, strict=True)):
            continue
        cost = 0.0
        for want, each in zip(asked, far, strict=True):
            mass = sum(part for distance, (_, part) in zip(each, colours, strict=True) if distance <= want.tolerance)
            cost += min(each) / want.tolerance + (1.5 * abs(mass - want.share) if want.share is not None else -0.2 * mass)
        found.append((cost, one.seq))
    return sorted(found)


def test_the_nearest_are_those_that_a_plain_reading_finds() -> None:
    chance = random.Random(1)
    rows = [row(seq, chance) for seq in range(1, 1501)]
    shelf = Shelf()
    shelf.put(rows[:700])
    shelf.put(rows[700:])
    assert len(shelf) == 1500
    for number in range(12):
        asked = [
            WantedRgb((chance.randrange(256), chance.randrange(256), chance.randrange(256)), chance.choice((None, 0.3)), 0.2)
            for _ in range(1 + number % 3)
        ]
        wanted = plain(rows, asked, [])
        found = shelf.by_colours(asked, most=1500)
        assert len(wanted) > 12 and set(found) == {seq for _, seq in wanted}
        cost_of = {seq: cost for cost, seq in wanted}
        assert all(math.isclose(cost_of[seq], cost, abs_tol=0.03) for seq, (cost, _) in zip(found[:10], wanted, strict=False))
        without = [WantedRgb(asked[0].rgb, None, 0.2)]
        assert shelf.by_colours([WantedRgb(asked[0].rgb, None, 0.1)], without, most=400) == []


def test_rows_are_replaced_and_dropped() -> None:
    chance = random.Random(2)
    red, blue = WantedRgb((200, 20, 30), None, 0.05), WantedRgb((30, 40, 200), None, 0.05)
    shelf = Shelf()
    rows = [Row(seq, amounts.packed([Amount(red.rgb, 1)]), chance.randbytes(256)) for seq in (5, 6, 7)]
    shelf.put(rows)
    shelf.put([Row(6, amounts.packed([Amount(blue.rgb, 1)]), chance.randbytes(256))])
    assert shelf.by_colours([red], most=9) == [5, 7] and shelf.by_colours([blue], most=9) == [6]
    shelf.drop([5, 5, 99])
    assert (shelf.by_colours([red], most=9), len(shelf)) == ([7], 2)
    assert shelf.by_colours([red, blue], most=9) == [] and Shelf().by_colours([red], most=9) == []
    assert shelf.by_colours([WantedRgb((9, 200, 9), None, 0.05)], [red], most=9) == []


def test_the_likest_follow_the_dials() -> None:
    chance = random.Random(3)
    rows = [row(seq, chance) for seq in range(1, 400)]
    target = rows[10]
    same_palette = Row(900, target.amounts, chance.randbytes(256))
    same_light = Row(901, row(0, chance).amounts, target.light)
    shelf = Shelf()
    shelf.put([*rows, same_palette, same_light])
    for dials, likest in (((3, 0, 0), 900), ((0, 3, 0), 901), ((0, 0, 3), 901)):
        found = shelf.like(target, dials, most=20, also=[1, 12345])
        assert {target.seq, likest} == {one.seq for one in found[:2]} and found[0][1] > 0.97
        assert 1 in {one.seq for one in found} and len(found) <= 21
