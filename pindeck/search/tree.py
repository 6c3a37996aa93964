"""What a query means: a tree of conditions, each with its place in the text. Equal trees mean the same, wherever they stand."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Node:
    """`at` is where its text begins, `end` where it has ended, in characters from 0."""

    at: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Words(Node):
    """All of these words. The last one may be a beginning where `is_start`: it may still be typed. The name of a colour is a word and
    means the `colour` as well."""

    text: str
    is_start: bool = False
    colour: str | None = None


@dataclass(frozen=True)
class Phrase(Node):
    """These words, one after the other."""

    text: str


@dataclass(frozen=True)
class Term(Node):
    """A field has one of these values."""

    field: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Not(Node):
    of: Node


@dataclass(frozen=True)
class All(Node):
    of: tuple[Node, ...]


@dataclass(frozen=True)
class Some(Node):
    of: tuple[Node, ...]


@dataclass(frozen=True)
class Problem:
    """What could not be understood, from `at` to `end`, in a sentence that tells the place."""

    at: int
    end: int
    says: str
