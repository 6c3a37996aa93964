"""What the public link of a board shows: what is on it and is part of the library.

The link ends with the board, and rests while its owner's account is disabled.
"""

from dataclasses import dataclass
from typing import Any

from peewee import JOIN, Tuple, fn

from pindeck.access import Actor
from pindeck.errors import Conflict, no_image
from pindeck.models import Board, BoardImage, BoardSection, Image, User
from pindeck.services.actions.verbs import verb
from pindeck.services.boards import boards, reading
from pindeck.services.boards.public_links import OPEN, Links
from pindeck.services.boards.reading import BoardPage


@dataclass(frozen=True)
class Shared:
    """A board as its link shows it. `count` is 1,001 for more than 1,000 pictures."""

    board: Board
    sections: list[BoardSection]
    page: BoardPage
    count: int


def _kept(actor: Actor, board_id: str) -> Board:
    return boards.locked(actor, board_id, "board.manage")


def _open_rows(share_hash: str) -> Any:
    mine = (Board.share_hash == share_hash) & Board.deleted_at.is_null() & Board.query.is_null()
    return Board.select().join(User, on=(User.id == Board.user_id)).where(mine & User.disabled_at.is_null())


def _check(board: Board) -> None:
    if board.is_smart:
        raise Conflict("The pictures of a smart board change by themselves, so it has no link. Freeze it first.", code="BOARD_IS_SMART")


LINKS = Links(
    "board", verb("board.share", "Made the public link of a board"), verb("board.revoke", "Revoked the public link of a board"),
    _kept, boards.set_columns, _open_rows, _check,
)  # fmt: skip
share, revoke = LINKS.share, LINKS.revoke


def opened(board: Board, after: str | None = None) -> Shared:
    """What the link of the board shows, in a constant number of statements."""
    sections = reading.sections_of(board.id)
    page = reading.page(OPEN, board.id, sections, after=reading.after_of(after))
    return Shared(board, sections, page, reading.counts(OPEN, [board])[board.id])


def picture(board: Board, image_id: str) -> Image:
    """A picture that the link shows. Raises NotFound."""
    on = (BoardImage.board == board.id) & (BoardImage.image_id == image_id)
    found = Image.select().join(BoardImage, on=(BoardImage.image_id == Image.id)).where(on & OPEN.expression()).get_or_none()
    if found is None:
        raise no_image()
    return found  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Opened:
    """A picture of a shared board, its note, and the ids of the pictures before and after it."""

    board: Board
    image: Image
    note: str | None
    previous: str | None
    next: str | None


def open_picture(board: Board, image_id: str) -> Opened:
    """In four statements. Raises NotFound for a picture that the link does not show."""
    here = _on(board).where(Image.id == image_id).objects().get_or_none()
    if here is None:
        raise no_image()
    place = Tuple(here.in_section, here.at_position, here.id)
    before = _on(board).where(Tuple(*_ORDER) < place).order_by(*(each.desc() for each in _ORDER)).objects().first()
    after = _on(board).where(Tuple(*_ORDER) > place).order_by(*_ORDER).objects().first()
    return Opened(board, here, here.pin_note, before and before.id, after and after.id)


_ORDER = (fn.COALESCE(BoardSection.position, ""), BoardImage.position, BoardImage.image_id)


def _on(board: Board) -> Any:
    """The pictures that a link shows, with their places."""
    told = (_ORDER[0].alias("in_section"), BoardImage.position.alias("at_position"), BoardImage.note.alias("pin_note"))
    rows = Image.select(Image, *told).join(BoardImage, on=(BoardImage.image_id == Image.id))
    rows = rows.join(BoardSection, JOIN.LEFT_OUTER, on=(BoardSection.id == BoardImage.section_id))
    return rows.where((BoardImage.board == board.id) & OPEN.expression())


def count_open(board: Board) -> int:
    """How many pictures a link of the board shows."""
    return reading.counts(OPEN, [board])[board.id]
