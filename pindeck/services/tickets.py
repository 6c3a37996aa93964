"""Upload tickets: the right to store one file within an hour (source 000 and file-storage §4)."""

import hashlib
from collections.abc import Iterable
from typing import BinaryIO

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import NotFound
from pindeck.models import UploadTicket
from pindeck.services import blobs, uploads

TICKET_MINUTES = 60
CLAIM_HOURS = 24


def make_ticket(actor: Actor, *, purpose: str = "image") -> str:
    """The right to store one file within an hour, once. Only its hash is kept."""
    access.require(actor, "upload")
    token, now = db.new_token(), db.now_ms()
    with db.writing():
        UploadTicket.create(
            id=db.new_id(),
            token_hash=_hash(token),
            user=actor.user_id,
            purpose=purpose,
            max_bytes=uploads.limits().max_bytes,
            created_at=now,
            expires_at=now + TICKET_MINUTES * 60_000,
        )
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def redeem_ticket(token: str, stream: BinaryIO | Iterable[bytes], *, filename: str = "") -> str:
    """Store the bytes of a ticket and return the storage id. The ticket is consumed by one guarded update.

    Raises NotFound for a ticket that does not exist, is used or has expired; what `stage` raises otherwise.
    """
    now = db.now_ms()
    usable = UploadTicket.used_at.is_null() & (UploadTicket.expires_at > now)
    ticket = UploadTicket.get_or_none((UploadTicket.token_hash == _hash(token)) & usable)
    if ticket is None:
        raise NotFound("This upload address has been used or has expired. Ask for a new one.")
    staged = uploads.stage(stream)
    holder = Actor(user_id=ticket.user_id)
    try:
        with db.writing():
            mine = UploadTicket.update(used_at=db.now_ms()).where((UploadTicket.id == ticket.id) & usable)
            if not mine.execute():
                raise NotFound("This upload address has been used or has expired. Ask for a new one.")
            blob, is_new = blobs.claim(
                staged.written.sha256, staged.written.size, staged.key, uploads.limits().bucket
            )
            deadline = db.now_ms() + CLAIM_HOURS * 3_600_000
            file = uploads.add_file(
                holder, ticket.user_id, blob, uploads.clean_filename(filename), staged.mime, deadline=deadline
            )
            UploadTicket.update(stored_file=file.id).where(UploadTicket.id == ticket.id).execute()
    except BaseException:
        uploads.drop(staged.key)
        raise
    if not is_new:
        uploads.drop(staged.key)
    return file.id
