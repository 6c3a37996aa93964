"""Bytes on their way out: which object answers an address, and how long that answer may be kept.

What a visitor may see is public and may be cached; everything else is private.
"""

from dataclasses import dataclass, replace
from typing import Any

from peewee import JOIN

from pindeck import access, db
from pindeck.access import VISITOR, Actor
from pindeck.errors import Invalid, NotFound, invalid, no_image
from pindeck.imaging.presets import EAGER, PRESET_VERSION, PRESETS
from pindeck.models import Blob, Export, Image, StoredFile
from pindeck.services.blobs import blobs, signed_urls
from pindeck.services.derivatives import on_demand
from pindeck.services.images import aliases, projects
from pindeck.states import BlobState, Damage, ImageStatus

SIZES = (*(preset.name for preset in EAGER), "screen", "sm", "lg")
FOR_THE_CALLER = "private, max-age=86400"  # what an extension is promised
VARY = ("Cookie", "Authorization", "X-API-Key", "Accept")


@dataclass(frozen=True)
class Delivery:
    """An object to send, or `data` that is kept nowhere. `sha256` makes the strong ETag.

    `vary` names request headers that choose between answers. `image_id` is told in a header of its own.
    """

    key: str
    sha256: str
    size: int
    mime: str
    filename: str
    cache: str
    is_public: bool
    vary: tuple[str, ...] = ()
    image_id: str | None = None
    data: bytes | None = None


def picture(actor: Actor, ref: str, size: str | None, *, project: str | None = None) -> Delivery:
    """An original (no size) or a rendition at its public address, by id or by `@alias` of a project.

    Raises NotFound for what the actor may not see, Invalid `INVALID_SIZE`, Unavailable for what cannot be made now.
    """
    check_size(size)
    image = find(actor, ref, project=project)
    found = _sized(actor, image, size)
    return replace(found, cache="public, no-cache") if ref.startswith("@") and found.is_public else found


def sized(actor: Actor, image: Image, size: str | None) -> Delivery:
    """The same of an image the actor was let to, for its own eyes: what the paths of the API answer."""
    check_size(size)
    access.require(actor, "image.view", image)
    return replace(_sized(actor, image, size), cache=FOR_THE_CALLER, is_public=False, vary=VARY)


def shared(image: Image, size: str) -> Delivery:
    """A rendition for whoever has the link of a board, which the caller has checked: kept by nobody, so that it ends with the
    link. The size for the screen is made when it is first asked for, in its turn.

    Raises NotFound, Unavailable for what cannot be made now.
    """
    row = db.sql(_STORED, size=size, file=image.file_id).fetchone()
    if size == "screen" and row is not None and (row[1] is None or row[5] is not None):
        made = on_demand.make(row[0], size, (image.width or 1, image.height or 1))
        row = (row[0], made.object_key, made.sha256, made.bytes, made.mime, None)
    if row is None or row[1] is None or row[5] is not None:
        raise NotFound("This picture cannot be shown now.")
    return Delivery(row[1], row[2], row[3], row[4], f"{stem_of(image)}-{size}.webp", "private, no-cache", False)


def check_size(size: str | None) -> None:
    if size is not None and size != "full" and size not in SIZES:
        sentence = f"There is no size “{size[:20]}”. Use one of: full, {', '.join(SIZES)}."
        raise invalid("size", sentence, code="INVALID_SIZE", status=400)


def find(actor: Actor, ref: str, *, project: str | None = None) -> Image:
    """The image at a public address. Raises NotFound.

    What lies in the trash is shown on the page of the trash, so its owner finds it, and no program does.
    """
    if not ref.startswith("@"):
        return access.image_for(actor, "image.view", ref.lower(), trashed=not actor.is_program)
    try:
        return aliases.resolve(actor, ref, projects.chosen(actor, project) if project else projects.DEFAULT_ID, None)
    except (Invalid, NotFound) as error:  # no alias, none that stays the same, or nobody's
        raise no_image() from error


def _sized(actor: Actor, image: Image, size: str | None) -> Delivery:
    open_to_all = is_open(image)
    if not size or size == "full":
        blob = _whole(blobs.original_of(image))
        return Delivery(
            blob.object_key,
            blob.sha256,
            blob.size,
            image.mime or "application/octet-stream",
            image.original_filename or "image",
            cache_of(image, "public, max-age=86400, immutable"),
            open_to_all,
            image_id=image.id,
        )
    key, sha256, bytes_, mime = _rendition(actor, image, size)
    cache = cache_of(image, "public, max-age=86400")
    return Delivery(key, sha256, bytes_, mime, f"{stem_of(image)}-{size}.webp", cache, open_to_all, image_id=image.id)


def _whole(blob: Blob) -> Blob:
    """Bytes that are known to be wrong are not sent under the digest of the right ones. Raises Damaged.

    What could not be read may be readable by now, and is offered.
    """
    if blob.damaged_at is not None and blob.damage != Damage.UNREADABLE:
        raise on_demand.damaged(blob)
    return blob


def is_open(image: Image) -> bool:
    """Whether a visitor may see it."""
    return not image.is_trashed and access.can(VISITOR, "image.view", image)


def cache_of(image: Image, public: str) -> str:
    return public if is_open(image) else "private, no-cache"


def stem_of(image: Image) -> str:
    """What a file made of this image is called, without extension."""
    return image.original_filename.rpartition(".")[0] or image.original_filename or "image"


# The blob of a file and one of its renditions, in one question, because every picture on a page asks it.
_STORED = """
SELECT f.blob_id, d.object_key, d.sha256, d.bytes, d.mime, d.damaged_at, d.preset_version FROM stored_file f
LEFT JOIN derivative d ON d.blob_id = f.blob_id AND d.preset = :size WHERE f.id = :file
"""


def _rendition(actor: Actor, image: Image, size: str) -> tuple[str, str, int, str]:
    """Key, SHA-256, bytes and type. What is missing is made, but a draft has its usual sizes when its job is done."""
    row = db.sql(_STORED, size=size, file=image.file_id).fetchone()
    if row is None:
        raise NotFound("This picture is not stored here.")
    blob_id, damaged_at, version = row[0], row[5], row[6]
    if version == PRESET_VERSION and damaged_at is None:
        return row[1:5]
    if version is None and image.status != ImageStatus.ACTIVE and PRESETS[size] in EAGER:
        raise NotFound("This size is not ready yet.")
    made = on_demand.make(blob_id, size, (image.width or 1, image.height or 1))
    access.find_image(actor, image.id, trashed=image.is_trashed)  # it may have been deleted meanwhile
    return made.object_key, made.sha256, made.bytes, made.mime


FILE_SECONDS = 3600  # long enough to spare requests, short enough to forget what was deleted


def stored_file(actor: Actor, address: str) -> Delivery:
    """The file behind a `/storage` address: a caller with the address may read it; that of a picture, while the picture is seen.

    Raises Invalid `INVALID_STORAGE_PATH` for what cannot be an address, NotFound for one that leads nowhere (any
    more), and PindeckError `STORAGE_TOKEN_EXPIRED` for one that was signed for a time that is over.
    """
    signed = signed_urls.parse(address)
    named = StoredFile.file_key == address if signed is None else StoredFile.id == signed.storage_id
    row = _with_claimant().where(named & (Blob.state == BlobState.LIVE)).get_or_none()
    # What is in an export is judged anew with each reading, at an address of its own.
    if row is None or _is_exported(row) or (signed is not None and not signed_urls.is_ours(signed, row)):
        raise _no_file()
    image: Image | None = row.claimant
    is_shared = image is None or is_open(image)
    if image is not None and not is_shared and not _finds(actor, image):
        raise _no_file()
    found = of_file(row, seconds=FILE_SECONDS if signed is None else signed_urls.seconds_left(signed))
    return found if is_shared else replace(found, cache="private, no-cache")


def _is_exported(file: StoredFile) -> bool:
    owners = (file.user_id, file.client_id, file.project_id)
    return owners == (None, None, None) and Export.select().where(Export.file == file.id).exists()


def _with_claimant() -> Any:
    """Files with their blobs, and with the image whose original each is, if there is one."""
    claim = Image.file == StoredFile.id
    rows = StoredFile.select(StoredFile, Blob, Image).join(Blob)
    return rows.join_from(StoredFile, Image, JOIN.LEFT_OUTER, on=claim, attr="claimant")


def _finds(actor: Actor, image: Image) -> bool:
    """Whether the image's own address answers the caller, whatever the scopes of its key allow."""
    return access.sees(actor, image) and not (image.is_trashed and actor.is_program)


def _no_file() -> NotFound:
    return NotFound("There is no such file.", code="FILE_NOT_FOUND")


def of_file(file: StoredFile, *, seconds: int = FILE_SECONDS) -> Delivery:
    """A file with its blob; an answer may be kept for so many seconds by the caller. Raises Damaged."""
    _whole(file.blob)
    return Delivery(
        file.blob.object_key,
        file.blob.sha256,
        file.blob.size,
        file.declared_type or "application/octet-stream",
        file.filename or "",
        f"private, max-age={min(seconds, FILE_SECONDS)}",
        False,
    )
