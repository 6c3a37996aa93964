"""Stored files become drafts: the second step of an upload by ticket."""

from pindeck import access, db, queue
from pindeck.access import Actor
from pindeck.errors import Invalid, NotFound, invalid
from pindeck.models import Blob, Image, StoredFile
from pindeck.services.blobs import staging
from pindeck.services.images import ledger, projects
from pindeck.services.images.fields import clean_tags, kept_spec_of
from pindeck.services.ingest import uploads
from pindeck.services.ingest.uploads import Arrival, Staged
from pindeck.storage.base import Written
from pindeck.terms import CRAFT
from pindeck.text import can_be_id

MAX_ITEMS = 50


def upload_multiple(actor: Actor, items: list[dict[str, object]]) -> list[str]:
    """Claim stored files as drafts: all of them, or none.

    Each item has `storageId` and the words of the image. Returns image ids in the order of the items.
    """
    check_may(actor)
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_ITEMS:
        message = f"Send between 1 and {MAX_ITEMS} uploads."
        raise invalid("uploads", message)
    prepared = [(item, _words(item, f"uploads.{number}")) for number, item in enumerate(items)]
    return db.retried(
        lambda: [_claim(actor, item, words, f"uploads.{n}") for n, (item, words) in enumerate(prepared)]
    )


def check_may(actor: Actor) -> None:
    """Uploads belong to a person. Raises NotSignedIn or Forbidden."""
    access.require(actor, "upload")
    access.require_person(actor)


_ITEM_FIELDS = {
    "title": "title", "description": "description", "tags": "tags", "category": "category", "group": "group",
    "genre": "genre", "shot": "shot", "style": "style", "projectName": "project", "moodboardName": "moodboard",
    "uniqueId": "unique_tag", "sref": "sref", "source": "source", "colors": "colors",
    **{f"craft.{field.member}": name for name, field in CRAFT.items()},
}  # fmt: skip


def _words(item: dict[str, object], place: str) -> dict[str, object]:
    """By our own names. Raises Invalid naming the field as the caller spelt it, and where in the list it stands."""
    words: dict[str, object] = {}
    craft = item.get("craft")
    told = item | {f"craft.{member}": value for member, value in craft.items()} if isinstance(craft, dict) else item
    for outside, name in _ITEM_FIELDS.items():
        if told.get(outside) is not None:
            try:
                words[name] = kept_spec_of(name).clean(told[outside])
            except Invalid as error:
                sentence = next(iter(error.fields.values()), error.message)
                spelt = f"{place}.{outside}"
                raise invalid(spelt, sentence, named=True) from error
    return words


def _claim(actor: Actor, item: dict[str, object], words: dict[str, object], place: str) -> str:
    storage_id = str(item.get("storageId") or "")
    free = (
        (StoredFile.id == (storage_id if can_be_id(storage_id) else ""))
        & (StoredFile.user_id == actor.user_id)
        & (StoredFile.purpose == "image")
        & StoredFile.claim_deadline.is_null(False)
    )
    file = db.locked(StoredFile.select().where(free)).get_or_none()
    if file is None:
        raise NotFound("Failed to get temporary image URL: there is no such uploaded file of yours.")
    blob = Blob.get_by_id(file.blob_id)
    name = staging.clean_filename(str(item.get("originalFileName") or ""), default=file.filename or "image")
    # The file has the name too: the key of the object is made of it.
    StoredFile.update(claim_deadline=None, filename=name).where(StoredFile.id == file.id).execute()
    staged = Staged(
        blob.object_key, Written(blob.size, blob.sha256), file.measured_type or file.declared_type or "", 1, 1
    )
    # A key brings pictures into its own project, whatever they say.
    parent = item.get("parentImageId")
    arrival = Arrival(
        project_id=actor.project_id or projects.DEFAULT_ID,
        columns={"parent_id": uploads.parent_of(actor, str(parent), f"{place}.parentImageId")} if parent else {},
    )
    image = uploads.add_image(actor, str(file.user_id), file, staged, name, arrival)
    Image.update(width=None, height=None).where(Image.seq == image.seq).execute()
    given = {**words, "tags": [*clean_tags(words.get("tags")), "original"]}
    if actor.project_id:
        given.pop("project", None)
    ledger.write(image.id, given, ledger.person(actor))
    queue.enqueue(queue.PERSIST, image_id=image.id, user_id=actor.user_id, dedupe_key=f"persist:{image.id}")
    return image.id
