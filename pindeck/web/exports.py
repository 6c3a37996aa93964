"""Exports: what a file of pictures is to be like, how far it is, and the file. No first page needs what they are made by."""

from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import access, config
from pindeck.errors import Conflict, Invalid, invalid
from pindeck.http.auth import access_to, public
from pindeck.http.sending import send
from pindeck.web.params import clean_query, query_of_gallery
from pindeck.web.rendering import done, go, show

if TYPE_CHECKING:
    from pindeck.models import Export

bp = Blueprint("exports", __name__, url_prefix="/exports")

POLL_S = 2
PAPERS = {"a4": "A4", "letter": "Letter", "screen": "Screen (16:9)"}
CAPTIONS = {"title": "Title", "file": "File name", "credit": "Credit", "palette": "Colours"}
GRIDS = {"3x2": "3 × 2 on a page", "2x3": "2 × 3 on a page", "1": "One on a page"}


def _of(given: Any) -> dict[str, Any]:
    """What is to be exported, from an address or a form."""
    named: dict[str, Any] = {name: given.get(name, "") for name in ("board", "storyboard", "deck", "project", "q") if given.get(name)}
    if ids := [each for text in given.getlist("ids") for each in text.split()]:
        named["ids"] = ids
    if not named and "q" in given:
        named["q"] = ""  # all pictures
    return named


def _form(of: dict[str, Any], status: int = 200, **more: Any) -> ResponseReturnValue:
    from pindeck.exports import asking, requests, sources
    from pindeck.services.images import rights
    from pindeck.services.library import archive

    if len(of) != 1:
        raise invalid("of", "Choose what to export.")
    (name, value), *_ = of.items()
    kinds = [kind for kind, made_of in asking.MADE_OF.items() if name in made_of]
    title = sources.title_of(g.actor, name, value)  # type: ignore[arg-type]
    lacking = requests.lacking(g.actor, name, value)  # type: ignore[arg-type]
    filters = sources.filters_of(g.actor, name, value, rights.WORDS) if lacking else None  # type: ignore[arg-type]
    return show(
        "exports/new.html", "exports/_new.html", status, of=of, title=title, kinds=[*kinds[1:], kinds[0]] if name == "storyboard" else kinds,
        labels=asking.LABELS, sizes=archive.SIZES, papers=PAPERS, captions=CAPTIONS, grids=GRIDS, most_columns=asking.MOST_COLUMNS,
        lacking=lacking, filters=filters, why=rights.why, refuses=config.current().export_rights == "refuse", has_list="csv" in kinds, **{"errors": {}, "form": {}, **more},
    )  # fmt: skip


@bp.get("/new")
@access_to("export.make")
def new() -> ResponseReturnValue:
    return _form(_of(request.args))


@bp.post("/choose")
@access_to("export.make")
def choose() -> ResponseReturnValue:
    """The same for pictures that were chosen on a wall."""
    if request.form.get("all") == "1":
        return _form({"q": query_of_gallery()})
    return _form({"ids": _of(request.form).get("ids", [])})


@bp.post("")
@access_to("export.make")
def create() -> ResponseReturnValue:
    from pindeck.exports import asking, requests

    form, of = request.form, _of(request.form)
    columns = form.get("columns", "")
    try:
        wish = asking.checked(
            of, form.get("kind", ""), form.get("quality", "screen"), paper=form.get("paper") or None,
            columns=int(columns) if columns.isascii() and columns.isdigit() else columns or None,
            captions=form.getlist("captions"), perPage=form.get("perPage") or None, size=form.get("size") or None, folders=form.get("folders"),
        )  # fmt: skip
        made = requests.ask(g.actor, wish)
    except Invalid as error:
        return _form(of, 422, errors=error.fields, form=form)
    except Conflict as error:
        return _refused(of, error, form=form)
    return go(url_for(".page", export_id=made.id))


def _refused(of: dict[str, Any], error: Conflict, **more: Any) -> ResponseReturnValue:
    """The form again, which names the pictures that are not cleared."""
    if error.code != "RIGHTS_NOT_CLEARED":
        raise error
    return _form(of, 409, refusal=error.message, **more)


def _shown(export: "Export") -> dict[str, Any]:
    from pindeck.exports import asking, requests

    standing = requests.standings([export])[export.id]
    is_done = standing.status == "done"
    return {
        "export": export,
        "standing": standing,
        "label": asking.LABELS[export.kind],
        "reason": requests.reason_of(export),
        "is_stale": is_done and not requests.is_fresh(export, g.actor),
        "is_refused": is_done and not requests.may_go_out(export),
        "poll_s": POLL_S if standing.status in ("queued", "running") else None,
        "may": access.can(g.actor, "export.make"),
    }


@bp.get("")
@access_to("export.view")
def index() -> ResponseReturnValue:
    from pindeck.exports import asking, requests

    found, more = requests.list_page(g.actor, limit=30, after=clean_query(request.args.get("after", "")) or None)
    return show(
        "exports/index.html", "exports/_list.html", exports=found, standings=requests.standings(found), labels=asking.LABELS,
        next_url=url_for(".index", after=more) if more else None,
    )  # fmt: skip


@bp.get("/<export_id>")
@access_to("export.view")
def page(export_id: str) -> ResponseReturnValue:
    from pindeck.exports import requests

    return show("exports/page.html", "exports/_export.html", **_shown(requests.find(g.actor, export_id)))


@bp.post("/<export_id>/again")
@access_to("export.make")
def again(export_id: str) -> ResponseReturnValue:
    """Made anew where what it was made of has changed."""
    from pindeck.exports import asking, requests

    export = requests.find(g.actor, export_id)
    try:
        made = requests.ask(g.actor, asking.checked(export.of_what, export.kind, export.quality, **export.options))
    except Conflict as error:
        return _refused(export.of_what, error)
    return go(url_for(".page", export_id=made.id))


@bp.post("/<export_id>/delete")
@access_to("export.make")
def delete(export_id: str) -> ResponseReturnValue:
    from pindeck.exports import requests

    requests.remove(g.actor, export_id)
    return done(None, back_to=url_for(".index"), toast="The export is deleted.")


@bp.get("/<export_id>/file")
@public
def file(export_id: str) -> ResponseReturnValue:
    """For its owner, or whoever has an address that was signed for 24 hours."""
    from pindeck.exports import requests

    signature, until = request.args.get("s", ""), request.args.get("until", "")
    if signature and until.isascii() and until.isdigit() and len(until) < 12:
        found = requests.signed_file(export_id, int(until), signature)
    else:
        found = requests.file_of(g.actor, export_id)
    return send(found, download=request.args.get("show") is None)
