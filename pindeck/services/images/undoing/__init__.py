"""Undo: what takes back each kind of step, in one table. It may use the domain of images and the log of actions."""

from pindeck import db, queue
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound
from pindeck.models import Action
from pindeck.services.actions import log, shown
from pindeck.services.actions import redo as redoing
from pindeck.services.actions import undo as engine
from pindeck.services.actions.redo import Again
from pindeck.services.actions.steps import WORD
from pindeck.services.actions.undo import Inverse, Told, Undone
from pindeck.services.boards import boards, people, pictures, searches, sections
from pindeck.services.boards import undoing as on_boards
from pindeck.services.boards.canvas import objects
from pindeck.services.boards.canvas import undoing as on_canvas
from pindeck.services.boards.decks import blocks, chosen, decks
from pindeck.services.boards.decks import people as deck_people
from pindeck.services.boards.decks import undoing as on_decks
from pindeck.services.boards.storyboards import frames, shots, storyboards
from pindeck.services.boards.storyboards import undoing as on_storyboards
from pindeck.services.clients import askers
from pindeck.services.images import (
    adopting,
    flows,
    gardening,
    hiding,  # noqa: F401  this and the two others only name actions that are told and taken back here
    house_rules,
    keeping,
    liking,
    managed,  # noqa: F401
    memos,
    moving,
    names,
    parting,
    project_words,
    proposals,
    publishing,
    standing,
    subjects,  # noqa: F401
    swapping,
    uniting,
    vocabulary,
)
from pindeck.services.images.undoing import again, aliases, columns, moves, trash, words
from pindeck.states import ActionStatus

# In the order in which steps of several kinds are taken back: the names that a picture took from copies before those come
# back with them, the place on a canvas before that on its board, the project before the words that name it, the place in
# the library before the unique id that came with it, and what an action made when nothing is in it any more.
INVERSES: dict[str, Inverse] = {
    uniting.ALIAS: Inverse(aliases.take_back, "image.edit", names.lock_scopes),
    uniting.IN_FLOW: Inverse(aliases.take_back_in_flow, "image.edit", names.lock_scopes),
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
    swapping.BYTES: Inverse(swapping.take_back, "image.edit"),
    standing.PLACES: Inverse(standing.give_back, "image.edit", on_canvas.lock),
    uniting.BOARDS: Inverse(uniting.return_boards, "image.edit", on_boards.lock),
    uniting.LIKES: Inverse(uniting.return_likes, "image.edit"),
    uniting.MEMOS: Inverse(uniting.return_memos, "image.edit"),
    uniting.HISTORY: Inverse(uniting.return_history, "image.edit"),
    adopting.PARENTS: Inverse(adopting.give_back, "image.edit"),
    liking.KIND: Inverse(liking.take_back, "image.like"),
    memos.KIND: Inverse(memos.take_back, "image.memo"),
    proposals.KIND: Inverse(proposals.take_back, "image.edit"),
    pictures.ON: Inverse(on_boards.presence, "image.collect", on_boards.lock, in_trash=True),
    pictures.PLACE: Inverse(on_boards.place, "image.collect", on_boards.lock, in_trash=True),
    pictures.NOTE: Inverse(on_boards.note, "image.collect", on_boards.lock, in_trash=True),
    objects.KIND: Inverse(on_canvas.take_back, "image.collect", on_canvas.lock, in_trash=True),
    sections.KIND: Inverse(on_boards.take_back_sections, ""),
    people.KIND: Inverse(people.PEOPLE.take_back, ""),
    deck_people.KIND: Inverse(deck_people.PEOPLE.take_back, ""),
    frames.KIND: Inverse(on_storyboards.take_back_frames, ""),
    shots.KIND: Inverse(shots.take_back, ""),
    storyboards.FIELD: Inverse(on_storyboards.take_back_fields, ""),
    storyboards.STORYBOARD: Inverse(on_storyboards.unmake, ""),
    blocks.KIND: Inverse(on_decks.take_back_blocks, ""),
    chosen.KIND: Inverse(on_decks.take_back_chosen, ""),
    decks.FIELD: Inverse(on_decks.take_back_fields, ""),
    decks.DECK: Inverse(on_decks.unmake, ""),
    boards.FIELD: Inverse(on_boards.take_back_fields, ""),
    boards.BOARD: Inverse(on_boards.unmake, ""),
    moving.PROJECT: Inverse(moves.remove_made, ""),
    project_words.KIND: Inverse(project_words.take_back, ""),
    gardening.KIND: Inverse(gardening.take_back, ""),
    parting.APART: Inverse(parting.take_back, ""),
    vocabulary.KIND: Inverse(vocabulary.take_back, ""),
    house_rules.KIND: Inverse(house_rules.take_back, ""),
    searches.KIND: Inverse(searches.take_back, ""),
}

# In the order in which they are done again: the project before the moves into it, and these before the words; a board
# and its sections before the pictures on it.
_FIRST: dict[str, Again] = {
    moving.PROJECT: again.project_made,
    moving.MOVE: again.moved,
    boards.BOARD: on_boards.make_again,
    sections.KIND: on_boards.sections_again,
    storyboards.STORYBOARD: on_storyboards.make_again,
    decks.DECK: on_decks.make_again,
    "trash": again.trashed,
    WORD: again.exchanged(INVERSES[WORD], is_kept=False),
    pictures.PLACE: on_boards.place_again,
    parting.APART: parting.part_again,
    **{kind: uniting.again(kind) for kind in uniting.MOVED},
}
AGAIN: dict[str, Again] = _FIRST | {kind: again.exchanged(INVERSES[kind]) for kind in INVERSES if kind not in _FIRST}
# The place on a board comes after the picture is there.
AGAIN[pictures.PLACE] = AGAIN.pop(pictures.PLACE)

__all__ = ["AGAIN", "INVERSES", "begin", "break_off", "give_up", "go_on", "redo", "redo_go_on", "refused", "undo"]


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


def redo(actor: Actor, undo_id: str | None = None) -> tuple[Undone | None, str]:
    """Do again what an undo took back, by default the actor's last one; what was done, and the id of the action. For more than
    250 pictures a job does it, and there is nothing to say yet.

    Raises NotFound when there is nothing to do again, Conflict when nothing of it can be done again.
    """
    if undo_id is None:
        last = redoing.last(actor)
        if last is None:
            raise NotFound("There is nothing to do again.", code="ACTION_NOT_FOUND")
        undo_id = last.id
    with db.writing():
        made = redoing.begin(actor, undo_id)
        if made.total > log.PART:
            queue.enqueue(
                queue.UNDO, user_id=actor.user_id, client_id=actor.client_id, dedupe_key=log.job_key(made.id),
                payload={"redoes": undo_id, "action": made.id, **askers.told(actor)},
            )  # fmt: skip
            return None, made.id
    try:
        undone, tokens = redoing.go_on(actor, made.id, INVERSES, AGAIN)
    finally:
        break_off(made.id)  # whatever happened: it has no job that would end it
    db.database.after_commit(lambda: publishing.remove_all_now(tokens))
    if not undone.image_ids and not undone.others:
        told = shown.told_again(undone) if undone.left else "Nothing of it can be done again."
        raise Conflict(told, code="CHANGED_SINCE", details=shown.details(undone))
    return undone, made.id


def break_off(action_id: str, *, said: str | None = None) -> None:
    """Nothing goes on with an action that runs: it ends with what is done. What a redo did not come to can be done again."""
    with db.writing():
        redoing.reopen(action_id)
        log.end(action_id, said=said)


def give_up(action_id: str, message: str) -> None:
    """No job goes on with it: it ends with what is done, and says why."""
    break_off(action_id, said=f"Stopped before the end: {message}")


def redo_go_on(actor: Actor, action_id: str, told: Told) -> None:
    """What the job does."""
    _, tokens = redoing.go_on(actor, action_id, INVERSES, AGAIN, told)
    db.database.after_commit(lambda: publishing.remove_all_now(tokens))


def _told(undone: Undone, tokens: list[str]) -> Undone:
    db.database.after_commit(lambda: publishing.remove_all_now(tokens))
    undone.left = words.with_values(undone.left)
    if undone.left and not undone.image_ids and not undone.others:
        raise Conflict(shown.told(undone), code="CHANGED_SINCE", details=shown.details(undone))
    if not undone.image_ids and not undone.others:
        raise Conflict("What was changed then has been deleted for good, so nothing is left to undo.", code="CHANGED_SINCE")
    return undone
