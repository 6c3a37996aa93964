"""Many rows into one table. Peewee takes several times longer to spell such a statement than SQLite to obey it."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import peewee

from pindeck.db.connection import database, is_postgres

VALUES = 20_000  # in one statement: less than either engine takes


def insert_rows(
    model: type[peewee.Model], rows: Sequence[dict[str, Any]], returning: tuple[peewee.Field, ...] = ()
) -> list[tuple[Any, ...]]:
    """Inside a transaction: insert rows that all name the same columns, by field; what `returning` names of each.

    Defaults of the model are not filled in.
    """
    if not rows:
        return []
    fields = [_field(model, name) for name in rows[0]]
    at_once = VALUES // len(fields)
    answers: list[tuple[Any, ...]] = []
    for n in range(0, len(rows), at_once):
        part = rows[n : n + at_once]
        values = [field.db_value(row[name]) for row in part for name, field in zip(rows[0], fields, strict=True)]
        names = tuple(field.column_name for field in fields)
        text = _spelt(model._meta.table_name, names, tuple(field.column_name for field in returning))
        group = f"({', '.join(['%s' if is_postgres() else '?'] * len(fields))})"
        cursor = database.execute_sql(text.format(", ".join([group] * len(part))), values)
        if returning:
            answers += cursor.fetchall()
    return answers


def _field(model: type[peewee.Model], name: str) -> peewee.Field:
    """By the name of a field, or of its column."""
    return model._meta.fields.get(name) or model._meta.columns[name]  # type: ignore[no-any-return]


@lru_cache(maxsize=64)
def _spelt(table: str, names: tuple[str, ...], returning: tuple[str, ...]) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    answer = " RETURNING " + ", ".join(f'"{name}"' for name in returning) if returning else ""
    return f'INSERT INTO "{table}" ({columns}) VALUES {{}}{answer}'
