"""Conditions on rows, written once and read twice: as a check in Python and as a condition in SQL.

There is no "not": Python and SQL disagree about the opposite of a comparison with NULL. A comparison with a value
that the actor does not have (None) holds for no row, whatever the row says.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, reduce
from operator import and_, is_, or_
from typing import Any

from peewee import SQL, Field, Model

from pindeck import db


class Condition(ABC):
    """Which rows are meant. Combine with `&` and `|`.

    A condition is spelt in three ways that mean the same. Words of the code, such as a status, stand in the SQL
    as they are, because only then do both engines know that a partial index serves. What belongs to the actor is
    a value with a name, so that a query can be spelt once for a `shape` and filled with the `values` of each actor.
    """

    @abstractmethod
    def holds(self, *rows: Model | None) -> bool:
        """The check in Python. Give a row for each table it speaks of, or None where an outer join found none."""

    @abstractmethod
    def expression(self) -> Any:
        """The condition for Peewee, with the values in it."""

    @abstractmethod
    def text(self, alias: str = "") -> str:
        """The condition as SQL for a table called `alias`, with `:name` for each value."""

    @property
    def values(self) -> dict[str, Any]:
        """What fills the slots of the `shape`, and the names of `text` in `db.sql`."""
        return {}

    @property
    def shape(self) -> "Condition":
        """The same condition with a slot in place of each value: alike for all actors of a kind."""
        return self

    @cached_property
    def _words(self) -> str:
        return self.text()

    @property
    def plain(self) -> "Condition":
        """The same condition without columns that the database works out. SQLite reads the whole row for one of those,
        although an index has it."""
        return self

    def __eq__(self, other: object) -> bool:
        # A comparison of Peewee's columns is a piece of SQL and always true, so the words are compared.
        if self is other:
            return True
        return isinstance(other, Condition) and (self._words, self.values) == (other._words, other.values)

    def __hash__(self) -> int:
        return hash(self._words)

    def __and__(self, other: "Condition") -> "Condition":
        if self is NEVER or other is ALWAYS:
            return self
        if other is NEVER or self is ALWAYS:
            return other
        return All((*_parts(self, All), *_parts(other, All)))

    def __or__(self, other: "Condition") -> "Condition":
        if self is ALWAYS or other is NEVER:
            return self
        if other is ALWAYS or self is NEVER:
            return other
        return Some((*_parts(self, Some), *_parts(other, Some)))


def _parts(condition: Condition, kind: "type[All | Some]") -> tuple[Condition, ...]:
    return condition.parts if isinstance(condition, kind) else (condition,)


@dataclass(frozen=True, eq=False)
class Constant(Condition):
    """Every row, or none."""

    holds_for_all: bool

    def holds(self, *rows: Model | None) -> bool:
        return self.holds_for_all

    def expression(self) -> Any:
        return SQL(self.text())

    def text(self, alias: str = "") -> str:
        return "1 = 1" if self.holds_for_all else "1 = 0"


ALWAYS, NEVER = Constant(True), Constant(False)


@dataclass(frozen=True, eq=False)
class Equal(Condition):
    """A column has a value: a word of the code, or the actor's under a `name`. See `equal`."""

    column: Field
    value: Any
    name: str = ""

    def holds(self, *rows: Model | None) -> bool:
        return bool(_value(self.column, rows) == self.value)

    def expression(self) -> Any:
        if not self.name:
            return self.column == SQL(_literal(self.value))
        return self.column == self.value

    def text(self, alias: str = "") -> str:
        return f"{_column(self.column, alias)} = {f':{self.name}' if self.name else _literal(self.value)}"

    @property
    def values(self) -> dict[str, Any]:
        return {self.name: self.value} if self.name else {}

    @property
    def shape(self) -> Condition:
        return Equal(self.column, db.Param(self.name), self.name) if self.name else self


def equal(column: Field, value: Any, name: str = "") -> Condition:
    """A column has this value. None is a value that nobody has: it holds for no row."""
    return NEVER if value is None else Equal(column, value, name)


@dataclass(frozen=True, eq=False)
class Differs(Condition):
    """A column has a value, and it is another word than this one."""

    column: Field
    value: StrEnum

    def holds(self, *rows: Model | None) -> bool:
        found = _value(self.column, rows)
        return found is not None and found != self.value

    def expression(self) -> Any:
        return self.column != SQL(_literal(self.value))

    def text(self, alias: str = "") -> str:
        return f"{_column(self.column, alias)} <> {_literal(self.value)}"


@dataclass(frozen=True, eq=False)
class Filled(Condition):
    """A column has a value, or with `empty` has none."""

    column: Field
    empty: bool = False

    def holds(self, *rows: Model | None) -> bool:
        return (_value(self.column, rows) is None) == self.empty

    def expression(self) -> Any:
        return self.column.is_null(self.empty)

    def text(self, alias: str = "") -> str:
        return f"{_column(self.column, alias)} IS {'' if self.empty else 'NOT '}NULL"


@dataclass(frozen=True, eq=False)
class Kept(Condition):
    """A condition that the database keeps in a column of its own, with indexes on it."""

    column: Field
    meaning: Condition

    def holds(self, *rows: Model | None) -> bool:
        return self.meaning.holds(*rows)  # a row that was changed and not yet read again has an old column

    def expression(self) -> Any:
        return self.column == True  # noqa: E712 — Peewee builds SQL from the comparison

    def text(self, alias: str = "") -> str:
        return _column(self.column, alias)

    @property
    def plain(self) -> Condition:
        return self.meaning


@dataclass(frozen=True, eq=False)
class All(Condition):
    parts: tuple[Condition, ...]

    def holds(self, *rows: Model | None) -> bool:
        return all(part.holds(*rows) for part in self.parts)

    def expression(self) -> Any:
        return reduce(and_, (part.expression() for part in self.parts))

    def text(self, alias: str = "") -> str:
        return " AND ".join(part.text(alias) for part in self.parts)

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for part in self.parts for name, value in part.values.items()}

    @property
    def shape(self) -> Condition:
        return _of_shapes(self)

    @property
    def plain(self) -> Condition:
        return All(tuple(part.plain for part in self.parts))


@dataclass(frozen=True, eq=False)
class Some(Condition):
    parts: tuple[Condition, ...]

    def holds(self, *rows: Model | None) -> bool:
        return any(part.holds(*rows) for part in self.parts)

    def expression(self) -> Any:
        return reduce(or_, (part.expression() for part in self.parts))

    def text(self, alias: str = "") -> str:
        return f"({' OR '.join(part.text(alias) for part in self.parts)})"

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for part in self.parts for name, value in part.values.items()}

    @property
    def shape(self) -> Condition:
        return _of_shapes(self)

    @property
    def plain(self) -> Condition:
        return Some(tuple(part.plain for part in self.parts))


def _of_shapes(whole: "All | Some") -> Condition:
    """A condition without values is its own shape, and is found in a cache at once because it is the same one."""
    shapes = tuple(part.shape for part in whole.parts)
    return whole if all(map(is_, shapes, whole.parts)) else type(whole)(shapes)


def _value(column: Field, rows: tuple[Model | None, ...]) -> Any:
    for row in rows:
        if isinstance(row, column.model):
            return row.__data__.get(column.name)
    return None


def _column(column: Field, alias: str) -> str:
    return f"{alias}.{column.column_name}" if alias else str(column.column_name)


def _literal(word: StrEnum) -> str:
    return f"'{word.value}'"
