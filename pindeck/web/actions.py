"""What somebody did: the list of it, and the one address that takes it back."""

from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.errors import NotFound
from pindeck.http.auth import access_to
from pindeck.services.actions import log, shown
from pindeck.services.images import undoing
from pindeck.services.library import own
from pindeck.web.params import clean_query
from pindeck.web.rendering import back, done, show

bp = Blueprint("actions", __name__)

LAST = "last"  # stands for the id of the last action that can be taken back


@bp.get("/history")
@access_to("upload")
def index() -> ResponseReturnValue:
    return show("actions/page.html", "actions/_list.html", **_page())


def _page() -> dict[str, Any]:
    after = clean_query(request.values.get("after", "")) or None
    actions, next_after = shown.list_actions(g.actor, after=after)
    return {
        "actions": actions,
        "days": log.DAYS,
        "here_url": url_for(".index", after=after),
        "next_url": url_for(".index", after=next_after) if next_after else None,
    }


@bp.post("/actions/<action_id>/undo")
@access_to("upload")
def undo(action_id: str) -> ResponseReturnValue:
    wanted = shown.last(g.actor) if action_id == LAST else action_id
    if wanted is None:
        raise NotFound("There is nothing to take back.", code="ACTION_NOT_FOUND")
    undone = undoing.undo(g.actor, wanted)
    return done(
        "review/_nav_count.html",
        back_to=back(url_for(".index")),
        toast=shown.told(undone),
        changes_page=True,
        count=own.count_drafts(g.actor)[0],
    )


def undo_url(action_id: str | None) -> str | None:
    """Where an action is taken back; None if nothing was done."""
    return url_for("actions.undo", action_id=action_id) if action_id else None
