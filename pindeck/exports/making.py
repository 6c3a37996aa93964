"""What the job does: read what the file is to be made of, make it unless nothing changed, and file it under its digest.

It may die anywhere and run twice: nothing counts before the one transaction that names the file.
"""

import hashlib
import json
import logging
from typing import Any

from pindeck import config, db
from pindeck.errors import Conflict, Invalid
from pindeck.exports.asking import ENDINGS
from pindeck.exports.plans import Drawn, Plan, Progress, plan_of
from pindeck.models import Blob, Export, Job, StoredFile
from pindeck.services import jobs
from pindeck.services.blobs import staging
from pindeck.services.clients import askers
from pindeck.services.derivatives import exported
from pindeck.services.derivatives.exported import DONE, MAKING
from pindeck.services.files import intake
from pindeck.services.files.intake import Owner
from pindeck.states import BlobState
from pindeck.storage import keys

log = logging.getLogger("pindeck.exports")

VERSION = 3  # raise it when the same content would look different


def run(job: Job) -> None:
    """Raises what reading and storing raise; Cancelled when a person stopped it."""
    export = Export.get_or_none((Export.id == job.payload["export"]) & (Export.job_id == job.id))
    if export is None or export.state != MAKING:
        return
    askers.check(job, "export.make")
    jobs.progress(job, "reading", 2)
    try:
        plan = plan_of(export, askers.asker(job))
    except Conflict as error:  # rights that are not cleared: to try again clears nothing
        raise Invalid(error.message) from error
    fingerprint = _fingerprint(export, plan)
    if export.fingerprint == fingerprint and _is_there(export.file_id):
        _mine(export, job, state=DONE, error=None)
        return
    jobs.progress(job, "drawing", 5)
    drawn = plan.draw(_teller(job))
    _file(export, job, drawn, dict(title=plan.title, fingerprint=None if drawn.is_lacking else fingerprint, image_ids=plan.image_ids))


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


def _fingerprint(export: Export, plan: Plan) -> str:
    of = {"version": VERSION, "rights": config.current().export_rights, "kind": export.kind, "quality": export.quality, "options": export.options, "content": plan.made_of}
    return hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()


def _is_there(file_id: str | None) -> bool:
    whole = (Blob.state == BlobState.LIVE) & Blob.damaged_at.is_null()
    return file_id is not None and StoredFile.select().join(Blob).where((StoredFile.id == file_id) & whole).exists()


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
