"""Pictures that are hosted elsewhere: recorded at once, and brought into our store by a job (pindeck §4.2).

Duplicates are found before anything is downloaded (§3.4 and decision 43). While our own copy does not exist, or
cannot be made, the record names the address it came from.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from peewee import IntegrityError

from pindeck import access, db, queue
from pindeck.access import Actor
from pindeck.errors import Invalid
from pindeck.models import Activity, Image, ImportBatch, Project, StoredFile
from pindeck.services import blobs, colours, ledger, projects, uploads
from pindeck.services.fields import clean_tags, spec_of
from pindeck.services.ledger import Writer
from pindeck.services.uploads import Staged
from pindeck.states import AiStatus, BlobState, ImageStatus, Origin, PersistStatus, WriterKind

MODERATED = (Origin.DISCORD, Origin.PINTEREST)
MAX_COLOURS = 10


@dataclass(frozen=True)
class Candidate:
    """A picture to import. `import_urls` are addresses of smaller sizes that came with it; `words` by field."""

    image_url: str
    words: dict[str, Any] = field(default_factory=dict)
    colors: list[str] = field(default_factory=list)
    import_urls: dict[str, str] = field(default_factory=dict)
    external_id: str | None = None
    source_url: str | None = None
    origin: Origin | None = None
    import_batch_id: str | None = None
    storage_path: str | None = None


def create(actor: Actor, candidate: Candidate) -> str:
    """A record of an already hosted picture, active at once and not described by a machine (`images.create`)."""
    person = _importer(actor)
    words = {**candidate.words, "tags": _tags(candidate)}
    with db.writing():
        image = _insert(
            actor, person, candidate, words, ledger.person(actor), status=ImageStatus.ACTIVE, ai=AiStatus.COMPLETED
        )
    return image.id


def create_external(actor: Actor, candidate: Candidate) -> str:
    """The id of the new image, or of the one that is there already: own externalId, a visible one with it, own address.

    A moderated source waits for a person (pending); anything else is active and described. Raises Invalid.
    """
    person = _importer(actor)
    _check_batch(person, candidate.import_batch_id)
    words = {**candidate.words, "tags": _tags(candidate)}
    moderated = candidate.origin in MODERATED
    if candidate.origin != Origin.AI:
        words["project"] = words.get("project") or words.get("title")
    try:
        with db.writing():
            _one_at_a_time(person)
            known = _known(actor, person, candidate)
            if known is not None:
                return _seen_again(known, candidate)
            image = _insert(
                actor,
                person,
                candidate,
                words,
                Writer(WriterKind.IMPORT, user_id=person, client_id=actor.client_id, program="import"),
                status=ImageStatus.PENDING if moderated else ImageStatus.ACTIVE,
                ai=AiStatus.QUEUED if moderated else AiStatus.PROCESSING,
            )
        return image.id
    except IntegrityError as error:
        with db.writing():  # somebody imported the same externalId in the same moment
            known = _known(actor, person, candidate)
            if known is None:
                raise Invalid("This could not be imported.", fields={"externalId": "It is in use."}) from error
            return _seen_again(known, candidate)


def _importer(actor: Actor) -> str:
    access.require(actor, "upload")
    return access.require_person(actor)


def _tags(candidate: Candidate) -> list[str]:
    return list(dict.fromkeys([*clean_tags(candidate.words.get("tags")), "original"]))


def _check_batch(person: str, batch_id: str | None) -> None:
    if batch_id is None:
        return
    mine = (ImportBatch.id == batch_id) & (ImportBatch.user == person)
    if not ImportBatch.select().where(mine).exists():
        sentence = "There is no such import of yours."
        raise Invalid(sentence, fields={"importBatchId": sentence})


def _one_at_a_time(person: str) -> None:
    """On PostgreSQL two imports of one person could both miss the other; on SQLite one waits anyway."""
    if db.is_postgres():
        db.database.execute_sql("SELECT pg_advisory_xact_lock(7104, hashtext(%s))", (person,))


def _known(actor: Actor, person: str, candidate: Candidate) -> Image | None:
    own = (Image.user == person) & Image.deleted_at.is_null()
    if candidate.external_id is not None:
        same = Image.external_id == candidate.external_id
        found = Image.select().where(own & same).first()
        if found is None:
            others = Image.select().where(same & Image.deleted_at.is_null()).order_by(Image.seq).limit(20)
            found = next((image for image in list(others) if access.sees(actor, image)), None)
        if found is not None:
            return found
    address = (Image.external_url == candidate.image_url) | (Image.source_url == candidate.image_url)
    return Image.select().where(own & address).order_by(Image.seq).first()


def _seen_again(image: Image, candidate: Candidate) -> str:
    """Colours fill a record that has none; nothing else of it changes."""
    if candidate.colors and not image.colors:
        _set_colours(image, candidate.colors)
    return image.id


def _set_colours(image: Image, palette: list[str]) -> None:
    Image.update(colors=palette, updated_at=db.now_ms()).where(Image.seq == image.seq).execute()
    colours.write(image.seq, palette)


def _insert(
    actor: Actor,
    person: str,
    candidate: Candidate,
    words: dict[str, Any],
    writer: Writer,
    *,
    status: ImageStatus,
    ai: AiStatus,
) -> Image:
    """Inside a transaction: the image, its words and the job that brings its bytes."""
    now = db.now_ms()
    project = _project(actor, words.get("project"))
    file = _adopt(actor, person, candidate.storage_path)
    columns = {str(spec_of(name).column): value for name, value in words.items() if spec_of(name).column}
    image = Image.create(
        id=db.new_id(),
        project=project.id,
        user=person,
        client=actor.client_id,
        file=file.id if file else None,
        external_url=candidate.image_url,
        original_filename=uploads.clean_filename(candidate.image_url.partition("?")[0]),
        status=status,
        ai_status=ai,
        ai_started_at=now if ai == AiStatus.PROCESSING else None,
        persist_status=PersistStatus.PENDING,
        origin=candidate.origin or Origin.UPLOAD,
        colors=candidate.colors,
        external_id=candidate.external_id,
        source_url=candidate.source_url,
        import_urls=candidate.import_urls or None,
        import_batch_id=candidate.import_batch_id,
        created_at=now,
        updated_at=now,
        uploaded_at=now,
        ingested_at=now,
        **columns,
    )
    colours.write(image.seq, candidate.colors)
    ledger.write_new(image, words["tags"], projects.name_of(project.id), writer)
    Activity.create(
        at=now, user_id=person, client_id=actor.client_id, verb="image.import", image_id=image.id,
        detail={"origin": image.origin},
    )  # fmt: skip
    spec = queue.PERSIST if file else queue.FETCH_IMAGE
    queue.enqueue(spec, image_id=image.id, user_id=person, dedupe_key=f"{spec.kind}:{image.id}")
    return image


def _project(actor: Actor, name: str | None) -> Any:
    """The project a name means; that of a walled key whatever was named."""
    if actor.project_id is not None:
        return Project.get_by_id(actor.project_id)
    return projects.find_or_create(name)


def _adopt(actor: Actor, person: str, path: str | None) -> StoredFile | None:
    """A file of the caller's own that lies at a storage path already. Nobody adopts somebody else's object."""
    if path is None:
        return None
    key = path.removeprefix(f"{uploads.limits().bucket}/")
    blob = blobs.at(key)
    files = (
        list(StoredFile.select().where(StoredFile.blob == blob.id)) if blob and blob.state == BlobState.LIVE else []
    )
    own = next((file for file in files if access.sees_file(actor, file)), None)
    if blob is None or own is None:
        sentence = "There is no stored object of yours at this path."
        raise Invalid(sentence, fields={"storagePath": sentence})
    return uploads.add_file(actor, person, blob, own.filename, own.measured_type or own.declared_type)


def check_path(path: str, *, name: str) -> str:
    """A path inside the store: relative, without traversal (§4.2.1). Raises Invalid in the documented words."""
    if path.startswith(("/", "\\")):
        raise Invalid("absolute paths not allowed", fields={name: "absolute paths not allowed"})
    if any(part in (".", "..") for part in re.split(r"[/\\]", path)):
        raise Invalid("path traversal not allowed", fields={name: "path traversal not allowed"})
    return path


# Bringing the bytes


def bring(image_id: str) -> None:
    """What the job does: download, look whether it is a picture, and let it go the way of every upload.

    An image that is gone or has its bytes is no error. Raises what `fetching.fetch` and `uploads.stage` raise; the
    address stays in use then.
    """
    from pindeck import fetching

    image = Image.get_or_none(Image.id == image_id)
    if image is None or image.file_id is not None or not image.external_url:
        return
    with fetching.fetch(image.external_url, max_bytes=uploads.limits().max_bytes) as fetched:
        staged = uploads.stage(fetched.chunks)
    try:
        is_new = _attach(image, staged)
    except BaseException:
        uploads.drop(staged.key)
        raise
    if not is_new:
        uploads.drop(staged.key)


def _attach(image: Image, staged: Staged) -> bool:
    """One transaction; False when the staged object is not needed: equal bytes are there, or the image is not."""
    nobody = Actor(user_id=image.user_id)
    with db.writing():
        fresh = db.locked(Image.select().where((Image.seq == image.seq) & Image.file.is_null())).get_or_none()
        if fresh is None:
            return False
        blob, is_new = blobs.claim(staged.written.sha256, staged.written.size, staged.key, uploads.limits().bucket)
        file = uploads.add_file(nobody, image.user_id, blob, image.original_filename, staged.mime)
        Image.update(
            file=file.id,
            mime=staged.mime,
            size=staged.written.size,
            width=staged.width,
            height=staged.height,
            persist_status=PersistStatus.PENDING,
            persist_error=None,
            updated_at=db.now_ms(),
        ).where(Image.seq == image.seq).execute()
        queue.enqueue(
            queue.PERSIST, image_id=image.id, user_id=image.user_id, dedupe_key=f"{queue.PERSIST.kind}:{image.id}"
        )
    return is_new
