"""Undo: what takes back each kind of step, in one table. It may use the domain of images and the log of actions."""

from pindeck.access import Actor
from pindeck.errors import Conflict
from pindeck.services.actions import shown
from pindeck.services.actions import undo as engine
from pindeck.services.actions.steps import WORD
from pindeck.services.actions.undo import Inverse, Undone
from pindeck.services.images import memos, moving, names, publishing
from pindeck.services.images.undoing import aliases, columns, moves, trash, words

# In the order in which steps of several kinds are taken back: the project before the words that name it, and what
# an action made when nothing is in it any more.
INVERSES: dict[str, Inverse] = {
    "trash": Inverse(trash.take_back, "image.restore", names.lock_scopes, in_trash=True),
    moving.MOVE: Inverse(moves.take_back, "image.edit", names.lock_scopes),
    WORD: Inverse(words.take_back, "image.edit"),
    "alias": Inverse(aliases.take_back, "image.alias", names.lock_scopes),
    "visibility": Inverse(columns.take_back("visibility"), "image.visibility"),
    "status": Inverse(columns.take_back("status"), "image.publish"),
    "focal": Inverse(columns.take_back("focal_x", "focal_y"), "image.edit"),
    "meta": Inverse(columns.take_back("meta"), "image.edit"),
    memos.KIND: Inverse(memos.take_back, "image.memo"),
    moving.PROJECT: Inverse(moves.remove_made, ""),
}

__all__ = ["INVERSES", "undo"]


def undo(actor: Actor, action_id: str) -> Undone:
    """Take an action back, as far as nobody changed again since what it had changed; the rest is named.

    Raises NotFound for an action that is not the actor's or is older than 30 days; Conflict when it still runs, was
    taken back already, or nothing of it can be taken back.
    """
    undone, tokens = engine.undo(actor, action_id, INVERSES)
    for token in tokens:
        publishing.remove_now(token)
    if undone.left and not undone.image_ids:
        raise Conflict(shown.told(undone), code="CHANGED_SINCE", details=shown.details(undone))
    if not undone.image_ids:
        raise Conflict("What was changed then has been deleted for good, so nothing is left to undo.", code="CHANGED_SINCE")
    return undone
