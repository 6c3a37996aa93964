"""`python -m bench.project_precision`: on the pictures of the demonstration, whether pictures of one project find each other by their looks
alone, and whether its groups of duplicates hold one scene each.

Words, tags and the project itself are left out, because they would tell.
"""

import io
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from bench.precision import Scene, Seen, mixed
from pindeck.demo.drawing import draw
from pindeck.demo.plan import Shot, shots
from pindeck.finding.features import Row
from pindeck.finding.shelf import Shelf
from pindeck.imaging import amounts, light, likeness, palette

SMALLER = 2  # times than the demonstration: samples are smaller still
TOP = 10
DIALS = (2, 1, 1)  # palette, light and edges, as the page has them at first
WANTED, MIXED = 0.70, 0.005


def looked_at(wanted: Sequence[Shot]) -> list[tuple[Shot, Row, Seen | None]]:
    found = []
    for number, shot in enumerate(wanted):
        small = replace(shot, size=(shot.size[0] // SMALLER, shot.size[1] // SMALLER))
        sample = palette.sample(Image.open(io.BytesIO(draw(small))).convert("RGB"))
        look, lit = likeness.look_of(sample), light.of(sample)
        found.append((shot, Row(number, amounts.packed(amounts.of(sample, palette.extract_from_sample(sample))), lit), Seen(look, lit) if look else None))
    return found


def neighbours(found: Sequence[tuple[Shot, Row, Seen | None]]) -> tuple[float, float, float]:
    """Of the pictures of projects: the share that has one of its project among the ten likest, the share of all those ten
    that are of it, and what chance alone would give for the first. Copies are left out."""
    mine = [(shot, row) for shot, row, _ in found if shot.film and not shot.change]
    film = {row.seq: shot.film for shot, row in mine}
    shelf = Shelf()
    shelf.put([row for _, row in mine])
    hits = total = 0
    for shot, row in mine:
        near = [seq for seq, _ in shelf.like(row, DIALS, most=TOP + 1) if seq != row.seq][:TOP]
        same = sum(film[seq] == shot.film for seq in near)
        hits, total = hits + (same > 0), total + same
    films = max(1, len(set(film.values())))
    return hits / len(mine), total / len(mine) / TOP, 1 - (1 - 1 / films) ** TOP


def scenes(found: Sequence[tuple[Shot, Row, Seen | None]]) -> list[Scene]:
    """Each picture with its copies, as `bench.precision` groups them."""
    made: dict[int, Scene] = defaultdict(dict)
    for shot, _, seen in found:
        if seen is not None:
            made[shot.seed][shot.change] = seen
    return list(made.values())


def main() -> None:
    found = looked_at(shots())
    hit, share, chance = neighbours(found)
    print(f"one of the same project in the top ten: {hit:.3f} (chance {chance:.3f}); of the top ten: {share:.3f} (chance {1 / 12:.3f})")
    bad, groups = mixed(scenes(found))
    several = [scene for scene in scenes(found) if len(scene) > 1]
    print(f"groups with two scenes: {bad} of {groups}, of which {len(several)} are of copies")
    sys.exit(hit < WANTED or bad > MIXED * groups)


if __name__ == "__main__":
    main()
