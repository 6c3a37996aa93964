"""The vocabulary, for administrators: words that came up and are no terms, what was decided about them, and the terms."""

from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.errors import invalid
from pindeck.http.auth import access_to
from pindeck.services.images import new_terms, vocabulary
from pindeck.states import TermState
from pindeck.terms import FIELDS
from pindeck.web.actions import undo_url
from pindeck.web.params import clean_query
from pindeck.web.rendering import back, done, show

bp = Blueprint("vocabulary", __name__, url_prefix="/vocabulary")

WORDS = 50
TOLD = {TermState.ACCEPTED: "is a term now", TermState.MERGED: "means “{term}” now", TermState.REFUSED: "is refused"}


def _page() -> dict[str, Any]:
    after = clean_query(request.values.get("after", "")) or None
    found, more = vocabulary.list_page(g.actor, limit=WORDS, after=after)
    return {
        "words": found,
        "fields": FIELDS,
        "accepted": new_terms.accepted(),
        "here_url": url_for(".index", after=after),
        "next_url": url_for(".index", after=found[-1].id) if more else None,
    }


@bp.get("")
@access_to("admin")
def index() -> ResponseReturnValue:
    return show("vocabulary/page.html", "vocabulary/_words.html", **_page())


@bp.post("/<term_id>/<any(accept, merge, refuse):what>")
@access_to("admin")
def decide(term_id: str, what: str) -> ResponseReturnValue:
    state = {"accept": TermState.ACCEPTED, "merge": TermState.MERGED, "refuse": TermState.REFUSED}[what]
    means = clean_query(request.form.get("term", ""))
    if state == TermState.MERGED and not means:
        raise invalid("term", "Name the term that it means.")
    decided = vocabulary.decide(g.actor, term_id, state, means=means)
    row = decided.row
    return done(
        "vocabulary/_words.html",
        back_to=back(url_for(".index")),
        toast=f"“{row.spelling}” {TOLD[state].format(term=row.term)}.",
        undo=undo_url(decided.action_id),
        **_page(),
    )
