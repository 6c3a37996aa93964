"""Describing pictures again and deciding about suggestions, for many at once: what it would cost, how far it is, a stop."""

from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import config
from pindeck.errors import Conflict, Invalid
from pindeck.http.auth import access_to
from pindeck.services.images import rounds
from pindeck.services.images.chosen import check_ids
from pindeck.services.images.fields import FIELDS
from pindeck.services.library import describing, suggestions
from pindeck.services.library.choices import Choice
from pindeck.services.library.lacking import FIELDS_OF_A_MODEL
from pindeck.states import ProposalState
from pindeck.web import actions
from pindeck.web.actions import undo_url
from pindeck.web.asking import asks_first
from pindeck.web.params import clean_query, query_of_gallery
from pindeck.web.rendering import back, done, show, wants_fragment

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
    """What the address or the form says: chosen pictures, unless all that a query finds are meant, or a query."""
    is_all = request.form.get("all") == "1"
    ids = () if is_all else tuple(each for text in request.form.getlist("ids") for each in text.split())
    text = query_of_gallery()
    return Choice(ids, "" if ids else text, request.values.get("lacking", ""), is_all=not ids)


def _rounds() -> dict[str, Any]:
    after = clean_query(request.values.get("after", "")) or None
    found, more = rounds.list_page(g.actor, limit=SHOWN, after=after)
    views = [(view, Choice.of_json(view.row.choice).text) for view in found]
    moving = [view for view in found if view.is_ending or (view.is_under_way and not view.waits_until)]
    waiting = [view for view in found if view.is_under_way]
    return {
        "rounds": views,
        "every_s": SOON_S if moving else LATER_S if waiting else None,
        "here_url": url_for(".index", after=after),
        "next_url": url_for(".index", after=more) if more else None,
    }


@bp.post("/describe/chosen")
@access_to("describe")
def chosen() -> ResponseReturnValue:
    """The ids of many pictures find no room in an address, so they are posted; nothing is asked yet."""
    choice = _asked()
    is_meant = choice.ids or request.form.get("all") == "1"
    return show_for(choice if is_meant else Choice(), back_to=back(url_for("gallery.index")))


def show_for(choice: Choice, *, back_to: str) -> ResponseReturnValue:
    """What describing a selection would mean, with the button that begins, and what is suggested there already."""
    if not (choice.ids or choice.is_all):
        check_ids([])
    plan = describing.plan(g.actor, choice, is_selection=True)
    is_on, found = config.current().vision_is_on, suggestions.by_field(g.actor, choice)
    return show(
        "rounds/chosen.html", "rounds/_chosen.html", choice=choice, plan=plan, is_on=is_on, suggested=found, home=back_to
    )


@bp.post("/describe")
@access_to("describe")
def begin() -> ResponseReturnValue:
    choice = _asked()
    try:
        row = describing.begin(g.actor, choice, is_selection=bool(choice.ids))
    except Conflict as error:
        return _begun(choice, error.message)
    count = "1 picture is" if row.total == 1 else f"{row.total} pictures are"
    return _begun(choice, f"{count} described again.")


def _begun(choice: Choice, toast: str) -> ResponseReturnValue:
    """Who chose pictures stays where they are: the question goes, and a link leads to how far it is."""
    if choice.ids and wants_fragment():
        return done(None, back_to=url_for(".index"), toast=toast, link=(url_for(".index"), "See how far it is"))
    return _again(toast)


@bp.post("/describe/<round_id>/stop")
@access_to("describe")
def stop(round_id: str) -> ResponseReturnValue:
    rounds.stop(g.actor, round_id)
    return _again("The round is stopped. The picture that the model describes just now is paid, so its description is kept.")


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
@asks_first
def decide(answer: str) -> ResponseReturnValue:
    name = request.form.get("field", "")
    decided = suggestions.decide(g.actor, _asked(), name, DECIDE[answer], confirmed="confirmed" in request.form)
    back_to = back(url_for(".waiting"))
    context: dict[str, Any] = {**_suggested(), **({"home": back_to} if request.form.get("sheet") else {})}
    if decided.is_running and decided.action_id:
        return actions.runs(decided.action_id, back_to=back_to)
    return done(
        "rounds/_suggestions.html",
        back_to=back_to,
        toast=decided.told,
        undo=undo_url(decided.action_id) if decided.action_id else None,
        **context,
    )
