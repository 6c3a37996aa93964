"""Parts of SQL that the two engines spell in ways of their own, with one name each."""

from typing import Any

from peewee import SQL, NodeList, fn

from pindeck.db.connection import is_postgres


def number(value: Any) -> Any:
    """A value as a number of the machine, where nothing in the words around it says so."""
    return NodeList((value, SQL("::float8"))) if is_postgres() else value


def member(column: Any, name: str) -> Any:
    """The text of a member of a JSON object that a column holds; an index of the same words has it."""
    if is_postgres():
        return NodeList((SQL("("), column, SQL(f"::jsonb ->> '{name}')")), glue="")
    return fn.json_extract(column, SQL(f"'$.{name}'"))


def each(slot: str, *, are_numbers: bool = True) -> str:
    """A query of the values in a JSON list; `slot` are the words that stand for the list."""
    if is_postgres():
        return f"SELECT value{'::bigint' if are_numbers else ''} FROM json_array_elements_text({slot}::json)"
    return f"SELECT value FROM json_each({slot})"


def each_of(value: Any, *, are_numbers: bool = True) -> Any:
    """The same in an expression."""
    return SQL(f"({each('%s' if is_postgres() else '?', are_numbers=are_numbers)})", (value,))
