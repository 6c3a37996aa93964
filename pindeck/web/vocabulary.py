"""The vocabulary, for administrators and curators: words that came up and are no terms, what was decided about them, and the terms."""

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.errors import invalid
from pindeck.http.auth import access_to
from pindeck.services.images import large, new_terms, offline_tags, vocabulary
from pindeck.states import TermState
from pindeck.terms import FIELDS
from pindeck.web.actions import runs, undo_url
from pindeck.web.params import clean_query
from pindeck.web.rendering import back, done, show, wants_fragment

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
@access_to("tags.tend")
def index() -> ResponseReturnValue:
    return show("vocabulary/page.html", "vocabulary/_words.html", **_page())


@bp.post("/<term_id>/<any(accept, merge, refuse):what>")
@access_to("tags.tend")
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
        undo=None if decided.is_running else undo_url(decided.action_id),
        follow=url_for("actions.progress", action_id=decided.action_id) if decided.is_running else None,
        **_page(),
    )


@bp.get("/leftovers")
@access_to("admin")
def leftovers() -> ResponseReturnValue:
    return show("vocabulary/leftovers.html", "vocabulary/_leftovers.html", offer=offline_tags.offer(g.actor))


@bp.get("/leftovers/notice")
@access_to("admin")
def notice() -> ResponseReturnValue:
    """What the page of the vocabulary asks for when it stands, because counting may take a moment."""
    if not wants_fragment():
        return redirect(url_for(".leftovers"), 303)
    return render_template("vocabulary/_notice.html", count=offline_tags.count(g.actor))


@bp.post("/leftovers/remove")
@access_to("admin")
def remove_leftovers() -> ResponseReturnValue:
    if running := large.remove_offline_tags(g.actor):
        return runs(running, back_to=url_for(".leftovers"))
    action_id, count = offline_tags.remove(g.actor)
    return done(
        "vocabulary/_leftovers.html",
        back_to=url_for(".leftovers"),
        toast=f"Removed from {count} {'picture' if count == 1 else 'pictures'}." if action_id else "Nothing was changed.",
        undo=undo_url(action_id),
        offer=offline_tags.offer(g.actor),
    )
