"""The filters of an address as one text of the search box."""

from pindeck.search import editing
from pindeck.services.library import filters
from pindeck.services.library.query import Filter, Wanted
from pindeck.terms import CRAFT

# Plain doors of the gallery's address that mean a field of the search box.
DOORS: dict[Filter, str] = {
    filters.TAG: "tag", filters.PROJECT: "project", filters.GROUP: "type", filters.CATEGORY: "category", filters.GENRE: "genre",
    filters.SHOT: "shot", filters.STYLE: "style", filters.SREF: "sref", filters.PERSON: "by", filters.COLOUR: "color",
    **{filters.NAMED[name]: name for name in CRAFT},
}  # fmt: skip


def folded(wanted: Wanted) -> tuple[str, Wanted]:
    """The search with the plain doors written into it, and the filters that are left beside it."""
    left = dict(wanted)
    text = str(left.pop(filters.WORDS, ""))
    for filter, field in DOORS.items():
        if filter in left:
            text = editing.put(text, field, filter.write(left.pop(filter)), joins=False)
    return text, left


def text_of(wanted: Wanted) -> str:
    """All of them as a text that finds the same."""
    text, left = folded(wanted)
    return editing.put(text, "is", "liked", joins=False) if filters.LIKED in left else text
