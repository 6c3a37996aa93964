"""Places of copies that are merged, on canvases: the picture that stays stands there from then on."""

from pindeck import db
from pindeck.models import Board, CanvasObject, Image
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.boards import pictures
from pindeck.services.boards.canvas import objects

PLACES = "merged_places"  # the kind of step; its key is the object
SINCE = "has another place on a canvas since"


def take(keep: Image, ids: list[str]) -> list[Step]:
    """Inside the transaction that merges, when the picture is on each board of a copy: on each canvas where it has no place, whoever
    it is of, the foremost object of a copy shows it. Group, words and layer stay. Other copies keep theirs, which nobody sees."""
    of_copies = CanvasObject.select(CanvasObject.board).where(CanvasObject.image_id.in_(ids))
    steps: list[Step] = []
    for board in db.locked(Board.select().where(Board.id.in_(of_copies)).order_by(Board.id)):
        there = objects.of_pictures(board.id, [keep.id, *ids])
        if keep.id in there:
            continue
        row = max(there.values(), key=lambda each: (each.layer, each.id))
        before = objects.state(row)
        after = {**before, "image_id": keep.id}
        objects.put(board, {row.id: after})
        steps.append(Step(PLACES, keep.id, before, after, row.id))
    return steps


def give_back(taking: Taking, steps: list[Step]) -> list[Left]:
    """To the copies that are there still. An object that was changed or taken off since stays as it is."""
    left = []
    for step in steps:
        board = db.locked(Board.select().where(Board.id == step.before["board"])).get_or_none()
        if board is None:
            continue
        copy_id = step.before["image_id"]
        row = objects.read(board.id, [step.key]).get(step.key)
        if row is None or objects.state(row) != step.after or objects.of_pictures(board.id, [copy_id]):
            left.append(Left(step, SINCE))
            continue
        objects.put(board, {step.key: step.before if pictures.on_board(board.id, [copy_id]) else None})
    return left
