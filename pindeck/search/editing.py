"""Changing a query by its fields: a value is put in, taken out or denied, and the rest of the text stays as it was typed."""

import re
from typing import Any

from pindeck.search.fields import FIELDS, Kind
from pindeck.search.parsing import parse
from pindeck.search.parts import top
from pindeck.search.tokens import tokens
from pindeck.search.tree import Node, Not, Some, Term
from pindeck.terms import key_of

_BARE = re.compile(r"[\w.#:<>=~@%-]+")


def spelt(field: str, values: list[str]) -> str:
    """`genre:noir,"film noir"`. A quotation mark inside a value is left out, because nothing could close it."""
    return f"{field}:" + ",".join(value if _BARE.fullmatch(value) else '"' + value.replace('"', "") + '"' for value in values)


def chosen(text: str, field: str) -> list[str]:
    """The values of a field that stand in the query for every picture, as they are typed."""
    return [raw for node in _of(text, field) for raw in _raw(text, node)]


def denied(text: str, field: str) -> list[str]:
    return [raw for node in _denied(text, field) for raw in _raw(text, node.of)]


def meaning(field: str, value: str) -> Any:
    """What a value means, the same for all of its spellings."""
    if FIELDS[field].kind == Kind.TEXT:
        return key_of(value)
    tree = parse(spelt(field, [value])).tree
    meant = tree.values[0] if isinstance(tree, Term) else value
    return key_of(meant) if isinstance(meant, str) else meant


def meanings(field: str, values: list[str]) -> set[Any]:
    return {meaning(field, value) for value in values}


def put(text: str, field: str, value: str, *, joins: bool) -> str:
    """With the value: beside those that are there, of which one is enough, where it `joins`; else as a further condition."""
    text = drop(text, field, value)
    nodes = _of(text, field)
    if nodes and joins:
        return _replaced(text, nodes[0], spelt(field, [*_raw(text, nodes[0]), value]))
    return f"{_closed(text)} {spelt(field, [value])}".strip()


def deny(text: str, field: str, value: str) -> str:
    return f"{_closed(drop(text, field, value))} -{spelt(field, [value])}".strip()


def _closed(text: str) -> str:
    """As it can have more beside it: a space binds before `or`."""
    return f"({text})" if isinstance(parse(text).tree, Some) else text


def drop(text: str, field: str, value: str) -> str:
    """Without the value, wherever it is asked for or denied."""
    for node in reversed([*_of(text, field), *_denied(text, field)]):
        term = node.of if isinstance(node, Not) else node
        raws = _raw(text, term)
        left = [raw for raw in raws if meaning(field, raw) != meaning(field, value)]
        if len(left) < len(raws):
            sign = "-" if isinstance(node, Not) else ""
            return drop(_replaced(text, node, sign + spelt(field, left) if left else ""), field, value)
    return text


def without(text: str, field: str) -> str:
    """Without all that the field says."""
    for raw in [*chosen(text, field), *denied(text, field)]:
        text = drop(text, field, raw)
    return text


def any_of(text: str, field: str) -> str:
    """One of the values is enough, which had all to be true."""
    values = chosen(text, field)
    for value in values:
        text = drop(text, field, value)
    return f"{text} {spelt(field, values)}".strip()


def all_of(text: str, field: str) -> str:
    """All of the values have to be true, of which one was enough."""
    values = chosen(text, field)
    for value in values:
        text = drop(text, field, value)
    return " ".join([text, *(spelt(field, [value]) for value in values)]).strip()


def is_joined(text: str, field: str) -> bool:
    """Whether one of several values is enough."""
    return any(len(_raw(text, node)) > 1 for node in _of(text, field))


def _of(text: str, field: str) -> list[Term]:
    return [node for node in top(parse(text).tree) if isinstance(node, Term) and node.field == field]


def _denied(text: str, field: str) -> list[Any]:
    return [node for node in top(parse(text).tree) if isinstance(node, Not) and isinstance(node.of, Term) and node.of.field == field]


def _raw(text: str, node: Node) -> list[str]:
    found, _ = tokens(text[node.at : node.end])
    return [raw for raw, _ in found[-1].values] if found else []


def _replaced(text: str, node: Node, by: str) -> str:
    return " ".join(f"{text[: node.at]} {by} {text[node.end :]}".split())
