"""The canvas of a board, presented: one plane, and slides that are places on it, all of it first."""

from collections.abc import Callable
from dataclasses import dataclass

from pindeck.access import Condition
from pindeck.models import Board, Image
from pindeck.services.boards import boards, pictures
from pindeck.services.boards.canvas import layouts, objects, shown, stops
from pindeck.services.boards.canvas.layouts import Box
from pindeck.web.canvas import thing_of
from pindeck.web.presenting import Show


@dataclass(frozen=True)
class Look:
    """A slide. `box` is what of the plane fills the window, in pixels; `is_large` where that is worth the whole window. `notes` are
    what is written of its pictures on the board, for who speaks."""

    number: int
    title: str
    box: Box
    is_large: bool
    notes: str = ""


def show_of(
    board: Board, condition: Condition, home: str, address: Callable[..., str], picture: Callable[[Image, str | None], str | None]
) -> Show:
    """For who sees these pictures. Raises Conflict for a smart board."""
    boards.filled(board)
    placed = shown.placed_where(condition, objects.read(board.id))
    there = pictures.on_board(board.id, [each.image.id for each in placed if each.image])
    looks = [Look(1, board.name, layouts.around(stops.box_of(each) for each in placed), True)]
    for number, (box, of) in enumerate(stops.in_order(placed), 2):
        title = ", ".join(thing_of(each).title for each in of[:3])
        images = [each.image for each in of if each.image]
        notes = [there[image.id].note for image in images if image.id in there]
        looks.append(Look(number, title, box, bool(images), "\n".join(note for note in notes if note)))
    looks = looks if placed else []
    return Show(
        board.name, looks, len(looks), home, address, picture, slide="present/_look.html", stage=[thing_of(each) for each in placed]
    )
