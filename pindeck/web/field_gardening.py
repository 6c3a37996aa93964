"""Tidying the words of the fields, for administrators and curators: what stands in each, renamed, merged, forbidden in all pictures."""

from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import terms
from pindeck.errors import Invalid
from pindeck.http.auth import access_to
from pindeck.services.images import field_gardening, large
from pindeck.services.images.fields import FIELDS
from pindeck.services.images.tag_findings import Finding
from pindeck.web.actions import runs, undo_url
from pindeck.web.params import clean_query
from pindeck.web.rendering import back, done, show

bp = Blueprint("field_gardening", __name__, url_prefix="/vocabulary/fields")

KINDS = {Finding.SAME: "another spelling", Finding.PLURAL: "one and many", Finding.NEAR: "one letter apart"}


def _page(**more: Any) -> dict[str, Any]:
    asked = request.values.get("field", "")
    field = asked if asked in field_gardening.NAMES else "genre"
    after = clean_query(request.values.get("after", ""), most=400)
    words, following = field_gardening.list_words(g.actor, field, after=after)
    return {
        "labels": {name: FIELDS[name].label for name in field_gardening.NAMES},
        "field": field,
        "words": words,
        "found": None if after else field_gardening.find(g.actor, field),
        "can_forbid": field in terms.FIELDS,
        "kinds": KINDS,
        "here_url": url_for(".index", field=field, after=after or None),
        "next_url": url_for(".index", field=field, after=following) if following else None,
        "error": "",
        "wrong": None,
        **more,
    }


@bp.get("")
@access_to("account")
def index() -> ResponseReturnValue:
    return show("gardening/fields.html", "gardening/_fields.html", **_page())


@bp.post("")
@access_to("account")
def tend() -> ResponseReturnValue:
    form = request.form
    word = form.get("word", "")
    try:
        means, how = clean_query(form.get("means", ""), most=400), form.get("how", field_gardening.RENAME)
        asked = field_gardening.ask(g.actor, form.get("field", ""), word, means, how)
    except Invalid as error:
        wrong = next(iter(error.fields.values()), error.message)
        return show("gardening/fields.html", "gardening/_fields.html", 422, **_page(error=wrong, wrong=word))
    back_to = back(url_for(".index", field=asked.field))
    if running := large.tend_field(g.actor, asked):
        return runs(running, back_to=back_to)
    action_id = field_gardening.at_once(g.actor, asked)
    count = len(asked.ids)
    told = f"{asked.told}, in {count} {'picture' if count == 1 else 'pictures'}." if action_id else "Nothing was changed."
    return done("gardening/_fields.html", back_to=back_to, toast=told, undo=undo_url(action_id), **_page())
