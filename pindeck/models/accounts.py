"""People and what lets them in: accounts, sessions, invitations, failed attempts; and how people like pictures to hang."""

from peewee import AutoField, BigIntegerField, CompositeKey, ForeignKeyField, IntegerField, TextField

from pindeck.models.base import BaseModel
from pindeck.states import Role


class UserId(TextField):
    """The id of a user, where nothing else of the user is needed."""


class User(BaseModel):
    id = TextField(primary_key=True)
    email = TextField(null=True, unique=True)
    name = TextField(default="")
    role = TextField()
    password_hash = TextField(null=True)
    created_at = BigIntegerField()
    last_seen_at = BigIntegerField(null=True)
    disabled_at = BigIntegerField(null=True)

    class Meta:
        table_name = "user"

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN

    @property
    def is_guest(self) -> bool:
        return self.role == Role.GUEST

    @property
    def display_name(self) -> str:
        """As others read it. An address, or a part of one, is nobody's business who was not given it."""
        return self.name or ("Guest" if self.is_guest else "Somebody without a name")


class Session(BaseModel):
    """A signed-in browser. `id` is the SHA-256 of the token in its cookie."""

    id = TextField(primary_key=True)
    user = ForeignKeyField(User, on_delete="CASCADE")
    user_id: str
    created_at = BigIntegerField()
    last_used_at = BigIntegerField()
    expires_at = BigIntegerField()
    address = TextField(default="")
    agent = TextField(default="")

    class Meta:
        table_name = "session"


class Invite(BaseModel):
    """A link that works once: to make an account, or to set a new password."""

    id = TextField(primary_key=True)
    token_hash = TextField(unique=True)
    purpose = TextField()
    role = TextField(null=True)
    user = ForeignKeyField(User, null=True, on_delete="CASCADE")
    user_id: str | None
    created_by = UserId(null=True)
    created_at = BigIntegerField()
    expires_at = BigIntegerField()
    used_at = BigIntegerField(null=True)
    used_by = UserId(null=True)

    class Meta:
        table_name = "invite"


class Hanging(BaseModel):
    """How pictures hang at a place of the library for a person. `columns` are those of the table, with widths."""

    user_id = UserId()
    area = TextField()
    layout = TextField()
    size_px = IntegerField(null=True)
    columns = TextField(default="")

    class Meta:
        table_name = "hanging"
        primary_key = CompositeKey("user_id", "area")


class Attempt(BaseModel):
    """Something limited by number and time: a failed sign-in, a new guest."""

    id = AutoField()
    kind = TextField()
    subject = TextField()
    at = BigIntegerField()

    class Meta:
        table_name = "attempt"


class Setup(BaseModel):
    """Small facts of this installation, such as whether the first account exists."""

    name = TextField(primary_key=True)
    value = TextField()

    class Meta:
        table_name = "setup"
