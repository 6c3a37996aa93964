"""How acts on a canvas are taken back: guarded, so that what somebody changed since stays."""

from pindeck import access, db
from pindeck.models import Board
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.boards import pictures
from pindeck.services.boards.canvas import objects
from pindeck.services.boards.collaborators import NOW_OTHERS

NOT_THERE = "was on a board that is no longer there"
OFF = "is no longer on the board"


def lock(steps: list[Step]) -> None:
    """Boards before pictures, as the acts do."""
    of = {(step.before or step.after)["board"] for step in steps if step.image_id}
    db.lock_rows(Board.select(Board.id).where(Board.id.in_(sorted(of))).order_by(Board.id))


def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
    """Each object stands as before, if it still stands as after. One that stands as before already, such as an object that left
    with its picture, needs nothing."""
    left: list[Left] = []
    for board_id in dict.fromkeys((step.before or step.after)["board"] for step in steps):
        mine = [step for step in steps if (step.before or step.after)["board"] == board_id]
        board = _editable(taking, board_id)
        left += [Left(step, NOT_THERE) for step in mine] if board is None else _back(board, mine)
    return left


def _editable(taking: Taking, board_id: str) -> Board | None:
    """Inside a transaction: the locked board, if the actor edits it."""
    if not access.can(taking.actor, "board.edit"):
        return None
    mine = (Board.id == board_id) & access.boards_of(taking.actor)
    return db.locked(Board.select().where(mine)).get_or_none()  # type: ignore[no-any-return]


def _back(board: Board, steps: list[Step]) -> list[Left]:
    now = {key: objects.state(row) for key, row in objects.read(board.id, [step.key for step in steps]).items()}
    coming = [step.before["image_id"] for step in steps if step.before and step.before["image_id"] and step.key not in now]
    there, placed = pictures.on_board(board.id, coming), objects.of_pictures(board.id, coming)
    left, back = [], {}
    for step in steps:
        image_id = step.before["image_id"] if step.before and step.key not in now else None
        if now.get(step.key) == step.before:
            continue
        if now.get(step.key) != step.after or image_id in placed:
            left.append(Left(step, NOW_OTHERS))
        elif image_id and image_id not in there:
            left.append(Left(step, OFF))
        else:
            back[step.key] = step.before
    objects.put(board, back)
    return left
