"""What templates show of an image, made from what services return."""

import json
from functools import lru_cache
from typing import NamedTuple

from pindeck.services.images import image_urls
from pindeck.services.library.gallery import Absent, Seen, WallPage


class Tile(NamedTuple):
    """One picture in a grid. Sizes are those of the renditions, in pixels; `ratio` is that of its tile where it is wide.

    `style` and `srcset` are spelt here, because a template takes three times as long to put them together.
    """

    id: str
    title: str
    width: int
    height: int
    ratio: float
    small: str
    dominant: str
    thumbhash: str
    colors: list[str]
    style: str
    srcset: str
    likes: int
    liked: bool
    url: str
    absent: Absent | None = None


class Shape(NamedTuple):
    """What follows from the size of a picture: the ratio of its sides, how wide two of its renditions are, and the start of its `style`."""

    ratio: float
    small: int
    medium: int
    style: str


@lru_cache(maxsize=4096)
def _shape(width: int, height: int) -> Shape:
    ratio = round(width / height, 3)
    # Very wide and very tall pictures keep a tile that can be seen and hit, and that leaves a row to others.
    # All of them is shown in it.
    shown = min(max(ratio, 0.5), 3)
    style = f"--r:{shown}" if shown == ratio else f"--r:{shown};--fit:contain"
    return Shape(ratio, _width_at(width, height, 320), _width_at(width, height, 768), style)


def _width_at(width: int, height: int, limit: int) -> int:
    """Width of the rendition that is at most `limit` wide; WebP allows 16383 pixels a side."""
    scale = min(1.0, limit / width, 16383 / width, 16383 / height)
    return max(1, round(width * scale))


_read_json = json.JSONDecoder().raw_decode  # what the database gives has no space around it, which `loads` looks for

_PALETTES = tuple("".join(f";--{letter}:%s" for letter in "abcde"[:count]) for count in range(6))  # by the number of colours


def tiles_of(page: WallPage) -> list[Tile]:
    return [tile_of(image, image.id in page.liked, page.absent.get(image.id)) for image in page.images]


def tile_of(image: Seen, liked: bool, absent: Absent | None = None) -> Tile:
    # Without a picture there is room for two lines and two buttons.
    width, height = (2, 1) if absent else (image.width or 4, image.height or 3)
    shape = _shape(width, height)
    palette = _read_json(image.colors)[0][:5] if image.colors else []
    small, medium = image_urls.small_and_medium(image.id, image.public_token)
    return Tile(
        id=image.id,
        title=image.title,
        width=width,
        height=height,
        ratio=min(shape.ratio, 3),
        small=small,
        dominant=image.dominant or "#16161a",
        thumbhash=image.thumbhash or "",
        colors=palette,
        style=shape.style + _PALETTES[len(palette)] % tuple(palette),
        srcset=f"{small} {shape.small}w, {medium} {shape.medium}w" if shape.medium > shape.small else "",
        likes=image.likes,
        liked=liked,
        url=f"/images/{image.id}",
        absent=absent,
    )
