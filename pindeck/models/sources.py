"""Sources of pictures, and what was found at each."""

from typing import Any

from peewee import BigIntegerField, BooleanField, ForeignKeyField, IntegerField, TextField

from pindeck import db
from pindeck.models.accounts import User
from pindeck.models.base import BaseModel, JsonField
from pindeck.states import ItemState


class Source(BaseModel):
    """A place that pictures come from again and again. `next_run_at` (ms) is when it is read next, if it ever is by itself.

    `etag` and `last_modified` are what the server said of the version that was read to its end.
    """

    id = TextField(primary_key=True)
    kind = TextField()
    name = TextField()
    url = TextField(null=True)
    links = JsonField(null=True)
    path = TextField(null=True)
    user = ForeignKeyField(User, on_delete="CASCADE")
    user_id: str
    project_id = TextField(null=True)
    tags = JsonField(default=list)
    moderated = BooleanField(default=True)
    paused_at = BigIntegerField(null=True)
    pause_reason = TextField(null=True)
    every_minutes = IntegerField(null=True)
    next_run_at = BigIntegerField(null=True)
    etag = TextField(null=True)
    last_modified = TextField(null=True)
    last_run_id = TextField(null=True)
    version = IntegerField(default=1)
    created_at = BigIntegerField()
    updated_at = BigIntegerField()

    class Meta:
        table_name = "source"

    @classmethod
    def change(cls, **columns: Any) -> Any:
        """An update of these columns, of which programs hear by the version. Narrow it with `where` and `execute` it."""
        return cls.update(version=cls.version + 1, updated_at=db.now_ms(), **columns)

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None


class SourceItem(BaseModel):
    """One picture of a source. `url` is the picture's, None while it has to be looked for on the page at `page_url`.

    `tries` counts how often that page could not be fetched.
    """

    id = TextField(primary_key=True)
    source = ForeignKeyField(Source, on_delete="CASCADE")
    source_id: str
    external_id = TextField()
    url = TextField(null=True)
    page_url = TextField(null=True)
    title = TextField(default="")
    words = JsonField(default=dict)
    state = TextField(default=ItemState.NEW)
    reason = TextField(null=True)
    image_id = TextField(null=True)
    tries = IntegerField(default=0)
    created_at = BigIntegerField()
    updated_at = BigIntegerField()

    class Meta:
        table_name = "source_item"
