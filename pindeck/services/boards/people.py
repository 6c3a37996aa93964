"""Who edits a board besides its owner."""

from pindeck.models import Board, BoardPerson
from pindeck.services.actions.verbs import verb
from pindeck.services.boards import boards
from pindeck.services.boards.collaborators import Collaborators

PEOPLE = Collaborators(
    "board", Board, BoardPerson, boards.locked, "board.edit", "board.manage", verb("board.people", "Changed who edits a board")
)
KIND = PEOPLE.kind
add, remove, set_all, offered = PEOPLE.add, PEOPLE.remove, PEOPLE.set_all, PEOPLE.offered
of_board, of_boards, write = PEOPLE.list_of, PEOPLE.of_many, PEOPLE.write
