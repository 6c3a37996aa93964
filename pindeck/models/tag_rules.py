"""Tables of what is done about tags, and of what was found about them."""

from peewee import BigIntegerField, TextField

from pindeck.models.accounts import UserId
from pindeck.models.base import BaseModel


class TagRule(BaseModel):
    """What becomes of a tag when it is written: another one in its place, another one beside it, or nothing."""

    id = TextField(primary_key=True)
    tag = TextField()
    kind = TextField()
    means = TextField(default="")
    user_id = UserId(null=True)
    created_at = BigIntegerField()

    class Meta:
        table_name = "tag_rule"


class TagFinding(BaseModel):
    """Something about a tag that a person may want to change. All of them are found anew at once; the id is their order."""

    id = BigIntegerField(primary_key=True)
    kind = TextField()
    tag = TextField()
    tag_count = BigIntegerField()
    other = TextField(default="")
    other_count = BigIntegerField(default=0)
    found_at = BigIntegerField()

    class Meta:
        table_name = "tag_finding"
