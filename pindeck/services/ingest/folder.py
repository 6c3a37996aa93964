"""Import a folder from disk: every picture once, however often it is run and wherever the file lies by then."""

import errno
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from peewee import JOIN, IntegrityError

from pindeck import access, db, queue
from pindeck.access import Actor
from pindeck.errors import Busy, NoSpace, NotFound, PindeckError, Upstream
from pindeck.models import Blob, Client, Image, ImportBatch, StoredFile, User
from pindeck.services.blobs import healing, staging
from pindeck.services.images import ledger, publishing
from pindeck.services.images.ledger import Writer
from pindeck.services.ingest import folder_files, uploads
from pindeck.services.ingest.folder_files import Found
from pindeck.states import ClientKind, Lane, Way, WriterKind

MAY_PASS = (Busy, NoSpace, Upstream)  # they say nothing about the file
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM}


class Outcome(StrEnum):
    """What became of a file. `THERE` and `TRASHED` are said of the picture with the same bytes."""

    ADDED = "added"
    THERE = "there"
    TRASHED = "trashed"
    LEFT_OUT = "left_out"
    REFUSED = "refused"


@dataclass(frozen=True)
class Result:
    """`error` says why a file was refused."""

    path: Path
    outcome: Outcome
    image_id: str | None = None
    error: str | None = None


def actor_for(email: str) -> Actor:
    """The account that the command line acts for. Raises NotFound."""
    user = User.get_or_none((User.email == email.strip().lower()) & User.disabled_at.is_null())
    if user is None:
        raise NotFound(f"There is no account {email}. Make one with: pindeck user create {email}")
    return Actor(user.id, user.role, user.display_name, user.email, comes_by=Way.COMMAND)


def run(actor: Actor, found: Found, *, project: str | None = None, publish: bool = False) -> Iterator[Result]:
    """Import each picture; one that is refused does not hold up the others. One result for each file.

    The bytes are what tells pictures apart: two cards of a camera have other pictures under the same paths, and one
    picture keeps its bytes under every spelling of its name.
    """
    access.require(actor, "upload")
    batch = ImportBatch.create(
        id=db.new_id(),
        user=actor.user_id,
        origin="upload",
        source_url=found.folder.resolve().as_uri(),
        created_at=db.now_ms(),
    )
    for path in found.pictures:
        with queue.in_lane(Lane.LATER):  # a person who uploads meanwhile does not wait for a whole folder
            try:
                result = bring(actor, path, batch.id, project, publish)
            except MAY_PASS as error:  # a person is told at once, and imports the folder again
                result = _refused(path, error.message)
        counter = ImportBatch.created_count if result.outcome == Outcome.ADDED else ImportBatch.skipped_count
        ImportBatch.update({counter: counter + 1}).where(ImportBatch.id == batch.id).execute()
        yield result
    for path, reason in found.unread:
        yield _unread(path, reason)
    for path in found.left_out:
        yield Result(path, Outcome.LEFT_OUT)


def bring(
    actor: Actor, path: Path, batch_id: str, project: str | None, publish: bool, also: Callable[[Image], None] | None = None
) -> Result:
    """Import one picture. `also` happens with a new image in the transaction that makes it; what it raises undoes that.

    Raises what `MAY_PASS` names: the same file may be taken later.
    """
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            known = _known(actor, path, sha256)
            file.seek(0)
            if known:
                _heal(sha256, file)
                return known
            staged = uploads.stage(file)
        then = _finishing(actor, batch_id, f"folder:sha256:{staged.written.sha256}", project, publish, also)
        image = uploads.record(actor, staged, folder_files.name_of(path), then=then).image
    except IntegrityError:  # two imports at once: the first has it
        return _known(actor, path, sha256) or _refused(path, "Another import holds this file. Import it again.")
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise Upstream(f"The server has no room to take the file in: {error.strerror}.") from error
        return _unread(path, str(error.strerror))
    except MAY_PASS:
        raise
    except PindeckError as error:
        return _refused(path, error.message)
    return Result(path, Outcome.ADDED, image.id)


def _known(actor: Actor, path: Path, sha256: str) -> Result | None:
    """The person's own image of the same bytes, rather one that is not in the trash. What an extension keeps for the
    person is its own and does not count."""
    of_extension = Client.kind == ClientKind.EXTENSION
    own = (
        Image.select(Image.id, Image.deleted_at)
        .join(StoredFile, on=(Image.file == StoredFile.id))
        .join(Blob, on=(StoredFile.blob == Blob.id))
        .join(Client, JOIN.LEFT_OUTER, on=(Image.client == Client.id))
        .where((Blob.sha256 == sha256) & (Image.user == actor.user_id) & (Client.id.is_null() | ~of_extension))
    )
    images = sorted(own, key=lambda image: image.is_trashed)
    return Result(path, Outcome.TRASHED if images[0].is_trashed else Outcome.THERE, images[0].id) if images else None


def _heal(sha256: str, file: BinaryIO) -> None:
    """Give a damaged original its bytes again, as every door for equal bytes does."""
    blob = Blob.get_or_none((Blob.sha256 == sha256) & Blob.damaged_at.is_null(False))
    if blob is not None:
        staged = uploads.stage(file, expect_sha256=sha256)
        healing.heal(blob, staged.key)
        staging.drop(staged.key)


def _finishing(
    actor: Actor, batch_id: str, external_id: str, project: str | None, publish: bool, also: Callable[[Image], None] | None
) -> uploads.Then:
    """What happens to a new image in the transaction that makes it. The external id is unique for its owner, so of
    two imports at once one has the picture."""

    def finish(image: Image) -> None:
        Image.update(external_id=external_id, import_batch_id=batch_id, ingested_at=db.now_ms()).where(
            Image.seq == image.seq
        ).execute()
        if project:
            importer = Writer(WriterKind.IMPORT, actor.user_id, program="Folder import")
            ledger.write(image.id, {"project": project}, importer)
        if publish:
            publishing.publish(actor, image.id)
        if also:
            also(image)

    return finish


def _unread(path: Path, reason: str) -> Result:
    return _refused(path, f"It could not be read: {reason}.")


def _refused(path: Path, reason: str) -> Result:
    return Result(path, Outcome.REFUSED, error=reason)
