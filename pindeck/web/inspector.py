"""The inspector: the fields of one picture or of many, read and written together."""

from typing import Any

from flask import Blueprint, g, make_response, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.http.auth import access_to
from pindeck.services.images import image_urls, inspector, project_words
from pindeck.services.images.fields import FIELDS
from pindeck.services.images.inspector import Changes, Inspected, Saved
from pindeck.services.images.together import How
from pindeck.services.library import choosing
from pindeck.services.library.choices import Choice
from pindeck.web.actions import runs, undo_url
from pindeck.web.params import query_of_gallery
from pindeck.web.rendering import back, done, show

bp = Blueprint("inspector", __name__, url_prefix="/inspector")
FEW = 12  # pictures that are shown in it
CLEAR = "clear"  # how a list becomes empty


@bp.post("/")
@access_to("account")
def open_for() -> ResponseReturnValue:
    """The ids of many pictures find no room in an address, so they are posted; nothing is changed."""
    if not _is_all():
        return show_for(_ids(), back_to=_home())
    found = _all()
    return _show(inspector.look_at_all(g.actor, found.ids, refused=found.refused), _home())


def show_for(ids: list[str], *, back_to: str) -> ResponseReturnValue:
    return _show(inspector.look_at(g.actor, ids), back_to)


@bp.post("/preview")
@access_to("account")
def preview() -> ResponseReturnValue:
    """What saving would do. Nothing is changed."""
    return _foresee(_changes(), *_meant())


def _foresee(changes: Changes, ids: list[str], refused: int, status: int = 200) -> ResponseReturnValue:
    from pindeck.services.images import foretold

    looked = inspector.look_at_all(g.actor, ids, refused=refused) if _is_all() else inspector.look_at(g.actor, ids)
    meant = inspector.meant(g.actor, changes)
    typed = meant.back_in(looked, changes.hows)
    if meant.wrong:
        return _show(typed, _home(), status=422, since=_since())
    told = foretold.foretell(g.actor, looked, meant.values, changes)
    return _show(typed, _home(), status=status, foretold=told, since=_since())


@bp.post("/save")
@access_to("account")
def save() -> ResponseReturnValue:
    """Write what differs from what the form showed. Where aliases would be released that the form has not told of, it tells."""
    back_to, changes, (ids, refused) = _home(), _changes(), _meant()
    saved = inspector.save(g.actor, ids, changes)
    if saved.asks:
        return _foresee(changes, ids, refused, status=422)
    if saved.runs_as:
        return runs(saved.runs_as, back_to=back_to)
    if saved.has_error:
        return _show(saved.inspected, back_to, status=422, since=_since())
    given = _given(saved.inspected, back_to)
    undo = undo_url(saved.action_id)
    return done("inspector/_sheet.html", back_to=back_to, toast=_told(saved), undo=undo, **given)


def _told(saved: Saved) -> str:
    told = f"{', '.join(saved.labels)} saved." if saved.action_id else "Nothing was changed."
    if saved.released:
        told = f"{told} {project_words.told(saved.released)}"
    if not saved.left:
        return told
    these = "1 picture has" if saved.left == 1 else f"{saved.left} pictures have"
    return f"{told} {these} been changed by somebody else meanwhile and stayed as {'it is' if saved.left == 1 else 'they are'}."


def _changes() -> Changes:
    """What differs from what the form showed, and the fields that are to become empty."""
    form = request.form
    texts = {name: form[name] for name in FIELDS if name in form and form[name] != form.get(f"was-{name}", "")}
    hows = {name: form[f"how-{name}"] for name in FIELDS if f"how-{name}" in form and FIELDS[name].is_list}
    cleared = [*(name for name in form.getlist("clear") if name in FIELDS), *(n for n, how in hows.items() if how == CLEAR)]
    texts |= dict.fromkeys(cleared, "")
    hows |= {name: How.REPLACE for name, how in hows.items() if how == CLEAR}
    return Changes(
        texts,
        hows,
        _since(),
        {name: form[f"new-{name}"] for name in FIELDS if f"new-{name}" in form},
        frozenset(form.get("released", "").split()),
    )


def _since() -> int | None:
    """Where the history stood when the form was made."""
    since = request.form.get("since", "")
    return int(since) if since.isascii() and since.isdigit() and len(since) < 19 else None


def _is_all() -> bool:
    return request.form.get("all") == "1" and "query" in request.form


def _meant() -> tuple[list[str], int]:
    """The pictures of the form, and how many of a query are not the actor's to edit."""
    if not _is_all():
        return inspector.checked(_ids()), 0
    found = _all()
    return found.ids, found.refused


def _all() -> choosing.Chosen:
    """All that a query finds just now."""
    return choosing.find(g.actor, Choice(query=query_of_gallery(), is_all=True), choosing.EDITED)


def _ids() -> list[str]:
    return [each for text in request.form.getlist("ids") for each in text.split()]


def _home() -> str:
    return back(url_for("gallery.index"))


def _show(inspected: Inspected, back_to: str, *, status: int = 200, **more: Any) -> ResponseReturnValue:
    return make_response(
        show("inspector/page.html", "inspector/_sheet.html", status, **_given(inspected, back_to), **more)
    )


def _given(inspected: Inspected, back_to: str) -> dict[str, Any]:
    shown = inspected.images[:FEW]
    return {
        "inspected": inspected,
        "query": request.form.get("query", "") if _is_all() else None,
        "shown": shown,
        "small": image_urls.small_of(shown),
        "more": inspected.count - len(shown),
        "home": back_to,
    }
