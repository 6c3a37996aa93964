"""Pictures that are hosted elsewhere: recorded at once, and brought into our store by a job.

Duplicates are found before anything is downloaded. While our own copy does not exist, or
cannot be made, the record names the address it came from.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from peewee import JOIN, IntegrityError

from pindeck import access, config, db, queue
from pindeck.access import Actor
from pindeck.discord.status import Event
from pindeck.errors import Conflict, Invalid, invalid
from pindeck.models import Image, ImportBatch, StoredFile
from pindeck.services import activity
from pindeck.services.blobs import blobs, staging
from pindeck.services.files import records
from pindeck.services.images import (
    announcing,
    colours,
    ledger,
    origins,
    projects,
    publishing,
    storing,
    telling,
    twins,
    unique_ids,
)
from pindeck.services.images.fields import FIELDS, clean_tags
from pindeck.services.images.ledger import Writer
from pindeck.services.ingest import batches, uploads
from pindeck.states import AiStatus, BlobState, ImageStatus, Origin, PersistStatus, WriterKind

UNTITLED = "Untitled"
SIZE_FIELDS = {
    "preview": "previewStoragePath",
    **{size: f"derivativeStoragePaths.{size}" for size in ("small", "medium", "large")},
}


@dataclass(frozen=True)
class Candidate:
    """A picture to import. `import_urls` are addresses of smaller sizes that came with it; `words` by field.

    `moderated` says whether it waits for a person; without it its origin does. `size_paths` are paths of its sizes by
    preset: those that the picture at `storage_path` has, or it is refused.
    `untitled` is its title while nobody has given it one, `parent_id` the picture it is a variation of.
    """

    image_url: str
    words: dict[str, Any] = field(default_factory=dict)
    colors: list[str] = field(default_factory=list)
    import_urls: dict[str, str] = field(default_factory=dict)
    external_id: str | None = None
    source_url: str | None = None
    origin: Origin | None = None
    import_batch_id: str | None = None
    storage_path: str | None = None
    size_paths: dict[str, str] = field(default_factory=dict)
    moderated: bool | None = None
    untitled: str = UNTITLED
    parent_id: str | None = None


@dataclass(frozen=True)
class Imported:
    """The image that an import made or found. `is_queued`: its bytes are on their way."""

    image_id: str
    is_duplicate: bool
    is_queued: bool


# What else belongs to the transaction of an import: it is told the image's id, and whether it was made now.
Then = Callable[[str, bool], None]


def create(actor: Actor, candidate: Candidate) -> str:
    """A record of an already hosted picture, active at once and not described by a machine (`images.create`)."""
    person = _importer(actor)
    writer = ledger.person(actor)
    image = db.retried(lambda: _insert(actor, person, candidate, writer, ImageStatus.ACTIVE, AiStatus.COMPLETED))
    return image.id


def create_external(actor: Actor, candidate: Candidate, *, then: Then | None = None) -> str:
    """The id of the new image, or of the one there is: see `bring_in`."""
    return bring_in(actor, candidate, then=then).image_id


def bring_in(
    actor: Actor, candidate: Candidate, *, only_own: bool = False, then: Then | None = None
) -> Imported:
    """A new image, or the one there is: own externalId, a visible one with it, own address. Nothing is downloaded here.

    With `only_own` a picture of somebody else is never the one, so that nobody hears of it by its externalId.
    A moderated source waits for a person (pending); anything else is active and described. No project is made of a
    title. Raises Invalid, or Conflict for an externalId that the person used outside of the project of the key.
    """
    person = _importer(actor)
    writer = Writer(
        WriterKind.IMPORT, user_id=person, client_id=actor.client_id, program=candidate.origin or "import"
    )
    waits = origins.is_moderated(candidate.origin) if candidate.moderated is None else candidate.moderated
    status = ImageStatus.PENDING if waits else ImageStatus.ACTIVE
    ai = AiStatus.QUEUED if waits else AiStatus.PROCESSING

    def once() -> Imported:
        _one_at_a_time(person)
        known = _known(actor, person, candidate, only_own=only_own)
        _count(actor, candidate.import_batch_id, created=known is None)
        if known is not None:
            _seen_again(actor, known, candidate, writer)
        image = known or _insert(actor, person, candidate, writer, status, ai)
        if then is not None:
            then(image.id, known is None)
        return Imported(image.id, known is not None, image.persist_status == PersistStatus.PENDING)

    try:
        return db.retried(once)
    except IntegrityError:  # somebody imported the same externalId in the same moment, and is found now
        return db.retried(once)


def _importer(actor: Actor) -> str:
    access.require(actor, "upload")
    return access.require_person(actor)


def _one_at_a_time(person: str) -> None:
    """On PostgreSQL two imports of one person could both miss the other; on SQLite one waits anyway."""
    db.take_turn(f"imports of {person}")


def _count(actor: Actor, batch_id: str | None, *, created: bool) -> None:
    """Count the picture in the import it belongs to. Raises Invalid when that is none of the actor's."""
    if batch_id is None:
        return
    column = ImportBatch.created_count if created else ImportBatch.skipped_count
    own = (ImportBatch.id == batch_id) & batches.mine(actor)
    if not ImportBatch.update({column: column + 1}).where(own).execute():
        sentence = "You have no such import."
        raise invalid("importBatchId", sentence, named=True)


def _known(actor: Actor, person: str, candidate: Candidate, *, only_own: bool) -> Image | None:
    """An own image with this externalId, even in the trash: a discarded image does not come back by itself.

    A project key hears of nothing outside of its project; raises Conflict for an own externalId there, because
    nobody has one twice.
    """
    if candidate.external_id is not None:
        row = _of_external_id().row(user=person, external_id=candidate.external_id)
        own = None if row is None else Image.of_row(row)
        if own is not None and actor.project_id not in (None, own.project_id):
            raise Conflict("You used this externalId for a picture outside the project of this key.")
        if own is not None:
            return own
        live = (Image.external_id == candidate.external_id) & Image.deleted_at.is_null()
        others = [] if only_own else list(Image.select().where(live).order_by(Image.seq))
        found = next((image for image in others if access.sees(actor, image)), None)
        if found is not None:
            return found
    seq = db.sql(OF_ADDRESS, user=person, url=candidate.image_url, project=actor.project_id).fetchone()[0]
    return None if seq is None else Image.get_by_id(seq)


@db.per_engine
def _of_external_id() -> db.PreparedQuery:
    wanted = (Image.user == db.Param("user")) & (Image.external_id == db.Param("external_id"))
    return db.PreparedQuery.of(Image.select().where(wanted))


# The first own image that came from an address, within the project of a key. Each of the two has its index: asked with OR, SQLite
# reads all images of the person instead.
OF_ADDRESS = """
SELECT min(seq) FROM (
  SELECT seq, project_id FROM image WHERE user_id = :user AND external_url = :url AND deleted_at IS NULL
  UNION ALL
  SELECT seq, project_id FROM image WHERE user_id = :user AND source_url = :url AND deleted_at IS NULL
) AS brought
WHERE CAST(:project AS TEXT) IS NULL OR project_id = :project
"""


def _seen_again(actor: Actor, image: Image, candidate: Candidate, writer: Writer) -> None:
    """Colours fill a record that has none and that the caller may edit; nothing else of it changes.

    An import yields to people: colours that somebody cleared do not come back.
    """
    if candidate.colors and not image.colors and not image.is_trashed and access.can(actor, "image.edit", image):
        ledger.write(image.id, {"colors": candidate.colors}, writer)


def _insert(
    actor: Actor,
    person: str,
    candidate: Candidate,
    writer: Writer,
    status: ImageStatus,
    ai: AiStatus,
) -> Image:
    """Inside a transaction: the image, its words, and the job that brings its bytes or makes them safe.

    Defaults are written as rule, so that analysis may replace them; given words are written as those of the giver.
    Without a project of its own it goes to the default one; a key brings pictures into its own project, whatever they say.
    """
    now = db.now_ms()
    given = {name: value for name, value in candidate.words.items() if value and value != FIELDS[name].if_empty}
    if actor.project_id is not None:
        given.pop("project", None)
    row = actor.project_id or projects.DEFAULT_ID
    adopted = _adopt(actor, person, candidate.storage_path)
    _check_sizes(candidate)
    waits = status != ImageStatus.ACTIVE or "unique_tag" in given  # for the day it becomes active, or needs no id
    parent = uploads.parent_of(actor, candidate.parent_id, "parentImageId") if candidate.parent_id else None
    image_id = db.new_id()
    image = unique_ids.first(
        lambda: Image.create(
            **{
                "id": image_id,
                "parent_id": parent,
                "project": row,
                "user": person,
                "client": actor.client_id,
                "external_url": candidate.image_url,
                "original_filename": staging.clean_filename(unquote(re.split(r"[?#]", candidate.image_url)[0])),
                "title": candidate.untitled,
                "status": status,
                "unique_tag": None if waits else unique_ids.of_new(image_id, parent),
                "ai_status": ai,
                "ai_started_at": now if ai == AiStatus.PROCESSING else None,
                "persist_status": PersistStatus.PENDING,
                "origin": candidate.origin or Origin.UPLOAD,
                "external_id": candidate.external_id,
                "source_url": candidate.source_url,
                "import_urls": candidate.import_urls or None,
                "import_batch_id": candidate.import_batch_id,
                "created_at": now,
                "updated_at": now,
                "uploaded_at": now,
                "ingested_at": now,
                **adopted,
            }
        )
    )
    if image.colors or image.file_id:  # else there is nothing yet that it could be found by
        colours.write(image.seq, image.colors)
    ledger.write_new(image, ["original"], projects.name_of(row), ledger.RULE)
    if candidate.colors:
        given["colors"] = candidate.colors
    if "tags" in given:
        given["tags"] = list(dict.fromkeys([*clean_tags(given["tags"]), "original"]))
    if given:
        ledger.write(image.id, given, writer)
    activity.note(actor, "image.import", image.id, origin=image.origin)
    if status == ImageStatus.PENDING:
        announcing.tell(Event.QUEUED, Image.get_by_id(image.seq), actor)
    elif status == ImageStatus.ACTIVE:
        telling.brought(image, actor)
    _go_on(actor, image)
    return image


def _go_on(actor: Actor, image: Image) -> None:
    """What comes next: the bytes, or what follows them when they are safe already."""
    if image.persist_status != PersistStatus.SUCCEEDED:
        storing.ask_to_store(image, by=actor)
        return
    publishing.request(image.id)
    twins.due([image.seq])
    if image.ai_status == AiStatus.PROCESSING:
        queue.enqueue(queue.ANALYSE, image_id=image.id, user_id=image.user_id, dedupe_key=f"analyse:{image.id}")


# What a picture that is stored already has been found to be.
_MEASURED = (
    Image.mime, Image.size, Image.width, Image.height, Image.dominant, Image.thumbhash, Image.phash, Image.phash_middle, Image.exif,
    Image.gps, Image.persist_status,
)  # fmt: skip


def _adopt(actor: Actor, person: str, path: str | None) -> dict[str, Any]:
    """The columns of an image whose original lies at a storage path already; none without a path.

    Nobody adopts somebody else's object: only one that a picture file of the person's own names.
    """
    if path is None:
        return {}
    blob = blobs.at(_key_of(path))
    blob = blobs.live(blob.sha256) if blob and blob.state == BlobState.LIVE else None  # which nobody purges meanwhile
    own = _own_picture(actor, blob.id, person) if blob else None
    if blob is None or own is None:
        sentence = "You have no stored picture at this path."
        raise invalid("storagePath", sentence, named=True)
    file = records.add_file(actor, person, blob, own.filename, own.measured_type)
    twin = (
        Image.select()
        .where((Image.file == own.id) & (Image.user == person) & (Image.persist_status == PersistStatus.SUCCEEDED))
        .first()
    )
    known = {} if twin is None else {column.name: getattr(twin, column.name) for column in _MEASURED}
    if twin is not None and twin.colors:
        known["colors"] = twin.colors
    return {**known, "file": file.id, "original_filename": own.filename or "image"}


def _key_of(path: str) -> str:
    """A path may begin with the name of the bucket."""
    return path.removeprefix(f"{config.current().minio_bucket}/")


def _own_picture(actor: Actor, blob_id: str, person: str) -> StoredFile | None:
    """The first picture file of the person with these bytes; for a project key of a picture in its project.

    A file of which no picture was made is in no project yet: a key finds those that it brought itself.
    """
    mine = (StoredFile.blob == blob_id) & (StoredFile.user == person) & (StoredFile.purpose == "image")
    if actor.project_id is not None:
        unused = Image.seq.is_null() & (StoredFile.client == actor.client_id)
        mine &= (Image.project == actor.project_id) | unused
    records = StoredFile.select().join(Image, JOIN.LEFT_OUTER, on=(Image.file == StoredFile.id))
    return records.where(mine).order_by(StoredFile.created_at, StoredFile.id).first()


def _check_sizes(candidate: Candidate) -> None:
    """Paths of sizes name what we made of the original at `storage_path`, each under its own name.

    Sizes belong to the bytes of their original, so no others can be taken over. Raises Invalid naming the field.
    """
    original = blobs.at(_key_of(candidate.storage_path)) if candidate.storage_path is not None else None
    made = blobs.derivatives_of(original.id) if original else {}
    for preset, path in candidate.size_paths.items():
        if preset not in made or made[preset].object_key != _key_of(path):
            sentence = "This is not a size of the picture that storagePath names. Leave it out, or name that size."
            raise invalid(SIZE_FIELDS[preset], sentence, named=True)


def check_path(path: str, *, name: str) -> str:
    """A path inside the store: relative, without traversal. Raises Invalid in the documented words."""
    if path.startswith(("/", "\\")):
        raise Invalid("absolute paths not allowed", fields={name: "absolute paths not allowed"})
    if any(part in (".", "..") for part in re.split(r"[/\\]", path)):
        raise Invalid("path traversal not allowed", fields={name: "path traversal not allowed"})
    return path
