"""What the job does: read what the file is to be made of, make it unless nothing changed, and file it under its digest.

It may die anywhere and run twice: nothing counts before the one transaction that names the file.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from typing import Any

from pindeck import config, db
from pindeck.errors import Conflict, Invalid
from pindeck.exports import sources
from pindeck.exports.asking import ENDINGS, has_pictures
from pindeck.exports.content import Content
from pindeck.models import Blob, Export, Job, StoredFile
from pindeck.services import jobs
from pindeck.services.blobs import staging
from pindeck.services.clients import askers
from pindeck.services.derivatives import exported
from pindeck.services.derivatives.exported import DONE, MAKING
from pindeck.services.files import intake
from pindeck.services.files.intake import Owner
from pindeck.services.images import rights
from pindeck.states import BlobState
from pindeck.storage import keys

log = logging.getLogger("pindeck.exports")

VERSION = 1  # raise it when the same content would look different
Progress = Callable[[float], None]  # how much of it is drawn, 0 to 1


def run(job: Job) -> None:
    """Raises what reading and storing raise; Cancelled when a person stopped it."""
    export = Export.get_or_none((Export.id == job.payload["export"]) & (Export.job_id == job.id))
    if export is None or export.state != MAKING:
        return
    askers.check(job, "export.make")
    jobs.progress(job, "reading", 2)
    content = sources.content_of(askers.asker(job), *next(iter(export.of_what.items())))
    if has_pictures(export.kind):
        _check_rights(content)
    fingerprint = _fingerprint(export, content)
    if export.fingerprint == fingerprint and _is_there(export.file_id):
        _mine(export, job, state=DONE, error=None)
        return
    jobs.progress(job, "drawing", 5)
    data, notes, missing = _drawn(export, content, lambda part: jobs.progress(job, "drawing", 5 + int(85 * part)))
    jobs.progress(job, "storing", 92)
    ids = list(dict.fromkeys(still.id for still in content.stills))
    _file(export, job, data, dict(title=content.title, fingerprint=fingerprint if not missing else None, notes=notes, image_ids=ids))


def _check_rights(content: Content) -> None:
    """Raises Invalid, which ends the job: to try again clears nothing."""
    try:
        rights.check(content.stills)
    except Conflict as error:
        raise Invalid(error.message) from error


def _fingerprint(export: Export, content: Content) -> str:
    of = {"version": VERSION, "rights": config.current().export_rights, "kind": export.kind, "quality": export.quality, "options": export.options, "content": content.as_json()}
    return hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()


def _is_there(file_id: str | None) -> bool:
    whole = (Blob.state == BlobState.LIVE) & Blob.damaged_at.is_null()
    return file_id is not None and StoredFile.select().join(Blob).where((StoredFile.id == file_id) & whole).exists()


def _drawn(export: Export, content: Content, progress: Progress) -> tuple[bytes, list[str], bool]:
    """The bytes, what is to be said of them, and whether a picture that should be in them could not be read now."""
    from pindeck.exports import contact, deck_pdf, shot_list, storyboard_sheet

    if export.kind == "csv":
        return shot_list.drawn(content), [], False
    if export.kind == "pptx":
        from pindeck.exports import deck_pptx

        return deck_pptx.drawn(content, export.quality, export.options, progress)
    draw: Any = {"contact": contact.drawn, "storyboard": storyboard_sheet.drawn, "deck": deck_pdf.drawn}[export.kind]
    return draw(content, export.quality, export.options, progress)  # type: ignore[no-any-return]


def _file(export: Export, job: Job, data: bytes, columns: dict[str, Any]) -> None:
    ending, mime = ENDINGS[export.kind]
    name = f"{keys.stem(columns['title'])}.{ending}"
    held = intake.hold([data], expect_sha256=hashlib.sha256(data).hexdigest())

    def write(blob: Blob) -> None:
        now = db.now_ms()
        before = Export.get_or_none(Export.id == export.id)
        if before is None:
            return
        # Nobody's, so that it is read at the address of the export alone; it ends with it, however that ends.
        file = intake.add_file(Owner(), blob, mime, filename=name, deadline=before.expires_at)
        is_mine = _mine(
            export, job, state=DONE, error=None, file=file.id, filename=name, mime=mime, sha256=blob.sha256, size=blob.size,
            made_at=now, **columns,
        )  # fmt: skip
        exported.drop(before.file_id if is_mine else file.id)

    try:
        intake.keep(held, write)
    finally:
        staging.drop(held.key)


def _mine(export: Export, job: Job, **columns: Any) -> bool:
    """Whether the export is still there and still wants what this job makes."""
    wanted = (Export.id == export.id) & (Export.job_id == job.id)
    return bool(Export.update(updated_at=db.now_ms(), **columns).where(wanted).execute())
