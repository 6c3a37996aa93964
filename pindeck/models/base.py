"""What every model shares: the database, dirty-only saving, and JSON kept as text."""

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Self

from peewee import AutoField, BooleanField, Model, TextField

from pindeck.db import database, insert_rows


class JsonField(TextField):
    """A JSON value in a TEXT column, the same on both engines."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def python_value(self, value: str | None) -> Any:
        return None if value is None else json.loads(value)


# What a database gives in another form than Python uses it.
CONVERTED = (JsonField, BooleanField)


class BaseModel(Model):
    """`only_save_dirty` keeps a form from overwriting a column it never showed."""

    class Meta:
        database = database
        only_save_dirty = True
        legacy_table_names = False

    @classmethod
    def create(cls, **columns: Any) -> Self:
        """One new row, with the defaults of the model. Raises IntegrityError.

        As peewee's own, which spells all columns anew for each row: for an image that takes ten times as long as SQLite does.
        """
        made = cls(**columns)
        key = cls._meta.primary_key
        if isinstance(key, AutoField) and key.name not in made.__data__:
            made.__data__[key.name] = insert_rows(cls, [made.__data__], (key,))[0][0]
        else:
            insert_rows(cls, [made.__data__])
        made._dirty.clear()  # type: ignore[attr-defined]
        return made

    @classmethod
    def of_row(cls, row: Sequence[Any]) -> Self:
        """An instance from the values of all columns as the database gives them, in their order.

        Peewee finds out anew with each query which value belongs where, which takes longer than asking SQLite.
        """
        names, converted = _reading(cls)
        made = cls(__no_default__=True)
        made.__data__.update(zip(names, row, strict=True))
        for name, convert in converted:
            made.__data__[name] = convert(made.__data__[name])
        return made


@cache
def _reading(model: type[BaseModel]) -> tuple[tuple[str, ...], tuple[tuple[str, Callable[[Any], Any]], ...]]:
    """The names of a model's columns in their order, and how those are read that are kept as something else."""
    fields = model._meta.sorted_fields
    converted = tuple((field.name, field.python_value) for field in fields if isinstance(field, CONVERTED))
    return tuple(field.name for field in fields), converted
