"""Pictures on their way in: streamed, hashed, looked at, and recorded in one transaction.

Bytes come first, the record last: until the row is committed the only thing left behind by a crash is a
staging object, which the sweep removes.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from pindeck import access, config, db, queue, storage
from pindeck.access import Actor
from pindeck.errors import Invalid, invalid
from pindeck.imaging import confined
from pindeck.imaging.errors import BadImage, NotAPicture
from pindeck.models import Image, StoredFile
from pindeck.services.blobs import blobs, healing, room, staging
from pindeck.services.clients import api_keys as keys_of
from pindeck.services.files import records
from pindeck.services.images import ledger, projects, same_bytes, unique_ids
from pindeck.services.images.fields import Kept, clean_tags, spec_of
from pindeck.services.images.ledger import Writer
from pindeck.states import AiStatus, ImageStatus, Origin, Visibility
from pindeck.storage import keys
from pindeck.storage.base import Written
from pindeck.text import can_be_id, name_of_file

Then = Callable[[Image], None]


@dataclass(frozen=True)
class Accepted:
    """`already` is the first image with the same bytes that the uploader may see, if there is one."""

    image: Image
    already: Image | None


@dataclass(frozen=True)
class Staged:
    """Bytes that are safe under a staging key and are a picture."""

    key: str
    written: Written
    mime: str
    width: int
    height: int


def accept(
    actor: Actor, stream: BinaryIO | Iterable[bytes], filename: str, words: Mapping[str, object] = {}, *, then: Then | None = None
) -> Accepted:
    """Take one picture from a person: it is safe and recorded as a draft when this returns.

    `words` are what they typed for it, by field. Raises Invalid with the reason when it is not a picture we can keep, or a
    word cannot be, TooLarge, NoSpace, or Upstream; then nothing is left of it.
    """
    access.require(actor, "upload")
    typed = {name: spec_of(name).clean(raw) for name, raw in words.items()}
    if "project" in typed:
        projects.stay_inside(actor, str(typed["project"] or ""))

    def write(image: Image) -> None:
        if "tags" in typed:
            typed["tags"] = clean_tags([*Arrival.tags, *typed["tags"]])  # type: ignore[misc]
        if typed:
            _write_typed(actor, image, typed)
        if then:
            then(image)

    return record(actor, stage(stream), filename, then=write)


def _write_typed(actor: Actor, image: Image, typed: Mapping[str, Kept]) -> None:
    """What a person left empty on purpose, and what is so anyway, is their word as well: no machine fills it."""
    writer = ledger.person(actor)
    written = ledger.write(image.id, dict(typed), writer)
    now = ledger.values_of(image, [name for name in typed if name not in written.events])
    ledger.insert(
        [ledger.row(image.id, name, kept, kept, writer, written.action_id, db.now_ms()) for name, kept in now.items()]
    )


def stage(
    stream: BinaryIO | Iterable[bytes], *, max_bytes: int | None = None, expect_sha256: str | None = None
) -> Staged:
    """Stream bytes to staging while hashing them, and look whether they are a picture.

    `max_bytes` is a limit below that of pictures, `expect_sha256` (hex) what the sender announced.
    """
    key = keys.staging_key()
    return look(key, put(key, stream, max_bytes=max_bytes, expect_sha256=expect_sha256))


def put(
    key: str, stream: BinaryIO | Iterable[bytes], *, max_bytes: int | None = None, expect_sha256: str | None = None
) -> Written:
    """Only stream them there."""
    largest = config.current().max_upload_bytes
    return storage.current().put(
        key,
        room.admitted(stream),
        content_type="application/octet-stream",
        limit=largest if max_bytes is None else min(max_bytes, largest),
        expect_sha256=expect_sha256,
    )


def look(key: str, written: Written) -> Staged:
    """Look whether what lies there is a picture; what is not one is dropped."""
    store = storage.current()
    try:
        if written.size == 0:
            raise Invalid("This file is empty.", fields={"file": "This file is empty."}, code="EMPTY_IMAGE")
        path = store.local_path(key)
        with open(path, "rb") if path else _spooled(key) as file:
            probe = confined.check_upload(file, max_megapixels=config.current().max_image_megapixels)
    except NotAPicture as error:
        staging.drop(key)
        raise Invalid(
            error.reason, fields={"file": error.reason}, code="UNSUPPORTED_FILE_TYPE", status=415
        ) from error
    except BadImage as error:
        staging.drop(key)
        raise invalid("file", error.reason, code="IMAGE_UNDECODABLE", status=422) from error
    except BaseException:
        staging.drop(key)
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


@dataclass(frozen=True)
class Arrival:
    """How a picture comes in: where it goes, who sees it, and what its maker says of it.

    An upload of the gallery is a draft of the library; programs and extensions bring active images.
    `file_project` lets the keys of a project see the file itself. `columns` are those of an image that has its words
    from elsewhere than its file, which `writer` gave.
    """

    status: ImageStatus = ImageStatus.DRAFT
    visibility: Visibility = Visibility.LIBRARY
    project_id: str = projects.DEFAULT_ID
    file_project: str | None = None
    flow_id: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    subject_character: str | None = None
    subject_chat: str | None = None
    origin: Origin = Origin.UPLOAD
    tags: tuple[str, ...] = ("original",)
    columns: dict[str, Any] = field(default_factory=dict)
    writer: Writer = ledger.RULE


def record(
    actor: Actor,
    staged: Staged,
    filename: str,
    arrival: Arrival = Arrival(),
    *,
    first: Callable[[], None] | None = None,
    then: Then | None = None,
) -> Accepted:
    """One transaction: blob, file, image, its first words, and the job that stores and sizes it.

    `then` runs inside it with the new image, for what must happen with the upload or not at all, such as
    taking an alias; whatever it raises undoes everything. `first` begins it, for the locks that takes.
    """
    name = staging.clean_filename(filename)
    owner = keys_of.owner_for(actor)

    def work() -> tuple[Image, bool, Image | None]:
        if first:
            first()
        blob, is_new = blobs.claim(
            staged.written.sha256, staged.written.size, staged.key, config.current().minio_bucket
        )
        file = records.add_file(actor, owner, blob, name, staged.mime, project_id=arrival.file_project)
        image = add_image(actor, owner, file, staged, name, arrival)
        already = None if is_new else same_bytes.earlier_ones(actor, [image]).get(image.id)
        if then:
            then(image)
        queue.enqueue(queue.PERSIST, image_id=image.id, user_id=owner, dedupe_key=f"persist:{image.id}")
        return image, is_new, already

    try:
        image, is_new, already = healing.retried(staged.key, work)
    except BaseException:
        staging.drop(staged.key)
        raise
    if not is_new:
        staging.drop(staged.key)
    return Accepted(image, already)


def add_image(actor: Actor, owner: str, file: StoredFile, staged: Staged, name: str, arrival: Arrival) -> Image:
    """The row of a new image and its first words, inside the transaction that wrote its file."""
    now = db.now_ms()
    columns: dict[str, Any] = dict(
        id=db.new_id(),
        project=arrival.project_id,
        flow_id=arrival.flow_id,
        user=owner,
        client=actor.client_id,
        file=file.id,
        original_filename=name,
        mime=staged.mime,
        size=staged.written.size,
        width=staged.width,
        height=staged.height,
        title=title_from(name),
        status=arrival.status,
        visibility=arrival.visibility,
        origin=arrival.origin,
        ai_status=AiStatus.PROCESSING,
        ai_started_at=now,
        meta=arrival.meta,
        subject_character=arrival.subject_character,
        subject_chat=arrival.subject_chat,
        created_at=now,
        updated_at=now,
        uploaded_at=now,
    )
    columns |= arrival.columns

    def create() -> Image:
        is_active = arrival.status == ImageStatus.ACTIVE
        tag = unique_ids.of_new(columns["id"], columns.get("parent_id")) if is_active else None
        return Image.create(**columns, unique_tag=tag)

    image = unique_ids.first(create)
    ledger.write_new(image, list(arrival.tags), projects.name_of(arrival.project_id), arrival.writer)
    return image


def parent_of(actor: Actor, image_id: str, field: str) -> str:
    """Inside a transaction: the id of the picture that a new one is a variation of, which stays until the end.

    Raises Invalid naming the field for one that the actor may not see.
    """
    parent = db.locked(Image.select().where(Image.id == (image_id if can_be_id(image_id) else "")), "FOR KEY SHARE")
    found = parent.get_or_none()
    if found is None or found.is_trashed or not access.sees(actor, found):
        sentence = "There is no picture of this id that you may see."
        raise invalid(field, sentence, named=True)
    return str(found.id)


def title_from(filename: str) -> str:
    """The title of a picture that nobody has named."""
    return name_of_file(filename) or "Untitled"
