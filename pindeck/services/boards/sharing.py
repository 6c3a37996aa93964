"""The public link of a board: whoever has it sees the board without an account, until it is revoked.

It shows what is on the board and is part of the library: nothing that is private, waits, or lies in the trash, whoever
put it there. The link ends with the board, and rests while its owner's account is disabled.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from peewee import JOIN, Tuple, fn

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound, no_image
from pindeck.models import Board, BoardImage, BoardSection, Image, User
from pindeck.services import activity
from pindeck.services.actions.verbs import verb
from pindeck.services.boards import boards, reading
from pindeck.services.boards.reading import BoardPage

SHARED = verb("board.share", "Made the public link of a board")
REVOKED = verb("board.revoke", "Revoked the public link of a board")
OPEN = access.SHOWN & access.HAS_BYTES


@dataclass(frozen=True)
class Shared:
    """A board as its link shows it. `count` is 1,001 for more than 1,000 pictures."""

    board: Board
    sections: list[BoardSection]
    page: BoardPage
    count: int


def share(actor: Actor, board_id: str) -> tuple[str, str]:
    """The token of a new link, which is told this once, and the id of the action. The link before it ends.

    Raises NotFound, Forbidden for a collaborator, Conflict for a smart board.
    """
    token = db.new_token()

    def work() -> str:
        board = boards.locked(actor, board_id, "board.manage")
        if board.is_smart:
            raise Conflict("The pictures of a smart board change by themselves, so it has no link. Freeze it first.", code="BOARD_IS_SMART")
        activity.note(actor, "board.share", board=board.id)
        return boards.set_columns(actor, board, SHARED, {"share_hash": hash_of(token)})

    return token, db.retried(work)


def revoke(actor: Actor, board_id: str) -> str | None:
    """The link ends at once; the id of the action, None where there was none."""

    def work() -> str | None:
        board = boards.locked(actor, board_id, "board.manage")
        if not board.is_shared:
            return None
        activity.note(actor, "board.revoke", board=board.id)
        return boards.set_columns(actor, board, REVOKED, {"share_hash": None})

    return db.retried(work)


def open_link(token: str, after: str | None = None) -> Shared:
    """What the link shows, in a constant number of statements. Raises NotFound for one that is none or has ended."""
    board = board_of(token)
    sections = reading.sections_of(board.id)
    page = reading.page(OPEN, board.id, sections, after=reading.after_of(after))
    return Shared(board, sections, page, reading.counts(OPEN, [board])[board.id])


def picture(token: str, image_id: str) -> Image:
    """A picture that the link shows. Raises NotFound."""
    board = board_of(token)
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


def open_picture(token: str, image_id: str) -> Opened:
    """In five statements. Raises NotFound for a picture that the link does not show."""
    board = board_of(token)
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


def board_of(token: str) -> Board:
    """Raises NotFound for a link that is none or has ended."""
    mine = (Board.share_hash == hash_of(token)) & Board.deleted_at.is_null() & Board.query.is_null()
    board = Board.select().join(User, on=(User.id == Board.user_id)).where(mine & User.disabled_at.is_null()).get_or_none()
    if board is None:
        raise NotFound("There is nothing at this address. Its link may have been revoked.")
    return board  # type: ignore[no-any-return]


def hash_of(token: str) -> str:
    """What is kept of a link: nobody who reads the table can open it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
