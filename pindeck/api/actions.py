"""The operations of the history: what was done, and how it is taken back and done again."""

from typing import Any, Literal

from flask import Blueprint, g
from pydantic import Field

from pindeck import cursors
from pindeck.api.images.schemas import iso
from pindeck.api.operations import Answer, Fault, Reply, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import at_once_or_by_a_worker, cursor_page, cursor_pages
from pindeck.api.types import CursorPages, Output, QueryFlag, check_uuid
from pindeck.services.actions import shown
from pindeck.services.actions.shown import ActionView
from pindeck.services.actions.undo import Undone
from pindeck.services.images import undoing

bp = Blueprint("api_actions", __name__, url_prefix=f"{PREFIX}/actions")

ACTION = {
    "id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6c11",
    "what": "Set Genre",
    "about": None,
    "who": "Olga",
    "status": "done",
    "done": 214,
    "total": 214,
    "refused": 3,
    "says": None,
    "undoes": None,
    "canUndo": True,
    "canRedo": False,
    "imageIds": ["0198c5a0-ab20-7d22-9b63-7e2f4f1d0c42"],
    "createdAt": "2026-03-01T09:30:00.125Z",
    "endedAt": "2026-03-01T09:30:02.004Z",
}
TAKEN = {"id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6c12", "status": "done", "says": "Taken back: set Genre.", "left": []}
PATH = {"action_id": "The action's id"}
NOT_FOUND = Fault(404, "ACTION_NOT_FOUND", "The caller has no such action, or it is older than 30 days, or it changed nothing.")
RUNNING = Fault(409, "ACTION_RUNNING", "It is still running, or is being taken back.")
CHANGED_SINCE = Fault(409, "CHANGED_SINCE", "All that it changed has been changed since; `details.left` says by whom, and what is there now.")


class Actions(CursorPages):
    own: QueryFlag = Field(False, description="For administrators, who see everybody's: only the caller's own.")


class Action(Output):
    id: str
    what: str = Field(description="What was done, in a few words for people.")
    about: str | None = Field(description="The board that it was about, where the caller may know that.")
    who: str = Field(description="Name of the person.")
    status: Literal["running", "done", "undone"]
    done: int = Field(description="Images that were changed so far.")
    total: int = Field(description="Images that it is about.")
    refused: int | None = Field(description="Images that were left out because the caller may not change them; null where nobody counted.")
    says: str | None = Field(description="How it ended, in words for people.")
    undoes: str | None = Field(description="The action that this one takes back.")
    canUndo: bool
    canRedo: bool
    imageIds: list[str] = Field(description="The first few of its images that the caller sees.")
    createdAt: str = Field(description="ISO 8601, UTC.")
    endedAt: str | None = Field(description="ISO 8601, UTC.")


class LeftAlone(Output):
    image: str | None
    kind: str
    field: str | None
    reason: str
    by: str | None
    before: Any = Field(description="What the action found in the field; null for what is not a word.")
    now: Any = Field(description="What is there now, as text.")


class Taken(Output):
    id: str = Field(description="The undo, or the action that was done again. `GET actions/{id}` tells how far it is while it is running.")
    status: Literal["running", "done"]
    says: str | None = Field(description="What came of it, for people; null while it is running.")
    left: list[LeftAlone] = Field(description="At most twenty steps that stay as they are, because somebody has changed them since.")


def shape(view: ActionView) -> dict[str, Any]:
    row = view.row
    return {
        "id": row.id,
        "what": view.what,
        "about": view.thing or None,
        "who": view.who,
        "status": str(row.status),
        "done": row.done,
        "total": row.total,
        "refused": row.detail.get("refused"),
        "says": row.detail.get("said"),
        "undoes": row.undoes_id,
        "canUndo": view.can_undo,
        "canRedo": view.can_redo,
        "imageIds": [image.id for image in view.pictures],
        "createdAt": iso(row.created_at),
        "endedAt": iso(row.ended_at) if row.ended_at else None,
    }


def _taken(action_id: str, undone: Undone, says: str) -> dict[str, Any]:
    return {"id": action_id, "status": "done", "says": says, **shown.details(undone)}


def _runs(action_id: str) -> Reply:
    return Reply({"id": action_id, "status": "running", "says": None, "left": []}, 202)


def _takes(summary: str, repeated: Fault) -> Any:
    """An operation that takes an action back, or does it again: as a new action, in which nobody else's changes are lost."""
    return operation(
        "action.undo",
        surface="curation",
        summary=summary,
        path=PATH,
        answers=at_once_or_by_a_worker(Taken, TAKEN, says=None),
        faults=(NOT_FOUND, RUNNING, CHANGED_SINCE, repeated),
        bucket="write",
        repeats=Repeats.WHOLE,
    )


@bp.get("")
@operation(
    "action.view",
    surface="curation",
    summary="List what was done",
    query=Actions,
    answers=cursor_pages(Action, ACTION),
)
def list_actions(query: Actions) -> dict[str, Any]:
    """What the caller did in the last 30 days, newest first; everybody's for an administrator; for the key of a project what it
    did itself."""
    limit = min(query.limit, shown.PAGE)
    found, more = shown.list_actions(g.actor, limit=limit, after=query.after, is_own=query.own)
    return cursor_page([shape(view) for view in found], cursors.write(found[-1].when, more) if more else None)


@bp.get("/<action_id>")
@operation(
    "action.view",
    surface="curation",
    summary="Get an action",
    path=PATH,
    answers=Answer(Action, example=ACTION),
    faults=(NOT_FOUND,),
)
def get_action(action_id: str) -> dict[str, Any]:
    """How far it is, or what it did. One that changed nothing is forgotten when it ends."""
    return shape(shown.get(g.actor, check_uuid(action_id, "action_id")))


@bp.post("/<action_id>/undo")
@_takes("Take back an action", Fault(409, "ALREADY_UNDONE", "It was taken back already."))
def undo_action(action_id: str) -> Any:
    """As far as nobody changed again since what it had changed; the rest stays and is named. A round of describing is an action
    with the id of the round."""
    action_id = check_uuid(action_id, "action_id")
    if running := undoing.begin(g.actor, action_id):
        return _runs(running)
    undone = undoing.undo(g.actor, action_id)
    return _taken(undoing.redoing.undo_of(g.actor, action_id), undone, shown.told(undone))


@bp.post("/<action_id>/redo")
@_takes("Do an action again", Fault(409, "ALREADY_REDONE", "It was done again already."))
def redo_action(action_id: str) -> Any:
    """What was taken back is done again, as a new action, as far as all is as the undo left it."""
    undone, made = undoing.redo(g.actor, undoing.redoing.undo_of(g.actor, check_uuid(action_id, "action_id")))
    return _runs(made) if undone is None else _taken(made, undone, shown.told_again(undone))
