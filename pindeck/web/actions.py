"""What somebody did: the list of it, and the one address that takes it back."""

from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.errors import Conflict, NotFound
from pindeck.http.auth import access_to
from pindeck.services.actions import log, shown
from pindeck.services.images import image_urls, moving, project_words, publishing, undoing
from pindeck.services.library import sheet
from pindeck.web.params import clean_query
from pindeck.web.rendering import back, done, show, show_toast, toast_error, wants_fragment

bp = Blueprint("actions", __name__)

LAST = "last"  # stands for the id of the last action that can be taken back


@bp.get("/history")
@access_to("upload")
def index() -> ResponseReturnValue:
    return show("actions/page.html", "actions/_list.html", **_page())


def _page() -> dict[str, Any]:
    after = clean_query(request.values.get("after", "")) or None
    who = "mine" if request.values.get("who") == "mine" else None
    actions, next_after = shown.list_actions(g.actor, after=after, is_own=bool(who))
    pictures = [image for action in actions for image in action.pictures]
    return {
        "actions": actions,
        "small": image_urls.small_of(pictures),
        "days": log.DAYS,
        "who": who,
        "here_url": url_for(".index", after=after, who=who),
        "next_url": url_for(".index", after=next_after, who=who) if next_after else None,
    }


@bp.post("/actions/<action_id>/undo")
@access_to("upload")
def undo(action_id: str) -> ResponseReturnValue:
    if action_id != LAST:
        try:
            return _undo(action_id)
        except Conflict as error:
            if error.code != "CHANGED_SINCE":
                raise
            return _to_compare(action_id, error)
    last = shown.last(g.actor)
    if last is None:
        raise NotFound("There is nothing to take back.", code="ACTION_NOT_FOUND")
    try:
        return _undo(last.id)
    except Conflict as error:
        told = undoing.refused(last, error)
        if not wants_fragment():
            raise told from error
        return toast_error(told.message, 409, more=url_for(".index"), link=_compare(last.id))


def _to_compare(action_id: str, error: Conflict) -> ResponseReturnValue:
    """Both values can be looked at, and one chosen."""
    if not wants_fragment():
        raise error
    return toast_error(error.message, 409, link=_compare(action_id))


def _compare(action_id: str) -> tuple[str, str]:
    return url_for(".compare", action_id=action_id), "Compare"


def _undo(wanted: str) -> ResponseReturnValue:
    if running := undoing.begin(g.actor, wanted):
        return runs(running, back_to=back(url_for(".index")), swaps_itself=False)
    undone = undoing.undo(g.actor, wanted)
    return done(
        "review/_nav_count.html",
        back_to=back(url_for(".index")),
        toast=shown.told(undone),
        link=_compare(wanted) if undone.left else None,
        changes_page=True,
        count=sheet.count_waiting(g.actor),
    )


@bp.post("/actions/<action_id>/redo")
@access_to("upload")
def redo(action_id: str) -> ResponseReturnValue:
    """Do again what was taken back: this action, or the last one."""
    undone, made = undoing.redo(g.actor, None if action_id == LAST else undoing.redoing.undo_of(g.actor, action_id))
    if undone is None:
        return runs(made, back_to=back(url_for(".index")), swaps_itself=False)
    return done(
        "review/_nav_count.html",
        back_to=back(url_for(".index")),
        toast=shown.told_again(undone),
        undo=undo_url(made),
        changes_page=True,
        count=sheet.count_waiting(g.actor),
    )


@bp.get("/actions/<action_id>/compare")
@access_to("upload")
def compare(action_id: str) -> ResponseReturnValue:
    """What could not be taken back, with both values."""
    from pindeck.services.images.undoing import settling

    return show("actions/compare.html", "actions/_compare.html", unsettled=settling.look(g.actor, action_id))


@bp.post("/actions/<action_id>/compare")
@access_to("upload")
def settle(action_id: str) -> ResponseReturnValue:
    """Put back what was chosen; the rest stays as it is."""
    from pindeck.services.images.undoing import settling

    form = request.form
    chosen = {int(each) for each in form.getlist("back") if each.isascii() and each.isdigit() and len(each) < 19}
    seen = form.get("seen", "")
    at = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else 0
    made = settling.put_back(g.actor, action_id, chosen, seen=at)
    unsettled = settling.look_again(g.actor, action_id)
    many = "1 value is" if len(chosen) == 1 else f"{len(chosen)} values are"
    return done(
        "actions/_compare.html",
        back_to=url_for(".index"),
        toast=f"{many} as before.",
        undo=undo_url(made),
        unsettled=unsettled,
    )


@bp.get("/actions/<action_id>")
@access_to("upload")
def progress(action_id: str) -> ResponseReturnValue:
    """A toast in place of the one that asked: how far an action is, and in the end what it did."""
    if not wants_fragment():
        return redirect(url_for(".index"), 303)
    try:
        action = shown.progress(g.actor, action_id)
    except NotFound:  # the log keeps no action that changed nothing
        return show_toast("Nothing was changed.", changes_page=True)
    if action.is_running:
        return show_toast(action.told, follow=url_for(".progress", action_id=action_id))
    return show_toast(
        with_released(action.told, action_id),
        undo=undo_url(action_id) if action.can_undo else None,
        link=see_them() if action.can_undo and action.verb == publishing.PUBLISH.name else None,
        changes_page=True,
    )


def runs(action_id: str, *, back_to: str, swaps_itself: bool = True) -> ResponseReturnValue:
    """The answer while a job works on an action: a toast that follows it, and nothing else of the page."""
    toast = shown.progress(g.actor, action_id).told
    follow = url_for("actions.progress", action_id=action_id)
    return done(None, back_to=back_to, toast=toast, follow=follow, swaps_itself=swaps_itself)


def with_released(told: str, action_id: str | None) -> str:
    """What an action did, and which aliases it released."""
    return f"{told} {project_words.told(moving.released_in(action_id))}".strip()


def see_them() -> tuple[str, str]:
    """The way from what was published to the wall: an address and its words."""
    return url_for("gallery.index"), "See them"


def undo_url(action_id: str | None) -> str | None:
    """Where an action is taken back; None if nothing was done."""
    return url_for("actions.undo", action_id=action_id) if action_id else None
