"""What of a canvas somebody sees: its objects, and the pictures of the board that have no place yet. Reads only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from peewee import JOIN, chunked

from pindeck import db
from pindeck.access import Actor, Condition
from pindeck.db import dialect
from pindeck.errors import no_image
from pindeck.models import Board, CanvasObject, Image
from pindeck.services.boards import pictures, reading
from pindeck.services.boards.canvas import layouts, objects

TRAY = 60  # pictures without a place that are shown at once
AREA = 320 * 240  # square pixels that a picture takes at first, whatever its proportion
GAP = 16  # pixels between objects that are arranged


@dataclass(frozen=True)
class Placed:
    """An object, and the picture that it shows."""

    row: CanvasObject
    image: Image | None


@dataclass(frozen=True)
class Canvas:
    """`placed` from the lowest layer up; `tray` are the first pictures without a place, `waiting` how many there are, one more
    than are shown for more. `version` is that of the board."""

    board: Board
    placed: list[Placed]
    tray: list[Image]
    waiting: int

    @property
    def version(self) -> int:
        return self.board.version


def canvas(actor: Actor, board: Board) -> Canvas:
    """As many statements for many objects as for few, and one more for each 500 pictures."""
    placed = placed_of(actor, objects.read(board.id))
    tray = unplaced(actor, board, TRAY + 1)
    return Canvas(board, placed, tray[:TRAY], len(tray))


def placed_of(actor: Actor, found: Mapping[str, CanvasObject]) -> list[Placed]:
    """Those that the actor sees, in the order given: an object of a picture is for who sees the picture."""
    return placed_where(reading.shown_to(actor), found)


def placed_where(shown: Condition, found: Mapping[str, CanvasObject]) -> list[Placed]:
    """The same for who sees these pictures."""
    images = _images(shown, [row.image_id for row in found.values() if row.image_id])
    return [Placed(row, images.get(row.image_id or "")) for row in found.values() if row.image_id is None or row.image_id in images]


def has_some(shown: Condition, board: Board) -> bool:
    """Whether anything stands on the canvas for who sees these pictures. One statement."""
    rows = CanvasObject.select().join(Image, JOIN.LEFT_OUTER, on=(Image.id == CanvasObject.image_id))
    mine = (CanvasObject.board == board.id) & (CanvasObject.image_id.is_null() | shown.expression())
    return bool(rows.where(mine).exists())


def visible(actor: Actor, found: Mapping[str, CanvasObject]) -> dict[str, CanvasObject]:
    """The same, as rows."""
    known = set(pictures.seen_among(actor, [row.image_id for row in found.values() if row.image_id]))
    return {key: row for key, row in found.items() if row.image_id is None or row.image_id in known}


def picture(actor: Actor, board: Board, image_id: str) -> Image:
    """A picture of the board. Raises NotFound."""
    pictures.one(actor, board, image_id)
    found = Image.get_or_none(Image.id == image_id)
    if found is None:
        raise no_image()
    return found  # type: ignore[no-any-return]


def _images(shown: Condition, ids: list[str]) -> dict[str, Image]:
    parts = [Image.select().where(Image.id.in_(list(part)) & shown.expression()) for part in chunked(ids, 500)]
    return {image.id: image for rows in parts for image in rows}


_COLUMNS = ", ".join(f'i."{field.column_name}"' for field in Image._meta.sorted_fields)
_UNPLACED = """
SELECT {columns} FROM board_image p {image}
WHERE p.board_id = :board AND {shown}
  AND NOT EXISTS (SELECT 1 FROM canvas_object o WHERE o.board_id = p.board_id AND o.image_id = p.image_id)
ORDER BY p.position, p.image_id LIMIT :most
"""


def unplaced(actor: Actor, board: Board, most: int) -> list[Image]:
    """The first pictures of the board that have no object. One statement."""
    visible = reading.shown_to(actor)
    text = _UNPLACED.format(columns=_COLUMNS, image=dialect.each_by_id("image", "i", "p.image_id"), shown=visible.text("i"))
    rows = db.sql(text, board=board.id, most=most, **visible.values).fetchall()
    return [Image.of_row(row) for row in rows]


def size_of(image: Any) -> tuple[int, int]:
    """Width and height of a picture that comes onto a canvas: its proportion, and the same area for each."""
    ratio = min(max((image.width or 4) / (image.height or 3), 0.2), 5)
    width = round((AREA * ratio) ** 0.5)
    return width, round(width / ratio)


def beside(rows: Iterable[CanvasObject]) -> tuple[int, int]:
    """A free place right of all that is there, in line with its top; the origin of an empty canvas."""
    found = list(rows)
    if not found:
        return 0, 0
    box = layouts.around(layouts.box_of(row) for row in found)
    return box.right + GAP, box.y
