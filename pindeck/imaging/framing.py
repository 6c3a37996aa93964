"""Which part of a picture a crop shows, and how large: numbers alone, all in pixels of the upright picture.

`cover` fills the box: the picture is scaled until it just covers it, and the window that is left moves so that the
focal point is as near to its middle as the edges allow. `contain` shows all of the picture in the middle of the box.
`inside` shows all of it, and the result is no larger than the picture. Nothing is ever enlarged: a box that a picture
is too small for shrinks, keeping its ratio. A box of which one side is not named has the ratio of the picture.
"""

from dataclasses import dataclass
from typing import Literal

from pindeck.imaging.presets import MOST_WEBP_PX

Fit = Literal["cover", "contain", "inside"]
FITS: tuple[Fit, ...] = ("cover", "contain", "inside")
CENTRE = (0.5, 0.5)


@dataclass(frozen=True)
class Frame:
    """`window` (left, top, right, bottom) of the picture is drawn in `size`, at `at` on a canvas of `canvas`."""

    window: tuple[float, float, float, float]
    size: tuple[int, int]
    canvas: tuple[int, int]
    at: tuple[int, int] = (0, 0)


def frame(
    picture: tuple[int, int],
    fit: Fit,
    box: tuple[int | None, int | None],
    focal: tuple[float, float] = CENTRE,
) -> Frame:
    """The frame for a picture of width and height `picture`. `focal` counts from 0 to 1, right and down."""
    width, height = box
    if fit == "cover" and width and height:
        return _cover(picture, (width, height), focal)
    if fit == "contain" and width and height:
        return _contain(picture, (width, height))
    return _inside(picture, box)


def _cover(picture: tuple[int, int], box: tuple[int, int], focal: tuple[float, float]) -> Frame:
    too_large = max(1.0, box[0] / picture[0], box[1] / picture[1])
    canvas = (_whole(box[0] / too_large), _whole(box[1] / too_large))
    scale = max(canvas[0] / picture[0], canvas[1] / picture[1])
    left, right = _window(picture[0], canvas[0] / scale, focal[0])
    top, bottom = _window(picture[1], canvas[1] / scale, focal[1])
    return Frame((left, top, right, bottom), canvas, canvas)


def _window(length: int, part: float, focal: float) -> tuple[float, float]:
    """Beginning and end of a part of an axis, as near around the focal point as its ends allow."""
    part = min(part, length)
    start = min(max(focal * length - part / 2, 0.0), length - part)
    return start, min(start + part, length)


def _contain(picture: tuple[int, int], box: tuple[int, int]) -> Frame:
    scale = min(box[0] / picture[0], box[1] / picture[1])
    too_large = max(1.0, scale)
    canvas = (_whole(box[0] / too_large), _whole(box[1] / too_large))
    scale = min(1.0, scale)
    size = (min(canvas[0], _whole(picture[0] * scale)), min(canvas[1], _whole(picture[1] * scale)))
    at = ((canvas[0] - size[0]) // 2, (canvas[1] - size[1]) // 2)
    return Frame((0.0, 0.0, *picture), size, canvas, at)


def _inside(picture: tuple[int, int], box: tuple[int | None, int | None]) -> Frame:
    sides = zip((box[0] or MOST_WEBP_PX, box[1] or MOST_WEBP_PX), picture, strict=True)
    scale = min(1.0, *(most / length for most, length in sides))
    size = (_whole(picture[0] * scale), _whole(picture[1] * scale))
    return Frame((0.0, 0.0, *picture), size, size)


def _whole(value: float) -> int:
    return max(1, int(value + 0.5))
