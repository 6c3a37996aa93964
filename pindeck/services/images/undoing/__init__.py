"""Undo: what takes back each kind of step, in one table. It may use the domain of images and the log of actions."""

from pindeck import db, queue
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound
from pindeck.models import Action
from pindeck.services.actions import log, shown
from pindeck.services.actions import undo as engine
from pindeck.services.actions.steps import WORD
from pindeck.services.actions.undo import Inverse, Told, Undone
from pindeck.services.clients import askers
from pindeck.services.images import (
    flows,
    house_rules,
    keeping,
    memos,
    moving,
    names,
    project_words,
    proposals,
    publishing,
    vocabulary,
)
from pindeck.services.images.undoing import aliases, columns, moves, trash, words
from pindeck.states import ActionStatus

# In the order in which steps of several kinds are taken back: the project before the words that name it, the place in
# the library before the unique id that came with it, and what an action made when nothing is in it any more.
INVERSES: dict[str, Inverse] = {
    "trash": Inverse(trash.take_back, "image.restore", names.lock_scopes, in_trash=True),
    moving.MOVE: Inverse(moves.take_back, "image.edit", names.lock_scopes),
    "status": Inverse(columns.take_back("status"), "image.publish"),
    keeping.HELD: Inverse(columns.take_back(keeping.HELD), "image.publish"),
    WORD: Inverse(words.take_back, "image.edit"),
    "alias": Inverse(aliases.take_back, "image.alias", names.lock_scopes, is_owed=names.was_taken),
    flows.NAME: Inverse(aliases.take_back_in_flow, "image.alias", names.lock_scopes, is_owed=names.was_lost),
    "visibility": Inverse(columns.take_back("visibility"), "image.visibility"),
    "focal": Inverse(columns.take_back("focal_x", "focal_y"), "image.edit"),
    "meta": Inverse(columns.take_back("meta"), "image.edit"),
    "subject_character": Inverse(columns.take_back("subject_character"), "image.edit", in_trash=True),
    "subject_chat": Inverse(columns.take_back("subject_chat"), "image.edit", in_trash=True),
    memos.KIND: Inverse(memos.take_back, "image.memo"),
    proposals.KIND: Inverse(proposals.take_back, "image.edit"),
    moving.PROJECT: Inverse(moves.remove_made, ""),
    project_words.KIND: Inverse(project_words.take_back, ""),
    vocabulary.KIND: Inverse(vocabulary.take_back, ""),
    house_rules.KIND: Inverse(house_rules.take_back, ""),
}

__all__ = ["INVERSES", "begin", "go_on", "refused", "undo"]


def undo(actor: Actor, action_id: str) -> Undone:
    """Take an action back, as far as nobody changed again since what it had changed; the rest is named.

    Raises NotFound for an action that is not the actor's or is older than 30 days; Conflict when it still runs, was
    taken back already, or nothing of it can be taken back.
    """
    return _told(*engine.undo(actor, action_id, INVERSES))


def refused(action: Action, error: Conflict) -> Conflict:
    """What to say when the last action could not be taken back, after which the next try takes the one before it."""
    if error.code != "CHANGED_SINCE":
        return error  # it runs, or is taken back already
    log.pass_over(action)
    sentence = f"“{shown.what_of(action)}” cannot be taken back. {error.message} Undo again to take back what you did before it."
    return Conflict(sentence, code=error.code, details=error.details)


def begin(actor: Actor, action_id: str) -> str | None:
    """For an action of more than 250 pictures: ask a job to take it back; the id of the undo, which runs from now on.

    None for fewer pictures, which wait for no job. Raises as `undo` does.
    """
    if engine.find(actor, action_id).total <= log.PART:
        return None
    with db.writing():
        undo_id = engine.begin(actor, action_id)
        queue.enqueue(
            queue.UNDO, user_id=actor.user_id, client_id=actor.client_id, dedupe_key=log.job_key(undo_id),
            payload={"undoes": action_id, "action": undo_id, **askers.told(actor)},
        )  # fmt: skip
    return undo_id


def go_on(actor: Actor, action_id: str, undo_id: str, told: Told) -> None:
    """What the job does. What an attempt took back before it died is not met again, and what it left is asked anew."""
    try:
        said = shown.told(_told(*engine.undo(actor, action_id, INVERSES, undo_id=undo_id, told=told)))
    except (Conflict, NotFound) as error:
        ended = Action.get_or_none((Action.id == action_id) & (Action.status == ActionStatus.UNDONE))
        said = shown.told(Undone(ended)) if ended else error.message  # ended by an attempt that died after it
    log.end(undo_id, said=said)


def _told(undone: Undone, tokens: list[str]) -> Undone:
    publishing.remove_all_now(tokens)
    if undone.left and not undone.image_ids and not undone.others:
        raise Conflict(shown.told(undone), code="CHANGED_SINCE", details=shown.details(undone))
    if not undone.image_ids and not undone.others:
        raise Conflict("What was changed then has been deleted for good, so nothing is left to undo.", code="CHANGED_SINCE")
    return undone
