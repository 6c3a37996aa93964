"""Rows of either database as plain values, by its own catalogue, so that no later table is forgotten."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter

from pindeck import db
from pindeck.db import dialect
from pindeck.db.dialect import quoted
from pindeck.errors import Invalid

Value = str | int | float | bool | bytes | None
Row = dict[str, Value]
ReadTable = Callable[[str], Iterator[Row]]

# Tables that do not travel, and why. Every other table does, whichever migration made it.
LEFT_BEHIND = {
    "schema_migration": "migrations make the schema",
    "session": "people sign in again",
    "viewing": "says which session has seen a picture",
    "attempt": "failed sign-ins of the last hours",
    "worker": "each worker says of itself that it lives",
    "image_search": "made again from the words of the images",
    "project_count": "triggers count the images as they come in",
}
BATCH = 2000


@dataclass(frozen=True)
class Table:
    """`columns` without generated ones; `identity` is the column that counts by itself on PostgreSQL."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    booleans: frozenset[str]
    identity: str | None


def tables() -> list[Table]:
    """The tables that travel, each after those it refers to."""
    names = sorted(name for name in dialect.tables() if name not in LEFT_BEHIND)
    refers: dict[str, set[str]] = {name: set() for name in names}
    for name, _, other in dialect.references():
        if name in refers and other in refers and other != name:
            refers[name].add(other)
    keys = dialect.keys()
    return [_table(name, keys.get(name, ())) for name in TopologicalSorter(refers).static_order()]


def _table(name: str, key: tuple[str, ...]) -> Table:
    found = dialect.columns(name)
    if not key:
        raise RuntimeError(f"The table {name} has no primary key, so its rows cannot be read in batches.")
    return Table(
        name,
        tuple(column for column, _, _ in found),
        key,
        frozenset(column for column, kind, _ in found if kind.lower() == "boolean"),
        next((column for column, _, counts in found if counts), None),
    )


def read(table: Table) -> Iterator[Row]:
    """Every row in the order of its key, in batches. Agrees with other reads only inside one snapshot."""
    columns, key = ", ".join(map(quoted, table.columns)), ", ".join(map(quoted, table.key))
    head, tail = f"SELECT {columns} FROM {quoted(table.name)}", f" ORDER BY {key} LIMIT {BATCH}"
    after = f" WHERE ({key}) > ({_named(table.key)})"
    places = {column: table.columns.index(column) for column in table.key}
    found = db.sql(head + tail).fetchall()
    while found:
        for values in found:
            row: Row = dict(zip(table.columns, values, strict=True))
            for column in table.booleans:
                row[column] = None if row[column] is None else bool(row[column])
            yield row
        last = {column: found[-1][place] for column, place in places.items()}
        found = db.sql(head + after + tail, **last).fetchall() if len(found) == BATCH else []


def reader() -> ReadTable:
    """Reads a table by its name."""
    known = {table.name: table for table in tables()}
    return lambda name: read(known[name])


def load(table: Table, rows: Iterable[Row]) -> int:
    """Insert rows inside the open transaction; how many. Raises Invalid for rows that cannot be kept."""
    expected = set(table.columns)
    count = 0

    def checked() -> Iterator[Row]:
        nonlocal count
        for row in rows:
            if row.keys() != expected:
                raise Invalid(f"A row of {table.name} has other columns than the table.")
            count += 1
            yield row

    try:
        dialect.insert(table.name, table.columns, checked())
    except (Invalid, OSError):
        raise
    except Exception as error:  # each driver has its own errors for rows that break a promise of the schema
        raise Invalid(f"The rows of {table.name} cannot be loaded: {error}") from error
    if table.identity and count:
        dialect.count_on(table.name, table.identity)
    return count


def _named(columns: Iterable[str]) -> str:
    return ", ".join(f":{column}" for column in columns)


def to_line(row: Row) -> bytes:
    """A row as one line of JSON."""
    return json.dumps(row, ensure_ascii=False, default=_bytes).encode() + b"\n"


def _bytes(value: object) -> dict[str, str]:
    if not isinstance(value, bytes | memoryview):
        raise TypeError(f"A column holds a {type(value).__name__}, which a backup cannot write down.")
    return {"base64": base64.b64encode(value).decode()}


def from_line(line: bytes) -> Row:
    """Raises ValueError, KeyError or TypeError for what is no row."""
    said = json.loads(line)
    if not isinstance(said, dict):
        raise TypeError("A row is an object.")
    for name, value in said.items():
        if isinstance(value, dict):
            said[name] = base64.b64decode(value["base64"])
    return said
