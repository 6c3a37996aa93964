"""Where pictures stand when a canvas is arranged, as plain numbers. All in pixels."""

import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

ROW, GAP, APART = 220, 12, 72  # the height of a row, what is between pictures, and between blocks
WIDE = 1.6  # how wide a block is for its height
LETTER, LINE, OFF = 8, 16, 4  # of a caption: a wide letter of its own script, its lines, and how far it is below its picture


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


class Shape(NamedTuple):
    """The proportion of a picture (width by height), and what stands under it."""

    ratio: float
    caption: str = ""


def under(caption: str, width: int) -> int:
    """The most that a caption takes below what has this width, as `canvas.css` sets it."""
    if not caption.strip():
        return 0
    told = "".join(letter * (2 if unicodedata.east_asian_width(letter) in "WF" else 1) for letter in caption.strip())
    lines = [len(textwrap.wrap(line, max(1, width // LETTER))) or 1 for line in told.split("\n")]
    return OFF + LINE * sum(lines)


def packed(shapes: Sequence[Shape]) -> list[Box]:
    """Pictures in rows of equal width, in their order, from the origin, with room for what stands under them."""
    wide = max(ROW, round((sum(shape.ratio for shape in shapes) * ROW * ROW * WIDE) ** 0.5))
    found: list[Box] = []
    row: list[Shape] = []
    y = 0
    for n, shape in enumerate(shapes, 1):
        row.append(shape)
        across, gaps = sum(each.ratio for each in row), GAP * (len(row) - 1)
        is_full = across * ROW + gaps >= wide
        if is_full or n == len(shapes):
            height = round((wide - gaps) / across) if is_full else ROW
            boxes = _row(row, y, height)
            found += boxes
            y, row = _low(boxes, row) + GAP, []
    return found


def _row(shapes: Sequence[Shape], y: int, height: int) -> list[Box]:
    x, found = 0, []
    for shape in shapes:
        width = round(height * shape.ratio)
        found.append(Box(x, y, width, height))
        x += width + GAP
    return found


def _low(boxes: Sequence[Box], shapes: Sequence[Shape]) -> int:
    """Where the lowest of them ends, with its caption."""
    return max(box.bottom + under(shape.caption, box.width) for box, shape in zip(boxes, shapes, strict=True))


def blocks(groups: Sequence[Sequence[Shape]]) -> list[list[Box]]:
    """Each group packed, and the blocks in rows beside and under each other."""
    made = [packed(group) for group in groups]
    sizes = [(max(box.right for box in of), _low(of, group)) for of, group in zip(made, groups, strict=True)]
    wide = max(max((width for width, _ in sizes), default=0), round((sum(w * h for w, h in sizes) * WIDE * 2) ** 0.5))
    x = y = tallest = 0
    found = []
    for of, (width, height) in zip(made, sizes, strict=True):
        if x and x + width > wide:
            x, y, tallest = 0, y + tallest + APART, 0
        found.append([Box(box.x + x, box.y + y, box.width, box.height) for box in of])
        x, tallest = x + width + APART, max(tallest, height)
    return found
