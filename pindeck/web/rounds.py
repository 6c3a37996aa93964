"""Describing pictures again and deciding about suggestions, for many at once: what it would cost, how far it is, a stop."""

from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import config
from pindeck.errors import Conflict, Invalid
from pindeck.http.auth import access_to
from pindeck.services.images import rounds
from pindeck.services.images.fields import FIELDS
from pindeck.services.library import describing, suggestions
from pindeck.services.library.choices import Choice
from pindeck.services.library.lacking import FIELDS_OF_A_MODEL
from pindeck.states import ProposalState
from pindeck.web import actions
from pindeck.web.actions import undo_url
from pindeck.web.params import clean_query
from pindeck.web.rendering import back, done, show

bp = Blueprint("rounds", __name__)

SHOWN = 10
SOON_S, LATER_S = 3, 30  # how often the page asks again: while something is done, and while all of it waits
DECIDE = {"accept": ProposalState.ACCEPTED, "refuse": ProposalState.REFUSED}


@bp.get("/describe")
@access_to("describe")
def index() -> ResponseReturnValue:
    return show("rounds/page.html", "rounds/_rounds.html", **_page())


def _page() -> dict[str, Any]:
    choice, plan, errors = _asked(), None, dict[str, str]()
    try:
        plan = describing.plan(g.actor, choice)
    except Invalid as error:
        errors = error.fields
    return {
        "choice": choice,
        "plan": plan,
        "errors": errors,
        "is_on": config.current().vision_is_on,
        "lackable": [FIELDS[name] for name in FIELDS_OF_A_MODEL],
        **_rounds(),
    }


def _asked() -> Choice:
    """What the address or the form says: a query of its own, or the filters of the gallery from which somebody came."""
    ids = tuple(request.form.getlist("ids"))
    text = clean_query(request.values.get("query", ""))
    return Choice(ids, "" if ids else text, request.values.get("lacking", ""), is_all=not ids)


def _rounds() -> dict[str, Any]:
    after = clean_query(request.values.get("after", "")) or None
    found, more = rounds.list_page(g.actor, limit=SHOWN, after=after)
    views = [(view, Choice.of_json(view.row.choice).text) for view in found]
    moving = [view for view in found if view.is_under_way and not view.waits_until]
    waiting = [view for view in found if view.is_under_way]
    return {
        "rounds": views,
        "every_s": SOON_S if moving else LATER_S if waiting else None,
        "here_url": url_for(".index", after=after),
        "next_url": url_for(".index", after=more) if more else None,
    }


@bp.post("/describe")
@access_to("describe")
def begin() -> ResponseReturnValue:
    try:
        row = describing.begin(g.actor, _asked())
    except Conflict as error:
        return _again(error.message)
    count = "1 picture is" if row.total == 1 else f"{row.total} pictures are"
    return _again(f"{count} described again.")


@bp.post("/describe/<round_id>/stop")
@access_to("describe")
def stop(round_id: str) -> ResponseReturnValue:
    rounds.stop(g.actor, round_id)
    return _again("It is stopped. What the model describes just now is paid, so it is kept.")


def _again(toast: str) -> ResponseReturnValue:
    return done("rounds/_rounds.html", back_to=url_for(".index"), toast=toast, **_rounds())


@bp.get("/suggestions")
@access_to("describe")
def waiting() -> ResponseReturnValue:
    return show("rounds/suggestions.html", "rounds/_suggestions.html", **_suggested())


def _suggested() -> dict[str, Any]:
    choice, errors, found = _asked(), dict[str, str](), list[suggestions.OfField]()
    try:
        found = suggestions.by_field(g.actor, choice)
    except Invalid as error:
        errors = error.fields
    return {"choice": choice, "errors": errors, "suggested": found}


@bp.post("/suggestions/<any(accept, refuse):answer>")
@access_to("describe")
def decide(answer: str) -> ResponseReturnValue:
    name = request.form.get("field", "")
    decided = suggestions.decide(g.actor, _asked(), name, DECIDE[answer])
    back_to = back(url_for(".waiting"))
    if decided.is_running and decided.action_id:
        return actions.runs(decided.action_id, back_to=back_to)
    word = "accepted" if answer == "accept" else "refused"
    many = "1 suggestion is" if decided.count == 1 else f"{decided.count} suggestions are"
    return done(
        "rounds/_suggestions.html",
        back_to=back_to,
        toast=f"{many} {word}." if decided.count else "Nothing waits there any more.",
        undo=undo_url(decided.action_id) if decided.action_id else None,
        **_suggested(),
    )
