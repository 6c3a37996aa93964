"""Smart boards: filled by a query of the gallery, in the words of its address or of its search box, until they are frozen.

What such a board shows is found for whoever looks, so it holds nothing that they may not see.
"""

from typing import Any

from pindeck import access
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid
from pindeck.models import Board, Image
from pindeck.services.boards import boards, pictures, reading
from pindeck.services.boards.reading import BoardPage, Pinned
from pindeck.services.images import large_boards
from pindeck.services.library import choices, filters, query, sorting
from pindeck.services.library.query import Listing
from pindeck.services.library.sorting import Sort

SHOWN = Listing(shown=lambda actor, _: (access.hung(actor),), order=(Image.seq,), columns=query.everything())
NUMBER = Listing(shown=SHOWN.shown, order=SHOWN.order, columns=())
IDS = Listing(shown=SHOWN.shown, order=SHOWN.order, columns=(Image.id,))


def create(actor: Actor, *, name: object, text: object, description: object = "") -> tuple[Board, str]:
    """A smart board of the actor's, and the id of the action. Raises Invalid naming each field at fault."""
    return boards.create(actor, name=name, description=description, query=_checked(text))


def update(actor: Actor, board_id: str, *, versions: frozenset[int] | None = None, **given: Any) -> str | None:
    """`boards.update`, where a new query is one that the gallery understands."""
    if "query" in given:
        given["query"] = _checked(given["query"])
    return boards.update(actor, board_id, versions=versions, **given)


def _checked(text: object) -> str:
    found = str(text).strip() if isinstance(text, str) else ""
    if not found or not choices.meant_by(found):
        sentence = "Type a search, as in the search box of the gallery."
        raise Invalid(sentence, fields={"query": sentence})
    return found


def page(actor: Actor, board: Board, *, after: str | None = None, limit: int = reading.PAGE) -> BoardPage:
    """What the query finds for the actor, newest or nearest first; `next_after` is a place of that order."""
    wanted = _wanted(board)
    found, following = sorting.page(SHOWN, actor, wanted, order(board), after=after, limit=limit)
    pinned = [Pinned(image, "", "", None, image.created_at) for image in map(Image.of_row, found)]
    return BoardPage(pinned, following)


def order(board: Board) -> Sort:
    return sorting.usual(str(_wanted(board).get(filters.WORDS, "")))


def count(actor: Actor, board: Board) -> int:
    """How many that are, 1,001 for more than 1,000."""
    found = query.tally(NUMBER, actor, _wanted(board), most=reading.COUNTED + 1)
    return int(found[0][0]) if found else 0


def _wanted(board: Board) -> Any:
    """The one place that reads the query of a board."""
    return choices.wanted_of(str(board.query))


def freeze(
    actor: Actor, board_id: str, *, versions: frozenset[int] | None = None, by_job: bool = False
) -> tuple[str | None, bool]:
    """From now on the board holds what its query finds for the actor now: the id of the action, None for a board that no query
    fills, and whether a job is doing it.

    Above 250 pictures they come in slices, `by_job` or here. Raises NotFound, Conflict for more than a board holds.
    """
    board = boards.find(actor, board_id, "board.edit")
    if not board.is_smart:
        return None, False
    rows = query.rows(IDS, actor, choices.whole(_wanted(board)), limit=pictures.MOST + 1)
    if len(rows) > pictures.MOST:
        raise Conflict(f"The query finds more than {pictures.MOST:,} pictures. Narrow it first.", code="BOARD_FULL")
    return large_boards.freeze(actor, board, [row[0] for row in rows], versions=versions, by_job=by_job)
