"""What every model shares: the database, dirty-only saving, and JSON kept as text."""

import json
from typing import Any

from peewee import Model, TextField

from pindeck.db import database


class JsonField(TextField):
    """A JSON value in a TEXT column, the same on both engines."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def python_value(self, value: str | None) -> Any:
        return None if value is None else json.loads(value)


class BaseModel(Model):
    """`only_save_dirty` keeps a form from overwriting a column it never showed."""

    class Meta:
        database = database
        only_save_dirty = True
        legacy_table_names = False
