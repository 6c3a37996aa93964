"""Where pictures stand when a canvas is arranged, as plain numbers. All in pixels."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

ROW, GAP, APART = 220, 12, 72  # the height of a row, what is between pictures, and between blocks
WIDE = 1.6  # how wide a block is for its height


class Box(NamedTuple):
    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


def box_of(row: Any) -> Box:
    """What an object covers, also an arrow that points back."""
    return Box(row.x + min(row.width, 0), row.y + min(row.height, 0), abs(row.width), abs(row.height))


def around(boxes: Iterable[Box]) -> Box:
    """The smallest one that holds these; empty at the origin for none."""
    found = list(boxes)
    x, y = min((box.x for box in found), default=0), min((box.y for box in found), default=0)
    right, bottom = (max((getattr(box, side) for box in found), default=0) for side in ("right", "bottom"))
    return Box(x, y, right - x, bottom - y)


def packed(ratios: Sequence[float]) -> list[Box]:
    """Pictures with these proportions (width by height) in rows of equal width, in their order, from the origin."""
    wide = max(ROW, round((sum(ratios) * ROW * ROW * WIDE) ** 0.5))
    found: list[Box] = []
    row: list[float] = []
    y = 0
    for n, ratio in enumerate(ratios, 1):
        row.append(ratio)
        is_full = sum(row) * ROW + GAP * (len(row) - 1) >= wide
        if is_full or n == len(ratios):
            height = round((wide - GAP * (len(row) - 1)) / sum(row)) if is_full else ROW
            found += _row(row, y, height)
            y, row = y + height + GAP, []
    return found


def _row(ratios: Sequence[float], y: int, height: int) -> list[Box]:
    x, found = 0, []
    for ratio in ratios:
        width = round(height * ratio)
        found.append(Box(x, y, width, height))
        x += width + GAP
    return found


def blocks(groups: Sequence[Sequence[float]]) -> list[list[Box]]:
    """Each group packed, and the blocks in rows beside and under each other."""
    made = [packed(group) for group in groups]
    sizes = [(max(box.x + box.width for box in of), max(box.y + box.height for box in of)) for of in made]
    wide = max(max((width for width, _ in sizes), default=0), round((sum(w * h for w, h in sizes) * WIDE * 2) ** 0.5))
    x = y = tallest = 0
    found = []
    for of, (width, height) in zip(made, sizes, strict=True):
        if x and x + width > wide:
            x, y, tallest = 0, y + tallest + APART, 0
        found.append([Box(box.x + x, box.y + y, box.width, box.height) for box in of])
        x, tallest = x + width + APART, max(tallest, height)
    return found
