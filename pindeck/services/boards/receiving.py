"""New pictures arrive on a board that is named with them."""

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.boards import boards, listing, pictures

_TURN = "board_received"  # two files of one form may both be the first


def receive(actor: Actor, name: str, image: Image) -> None:
    """Inside the transaction that makes the picture: it goes to the end of the actor's board of this name, which is made where there is none.

    Raises Invalid naming `name`, Forbidden, and Conflict for a smart or a full board.
    """
    access.require(actor, "board.edit")
    columns = boards.checked(actor, {"name": name})
    db.take_turn(_TURN)
    known, steps = listing.named(actor, str(columns["name"])), list[Step]()
    if known is None:
        board, made = boards.insert(actor, columns)
        steps.append(made)
    else:
        board = boards.locked(actor, known.id)
        boards.filled(board)
    steps += pictures.put(actor, board, [image.id], None)
    verb = boards.MADE if known is None else pictures.ADDED
    log.record(actor, verb, steps, images=1, board=board.id, name=board.name)
