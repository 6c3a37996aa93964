"""A query of the search box as conditions of a list: the one place where its tree becomes SQL.

The tree becomes a form, which is all that changes the words of the SQL, and values for its slots; equal forms are spelt once. Who
sees what is said by the listing and stands beside these conditions, whatever they say.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from peewee import SQL, NodeList

from pindeck import db
from pindeck.access import Actor
from pindeck.db import spelling
from pindeck.errors import Upstream
from pindeck.models import Image
from pindeck.search import All, Colour, Node, Not, Phrase, Some, Term, Words, parse
from pindeck.services.images import search
from pindeck.services.library import looks, meanings, narrowing
from pindeck.services.library.meaning import BoundValue
from pindeck.services.library.meanings import MEANINGS
from pindeck.services.library.phrases import seqs_with
from pindeck.services.library.query import Filled, Filter, Rows

# Forms: of a condition with its slots, and of what holds them together.
Form = tuple[Any, ...]
NOTHING: Form = ("nothing",)
EVERYTHING: Form = ("everything",)
LEFT_OUT: Form = ("left out",)  # nobody can say now what it finds
Slot = Callable[[str], Any]


def fill(text: str, actor: Actor) -> Filled | None:
    """None where no picture can match. What the index alone could tell is left out while it is away, for pages that say so."""
    return _fill(text, _Asking(actor))


def fill_whole(text: str, actor: Actor) -> Filled | None:
    """The same for what is done with all that is found. Raises Upstream when the index is away and the text asks for it."""
    return _fill(text, _Asking(actor, is_whole=True))


def _fill(text: str, asking: "_Asking") -> Filled | None:
    parsed = parse(text)
    if parsed.tree is None:
        return Filled(EVERYTHING, {}) if parsed.problems else None
    form = _joined(asking, parsed.tree)
    return None if form in (NOTHING, LEFT_OUT) else Filled(form, asking.values)


@lru_cache(maxsize=256)
def _filter(form: Form) -> Filter:
    names = frozenset({"draft"}) if _is_of_drafts(form) else frozenset()
    return Filter("q", "", lambda rows, _: _narrow(rows, form, db.Param), names=names)


def spelt(filled: Filled) -> Filter:
    """The filter for this form, with slots in place of values."""
    return _filter(filled.form)


def narrow_now(rows: Rows, filled: Filled) -> Rows:
    """With the values in it, for a query of one's own."""
    return _narrow(rows, filled.form, lambda name: filled.values[name])


# The tree to a form


@dataclass
class _Asking:
    actor: Actor
    is_whole: bool = False
    values: dict[str, Any] = field(default_factory=dict)

    def slots(self, values: tuple[Any, ...]) -> tuple[str, ...]:
        names = tuple(f"q{len(self.values) + n}" for n in range(len(values)))
        self.values.update(zip(names, values, strict=True))
        return names


def _joined(asking: _Asking, tree: Node) -> Form:
    """The tree with all plain words that must be there as one condition, because the index of words leads then."""
    parts = looks.top(tree)
    words = [part for part in parts if isinstance(part, Words) and part.colour is None]
    queries = [asked for part in words if (asked := search.query(part.text, is_start=part.is_start))]
    if len(words) == len(parts) and not queries:
        return NOTHING  # signs alone are no word
    forms = [("words", asking.slots((search.every(queries),)))] if queries else []
    colours = looks.group(parts)
    if colours:
        forms.append(_colours(asking, colours))
    for part in parts:
        if not any(part is each for each in (*words, *colours)):
            forms.append(_form(asking, part))
    return _every(forms)


def _colours(asking: _Asking, terms: list[Term]) -> Form:
    """All of them in one question."""
    wanted = tuple(term.values[0] for term in terms)
    try:
        asked = meanings.near_colours(wanted)
    except Upstream:
        if asking.is_whole:
            raise
        return _every([_asked(asking, "color", meanings.by_palette(one)) for one in wanted])
    return _asked(asking, "color", asked)


def _form(asking: _Asking, node: Node) -> Form:
    if isinstance(node, All):
        return _every([_form(asking, part) for part in node.of])
    if isinstance(node, Some):
        return _some([_form(asking, part) for part in node.of])
    if isinstance(node, Not):
        form = _form(asking, node.of)
        return form if form == LEFT_OUT else {NOTHING: EVERYTHING, EVERYTHING: NOTHING}.get(form) or ("not", form)
    if isinstance(node, Words):
        return _words(asking, node)
    if isinstance(node, Phrase):
        seqs = seqs_with(node.text)
        return ("phrase", asking.slots((seqs,))) if seqs else NOTHING
    assert isinstance(node, Term)
    return _some([_term(asking, node.field, value) for value in node.values])


def _words(asking: _Asking, node: Words) -> Form:
    query = search.query(node.text, is_start=node.is_start)
    form: Form = ("words", asking.slots((query,))) if query else EVERYTHING
    if node.colour is None:
        return form
    return _some([form, _term(asking, "color", Colour(node.colour))])


def _term(asking: _Asking, name: str, value: Any) -> Form:
    try:
        asked = MEANINGS[name].ask(value, asking.actor)
    except Upstream:
        if asking.is_whole:
            raise
        if name != "color":
            return LEFT_OUT
        asked = meanings.by_palette(value)
    return NOTHING if asked is None else _asked(asking, name, asked)


def _asked(asking: _Asking, name: str, asked: BoundValue) -> Form:
    return ("term", name, asked.form, asking.slots(asked.values))


def _every(forms: list[Form]) -> Form:
    return _combined("all", forms, decides=NOTHING, changes_nothing=EVERYTHING)


def _some(forms: list[Form]) -> Form:
    return _combined("some", forms, decides=EVERYTHING, changes_nothing=NOTHING)


def _combined(word: str, forms: list[Form], *, decides: Form, changes_nothing: Form) -> Form:
    told = [form for form in forms if form != LEFT_OUT]
    kept = [form for form in told if form != changes_nothing]
    if decides in kept:
        return decides
    return (word, *kept) if len(kept) > 1 else kept[0] if kept else changes_nothing if told or not forms else LEFT_OUT


def _is_of_drafts(form: Form) -> bool:
    """Whether it asks for drafts, which hang in no gallery: one's own are shown then."""
    parts = form[1:] if form[0] == "all" else (form,)
    return any(part[:3] == ("term", "is", ("draft",)) for part in parts)


# A form to conditions


def _narrow(rows: Rows, form: Form, slot: Slot) -> Rows:
    for part in form[1:] if form[0] == "all" else (form,):
        rows = _lead(rows, part, slot)
    return rows


def _lead(rows: Rows, form: Form, slot: Slot) -> Rows:
    """What must be true by itself may lead along its own index."""
    if form[0] == "words":
        return narrowing.with_words(rows, slot(form[1][0]))
    if form[0] == "term" and (lead := MEANINGS[form[1]].lead) and not rows.walks:
        return lead(rows, form[2], [slot(name) for name in form[3]])
    return rows if form == EVERYTHING else rows.where(_condition(form, slot))


def _condition(form: Form, slot: Slot) -> Any:
    kind = form[0]
    if kind == "term":
        return MEANINGS[form[1]].condition(form[2], [slot(name) for name in form[3]])
    if kind == "words":
        return Image.seq.in_(search.hits(slot(form[1][0])))
    if kind == "phrase":
        return Image.seq.in_(spelling.each_of(slot(form[1][0])))
    if kind == "not":  # where the condition has no answer, its opposite holds
        return NodeList((SQL("("), _condition(form[1], slot), SQL(") IS NOT TRUE")), glue="")
    if kind == "everything":
        return SQL("1 = 1")
    found = _condition(form[1], slot)
    for part in form[2:]:
        more = _condition(part, slot)
        found = found & more if kind == "all" else found | more
    return found
