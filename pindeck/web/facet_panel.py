"""The panel of facets: every value that occurs beside the search, each with the addresses that ask for it, or for all but it."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.http.auth import access_to
from pindeck.search import editing
from pindeck.services.library import filters, folding
from pindeck.web.filtering import FilterBar
from pindeck.web.rendering import show

if TYPE_CHECKING:
    from pindeck.services.library.facet_values import Offered, Value

bp = Blueprint("facets", __name__)

@dataclass(frozen=True)
class Line:
    """A value with its links: `url` asks for it, or takes it away where it is on; `but_url` for all but it."""

    value: "Value"
    url: str
    but_url: str


@dataclass(frozen=True)
class Box:
    """A facet. `switch` leads to the other reading of several values: one is enough, or all have to be true."""

    label: str
    lines: list[Line]
    more: int
    is_on: bool
    switch: tuple[str, str] | None


@bp.get("/facets")
@access_to("library.view")
def index() -> ResponseReturnValue:
    bar = FilterBar.read(url_for("gallery.index"), filters.OF_GALLERY, request.args, g.actor)
    return show("facets/page.html", "facets/_panel.html", boxes=boxes_of(bar), filter=_folded(bar)[1])


def boxes_of(bar: FilterBar) -> list[Box]:
    """The facets of what a page shows, whose links lead to that page."""
    from pindeck.services.library import facet_values

    text, bar = _folded(bar)
    others = {filter: value for filter, value in bar.wanted.items() if filter is not filters.WORDS}
    return [_box(bar, text, offered) for offered in facet_values.of(g.actor, text, others)]


def _folded(bar: FilterBar) -> tuple[str, FilterBar]:
    """The search with the plain doors written into it, and the bar without those."""
    text, wanted = folding.folded(bar.wanted)
    return text, replace(bar, wanted={**wanted, filters.WORDS: text} if text else wanted)


def _box(bar: FilterBar, text: str, offered: "Offered") -> Box:
    facet, lines = offered.facet, []

    def to(changed: str) -> str:
        return bar.address({filters.WORDS: changed or None})

    for value in offered.values:
        gone = to(editing.drop(text, facet.field, value.value))
        but = editing.deny(text, facet.field, value.value)
        if facet.denies:
            lines.append(Line(value, gone if value.is_on else to(but), ""))
        else:
            asked = editing.put(text, facet.field, value.value, joins=not facet.many or editing.is_joined(text, facet.field))
            lines.append(Line(value, gone if value.is_on else to(asked), gone if value.is_denied else to(but)))
    return Box(facet.label, lines, offered.more, any(v.is_on or v.is_denied for v in offered.values), _switch(text, facet, to))


def _switch(text: str, facet: Any, to: Any) -> tuple[str, str] | None:
    if not facet.many or len(editing.chosen(text, facet.field)) < 2:
        return None
    if editing.is_joined(text, facet.field):
        return to(editing.all_of(text, facet.field)), "All of them, not any"
    return to(editing.any_of(text, facet.field)), "Any of them, not all"
