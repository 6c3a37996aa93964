"""Bytes: blobs by their hash, the files that name them, their renditions, and tickets to bring new ones."""

from peewee import BigIntegerField, BlobField, ForeignKeyField, IntegerField, TextField

from pindeck import db
from pindeck.models.accounts import User
from pindeck.models.base import BaseModel, JsonField
from pindeck.models.clients import Client
from pindeck.models.projects import Project
from pindeck.states import BlobState


def _now() -> int:
    return db.now_ms()


class Blob(BaseModel):
    """Bytes in the store. Unique by SHA-256 while live; `object_key` is unique over all states.

    `checked_at` is when the bytes were last seen to be right, at first on their way in; 0 asks to read them soon.
    While `damaged_at` is set the original is served to nobody; `damage` says what was found.
    """

    id = TextField(primary_key=True)
    sha256 = TextField()
    size = BigIntegerField()
    bucket = TextField()
    object_key = TextField(unique=True)
    state = TextField(default=BlobState.LIVE)
    created_at = BigIntegerField()
    checked_at = BigIntegerField(default=_now)
    damaged_at = BigIntegerField(null=True)
    damage = TextField(null=True)
    damage_note = TextField(null=True)  # what was tried, as a sentence

    class Meta:
        table_name = "blob"


class Derivative(BaseModel):
    """A rendition of a blob's picture. It belongs to the bytes, so that images of equal bytes share it."""

    id = TextField(primary_key=True)
    blob = ForeignKeyField(Blob, on_delete="CASCADE")
    blob_id: str
    preset = TextField()
    preset_version = IntegerField()
    object_key = TextField(unique=True)
    sha256 = TextField()
    mime = TextField()
    width = IntegerField()
    height = IntegerField()
    bytes = BigIntegerField()
    created_at = BigIntegerField()
    checked_at = BigIntegerField(default=_now)  # as that of a blob
    damaged_at = BigIntegerField(null=True)

    class Meta:
        table_name = "derivative"


class Look(BaseModel):
    """How the picture of a blob looks: where its light lies (`imaging.light`) and how much its colours fill (`imaging.amounts`)."""

    blob = ForeignKeyField(Blob, on_delete="CASCADE", primary_key=True)
    blob_id: str
    light = BlobField()
    amounts = BlobField()

    class Meta:
        table_name = "look"


class Crop(BaseModel):
    """A size that somebody asked for and that is kept for a while. `variant` spells the size."""

    id = TextField(primary_key=True)
    blob = ForeignKeyField(Blob, on_delete="CASCADE")
    blob_id: str
    variant = TextField()
    object_key = TextField(unique=True)
    sha256 = TextField()
    mime = TextField()
    width = IntegerField()
    height = IntegerField()
    bytes = BigIntegerField()
    created_at = BigIntegerField()
    used_at = BigIntegerField()

    class Meta:
        table_name = "crop"


class Checksum(BaseModel):
    """The CRC-32 of bytes, whichever object has them."""

    sha256 = TextField(primary_key=True)
    crc32 = BigIntegerField()

    class Meta:
        table_name = "checksum"


class StoredFile(BaseModel):
    """A stored file: its id is safe to hand around, its `file_key` is the right to read it."""

    id = TextField(primary_key=True)
    file_key = TextField(unique=True)
    blob = ForeignKeyField(Blob, on_delete="RESTRICT")
    blob_id: str
    declared_type = TextField(null=True)  # as the upload said, word for word
    measured_type = TextField(null=True)  # of a picture: what its bytes are
    filename = TextField(null=True)
    user = ForeignKeyField(User, null=True, on_delete="SET NULL")
    user_id: str | None
    client = ForeignKeyField(Client, null=True, on_delete="SET NULL")
    client_id: str | None
    project = ForeignKeyField(Project, null=True, on_delete="SET NULL")
    project_id: str | None
    purpose = TextField()
    created_at = BigIntegerField()
    claim_deadline = BigIntegerField(null=True)

    class Meta:
        table_name = "stored_file"


class UploadTicket(BaseModel):
    """The right to store one file, used once."""

    id = TextField(primary_key=True)
    token_hash = TextField(unique=True)
    user = ForeignKeyField(User, null=True, on_delete="CASCADE")
    user_id: str | None
    client = ForeignKeyField(Client, null=True, on_delete="CASCADE")
    client_id: str | None
    project = ForeignKeyField(Project, null=True, on_delete="CASCADE")
    project_id: str | None
    purpose = TextField()
    max_bytes = BigIntegerField()
    content_types = JsonField(null=True)
    filename = TextField(null=True)  # what its picture is called, where nobody says otherwise later
    api_key_id = TextField(null=True)  # the key it was asked for with, which must still be good
    created_at = BigIntegerField()
    expires_at = BigIntegerField()
    used_at = BigIntegerField(null=True)
    stored_file = ForeignKeyField(StoredFile, null=True, on_delete="SET NULL")
    stored_file_id: str | None

    class Meta:
        table_name = "upload_ticket"
