"""The inspector: the fields of one picture or of many, read and written together."""

from typing import Any

from flask import Blueprint, g, make_response, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.http.auth import access_to
from pindeck.services.images import image_urls, inspector
from pindeck.services.images.fields import FIELDS
from pindeck.services.images.inspector import Inspected
from pindeck.web.actions import runs, undo_url
from pindeck.web.rendering import back, done, show

bp = Blueprint("inspector", __name__, url_prefix="/inspector")
FEW = 12  # pictures that are shown in it


@bp.post("/")
@access_to("account")
def open_for() -> ResponseReturnValue:
    """The ids of many pictures find no room in an address, so they are posted; nothing is changed."""
    return show_for(_ids(), back_to=back(url_for("gallery.index")))


def show_for(ids: list[str], *, back_to: str) -> ResponseReturnValue:
    return _show(inspector.look_at(g.actor, ids), back_to)


@bp.post("/save")
@access_to("account")
def save() -> ResponseReturnValue:
    """Write what differs from what the form showed."""
    form, back_to = request.form, back(url_for("gallery.index"))
    changes = {name: form[name] for name in FIELDS if name in form and form[name] != form.get(f"was-{name}", "")}
    confirmed = {form["new-field"]: form["new"]} if form.get("new-field") and "new" in form else {}
    saved = inspector.save(g.actor, _ids(), changes, confirmed=confirmed)
    if saved.runs_as:
        return runs(saved.runs_as, back_to=back_to)
    if saved.has_error:
        return _show(saved.inspected, back_to, status=422)
    toast = f"{', '.join(saved.labels)} saved." if saved.action_id else "Nothing was changed."
    undo = undo_url(saved.action_id)
    given = _given(saved.inspected, back_to)
    return done("inspector/_sheet.html", back_to=back_to, toast=toast, undo=undo, **given)


def _ids() -> list[str]:
    return [each for text in request.form.getlist("ids") for each in text.split()]


def _show(inspected: Inspected, back_to: str, *, status: int = 200) -> ResponseReturnValue:
    return make_response(
        show("inspector/page.html", "inspector/_sheet.html", status, **_given(inspected, back_to))
    )


def _given(inspected: Inspected, back_to: str) -> dict[str, Any]:
    shown = inspected.images[:FEW]
    return {
        "inspected": inspected,
        "shown": shown,
        "small": image_urls.small_of(shown),
        "more": len(inspected.images) - len(shown),
        "home": back_to,
    }
