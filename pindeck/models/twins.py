"""Pictures that are the same, and what is kept of copies that were merged."""

from peewee import BigIntegerField, CompositeKey, IntegerField, TextField

from pindeck.models.accounts import UserId
from pindeck.models.base import BaseModel, JsonField


class Twin(BaseModel):
    """That an image is in a group. Groups are made for everybody; who looks at one sees of it what it may see."""

    seq = IntegerField(primary_key=True)
    group_id = TextField()

    class Meta:
        table_name = "twin"


class TwinDue(BaseModel):
    """An image whose group is still to be found."""

    seq = IntegerField(primary_key=True)

    class Meta:
        table_name = "twin_due"


class NotTwin(BaseModel):
    """That a person said of two images that they are not the same; `one` is the smaller number."""

    one = IntegerField()
    other = IntegerField()

    class Meta:
        table_name = "not_twin"
        primary_key = CompositeKey("one", "other")


class IndexChange(BaseModel):
    """That an image looks different since a moment (ms), or has other colours; the process `index` reads it again."""

    seq = IntegerField(primary_key=True)
    at = BigIntegerField()

    class Meta:
        table_name = "index_change"


class InheritedEvent(BaseModel):
    """A change of a copy, called `title` then, that was merged into an image by an action."""

    image_id = TextField()
    event_id = BigIntegerField()
    title = TextField()
    field = TextField()
    old = JsonField()
    new = JsonField()
    writer = TextField()
    user_id = UserId(null=True)
    client_id = TextField(null=True)
    program = TextField(null=True)
    action_id = TextField()
    at = BigIntegerField()

    class Meta:
        table_name = "inherited_event"
        primary_key = CompositeKey("image_id", "event_id")
