"""What goes out: addresses of feeds, messages to webhooks, and files that are made of pictures."""

from typing import Any

from peewee import BigIntegerField, ForeignKeyField, IntegerField, TextField

from pindeck import db
from pindeck.models.accounts import User
from pindeck.models.base import BaseModel, JsonField
from pindeck.models.files import StoredFile
from pindeck.states import DeliveryState


class Feed(BaseModel):
    """The feed of one `query` (an address's filters, in one spelling) that a person made an address for.

    Only the SHA-256 of its key is kept.
    """

    id = TextField(primary_key=True)
    user = ForeignKeyField(User, on_delete="CASCADE")
    user_id: str
    query = TextField()
    title = TextField()
    hash = TextField(unique=True)
    created_at = BigIntegerField()
    last_used_at = BigIntegerField(null=True)

    class Meta:
        table_name = "feed"


class Webhook(BaseModel):
    """An address that is told of `events`. `secret` is encrypted. While it does not answer, nothing is sent before `retry_at`."""

    id = TextField(primary_key=True)
    name = TextField()
    url = TextField()
    secret = TextField()
    events = JsonField()
    disabled_at = BigIntegerField(null=True)
    disabled_reason = TextField(null=True)  # none where an administrator did it
    failing_since = BigIntegerField(null=True)
    failures = IntegerField(default=0)  # tries in a row
    retry_at = BigIntegerField(null=True)
    version = IntegerField(default=1)
    created_at = BigIntegerField()
    updated_at = BigIntegerField()

    class Meta:
        table_name = "webhook"

    @classmethod
    def change(cls, **columns: Any) -> Any:
        """An update by a person, of which programs hear by the version."""
        return cls.update(version=cls.version + 1, updated_at=db.now_ms(), **columns)

    @property
    def is_disabled(self) -> bool:
        return self.disabled_at is not None


class WebhookDelivery(BaseModel):
    """One message to one webhook. Its id and `body` are the same however often it is sent."""

    id = TextField(primary_key=True)
    webhook = ForeignKeyField(Webhook, on_delete="CASCADE")
    webhook_id: str
    event = TextField()
    image_id = TextField(null=True)
    body = TextField()
    state = TextField(default=DeliveryState.WAITING)
    tries = IntegerField(default=0)
    next_at = BigIntegerField(null=True)
    created_at = BigIntegerField()
    ended_at = BigIntegerField(null=True)

    class Meta:
        table_name = "webhook_delivery"


class WebhookAttempt(BaseModel):
    """One try to send a message. It is written before the try: without `ms` the worker ended over it.

    `said` is how the answer began.
    """

    id = TextField(primary_key=True)
    delivery = ForeignKeyField(WebhookDelivery, on_delete="CASCADE")
    delivery_id: str
    at = BigIntegerField()
    ms = IntegerField(null=True)
    status = IntegerField(null=True)
    error = TextField(null=True)
    said = TextField(default="")

    class Meta:
        table_name = "webhook_attempt"


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
