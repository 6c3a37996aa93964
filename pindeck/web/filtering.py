"""The filters of a page: read from its address, and shown as chips, as links of the rail and as fields of its form."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from pindeck.access import Actor
from pindeck.models import Image
from pindeck.search import MOST_CHARACTERS, Part, Problem
from pindeck.services.images import image_urls
from pindeck.services.library import looks, sorting
from pindeck.services.library.counts import Count, Counts
from pindeck.services.library.craft_facets import TermCount
from pindeck.services.library.query import Filter, Wanted
from pindeck.services.library.sorting import Sort
from pindeck.web.params import MAX, clean_query

# Characters, by the style of a filter. A search that is too long is told so, and what is longer still is cut.
MOST = defaultdict(lambda: MAX, search=MOST_CHARACTERS + 100)

NUL = "\0"  # is in no text that an address brings


@dataclass(frozen=True)
class Chip:
    """A filter that is on; the address is that of the page without it. `small` is the address of a picture that it is about."""

    text: str
    url: str
    lead: str = ""
    swatch: str | None = None
    small: str | None = None


class Choice(NamedTuple):
    """A value of a filter; the address is that of the page with it, or without it where it is on. `number` says how many
    pictures have it, where that is known."""

    text: str
    url: str
    is_on: bool
    number: Count | None = None


@dataclass(frozen=True)
class Group:
    """A filter as the rail shows it: a `toggle`, a `list`, or `pills`."""

    label: str
    style: str
    choices: list[Choice]


@dataclass(frozen=True)
class Facet:
    """A filter whose values the rail asks for when somebody opens it. `chosen` is the value that is on, if one is."""

    label: str
    url: str
    chosen: str


@dataclass(frozen=True)
class FilterBar:
    """What an address says, under the filters that a page offers, and the addresses that it leads to."""

    home: str
    offered: tuple[Filter, ...]
    wanted: Wanted
    sort: str = ""  # an order other than the usual one
    view: str = ""  # the one that the address names, if it names one

    @classmethod
    def read(cls, home: str, offered: tuple[Filter, ...], args: Mapping[str, str], actor: Actor) -> "FilterBar":
        """What cannot be searched for finds nothing; it is no error."""
        given = [filter for filter in offered if filter.name in args and (actor.is_signed_in or not filter.needs_person)]
        read = {filter: filter.read(clean_query(args[filter.name], most=MOST[filter.style])) for filter in given}
        return cls(home, offered, {filter: value for filter, value in read.items() if value is not None})

    @property
    def is_empty(self) -> bool:
        return not self.wanted

    @property
    def is_narrowed(self) -> bool:
        """Whether the search names a field, as the panel of facets does."""
        return ":" in self.q

    @property
    def q(self) -> str:
        """What the field of the search shows."""
        return next((filter.write(value) for filter, value in self.wanted.items() if filter.style == "search"), "")

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Names and values that the form of the search sends along."""
        kept = [(filter.name, filter.write(value)) for filter, value in self._in_order() if filter.style != "search"]
        return [*kept, *((name, text) for name, text in (("sort", self.sort), ("view", self.view)) if text)]

    @property
    def query(self) -> str:
        """The filters as the end of an address: those that are on, with the question mark."""
        return self.address()[len(self.home) :]

    def address(self, changes: Wanted | None = None, *, after: str | None = None, before: str | None = None) -> str:
        """The address with some filters changed; None takes one away. `after` goes on from a place, `before` leads to
        the page that comes before the one after that place."""
        wanted = {**self.wanted, **changes} if changes else self.wanted
        in_order = [filter for filter in self.offered if filter in wanted]  # a list passes its filters to one that lacks some
        parts = [_part(filter.name, filter.write(wanted[filter])) for filter in in_order if wanted[filter] is not None]
        places = (("sort", self.sort), ("view", self.view), ("after", after), ("before", before))
        parts += [_part(name, text) for name, text in places if text]
        return self.home + ("?" + "&".join(parts) if parts else "")

    def sorted_by(self, name: str) -> str:
        """The address with another order; the usual one is not told."""
        return replace(self, sort="" if name == sorting.usual(self.q) else name).address()

    @property
    def order(self) -> Sort:
        return sorting.sort_of(self.sort, self.q)

    def chips(self, actor: Actor) -> list[Chip]:
        return [chip for filter, value in self._in_order() for chip in self._chips(actor, filter, value)]

    def _chips(self, actor: Actor, filter: Filter, value: Any) -> list[Chip]:
        """One for each part of a filter that has parts; one at least, by which all of it is taken away."""
        parts = filter.parts(value) if filter.parts else []
        if parts:
            named = looks.named(actor, {image_id for part in parts for image_id in part.images})
            small = image_urls.small_of(named.values())
            return [
                Chip(_said(part, named), self.address({filter: part.rest or None}), part.lead, part.swatch, small.get(part.images[0]) if part.images else None)
                for part in parts
            ]
        lead = filter.label if filter.style == "swatch" else ""
        return [Chip(filter.chip(value), self.address({filter: None}), lead, filter.swatch(value))]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What of the search could not be understood, or not be looked for just now."""
        return looks.problems(self.q)

    def rail(self, actor: Actor, counts: Counts | None = None) -> list[Group]:
        """Toggles first, then what has values to choose from; with numbers where they have been counted."""
        toggles = [
            Group(filter.label, "toggle", [self._choice(filter, True, filter.label, counts)])
            for filter in self.offered
            if filter.style == "toggle" and (actor.is_curator or not filter.needs_person)
        ]
        return toggles + [
            Group(filter.label, filter.style, self._choices(filter, values, counts))
            for filter in self.offered
            if filter.choices and (values := filter.choices(actor))
        ]

    def facets(self, known: list[str], home: Callable[[str], str]) -> list[Facet]:
        """Those of the `known` names; `home` gives the address of the values of one, which keeps the filters."""
        query = self.query
        return [
            Facet(filter.label, home(filter.name) + query, self._on(filter))
            for filter in self.offered
            if filter.style == "facet" and (filter.name in known or self._on(filter))
        ]

    def _on(self, filter: Filter) -> str:
        return filter.write(self.wanted[filter]) if filter in self.wanted else ""

    def terms(self, filter: Filter, found: Sequence[TermCount]) -> list[Choice]:
        """The values of a facet, with their numbers. One that is on and leads nowhere stays, to be taken away."""
        on = self._on(filter)
        named = [(each.term, each.count) for each in found]
        if on and on not in (term for term, _ in named):
            named.append((on, None))
        return [
            Choice(term, self.address({filter: None if term == on else term}), term == on, count) for term, count in named
        ]

    def _choices(self, filter: Filter, values: list[str], counts: Counts | None) -> list[Choice]:
        """Thirty addresses that differ in one value, so what stands around it is put together once."""
        on = self.wanted.get(filter)
        start, _, end = self.address({filter: NUL}).partition(_quoted(NUL))
        return [
            self._choice(filter, value, value, counts) if value == on
            else Choice(value, start + _quoted(filter.write(value)) + end, False, counts.beside(filter, value) if counts else None)
            for value in values
        ]  # fmt: skip

    def _choice(self, filter: Filter, value: Any, text: str, counts: Counts | None) -> Choice:
        is_on = self.wanted.get(filter) == value
        count = counts.beside(filter, value) if counts else None
        return Choice(text, self.address({filter: None if is_on else value}), is_on, count)

    def _in_order(self) -> list[tuple[Filter, Any]]:
        return [(filter, self.wanted[filter]) for filter in self.offered if filter in self.wanted]


def _part(name: str, text: str) -> str:
    return f"{name}={_quoted(text)}"


def _quoted(text: str) -> str:
    """For an address. The rail has forty, most of them of a plain word."""
    return text if text.isalnum() and text.isascii() else quote_plus(text)


def _said(part: Part, named: Mapping[str, Image]) -> str:
    """Pictures by their titles; one that the reader does not see has none."""
    return " or ".join(f"“{named[each].title}”" if each in named else "an unknown picture" for each in part.images) or part.text
