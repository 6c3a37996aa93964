"""Exports as things: asked for, found, read while all that is in them may be read, and deleted in time.

Who asks for the same again gets the same export, and the job makes its file anew if what it was made of has changed.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from peewee import chunked

from pindeck import access, config, db, queue
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid, NotFound
from pindeck.exports import sources, zipped_pictures
from pindeck.exports.asking import ExportWish, Of, has_pictures
from pindeck.exports.content import Still
from pindeck.models import Blob, Export, Image, Job, StoredFile, User
from pindeck.services.clients import askers
from pindeck.services.derivatives import delivery, exported
from pindeck.services.derivatives.delivery import Delivery
from pindeck.services.derivatives.exported import DONE, MAKING
from pindeck.services.images import rights
from pindeck.states import BlobState, JobStatus

LINK_S = 24 * 3600  # how long an address with a signature is good
NOT_CLEARED = "A picture in this file is not cleared. Write its rights, or make the file anew without it."
STALE = "A picture in this file was hidden or deleted. Make the file anew."


@dataclass(frozen=True)
class Standing:
    """How far an export is: queued, running, done or failed; `percent` of the job."""

    status: str
    percent: int


def ask(actor: Actor, wish: ExportWish) -> Export:
    """The export that has or gets this file. Raises NotFound when the actor does not know what it is to be made of, and Conflict
    as `rights.check` does."""
    access.require(actor, "export.make")
    user_id = access.require_person(actor)
    title = sources.title_of(actor, *wish.of)
    if has_pictures(wish.kind) and config.current().export_rights == "refuse":
        _check_rights(actor, wish)
    asked = {**wish.as_json(), "project": actor.project_id}
    same = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    return db.retried(lambda: _ask(actor, user_id, wish, title, same))


def _check_rights(actor: Actor, wish: ExportWish) -> None:
    if wish.kind == "zip":
        zipped_pictures.found(actor, *wish.of, wish.options)
    else:
        rights.check(sources.content_of(actor, *wish.of).stills)


def lacking(actor: Actor, of: Of, value: Any) -> list[Still]:
    """The pictures of such a file that are not cleared, where the policy speaks of them; none of what cannot be made a file of."""
    if config.current().export_rights == "off":
        return []
    try:
        return rights.not_cleared(sources.content_of(actor, of, value).stills)
    except (NotFound, Invalid):
        return []


def _ask(actor: Actor, user_id: str, wish: ExportWish, title: str, same: str) -> Export:
    now = db.now_ms()
    found = db.locked(Export.select().where((Export.user_id == user_id) & (Export.same == same))).get_or_none()
    if found is not None and found.state == MAKING and exported.job_of(found) is not None:
        return found  # type: ignore[no-any-return]
    export_id = found.id if found is not None else db.new_id()
    job_id = queue.enqueue(queue.EXPORT, user_id=user_id, client_id=actor.client_id, payload={"export": export_id, **askers.told(actor)})
    columns: dict[str, Any] = dict(
        title=title, state=MAKING, error=None, job_id=job_id, updated_at=now,
        expires_at=now + kept_ms(),
    )  # fmt: skip
    if found is None:
        of = dict([wish.of])
        Export.insert(
            id=export_id, user=user_id, project_id=actor.project_id, of_what=of, kind=wish.kind, quality=wish.quality,
            options=wish.options, same=same, notes=[], image_ids=[], created_at=now, **columns,
        ).execute()  # fmt: skip
    else:
        Export.update(**columns).where(Export.id == export_id).execute()
        StoredFile.update(claim_deadline=columns["expires_at"]).where(StoredFile.id == found.file_id).execute()
    return Export.get_by_id(export_id)


def kept_ms() -> int:
    """How long one is kept after it was asked for the last time."""
    return config.current().export_keep_days * db.DAY_MS


def find(actor: Actor, export_id: str, action: str = "export.view") -> Export:
    """Raises NotFound for one that is not the actor's."""
    access.require(actor, action)
    found = Export.get_or_none((Export.id == export_id) & access.exports_of(actor))
    if found is None:
        raise _not_found()
    return found  # type: ignore[no-any-return]


def _not_found() -> NotFound:
    return NotFound("There is no such export.", code="EXPORT_NOT_FOUND")


def list_page(actor: Actor, *, limit: int, after: str | None = None) -> tuple[list[Export], str | None]:
    """The actor's own, the newest first, and the id to go on from."""
    access.require(actor, "export.view")
    rows = Export.select().where(access.exports_of(actor))
    if after is not None:
        rows = rows.where(Export.id < after)
    found = list(rows.order_by(Export.id.desc()).limit(limit + 1))  # ids grow with time
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def standings(exports: list[Export]) -> dict[str, Standing]:
    """By id; one statement for all that are being made."""
    wanted = [export.job_id for export in exports if export.state == MAKING and export.job_id]
    rows = {job.id: job for job in Job.select().where(Job.id.in_(wanted))} if wanted else {}
    return {export.id: _standing(export, rows.get(export.job_id or "")) for export in exports}


def _standing(export: Export, job: Job | None) -> Standing:
    if export.state == DONE and export.file_id is None:
        return Standing("failed", 100)
    if export.state != MAKING:
        return Standing(export.state, 100)
    if job is None or job.status == JobStatus.FAILED:
        return Standing("failed", 100)
    return Standing("running", job.done) if job.status == JobStatus.RUNNING else Standing("queued", 0)


def reason_of(export: Export) -> str | None:
    """Why there is no file, as a sentence; None where there is one or will be."""
    if export.error:
        return str(export.error)
    return "The file is gone. Make it anew." if export.state == DONE and export.file_id is None else None


# Reading


def file_of(actor: Actor, export_id: str) -> Delivery:
    """The file for its owner. Raises NotFound, Conflict `EXPORT_NOT_DONE` before there is one, or `EXPORT_STALE`."""
    return _delivery(find(actor, export_id), actor)


def signed_file(export_id: str, until_s: int, signature: str) -> Delivery:
    """The same for who has the address. It ends with its time, with the right of its owner and with the pictures in it."""
    export = Export.get_or_none(Export.id == export_id)
    if export is None or until_s * 1000 < db.now_ms() or not hmac.compare_digest(_signature(export, until_s), signature):
        raise _not_found()
    owner = User.get_or_none((User.id == export.user_id) & User.disabled_at.is_null())
    if owner is None:
        raise _not_found()
    return _delivery(export, Actor(owner.id, owner.role, owner.name, project_id=None))


def signed_query(export: Export) -> dict[str, Any]:
    """What its address ends with: good for 24 hours from the begun one on, so that a page read again says the same."""
    until_s = (db.now_ms() // 3_600_000 + 1) * 3600 + LINK_S - 3600
    return {"until": until_s, "s": _signature(export, until_s)}


def _signature(export: Export, until_s: int) -> str:
    secret = hashlib.sha256(b"exports " + config.signing_key().encode()).digest()
    made = hmac.digest(secret, f"{export.id}.{export.file_id}.{until_s}".encode(), "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _delivery(export: Export, actor: Actor) -> Delivery:
    rows = StoredFile.select(StoredFile, Blob).join(Blob).where((StoredFile.id == export.file_id) & (Blob.state == BlobState.LIVE))
    file = rows.get_or_none() if export.file_id else None
    if file is None:
        raise Conflict(reason_of(export) or "This file is not made yet.", code="EXPORT_NOT_DONE")
    if not is_fresh(export, actor):
        raise Conflict(STALE, code="EXPORT_STALE")
    if not may_go_out(export):
        raise Conflict(NOT_CLEARED, code="EXPORT_STALE")
    found = delivery.of_file(file)
    return Delivery(found.key, found.sha256, found.size, found.mime, found.filename, "private, no-store", False)


def is_fresh(export: Export, actor: Actor) -> bool:
    """Whether its owner still sees what it was made of, and each picture in it, outside of the trash."""
    try:
        sources.title_of(actor, *next(iter(export.of_what.items())))
    except NotFound:
        return False
    shown = access.seen(actor) & access.LIVE
    for part in chunked(export.image_ids, 500):
        if Image.select().where(Image.id.in_(list(part)) & shown.expression()).count() < len(part):
            return False
    return True


def may_go_out(export: Export) -> bool:
    """Whether all in it is cleared, where the policy refuses what is not."""
    if config.current().export_rights != "refuse" or not has_pictures(export.kind):
        return True
    lacking = Image.rights.is_null() | Image.rights.not_in(list(rights.MAY_GO_OUT))
    return not any(Image.select().where(Image.id.in_(list(part)) & lacking).exists() for part in chunked(export.image_ids, 500))


# The end


def remove(actor: Actor, export_id: str) -> None:
    """Delete it with its file; a job that makes it ends. It cannot be undone: the same can be asked for again."""
    export = find(actor, export_id, "export.make")
    db.retried(lambda: exported.remove(export))
