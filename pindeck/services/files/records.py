"""Stored files: their records, addresses and deletion.

What an actor may not see answers as if it were not there. Jobs use `get`, `open` and `filing.store`.
"""

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from peewee import JOIN, Expression, ModelSelect, fn

from pindeck import access, cursors, db, storage
from pindeck.access import Actor
from pindeck.errors import Conflict, Forbidden, NotFound, invalid
from pindeck.models import Blob, Image, StoredFile
from pindeck.services import activity
from pindeck.services.blobs import blobs
from pindeck.services.images import publishing
from pindeck.states import ImageStatus, PersistStatus
from pindeck.storage.base import Readable

MOST_AT_ONCE = 500
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


# Reading


def check_id(text: str) -> str:
    """A storage id in lower case. Raises Invalid `INVALID_STORAGE_ID` for what cannot be one."""
    if not _UUID.fullmatch(text):
        sentence = "This is not a storage id."
        raise invalid("storageId", sentence, code="INVALID_STORAGE_ID", status=400)
    return text.lower()


def missing() -> NotFound:
    return NotFound("There is no such file.", code="FILE_NOT_FOUND")


def _with_blob() -> "ModelSelect[StoredFile]":
    return StoredFile.select(StoredFile, Blob).join(Blob)  # type: ignore[return-value]


def _seen_by(actor: Actor, *columns: Any) -> Any:
    """The files that the actor may see. Each is looked at with the image whose original it is."""
    rows = StoredFile.select(*columns).join(Blob)
    claimed = rows.join_from(StoredFile, Image, JOIN.LEFT_OUTER, on=(Image.file == StoredFile.id))
    return claimed.where(access.files_of(actor).expression())


def find(actor: Actor, storage_id: str) -> StoredFile:
    """A file that the actor may see, with its blob. Raises Invalid or NotFound."""
    access.require(actor, "file.read")
    return _seen(actor, storage_id)


def _seen(actor: Actor, storage_id: str) -> StoredFile:
    named = StoredFile.id == check_id(storage_id)
    file: StoredFile | None = _seen_by(actor, StoredFile, Blob).where(named).get_or_none()
    if file is None:
        raise missing()
    return file


def get(storage_id: str) -> StoredFile | None:
    """A file with its blob, or None if there is none. For callers that have judged authority themselves."""
    return _with_blob().where(StoredFile.id == check_id(storage_id)).get_or_none()


def open(storage_id: str) -> AbstractContextManager[Readable]:  # noqa: A001 — `files.open` reads well
    """The bytes of a file as a stream, as often as wanted. Raises NotFound, or Upstream when the store is away."""
    file = get(storage_id)
    if file is None:
        raise missing()
    return storage.current().open(file.blob.object_key)


def claim(storage_id: str) -> bool:
    """Inside the transaction that records what uses the file: it is meant to stay. False if it is gone."""
    return bool(StoredFile.update(claim_deadline=None).where(StoredFile.id == check_id(storage_id)).execute())


@dataclass(frozen=True)
class FoundFiles:
    """`cursor` is where to go on; None at the end."""

    files: list[StoredFile]
    cursor: str | None


def list_page(
    actor: Actor,
    *,
    limit: int = 50,
    cursor: str | None = None,
    newest_first: bool = True,
    since: int | None = None,
    until: int | None = None,
    unclaimed: bool = False,
) -> FoundFiles:
    """Files by time, then id. `since` and `until` are milliseconds and both included."""
    access.require(actor, "file.read")
    rows = _seen_by(actor, StoredFile, Blob)
    if since is not None:
        rows = rows.where(StoredFile.created_at >= since)
    if until is not None:
        rows = rows.where(StoredFile.created_at <= until)
    if unclaimed:
        rows = rows.where(Image.seq.is_null())
    if cursor is not None:
        rows = rows.where(_beyond(cursor, newest_first))
    if newest_first:
        rows = rows.order_by(StoredFile.created_at.desc(), StoredFile.id.desc())
    else:
        rows = rows.order_by(StoredFile.created_at, StoredFile.id)
    found = list(rows.limit(limit + 1))
    last = found[limit - 1] if len(found) > limit else None
    return FoundFiles(found[:limit], cursors.write(last.created_at, last.id) if last else None)


def _beyond(cursor: str, newest_first: bool) -> Expression:
    at, storage_id = cursors.read(cursor)
    time, name = StoredFile.created_at, StoredFile.id
    if newest_first:
        return (time < at) | ((time == at) & (name < storage_id))
    return (time > at) | ((time == at) & (name > storage_id))


@dataclass(frozen=True)
class Stats:
    """How many files, their bytes, and the bytes they take when equal content counts once."""

    count: int
    bytes: int
    unique_bytes: int


def stats(actor: Actor) -> Stats:
    access.require(actor, "file.read")
    columns = Blob.size.alias("size"), fn.COUNT(StoredFile.id).alias("files")
    by_blob = _seen_by(actor, *columns).group_by(Blob.id, Blob.size)
    size, files = by_blob.c.size, by_blob.c.files
    totals = StoredFile.select(fn.SUM(files), fn.SUM(size * files), fn.SUM(size)).from_(by_blob).tuples().first()
    count, size_sum, unique = (int(value or 0) for value in totals)
    return Stats(count, size_sum, unique)


# Addresses


def rotate(actor: Actor, storage_id: str) -> StoredFile:
    """A new file key; every address handed out before stops working. Raises NotFound."""
    access.require(actor, "file.write")
    file = _seen(actor, storage_id)
    file.file_key = db.new_token()
    if not StoredFile.update(file_key=file.file_key).where(StoredFile.id == file.id).execute():
        raise missing()
    return file


# Deletion


def delete(actor: Actor, storage_id: str, *, force: bool = False) -> None:
    """Delete one file; its bytes follow by a job when nothing else uses them.

    Takes part in the caller's transaction, if there is one. Raises NotFound, Conflict `FILE_IN_USE` with the
    claimant, or Forbidden where `force` is not an administrator's.
    """
    delete_many(actor, [storage_id], force=force)


def delete_many(actor: Actor, storage_ids: Iterable[str], *, force: bool = False) -> None:
    """All of them or none."""
    access.require(actor, "file.write")
    wanted = sorted({check_id(storage_id) for storage_id in storage_ids})
    if len(wanted) > MOST_AT_ONCE:
        sentence = f"Name at most {MOST_AT_ONCE} files."
        raise invalid("storageIds", sentence, named=True)
    db.retried(lambda: _delete(actor, wanted, force))


def _delete(actor: Actor, wanted: list[str], force: bool) -> None:
    found = list(db.locked(StoredFile.select().where(StoredFile.id.in_(wanted)).order_by(StoredFile.id)))
    if _seen_by(actor, StoredFile.id).where(StoredFile.id.in_(wanted)).count() < len(wanted):
        raise missing()
    if force and not access.can(actor, "file.delete_used"):
        raise Forbidden("Only an administrator with a session may delete a file that is in use.")
    claimants = list(Image.select().where(Image.file.in_(wanted)).order_by(Image.seq))
    if claimants and not force:
        raise _in_use(actor, claimants[0])
    for image in claimants:
        _lose_original(actor, image)
    StoredFile.delete().where(StoredFile.id.in_(wanted)).execute()
    for blob_id in sorted({file.blob_id for file in found}):
        blobs.release(blob_id)


def _in_use(actor: Actor, image: Image) -> Conflict:
    """The claimant is named to actors that may see it."""
    details: dict[str, object] = {"storageId": image.file_id}
    if access.can(actor, "image.view", image):
        details["imageId"] = image.id
    return Conflict(
        "An image uses this file. Delete the image instead; its file goes with it.",
        details=details,
        code="FILE_IN_USE",
    )


def _lose_original(actor: Actor, image: Image) -> None:
    """The image stays as words without a picture: hidden from lists, its public copies gone."""
    token = publishing.withdraw(image)
    hidden = ImageStatus.BROKEN if image.status == ImageStatus.ACTIVE else image.status
    Image.change(
        file=None,
        external_url=image.external_url or "",
        status=hidden,
        persist_status=PersistStatus.FAILED,
        persist_error="The original is missing: an administrator deleted its file.",
    ).where(Image.seq == image.seq).execute()
    activity.note(actor, "file.force_delete", image.id, storage_id=image.file_id)
    db.database.after_commit(lambda: publishing.remove_now(token))


def add_file(
    actor: Actor,
    owner: str | None,
    blob: Blob,
    name: str | None,
    mime: str | None,
    *,
    purpose: str = "image",
    project_id: str | None = None,
    deadline: int | None = None,
) -> StoredFile:
    """The row of a stored file, inside a transaction that claimed its blob."""
    return StoredFile.create(
        id=db.new_id(),
        file_key=db.new_token(),
        blob=blob.id,
        declared_type=mime,
        measured_type=mime,
        filename=name,
        user=owner,
        client=actor.client_id,
        project=project_id,
        purpose=purpose,
        created_at=db.now_ms(),
        claim_deadline=deadline,
    )
