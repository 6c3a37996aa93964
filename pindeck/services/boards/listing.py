"""Lists of boards: all that an actor knows of, those of a picture, and those that something can be added to. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from peewee import fn

from pindeck import access
from pindeck.access import Actor
from pindeck.models import Board, BoardImage, Image, User
from pindeck.services.boards import boards, reading

PAGE, OFFERED, IN_RAIL = 24, 24, 12


@dataclass(frozen=True)
class BoardView:
    """A board of a list. `count` is 1,001 for more than 1,000 pictures, `pictures` are its cover and the first few; both
    are what the actor sees, and nothing of a smart board."""

    board: Board
    owner: str
    is_own: bool
    count: int
    pictures: list[Image]


@dataclass(frozen=True)
class Offer:
    """A board that pictures can be added to; `holds` says that all of them are on it."""

    board: Board
    holds: bool


def list_page(actor: Actor, *, limit: int = PAGE, after: str | None = None) -> tuple[list[BoardView], str | None]:
    """Boards, the newest first, and the id to go on from. A constant number of statements."""
    found, more = page_of(actor, limit=limit, after=after)
    return views(actor, found), more


def page_of(actor: Actor, *, limit: int, after: str | None = None) -> tuple[list[Board], str | None]:
    """The same as rows alone."""
    access.require(actor, "board.view")
    wanted = access.boards_of(actor)
    if after is not None:
        wanted &= Board.id < after
    found = list(Board.select().where(wanted).order_by(Board.id.desc()).limit(limit + 1))
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def views(actor: Actor, found: list[Board]) -> list[BoardView]:
    owners = {user.id: user.display_name for user in User.select().where(User.id.in_({board.user_id for board in found}))}
    filled, shown = [board for board in found if not board.is_smart], reading.shown_to(actor)
    counts, pictures = reading.counts(shown, filled), reading.first(shown, filled)
    return [
        BoardView(board, owners.get(board.user_id, ""), board.user_id == actor.user_id, counts.get(board.id, 0), pictures.get(board.id, []))
        for board in found
    ]


def recent(actor: Actor) -> list[tuple[Board, int]]:
    """The actor's boards that changed last, with how many pictures each shows. Two statements."""
    access.require(actor, "board.view")
    mine = Board.select().where(access.own_boards(actor)).order_by(Board.updated_at.desc(), Board.id.desc())
    found = list(mine.limit(IN_RAIL))
    counts = reading.counts(reading.shown_to(actor), [board for board in found if not board.is_smart])
    return [(board, counts.get(board.id, 0)) for board in found]


def offers(actor: Actor, ids: Sequence[str], *, name: str = "") -> list[Offer]:
    """The actor's boards whose names hold these letters, the last changed first. Two statements."""
    access.require(actor, "board.edit")
    mine = access.own_boards(actor) & Board.query.is_null()
    if key := boards.key_of(name):
        mine &= Board.name_key.contains(key)
    found = list(Board.select().where(mine).order_by(Board.updated_at.desc(), Board.id.desc()).limit(OFFERED))
    on = BoardImage.board.in_([board.id for board in found]) & BoardImage.image_id.in_(list(ids))
    rows: Any = BoardImage.select(BoardImage.board, fn.COUNT(BoardImage.image_id)).where(on).group_by(BoardImage.board).tuples()
    held = dict(rows) if found and ids else {}
    return [Offer(board, held.get(board.id) == len(set(ids))) for board in found]


def named(actor: Actor, name: str) -> Board | None:
    """The actor's board of this name that changed last, whatever its capitals and spaces."""
    mine = access.own_boards(actor) & Board.query.is_null() & (Board.name_key == boards.key_of(name))
    return Board.select().where(mine).order_by(Board.updated_at.desc(), Board.id.desc()).first()  # type: ignore[no-any-return]


def holding(actor: Actor, images: Any) -> list[Board]:
    """The actor's boards with one of the pictures that this condition finds, by name; 50 at most. One statement."""
    if not access.can(actor, "board.view"):
        return []
    on = BoardImage.select(BoardImage.image_id).join(Image, on=(Image.id == BoardImage.image_id))
    has_one = fn.EXISTS(on.where((BoardImage.board == Board.id) & images))
    return list(Board.select().where(access.own_boards(actor) & has_one).order_by(Board.name_key, Board.id).limit(50))


def of_image(actor: Actor, image_id: str) -> list[Board]:
    """The actor's boards that a picture is on, by name. One statement."""
    if not access.can(actor, "board.view"):
        return []
    on = BoardImage.select(BoardImage.board).where(BoardImage.image_id == image_id)
    return list(Board.select().where(access.own_boards(actor) & Board.id.in_(on)).order_by(Board.name_key, Board.id).limit(50))
