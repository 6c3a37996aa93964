"""What a board shows: its pictures by sections and in their order, to somebody who may see them. Reads only."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from peewee import chunked

from pindeck import access, db
from pindeck.access import Actor, Condition
from pindeck.db import dialect
from pindeck.models import Board, BoardImage, BoardSection, Image

PAGE, FIRST, COUNTED = 60, 4, 1000
MOST_SECTIONS = 50


class After(NamedTuple):
    """Where a page goes on: the section, position and id of the last picture that was shown."""

    section: str
    position: str
    image_id: str

    def __str__(self) -> str:
        return "~".join(self)


def after_of(text: str | None) -> After | None:
    """None for what names no place, which is the beginning."""
    parts = (text or "").split("~")
    return After(*parts) if len(parts) == 3 and parts[1] and all(p.isascii() and p.isprintable() for p in parts) else None


@dataclass(frozen=True)
class Pinned:
    """A picture on a board. `section` is an id, empty for none."""

    image: Image
    section: str
    position: str
    note: str | None
    at: int  # when it was put there (ms)

    @property
    def place(self) -> After:
        return After(self.section, self.position, self.image.id)


@dataclass(frozen=True)
class BoardPage:
    pinned: list[Pinned]
    next_after: str | None


_COLUMNS = ", ".join(f'i."{field.column_name}"' for field in Image._meta.sorted_fields)
_PART = """
SELECT * FROM (
  SELECT {number} AS part, p.position AS place, p.section_id AS of_section, p.note AS said, p.created_at AS pinned_at, {columns}
  FROM board_image p {image}
  WHERE p.board_id = :board AND {section} AND {later} AND {shown}
  ORDER BY p.position, p.image_id LIMIT :most
) AS part{number}
"""
_LATER = "p.position >= :position AND (p.position > :position OR p.image_id > :image)"


def _image() -> str:
    return dialect.each_by_id("image", "i", "p.image_id")


def sections_of(board_id: str) -> list[BoardSection]:
    return list(BoardSection.select().where(BoardSection.board == board_id).order_by(BoardSection.position, BoardSection.id))


def sections_of_many(board_ids: list[str]) -> dict[str, list[BoardSection]]:
    """By board: its sections, in their order."""
    found: dict[str, list[BoardSection]] = {}
    mine = BoardSection.select().where(BoardSection.board.in_(board_ids))
    for section in mine.order_by(BoardSection.position, BoardSection.id):
        found.setdefault(section.board_id, []).append(section)
    return found


def shown_to(actor: Actor) -> Condition:
    """The pictures of a board that it shows to somebody."""
    return access.seen(actor) & access.LIVE


def page(
    shown: Condition, board_id: str, sections: list[BoardSection], *, after: After | None = None, limit: int = PAGE
) -> BoardPage:
    """The next pictures in one statement, a part for each section that is left."""
    order = ["", *(section.id for section in sections)]
    start = order.index(after.section) if after and after.section in order else 0
    later = after is not None and after.section in order
    values: dict[str, Any] = {"board": board_id, "most": limit + 1, **shown.values}
    if later and after:
        values |= {"position": after.position, "image": after.image_id}
    parts = []
    for number, section in enumerate(order[start:]):
        if section:
            values[f"s{number}"] = section
        parts.append(
            _PART.format(
                number=number, columns=_COLUMNS, image=_image(), shown=shown.text("i"), later=_LATER if later and number == 0 else "1 = 1",
                section=f"p.section_id = :s{number}" if section else "p.section_id IS NULL",
            )  # fmt: skip
        )
    text = f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS pinned ORDER BY 1, 2, id LIMIT :most"
    rows = db.sql(text, **values).fetchall()
    pinned = [Pinned(Image.of_row(row[5:]), row[2] or "", row[1], row[3], row[4]) for row in rows[:limit]]
    return BoardPage(pinned, str(pinned[-1].place) if len(rows) > limit else None)


_COUNTS = """
SELECT * FROM (SELECT '{number}' AS n, COUNT(*) AS c FROM (
  SELECT 1 AS one FROM board_image p {image}
  WHERE p.board_id = :b{number} AND {shown} LIMIT :most
) AS some{number}) AS counted{number}
"""


def counts(shown: Condition, boards: list[Board]) -> dict[str, int]:
    """By board: how many pictures it shows, 1,001 for more than 1,000. One statement."""
    return {
        boards[int(row[0])].id: int(row[1]) for row in _for_each(_COUNTS, shown, boards, COUNTED + 1)
    }


_FIRST = """
SELECT * FROM (
  SELECT {number} AS n, {columns} FROM board_image p {image}
  WHERE p.board_id = :b{number} AND i.file_id IS NOT NULL AND {shown} ORDER BY p.position, p.image_id LIMIT :most
) AS first{number}
"""
_COVER = """
SELECT * FROM (
  SELECT {number} AS n, {columns} FROM board p
  JOIN board_image q ON q.board_id = p.id AND q.image_id = p.cover_id JOIN image i ON i.id = p.cover_id
  WHERE p.id = :b{number} AND i.file_id IS NOT NULL AND {shown} LIMIT :most
) AS first{number}
"""


def first(shown: Condition, boards: list[Board]) -> dict[str, list[Image]]:
    """By board: the cover that was chosen, and its first pictures. Two statements, however many boards."""
    found: dict[str, dict[str, Image]] = {board.id: {} for board in boards}
    with_cover = [board for board in boards if board.cover_id]
    for some, text in ((with_cover, _COVER), (boards, _FIRST)):
        for row in _for_each(text, shown, some, FIRST):
            image = Image.of_row(row[1:])
            found[some[int(row[0])].id].setdefault(image.id, image)
    return {board_id: list(images.values())[:FIRST] for board_id, images in found.items()}


def _for_each(text: str, shown: Condition, boards: list[Board], most: int) -> list[tuple]:
    if not boards:
        return []
    parts = [text.format(number=n, shown=shown.text("i"), columns=_COLUMNS, image=_image()) for n in range(len(boards))]
    named = {f"b{n}": board.id for n, board in enumerate(boards)}
    return db.sql(" UNION ALL ".join(parts), **named, most=most, **shown.values).fetchall()  # type: ignore[no-any-return]


def all_rows(actor: Actor, board_id: str) -> list[BoardImage]:
    """The rows of all pictures that a board shows to the actor, in their order within each section."""
    mine = BoardImage.select().where(BoardImage.board == board_id).order_by(BoardImage.position, BoardImage.image_id)
    shown, found = shown_to(actor), list(mine)
    known: set[str] = set()
    for some in chunked(found, 500):
        seen = Image.select(Image.id).where(Image.id.in_([row.image_id for row in some]) & shown.expression())
        known |= {image.id for image in seen}
    return [row for row in found if row.image_id in known]


_BESIDE = """
SELECT p.image_id FROM board_image p {image}
WHERE p.board_id = :board AND {section} AND p.position {sign}= :position
  AND (p.position {sign} :position OR p.image_id {sign} :id) AND {shown}
ORDER BY p.position {way}, p.image_id {way} LIMIT :most
"""


def ids_beside(actor: Actor, board_id: str, row: BoardImage, by: int) -> list[str]:
    """The ids of up to so many pictures after one in its section, or before it where the number is negative."""
    shown = shown_to(actor)
    text = _BESIDE.format(
        image=_image(), shown=shown.text("i"), section="p.section_id = :section" if row.section_id else "p.section_id IS NULL",
        sign=">" if by > 0 else "<", way="ASC" if by > 0 else "DESC",
    )  # fmt: skip
    values = {"board": board_id, "position": row.position, "id": row.image_id, "most": abs(by), **shown.values}
    if row.section_id:
        values["section"] = row.section_id
    return [each[0] for each in db.sql(text, **values).fetchall()]
