"""Tables of what a person looks for."""

from peewee import BigIntegerField, CompositeKey, TextField

from pindeck.models.accounts import UserId
from pindeck.models.base import BaseModel


class SavedSearch(BaseModel):
    """A search that a person keeps under a name."""

    id = TextField(primary_key=True)
    user_id = UserId()
    name = TextField()
    name_key = TextField()
    query = TextField()
    sort = TextField()
    created_at = BigIntegerField()
    updated_at = BigIntegerField()

    class Meta:
        table_name = "saved_search"


class RecentSearch(BaseModel):
    """A search that a person made not long ago."""

    user_id = UserId()
    query = TextField()
    at = BigIntegerField()

    class Meta:
        table_name = "recent_search"
        primary_key = CompositeKey("user_id", "query")


class LookDials(BaseModel):
    """How much each counts when a person looks for what is like a picture."""

    user_id = UserId(primary_key=True)
    palette = BigIntegerField()
    light = BigIntegerField()
    edges = BigIntegerField()
    words = BigIntegerField()
    meaning = BigIntegerField()

    class Meta:
        table_name = "look_dials"
