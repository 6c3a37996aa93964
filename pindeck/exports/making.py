"""What the job does: read what the file is to be made of, make it unless nothing changed, and file it under its digest.

It may die anywhere and run twice: nothing counts before the one transaction that names the file.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

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

VERSION = 2  # raise it when the same content would look different
Progress = Callable[[float], None]  # how much of it is drawn, 0 to 1


class Drawn(NamedTuple):
    """A file in pieces, which are read once; what is to be said of it; and whether a picture that should be in it could not be read
    now."""

    pieces: Iterable[bytes]
    notes: list[str]
    is_lacking: bool


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
    drawn = _drawn(export, content, _teller(job))
    ids = list(dict.fromkeys(still.id for still in content.stills))
    _file(export, job, drawn, dict(title=content.title, fingerprint=None if drawn.is_lacking else fingerprint, image_ids=ids))


def _teller(job: Job) -> Progress:
    """Tells each percent once: a large file has thousands of pieces."""
    told = 5

    def tell(part: float) -> None:
        nonlocal told
        percent = 5 + int(85 * part)
        if percent > told:
            told = percent
            jobs.progress(job, "drawing", percent)

    return tell


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


def _drawn(export: Export, content: Content, progress: Progress) -> Drawn:
    if export.kind == "csv":
        from pindeck.exports import shot_list

        return Drawn([shot_list.drawn(content)], [], False)
    if export.kind == "html":
        from pindeck.exports import web_page

        return web_page.drawn(content, export.quality, progress)
    data, notes, is_lacking = _drawing(export.kind)(content, export.quality, export.options, progress)
    return Drawn([data], notes, is_lacking)


def _drawing(kind: str) -> Any:
    """What draws one of the kinds that are drawn whole; it brings the libraries that it needs."""
    if kind == "pptx":
        from pindeck.exports import deck_pptx

        return deck_pptx.drawn
    from pindeck.exports import contact, deck_pdf, storyboard_sheet

    return {"contact": contact.drawn, "storyboard": storyboard_sheet.drawn, "deck": deck_pdf.drawn}[kind]


def _file(export: Export, job: Job, drawn: Drawn, columns: dict[str, Any]) -> None:
    ending, mime = ENDINGS[export.kind]
    name = f"{keys.stem(columns['title'])}.{ending}"
    held = intake.hold(drawn.pieces, is_made_here=True)
    jobs.progress(job, "storing", 92)

    def write(blob: Blob) -> None:
        now = db.now_ms()
        before = Export.get_or_none(Export.id == export.id)
        if before is None:
            return
        # Nobody's, so that it is read at the address of the export alone; it ends with it, however that ends.
        file = intake.add_file(Owner(), blob, mime, filename=name, deadline=before.expires_at)
        is_mine = _mine(
            export, job, state=DONE, error=None, file=file.id, filename=name, mime=mime, sha256=blob.sha256, size=blob.size,
            made_at=now, notes=drawn.notes, **columns,
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
