"""People and threads of Discord that Pindeck knows."""

from peewee import BigIntegerField, ForeignKeyField, TextField

from pindeck.models.accounts import User, UserId
from pindeck.models.base import BaseModel
from pindeck.models.projects import Project


class DiscordPerson(BaseModel):
    """Somebody in Discord who is a person here. An account may have several, each of them one account."""

    discord_id = TextField(primary_key=True)
    name = TextField(default="")
    user = ForeignKeyField(User, on_delete="CASCADE")
    user_id: str
    linked_by = UserId(null=True)
    created_at = BigIntegerField()

    class Meta:
        table_name = "discord_person"


class DiscordCode(BaseModel):
    """What the owner of an account types in Discord, once and soon. Only its hash is kept, one for an account."""

    user = ForeignKeyField(User, primary_key=True, on_delete="CASCADE")
    user_id: str
    code_hash = TextField(unique=True)
    expires_at = BigIntegerField()

    class Meta:
        table_name = "discord_code"


class DiscordThread(BaseModel):
    """A thread or channel of a server: what is saved there belongs to the project."""

    channel_id = TextField(primary_key=True)
    guild_id = TextField()
    name = TextField(default="")
    project = ForeignKeyField(Project, on_delete="CASCADE")
    project_id: str
    bound_by = ForeignKeyField(User, null=True, on_delete="SET NULL", column_name="bound_by")
    bound_by_id: str | None
    created_at = BigIntegerField()

    class Meta:
        table_name = "discord_thread"
