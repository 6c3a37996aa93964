"""A canvas is arranged on request: packed, by colour or by project. Pictures without a place get one."""

import colorsys
from collections.abc import Sequence

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict, invalid
from pindeck.models import Board, CanvasObject, Image
from pindeck.services.boards.canvas import acting, layers, layouts, objects, shown
from pindeck.services.boards.canvas.acting import Acted
from pindeck.services.boards.canvas.objects import How, Kind, State
from pindeck.services.boards.canvas.shown import Placed


def arrange(actor: Actor, board_id: str, how: object, ids: Sequence[str] = ()) -> Acted:
    """All pictures of the board that the actor sees, under what else is on the canvas, as far as it has room; or with `ids` the
    pictures among these objects, where they stand. Raises NotFound, Forbidden, Invalid, and Conflict where there are none."""
    if how not in list(How):
        raise invalid("how", f"Choose one of {', '.join(How)}.")

    def work() -> Acted:
        board = acting.locked(actor, board_id)
        rows = objects.read(board.id)
        chosen = {key: row for key, row in rows.items() if row.image_id and (not ids or key in ids)}
        placed = shown.placed_of(actor, chosen)
        new = [] if ids else shown.unplaced(actor, board, objects.MOST - len(rows))
        if not placed and not new:
            raise Conflict("There is no picture to arrange. Add some to the board first.", code="BOARD_EMPTY")
        others = [] if ids else [row for row in rows.values() if not row.image_id]
        return _arrange(actor, board, How(str(how)), placed, new, others, layers.front(rows.values()))

    return db.retried(work)


def _arrange(
    actor: Actor, board: Board, how: How, placed: list[Placed], new: list[Image], others: list[CanvasObject], layer: int
) -> Acted:
    rows = {each.image.id: each.row for each in placed if each.image}
    images = [each.image for each in sorted(placed, key=lambda each: (each.row.y, each.row.x)) if each.image] + new
    groups = _groups(how, images)
    captions = {key: row.text or "" for key, row in rows.items()}
    shapes = [[layouts.Shape(_ratio(image), captions.get(image.id, "")) for image in group] for group in groups]
    boxes = layouts.blocks(shapes)
    left, top = _origin([each.row for each in placed], others)
    after: dict[str, State | None] = {}
    for image, box in zip((image for group in groups for image in group), (box for of in boxes for box in of), strict=True):
        where = {"x": box.x + left, "y": box.y + top, "width": max(box.width, 16), "height": max(box.height, 16)}
        if image.id in rows:
            after[rows[image.id].id] = {**objects.state(rows[image.id]), **where}
        else:
            after[db.new_id()] = _new(board, image) | where | {"layer": layer}
            layer += layers.ROOM
    before = {row.id: objects.state(row) for row in rows.values()}
    return acting.finish(actor, board, objects.ARRANGED, before, after)


def _new(board: Board, image: Image) -> State:
    return {"board": board.id, "kind": str(Kind.PICTURE), "image_id": image.id, "group_id": None, "text": None, "color": None}


def _ratio(image: Image) -> float:
    width, height = shown.size_of(image)
    return width / height


def _origin(placed: Sequence[CanvasObject], others: Sequence[CanvasObject]) -> tuple[int, int]:
    """Where the pictures begin: where they began, or under notes, swatches and arrows, so that they cover none."""
    left, top = min((row.x for row in placed), default=0), min((row.y for row in placed), default=0)
    if others:
        low = max(_low(row) for row in others)
        return min(row.x + min(row.width, 0) for row in others), max(top, low + layouts.APART)
    return left, top


def _low(row: CanvasObject) -> int:
    """Where an object ends, with its caption; the words of a note stand within it."""
    box = layouts.box_of(row)
    return box.bottom + (0 if row.kind == Kind.NOTE else layouts.under(row.text or "", box.width))


def _groups(how: How, images: list[Image]) -> list[list[Image]]:
    if how == How.COLOUR:
        return [sorted(images, key=lambda image: _shade(image.dominant or "#000000"))]
    if how == How.PACKED:
        return [images]
    found: dict[str, list[Image]] = {}
    for image in images:
        found.setdefault(image.project_id or "", []).append(image)
    return list(found.values())


def _shade(code: str) -> tuple[int, float, float]:
    """Greys by their lightness before the colours, which go around the circle in twelve steps, each from dark to light."""
    hue, light, full = colorsys.rgb_to_hls(*(int(code[n : n + 2], 16) / 255 for n in (1, 3, 5)))
    is_grey = full < 0.12 or light < 0.06 or light > 0.94
    return (0, 0.0, light) if is_grey else (1, round(hue * 12) % 12, light)
