"""Pictures on their way in: streamed, hashed, looked at, and recorded in one transaction (unification §7).

Bytes come first, the record last: until the row is committed the only thing left behind by a crash is a
staging object, which the sweep removes.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

from pindeck import access, db, queue, storage
from pindeck.access import Actor
from pindeck.errors import Invalid, NotFound, PindeckError
from pindeck.models import Blob, Image, StoredFile, UploadTicket
from pindeck.services import blobs, ledger, projects
from pindeck.services.fields import clean_tags, spec_of
from pindeck.states import AiStatus, ImageStatus, Visibility
from pindeck.storage import keys
from pindeck.storage.base import Written

TICKET_MINUTES = 60
CLAIM_HOURS = 24
MAX_ITEMS = 50


@dataclass(frozen=True)
class Limits:
    max_bytes: int = 50 * 1024 * 1024
    max_megapixels: int = 100
    max_files: int = 50
    bucket: str = "pindeck"


_limits = Limits()


def bind(limits: Limits) -> None:
    global _limits
    _limits = limits


def limits() -> Limits:
    return _limits


@dataclass(frozen=True)
class Accepted:
    """`already` is another image with the same bytes that the uploader may see, if there is one."""

    image: Image
    already: str | None


@dataclass(frozen=True)
class Staged:
    """Bytes that are safe under a staging key and are a picture."""

    key: str
    written: Written
    mime: str
    width: int
    height: int


def accept(actor: Actor, stream: BinaryIO | Iterable[bytes], filename: str) -> Accepted:
    """Take one picture from a person: it is safe and recorded as a draft when this returns.

    Raises Invalid with the reason when it is not a picture we can keep, TooLarge, NoSpace, or Upstream; then
    nothing is left of it.
    """
    access.require(actor, "upload")
    staged = stage(stream)
    return record(actor, staged, filename)


def stage(stream: BinaryIO | Iterable[bytes]) -> Staged:
    """Stream bytes to staging while hashing them, and look whether they are a picture."""
    from pindeck.imaging.errors import BadImage
    from pindeck.imaging.probe import check_upload

    store = storage.current()
    key = keys.staging_key()
    written = store.put(key, stream, content_type="application/octet-stream", limit=_limits.max_bytes)
    try:
        if written.size == 0:
            raise BadImage("This file is empty.")
        path = store.local_path(key)
        with open(path, "rb") if path else _spooled(key) as file:
            probe = check_upload(file, max_megapixels=_limits.max_megapixels)
    except BadImage as error:
        _drop(key)
        raise Invalid(error.reason, fields={"file": error.reason}, code="BAD_IMAGE") from error
    except BaseException:
        _drop(key)
        raise
    return Staged(key, written, probe.mime, probe.width, probe.height)


def _spooled(key: str) -> BinaryIO:
    """A remote object as a local file that can be read in any order."""
    import shutil
    import tempfile

    file = tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024)
    with storage.current().open(key) as source:
        shutil.copyfileobj(source, file, 256 * 1024)  # type: ignore[misc]
    file.seek(0)
    return file  # type: ignore[return-value]


def record(actor: Actor, staged: Staged, filename: str) -> Accepted:
    """One transaction: blob, file, image as a draft, its first words, and the job that stores and sizes it."""
    name = clean_filename(filename)
    try:
        with db.writing():
            blob, is_new = blobs.claim(staged.written.sha256, staged.written.size, staged.key, _limits.bucket)
            file = _file(actor, blob, name, staged.mime)
            already = None if is_new else _already(actor, blob)
            image = _draft(actor, file, staged, name)
            queue.enqueue(queue.PERSIST, image_id=image.id, user_id=actor.user_id, dedupe_key=f"persist:{image.id}")
    except BaseException:
        _drop(staged.key)
        raise
    if not is_new:
        _drop(staged.key)
    return Accepted(image, already)


def _drop(key: str) -> None:
    """Remove a staging object nobody names. If the store is away the sweep does it later."""
    with suppress(PindeckError):
        storage.current().delete(key)


def _file(actor: Actor, blob: Blob, name: str, mime: str, deadline: int | None = None) -> StoredFile:
    return StoredFile.create(
        id=db.new_id(),
        file_key=db.new_token(),
        blob=blob.id,
        declared_type=mime,
        filename=name,
        user=actor.user_id,
        purpose="image",
        created_at=db.now_ms(),
        claim_deadline=deadline,
    )


def _draft(actor: Actor, file: StoredFile, staged: Staged, name: str) -> Image:
    now = db.now_ms()
    image = Image.create(
        id=db.new_id(),
        project=projects.DEFAULT_ID,
        user=actor.user_id,
        file=file.id,
        original_filename=name,
        mime=staged.mime,
        size=staged.written.size,
        width=staged.width,
        height=staged.height,
        title=title_from(name),
        status=ImageStatus.DRAFT,
        visibility=Visibility.LIBRARY,
        ai_status=AiStatus.PROCESSING,
        ai_started_at=now,
        created_at=now,
        updated_at=now,
        uploaded_at=now,
    )
    ledger.write_new(image, ["original"], None, ledger.RULE)
    return image


def _already(actor: Actor, blob: Blob) -> str | None:
    """Another image of the same bytes that is the actor's own or visible to it (decision 55)."""
    others = (
        Image.select()
        .join(StoredFile, on=(Image.file == StoredFile.id))
        .where((StoredFile.blob_id == blob.id) & Image.deleted_at.is_null())
        .order_by(Image.seq)
        .limit(20)
    )
    return next((other.id for other in others if access.can(actor, "image.view", other)), None)


def clean_filename(name: str) -> str:
    """The last part of a name that came from outside, without control characters, at most 200 characters."""
    last = re.split(r"[/\\]", name or "")[-1]
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    return kept.strip()[:200] or "image"


def title_from(filename: str) -> str:
    """`blade_runner-alley.jpg` → `blade runner alley`: the stem, with separators as spaces."""
    stem = PurePath(filename).stem if re.search(r"\.[A-Za-z0-9]{1,5}$", filename) else filename
    return " ".join(re.sub(r"[_\-.]+", " ", stem).split())[:200] or "Untitled"


# The ticket flow of source 000, for programs: ticket → bytes → claim → finalise


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
            max_bytes=_limits.max_bytes,
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
    staged = stage(stream)
    holder = Actor(user_id=ticket.user_id)
    try:
        with db.writing():
            mine = UploadTicket.update(used_at=db.now_ms()).where((UploadTicket.id == ticket.id) & usable)
            if not mine.execute():
                raise NotFound("This upload address has been used or has expired. Ask for a new one.")
            blob, is_new = blobs.claim(staged.written.sha256, staged.written.size, staged.key, _limits.bucket)
            deadline = db.now_ms() + CLAIM_HOURS * 3_600_000
            file = _file(holder, blob, clean_filename(filename), staged.mime, deadline)
            UploadTicket.update(stored_file=file.id).where(UploadTicket.id == ticket.id).execute()
    except BaseException:
        _drop(staged.key)
        raise
    if not is_new:
        _drop(staged.key)
    return file.id


def upload_multiple(actor: Actor, items: list[dict[str, object]]) -> list[str]:
    """Claim stored files as drafts (source 000 `uploadMultiple`): all of them, or none.

    Each item has `storageId` and the words of pindeck §4.2.2. Returns image ids in the order of the items.
    """
    access.require(actor, "upload")
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_ITEMS:
        message = f"Send between 1 and {MAX_ITEMS} uploads."
        raise Invalid(message, fields={"uploads": message})
    prepared = [(item, _words(item)) for item in items]
    with db.writing():
        return [_claim(actor, item, words) for item, words in prepared]


_ITEM_FIELDS = {
    "title": "title", "description": "description", "tags": "tags", "category": "category", "group": "group",
    "genre": "genre", "shot": "shot", "style": "style", "projectName": "project", "moodboardName": "moodboard",
    "uniqueId": "unique_tag", "sref": "sref", "source": "source",
}  # fmt: skip


def _words(item: dict[str, object]) -> dict[str, object]:
    words: dict[str, object] = {}
    for outside, name in _ITEM_FIELDS.items():
        if item.get(outside) is not None:
            words[name] = spec_of(name).clean(item[outside])
    return words


def _claim(actor: Actor, item: dict[str, object], words: dict[str, object]) -> str:
    storage_id = str(item.get("storageId") or "")
    free = (
        # What is not plain ASCII is no id of ours, and may be something no database takes.
        (StoredFile.id == (storage_id if storage_id.isascii() and storage_id.isprintable() else ""))
        & (StoredFile.user_id == actor.user_id)
        & (StoredFile.purpose == "image")
        & StoredFile.claim_deadline.is_null(False)
    )
    file = db.locked(StoredFile.select().where(free)).get_or_none()
    if file is None:
        raise NotFound("Failed to get temporary image URL: there is no such uploaded file of yours.")
    StoredFile.update(claim_deadline=None).where(StoredFile.id == file.id).execute()
    blob = Blob.get_by_id(file.blob_id)
    name = clean_filename(str(item.get("originalFileName") or file.filename or ""))
    staged = Staged(blob.object_key, Written(blob.size, blob.sha256), file.declared_type or "", 1, 1)
    image = _draft(actor, file, staged, name)
    Image.update(width=None, height=None).where(Image.seq == image.seq).execute()
    given = {**words, "tags": [*clean_tags(words.get("tags")), "original"]}
    ledger.write(image.id, given, ledger.person(actor))
    queue.enqueue(queue.PERSIST, image_id=image.id, user_id=actor.user_id, dedupe_key=f"persist:{image.id}")
    return image.id
