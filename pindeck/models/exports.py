"""Exports: what was asked for, and the file that it became."""

from peewee import BigIntegerField, ForeignKeyField, TextField

from pindeck.models.accounts import User
from pindeck.models.base import BaseModel, JsonField
from pindeck.models.files import StoredFile


class Export(BaseModel):
    """`same` is the digest of what was asked for, `fingerprint` that of what the file was made of. `notes` are sentences about
    the file, such as what is not in it; `image_ids` the pictures in it."""

    id = TextField(primary_key=True)
    user = ForeignKeyField(User, on_delete="CASCADE")
    user_id: str
    project_id = TextField(null=True)  # the wall of the key that asked
    of_what = JsonField()
    kind = TextField()
    quality = TextField()
    options = JsonField()
    same = TextField()
    title = TextField()
    state = TextField()
    error = TextField(null=True)
    notes = JsonField(default=list)
    image_ids = JsonField(default=list)
    fingerprint = TextField(null=True)
    job_id = TextField(null=True)
    file = ForeignKeyField(StoredFile, null=True, on_delete="SET NULL")
    file_id: str | None
    filename = TextField(null=True)
    mime = TextField(null=True)
    sha256 = TextField(null=True)
    size = BigIntegerField(null=True)
    created_at = BigIntegerField()
    updated_at = BigIntegerField()
    made_at = BigIntegerField(null=True)
    expires_at = BigIntegerField()

    class Meta:
        table_name = "export"
