"""Import a folder from disk: every picture once, however often it is run."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from peewee import IntegrityError

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import NotFound, PindeckError
from pindeck.imaging.extensions import EXTENSIONS
from pindeck.models import Image, ImportBatch, User
from pindeck.services.images import ledger, publishing
from pindeck.services.images.ledger import Writer
from pindeck.services.ingest import uploads
from pindeck.states import WriterKind

ENDINGS = frozenset(f".{name}" for name in ("jpeg", *EXTENSIONS.values()))


@dataclass(frozen=True)
class Result:
    path: Path
    image_id: str | None
    was_there: bool = False
    error: str | None = None


def actor_for(email: str) -> Actor:
    """The account an import acts for. Raises NotFound."""
    user = User.get_or_none((User.email == email.strip().lower()) & User.disabled_at.is_null())
    if user is None:
        raise NotFound(f"There is no account {email}. Make one with: pindeck user create {email}")
    return Actor(user.id, user.role, user.display_name, user.email)


def find_files(folder: Path) -> list[Path]:
    """Pictures below a folder by their endings, in a stable order; hidden files are left out."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS and path.is_file())
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def run(
    actor: Actor, folder: Path, files: list[Path], *, project: str | None = None, publish: bool = False
) -> Iterator[Result]:
    """Import each file; what is refused does not hold up the others. The path below the folder is its external id."""
    access.require(actor, "upload")
    batch = ImportBatch.create(
        id=db.new_id(),
        user=actor.user_id,
        origin="upload",
        source_url=folder.resolve().as_uri(),
        created_at=db.now_ms(),
    )
    for path in files:
        result = _one(actor, folder, path, batch.id, project, publish)
        counter = ImportBatch.created_count if result.image_id and not result.was_there else ImportBatch.skipped_count
        ImportBatch.update({counter: counter + 1}).where(ImportBatch.id == batch.id).execute()
        yield result


def _one(actor: Actor, folder: Path, path: Path, batch_id: str, project: str | None, publish: bool) -> Result:
    external_id = f"folder:{folder.resolve().name}/{path.relative_to(folder).as_posix()}"[:500]
    known = (
        Image.select(Image.id).where((Image.user_id == actor.user_id) & (Image.external_id == external_id)).scalar()
    )
    if known:
        return Result(path, known, was_there=True)
    try:
        with path.open("rb") as file:
            accepted = uploads.accept(actor, file, path.name)
        image_id = accepted.image.id
        Image.update(external_id=external_id, import_batch_id=batch_id, ingested_at=db.now_ms()).where(
            Image.id == image_id
        ).execute()
        if project:
            ledger.write(
                image_id, {"project": project}, Writer(WriterKind.IMPORT, actor.user_id, program="Folder import")
            )
        if publish:
            publishing.publish(actor, image_id)
    except IntegrityError:
        return Result(path, None, error="Another import brought this file in the same moment.")
    except OSError as error:
        return Result(path, None, error=f"It could not be read: {error.strerror}.")
    except PindeckError as error:
        return Result(path, None, error=error.message)
    return Result(path, image_id)
