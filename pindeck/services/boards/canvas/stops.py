"""How a canvas is walked through when it is presented: object by object, and a group at once, in the order in which people read."""

from pindeck.services.boards.canvas import layouts
from pindeck.services.boards.canvas.layouts import Box
from pindeck.services.boards.canvas.objects import Kind
from pindeck.services.boards.canvas.shown import Placed

Stop = tuple[Box, list[Placed]]
LETTER_PX, LINE_PX, MOST_LINES = 6.5, 16, 5  # of the words below a picture, a swatch or an arrow


def box_of(each: Placed) -> Box:
    """What an object covers with the words below it, about."""
    row, box = each.row, layouts.box_of(each.row)
    if row.kind == Kind.NOTE or not row.text:
        return box
    lines = sum(1 + int(len(line) * LETTER_PX / max(box.width, LETTER_PX)) for line in row.text.split("\n"))
    return box._replace(height=box.height + LINE_PX * min(lines, MOST_LINES) + LINE_PX // 2)


def in_order(placed: list[Placed]) -> list[Stop]:
    """Row by row, each from the left. Arrows by themselves are seen with what they connect, and are no stops."""
    groups: dict[str, list[Placed]] = {}
    for each in placed:
        groups.setdefault(each.row.group_id or each.row.id, []).append(each)
    stops = [(layouts.around(box_of(each) for each in of), of) for of in groups.values() if not _is_arrows(of)]
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
