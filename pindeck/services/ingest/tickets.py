"""Upload tickets: the right to store one file within an hour.

The token is random and only its hash is kept, so that a changed one is unknown. Authority is judged once, when
the headers have arrived and before a byte of the body is read: that of the actor that asked, as it is then.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from pindeck import access, config, db
from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, Invalid, PindeckError, TooLarge, invalid
from pindeck.models import Blob, StoredFile, UploadTicket, User
from pindeck.services.blobs import blobs, digests, healing, staging
from pindeck.services.clients import api_keys
from pindeck.services.files import intake
from pindeck.services.files.intake import Owner
from pindeck.services.ingest import uploads
from pindeck.storage.base import Written

TICKET_MINUTES = 60
PATH = "/storage/upload?token="
Stream = BinaryIO | Iterable[bytes]


@dataclass(frozen=True)
class Minted:
    """A new ticket. `expires_at` is in milliseconds since the epoch."""

    token: str
    expires_at: int


def mint(
    actor: Actor,
    *,
    purpose: str = "file",
    max_bytes: int | None = None,
    content_types: list[str] | None = None,
    filename: str = "",
) -> Minted:
    """The right to store one file within an hour, once. Only the token's hash is kept.

    A ticket for an `image` takes pictures only, and they wait a day to be claimed; whoever may upload pictures
    may ask for one. `max_bytes` lowers the limit of the installation, `content_types` are compared without
    their parameters. `filename` is what a picture is called until its bytes or its claim name it otherwise.
    """
    if not _may_store(actor, purpose):
        access.require(actor, "file.write")
    token, now = db.new_token(), db.now_ms()
    most = config.current().max_upload_bytes if purpose == "image" else config.current().max_file_bytes
    expires_at = now + TICKET_MINUTES * 60_000
    with db.writing():
        UploadTicket.create(
            id=db.new_id(),
            token_hash=_hash(token),
            user=actor.user_id,
            client=actor.client_id,
            api_key_id=actor.key_id,
            project=actor.project_id,
            purpose=purpose,
            max_bytes=most if max_bytes is None else min(max_bytes, most),
            content_types=content_types,
            filename=staging.clean_filename(filename) if filename else None,
            created_at=now,
            expires_at=expires_at,
        )
    return Minted(token, expires_at)


def make_ticket(actor: Actor, *, purpose: str = "image", filename: str = "") -> str:
    """The token of a new ticket; the gallery's tickets are for pictures."""
    return mint(actor, purpose=purpose, filename=filename).token


def upload_url(actor: Actor, *, base: str | None = None, purpose: str = "file") -> str:
    """The absolute address of a new ticket, for jobs and other callers inside. `base` is SITE_URL by default."""
    site = config.current().site_url if base is None else base
    return f"{site}{PATH}{mint(actor, purpose=purpose).token}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def present(token: str) -> UploadTicket:
    """The ticket of a token, if it is good at this moment. It may be used already; then only a repeat is taken.

    Raises PindeckError: `MISSING_TOKEN` (400), `STORAGE_TOKEN_INVALID` and `STORAGE_TOKEN_EXPIRED` (401).
    """
    if not token:
        raise PindeckError("This address has no token. Ask for an upload address.", code="MISSING_TOKEN", status=400)
    ticket = UploadTicket.get_or_none(UploadTicket.token_hash == _hash(token))
    if ticket is None or not _may_store(_asker(ticket), ticket.purpose):
        raise PindeckError(
            "This upload address is not known here, or the person or key that asked for it may no longer upload.",
            code="STORAGE_TOKEN_INVALID",
            status=401,
        )
    if ticket.expires_at <= db.now_ms():
        raise PindeckError(
            "This upload address has expired. Ask for a new one.", code="STORAGE_TOKEN_EXPIRED", status=401
        )
    return ticket


def _may_store(actor: Actor, purpose: str) -> bool:
    return (purpose == "image" and access.can(actor, "upload")) or access.can(actor, "file.write")


def _asker(ticket: UploadTicket) -> Actor:
    """The actor that asked for a ticket, with the rights it has now; a visitor if it has none left."""
    if ticket.client_id is not None:
        return api_keys.actor_of_id(ticket.api_key_id or "") or VISITOR
    user = User.get_or_none((User.id == ticket.user_id) & User.disabled_at.is_null())
    return VISITOR if user is None else Actor(user.id, user.role)


def check(ticket: UploadTicket, *, content_type: str | None, length: int | None) -> None:
    """What the headers tell against the ticket. Raises Invalid `UNSUPPORTED_FILE_TYPE` (415) or TooLarge."""
    kind = digests.essence(content_type)
    if ticket.purpose == "image" and kind == "multipart/form-data":
        raise _unsupported("Send the picture itself as the body, not a form around it.")
    if ticket.content_types is not None and kind not in {digests.essence(one) for one in ticket.content_types}:
        raise _unsupported(f"This address takes {', '.join(ticket.content_types)}.")
    if length is not None and length > ticket.max_bytes:
        raise TooLarge(f"This address takes at most {ticket.max_bytes} bytes.")


def _unsupported(sentence: str) -> Invalid:
    return invalid("Content-Type", sentence, code="UNSUPPORTED_FILE_TYPE", status=415)


def fill(
    ticket: UploadTicket,
    stream: Stream,
    *,
    filename: str = "",
    content_type: str | None = None,
    sha256: str | None = None,
) -> str:
    """Store the bytes of a ticket that was presented and return the storage id.

    One file for each ticket: equal bytes sent again are answered with the same id, others with Conflict
    `TICKET_USED`. `filename` is what a picture is called until it is claimed, `sha256` (hex) what the sender announced. Raises what storing raises; nothing is left then.
    """
    check(ticket, content_type=content_type, length=None)
    if ticket.used_at is not None:
        return _repeated(ticket, intake.measure(stream, max_bytes=ticket.max_bytes, expect_sha256=sha256))
    if ticket.purpose == "image":
        return _fill_with_picture(ticket, stream, filename, content_type, sha256)
    held = intake.hold(stream, max_bytes=ticket.max_bytes, expect_sha256=sha256)

    def write(blob: Blob) -> str:
        _consume(ticket)
        return _bind(ticket, intake.add_file(_holder(ticket), blob, content_type))

    try:
        return intake.keep(held, write)
    except _Used:
        return _repeated(ticket, held.written)
    finally:
        staging.drop(held.key)


class _Used(Exception):
    """Somebody else was first with this ticket."""


def _consume(ticket: UploadTicket) -> None:
    """Inside the transaction that stores the file. Raises _Used for all but one."""
    free = (UploadTicket.id == ticket.id) & UploadTicket.used_at.is_null()
    if not UploadTicket.update(used_at=db.now_ms()).where(free).execute():
        raise _Used


def _bind(ticket: UploadTicket, file: StoredFile) -> str:
    UploadTicket.update(stored_file=file.id).where(UploadTicket.id == ticket.id).execute()
    return file.id


def _holder(ticket: UploadTicket) -> Owner:
    return Owner(ticket.user_id, ticket.client_id, ticket.project_id)


def _fill_with_picture(
    ticket: UploadTicket, stream: Stream, filename: str, content_type: str | None, sha256: str | None
) -> str:
    """A picture stays in staging until it is claimed as an image and its job files it."""
    staged = uploads.stage(stream, max_bytes=ticket.max_bytes, expect_sha256=sha256)

    def work() -> tuple[str, bool]:
        _consume(ticket)
        blob, is_new = blobs.claim(
            staged.written.sha256, staged.written.size, staged.key, config.current().minio_bucket
        )
        deadline = db.now_ms() + intake.CLAIM_HOURS * db.HOUR_MS
        file = intake.add_file(
            _holder(ticket),
            blob,
            content_type,
            purpose="image",
            deadline=deadline,
            filename=staging.clean_filename(filename) if filename else ticket.filename,
            measured=staged.mime,
        )
        return _bind(ticket, file), is_new

    is_new = False
    try:
        storage_id, is_new = healing.retried(staged.key, work)
    except _Used:
        return _repeated(ticket, staged.written)
    finally:
        if not is_new:
            staging.drop(staged.key)
    return storage_id


def _repeated(ticket: UploadTicket, written: Written) -> str:
    """The id that the ticket gave, if these are the bytes it gave it for. Raises Conflict `TICKET_USED`."""
    first = (
        StoredFile.select(StoredFile.id, Blob.sha256)
        .join(Blob)
        .switch(StoredFile)
        .join(UploadTicket, on=(UploadTicket.stored_file == StoredFile.id))
        .where(UploadTicket.id == ticket.id)
        .tuples()
        .first()
    )
    if first is None or first[1] != written.sha256:
        raise Conflict("This upload address has stored another file already. Ask for a new one.", code="TICKET_USED")
    return str(first[0])
