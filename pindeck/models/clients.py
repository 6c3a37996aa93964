"""Programs that call the API: clients and their keys."""

from peewee import BigIntegerField, ForeignKeyField, TextField

from pindeck.models.accounts import User
from pindeck.models.base import BaseModel, JsonField
from pindeck.models.projects import Project


class Client(BaseModel):
    id = TextField(primary_key=True)
    kind = TextField()
    identifier = TextField(unique=True)
    name = TextField(default="")
    project = ForeignKeyField(Project, null=True, on_delete="RESTRICT")
    project_id: str | None
    install_scope = TextField(null=True)
    user = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    user_id: str | None
    permissions = JsonField(default=list)
    created_at = BigIntegerField()
    disabled_at = BigIntegerField(null=True)

    class Meta:
        table_name = "client"


class ApiKey(BaseModel):
    """Only the SHA-256 of a key is kept; `prefix` lets people tell keys apart."""

    id = TextField(primary_key=True)
    client = ForeignKeyField(Client, on_delete="CASCADE")
    client_id: str
    prefix = TextField()
    hash = TextField(unique=True)
    created_at = BigIntegerField()
    expires_at = BigIntegerField(null=True)
    revoked_at = BigIntegerField(null=True)
    last_used_at = BigIntegerField(null=True)

    class Meta:
        table_name = "api_key"
