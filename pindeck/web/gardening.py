"""Tidying the tags, for administrators and curators: what was found about them, what is done about it, and the rules."""

from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.http.auth import access_to
from pindeck.services.images import gardening, large, tag_findings
from pindeck.services.images.tag_findings import Finding
from pindeck.web.actions import runs, undo_url
from pindeck.web.params import clean_query
from pindeck.web.rendering import back, done, show

bp = Blueprint("gardening", __name__, url_prefix="/vocabulary/tags")

LABELS = {
    Finding.NEW: ("New from the model", "Only the model has written them. They stay until you change them."),
    Finding.SAME: ("One word, two spellings", "They differ in hyphens, spaces, accents or script."),
    Finding.PLURAL: ("Plurals", "One and many of the same thing."),
    Finding.NEAR: ("Near spellings", "They differ by one letter. Check that it is no slip."),
    Finding.TOGETHER: ("Often together", "Pictures with the first tag nearly always have the second one."),
    Finding.SINGLE: ("Used once", "Only one picture has these tags."),
}


def _page() -> dict[str, Any]:
    counts, found_at = tag_findings.counts(g.actor)
    asked = request.values.get("kind", "")
    kind = Finding(asked) if asked in LABELS else next((kind for kind in LABELS if counts.get(kind)), Finding.SAME)
    after = request.values.get("after", "")
    rows, more = tag_findings.list_page(g.actor, kind, after=int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0)
    rules, _ = gardening.list_rules(g.actor)
    return {
        "labels": LABELS,
        "counts": counts,
        "kind": kind,
        "found": rows,
        "found_at": found_at,
        "rules": [(row.id, gardening.SAYS[row.kind].format(tag=row.tag, means=row.means)) for row in rules],
        "is_looking": tag_findings.is_looking(),
        "here_url": url_for(".index", kind=kind if asked else None, after=after or None),
        "next_url": url_for(".index", kind=kind, after=rows[-1].id) if more else None,
    }


@bp.get("")
@access_to("account")
def index() -> ResponseReturnValue:
    return show("gardening/page.html", "gardening/_tags.html", **_page())


@bp.post("/look")
@access_to("account")
def look() -> ResponseReturnValue:
    tag_findings.ask(g.actor)
    return done("gardening/_tags.html", back_to=url_for(".index"), toast="A worker is looking through the tags.", **_page())


@bp.post("/tend")
@access_to("account")
def tend() -> ResponseReturnValue:
    form, back_to = request.form, back(url_for(".index"))
    means = clean_query(form.get("means", "")) or form.get("other", "")
    asked = gardening.ask(g.actor, form.get("how", ""), clean_query(form.get("tag", "")), means)
    if running := large.tend_tags(g.actor, asked):
        return runs(running, back_to=back_to)
    action_id = gardening.at_once(g.actor, asked)
    count = len(asked.ids)
    told = f"{asked.told} now, in {count} {'picture' if count == 1 else 'pictures'}." if action_id else "Nothing was changed."
    return done("gardening/_tags.html", back_to=back_to, toast=told, undo=undo_url(action_id), **_page())


@bp.post("/rules/<rule_id>/remove")
@access_to("account")
def remove_rule(rule_id: str) -> ResponseReturnValue:
    undo = undo_url(gardening.remove_rule(g.actor, rule_id))
    return done("gardening/_tags.html", back_to=url_for(".index"), toast="The rule no longer applies.", undo=undo, **_page())
