"""A field with its values to a condition, or a sentence that says what can stand there."""

from datetime import date
from typing import Any

from pindeck.search import values
from pindeck.search.fields import BESIDE, Field, Kind
from pindeck.search.tokens import Token
from pindeck.search.tree import Node, Problem, Some, Term
from pindeck.terms import CRAFT, key_of

MOST_VALUES = 16

SHOULD = {
    Kind.COLOUR: "Write a colour by its name or as #rrggbb, such as color:teal or color:#c8102e~20.",
    Kind.NUMBER: "Write a number, such as {name}:>3 or {name}:3..10.",
    Kind.RATIO: "Write a shape, such as ratio:2.39, ratio:16:9 or ratio:>2.",
    Kind.DAY: "Write a day, a month or a year, such as {name}:2026-05 or {name}:2026-05-01..2026-06.",
    Kind.AGE: "Write a day, a month, a year or an age, such as added:2026-05 or added:<7d.",
}


def read(token: Token, today: date) -> tuple[Node | None, list[Problem]]:
    """None where no value could be read."""
    field = token.field
    assert field is not None
    if field.kind == Kind.BARE:
        name, value = field.means
        return Term(name, (value,), at=token.at, end=token.end), []
    if not token.values:
        says = f"A value is missing after “{field.name}:” at character {token.at + 1}. Write one such as {field.example}."
        return None, [Problem(token.at, token.end, says)]
    found: dict[tuple[str, Any], None] = {}
    problems: list[Problem] = []
    for text, at in token.values[:MOST_VALUES]:
        named = _value(field, text, today)
        if named is None:
            says = f"“{text[:40]}” at character {at + 1} does not fit “{field.name}:”. {_should(field)}"
            problems.append(Problem(at, at + len(text), says))
        else:
            found[named] = None
    if len(token.values) > MOST_VALUES:
        at = token.values[MOST_VALUES][1]
        says = f"A field has at most {MOST_VALUES} values; those from character {at + 1} on are left out."
        problems.append(Problem(at, token.end, says))
    return _node(list(found), token), problems


def _node(found: list[tuple[str, Any]], token: Token) -> Node | None:
    by_field: dict[str, list[Any]] = {}
    for name, value in found:
        by_field.setdefault(name, []).append(value)
    terms = tuple(Term(name, tuple(of), at=token.at, end=token.end) for name, of in by_field.items())
    if not terms:
        return None
    return terms[0] if len(terms) == 1 else Some(terms, at=token.at, end=token.end)


def _should(field: Field) -> str:
    if field.kind == Kind.WORD:
        return f"Write one of {', '.join(field.words)}."
    return SHOULD[field.kind].format(name=field.name)


def _value(field: Field, text: str, today: date) -> tuple[str, Any] | None:
    if field.kind == Kind.TERM:
        return _term(field.name, text)
    value: Any = text
    if field.kind == Kind.WORD:
        value = text.lower() if text.lower() in field.words else None
    elif field.kind == Kind.COLOUR:
        value = values.colour(text)
    elif field.kind == Kind.NUMBER:
        value = values.number(text)
    elif field.kind == Kind.RATIO:
        value = values.ratio(text)
    elif field.kind == Kind.DAY:
        value = values.days(text, today)
    elif field.kind == Kind.AGE:
        value = values.age(text, today)
    return None if value is None else (field.name, value)


def _term(name: str, text: str) -> tuple[str, str]:
    """The field and the term that are meant: in any spelling, of a field beside it, or by the beginning of one term alone."""
    fields = [CRAFT[other] for other in (name, *BESIDE.get(name, ()))]
    for field in fields:
        if term := field.read(text):
            return field.name, term.name
    key = key_of(text)
    for field in fields:
        begun = {term.name for term in field.terms for word in (term.name, *term.synonyms) if key and key_of(word).startswith(key)}
        if len(begun) == 1:
            return field.name, begun.pop()
    return name, text
