"""How a canvas is walked through when it is presented: object by object, and a group at once, in the order in which people read."""

from pindeck.services.boards.canvas import layouts
from pindeck.services.boards.canvas.layouts import Box
from pindeck.services.boards.canvas.objects import Kind
from pindeck.services.boards.canvas.shown import Placed

Stop = tuple[Box, list[Placed]]


def in_order(placed: list[Placed]) -> list[Stop]:
    """Row by row, each from the left. Arrows by themselves are seen with what they connect, and are no stops."""
    groups: dict[str, list[Placed]] = {}
    for each in placed:
        groups.setdefault(each.row.group_id or each.row.id, []).append(each)
    stops = [(layouts.around(layouts.box_of(each.row) for each in of), of) for of in groups.values() if not _is_arrows(of)]
    rows: list[list[Stop]] = []
    for stop in sorted(stops, key=lambda stop: (stop[0].y, stop[0].x)):
        first = rows[-1][0][0] if rows else None
        if first and stop[0].y < first.y + first.height / 2:
            rows[-1].append(stop)
        else:
            rows.append([stop])
    return [stop for row in rows for stop in sorted(row, key=lambda stop: (stop[0].x, stop[0].y))]


def _is_arrows(of: list[Placed]) -> bool:
    return all(each.row.kind == Kind.ARROW for each in of)
