"""Pictures that extensions keep for a user: who is acted for, listing, uploads, deleting.

What an extension brings in is an ordinary image of its user, private, and tagged with the client that made it.
The tag is set here and nowhere else; a caller cannot choose it.
"""

import json
from dataclasses import dataclass
from typing import NamedTuple

from peewee import JOIN

from pindeck import access, db
from pindeck.access import Actor
from pindeck.cursors import Place
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound, no_image
from pindeck.imaging.extensions import extension_of
from pindeck.models import Client, Image, User
from pindeck.services import activity
from pindeck.services.blobs import staging
from pindeck.services.clients import idempotency
from pindeck.services.images import subjects, trash
from pindeck.services.ingest import uploads
from pindeck.services.ingest.uploads import Arrival, Staged
from pindeck.services.library import filters, query
from pindeck.services.library.query import NOTHING, Listing, Wanted
from pindeck.states import ClientKind, ImageStatus, Origin, Visibility
from pindeck.text import can_be_id, clean_text

MAX_SUBJECT = 128
OPERATOR = "operator"


def acting(actor: Actor, user_id: str | None) -> Actor:
    """The extension on behalf of its user. Any other actor stays as it is.

    Raises Forbidden `USER_SCOPE_VIOLATION`, Invalid (`USER_ID_REQUIRED` for an operator), or NotFound
    `USER_NOT_FOUND`.
    """
    if not actor.is_extension:
        return actor
    blank = user_id is not None and not user_id.strip()
    if actor.install_scope != OPERATOR:
        if blank:
            raise Invalid("userId: This must not be blank.", fields={"userId": "This must not be blank."})
        if user_id is not None and user_id != actor.user_id:
            raise Forbidden(
                "This extension is installed for one user and names another.", code="USER_SCOPE_VIOLATION"
            )
        return actor
    if user_id is None or blank:
        sentence = "userId is required for operator-scoped extensions."
        raise Invalid(sentence, fields={"userId": sentence}, code="USER_ID_REQUIRED")
    user = User.get_or_none((User.id == user_id) & User.disabled_at.is_null()) if can_be_id(user_id) else None
    if user is None:
        raise NotFound("There is no such user.", code="USER_NOT_FOUND")
    return actor.acting_for(user.id)


class Picture(NamedTuple):
    """What an extension reads of an image. `owner` is the identifier of the extension that made it."""

    id: str
    filename: str
    mime: str | None
    width: int | None
    height: int | None
    is_stored: bool
    owner: str | None
    character: str | None
    chat: str | None
    created_at: int


def _visible(actor: Actor, _: frozenset[str]) -> tuple[access.Condition, ...]:
    """The images of the user: active ones, and whatever this extension made."""
    return (access.found_by(actor),)


PICTURES = Listing(
    shown=_visible,
    order=(Image.created_at, Image.id),
    columns=(
        Image.id,
        Image.original_filename,
        Image.mime,
        Image.width,
        Image.height,
        Image.file.is_null(False),
        Client.identifier,
        Client.kind,
        Image.subject_character,
        Image.subject_chat,
        Image.created_at,
    ),
    join=lambda rows: rows.join(Client, JOIN.LEFT_OUTER),
)


def _read(rows: list[tuple]) -> list[Picture]:
    found = []
    for image_id, name, mime, width, height, stored, maker, kind, character, chat, at in rows:
        owner = maker if kind == ClientKind.EXTENSION else None
        found.append(Picture(image_id, name, mime, width, height, bool(stored), owner, character, chat, at))
    return found


def list_images(
    actor: Actor, wanted: Wanted = NOTHING, *, limit: int, offset: int = 0, after: Place | None = None
) -> tuple[list[Picture], int]:
    """A page, newest first, and how many match on all pages: both from one snapshot."""
    access.require(actor, "extension.read")
    with db.reading():
        found = _read(query.rows(PICTURES, actor, wanted, limit=limit, offset=offset, after=after))
        return found, query.count(PICTURES, actor, wanted)


def get(actor: Actor, image_id: str, wanted: Wanted = NOTHING) -> Picture:
    """Raises NotFound alike for what is missing, foreign, in the trash, or filtered out."""
    access.require(actor, "extension.read")
    return _one(actor, image_id, wanted)


def _one(actor: Actor, image_id: str, wanted: Wanted = NOTHING) -> Picture:
    known = can_be_id(image_id)
    found = _read(query.rows(PICTURES, actor, {**wanted, filters.ONE: image_id}, limit=1)) if known else []
    if not found:
        raise no_image()
    return found[0]


def clean_subject(raw: str | None, *, field: str) -> str | None:
    """An opaque tag, trimmed; nothing but spaces is none at all. Raises Invalid beyond 128 characters."""
    return clean_text(raw, field=field, max_length=MAX_SUBJECT) or None if raw is not None else None


def subjects_of(character: str | None, chat: str | None) -> tuple[str | None, str | None]:
    """The tags of what is ordered for a character or a chat. Raises Invalid naming the field."""
    return clean_subject(character, field="characterId"), clean_subject(chat, field="chatId")


@dataclass(frozen=True)
class UploadMeta:
    """What an upload says besides its bytes. Without a `filename` the image is named after its id."""

    filename: str = ""
    character: str | None = None
    chat: str | None = None
    origin: Origin = Origin.UPLOAD


def clean_meta(filename: str | None, character: str | None, chat: str | None, *, default: str = "") -> UploadMeta:
    """`default` names the image when nothing is left of the name that was given. Raises Invalid naming the field."""
    return UploadMeta(
        staging.clean_filename(filename or "", default=default),
        clean_subject(character, field="owner_character_id"),
        clean_subject(chat, field="owner_chat_id"),
    )


def take_in(
    actor: Actor, staged: Staged, meta: UploadMeta, *, repeat: idempotency.Request | None = None
) -> tuple[Picture, bool]:
    """Record staged bytes as a private image of the user, or answer what an equal request was answered before.

    The second value tells whether this request made it. The answer of a repeatable request is written in the
    transaction of the image, so that there is never one without the other. Raises Conflict when the
    Idempotency-Key was used for something else.
    """
    try:
        access.require(actor, "extension.write")
        known = repeat.answer() if repeat else None
    except BaseException:
        staging.drop(staged.key)
        raise
    if known is not None:
        staging.drop(staged.key)
        return Picture(**json.loads(known)), False
    made: list[Picture] = []

    def then(image: Image) -> None:
        activity.note(actor, "extension.upload", image.id)
        if not meta.filename:
            named = f"image-{image.id}.{extension_of(staged.mime)}"
            Image.update(original_filename=named).where(Image.seq == image.seq).execute()
        made.append(_one(actor, image.id))
        if repeat:
            repeat.keep(json.dumps(made[-1]._asdict()))

    arrival = Arrival(
        status=ImageStatus.ACTIVE,
        visibility=Visibility.PRIVATE,
        subject_character=meta.character,
        subject_chat=meta.chat,
        origin=meta.origin,
        tags=(),
    )
    try:
        uploads.record(actor, staged, meta.filename or "image", arrival, then=then)
    except idempotency.Repeated:  # an equal request was faster by a moment; what this one did is undone
        assert repeat
        return Picture(**json.loads(str(repeat.answer()))), False
    return made[-1], True  # the last: a transaction that was broken off begins again


def delete(actor: Actor, image_id: str) -> None:
    """An own upload goes for good; another image of the user goes to the trash, where the user can undo it.

    Raises Forbidden, before anything is looked for, without the permission; `NOT_OWNER` for an image it did not
    make unless it may delete any; NotFound.
    """
    access.require(actor, "extension.delete")
    image = access.find_image(actor, image_id)
    if image.client_id == actor.client_id:
        trash.purge(actor, image.id)
        return
    if not access.can(actor, "image.trash", image):
        raise Forbidden("This extension may delete only what it made itself.", code="NOT_OWNER")
    try:
        trash.trash(actor, image.id)
    except Conflict as error:  # somebody else was faster: for an extension it is gone
        raise no_image() from error


def delete_many(actor: Actor, image_ids: list[str]) -> int:
    """Returns how many were deleted. Unknown images, and those it may not delete, are skipped."""
    access.require(actor, "extension.delete")
    return sum(_deleted(actor, image_id) for image_id in dict.fromkeys(image_ids))


def _deleted(actor: Actor, image_id: str) -> bool:
    try:
        delete(actor, image_id)
    except (NotFound, Forbidden):
        return False
    return True


def forget(actor: Actor, kind: str, value: str) -> int:
    """Clear a tag on all images of the user, for a character or chat that is gone; the images stay. How many.

    The value is read as tags are on their way in, so that whatever could be set can be cleared. Raises Invalid.
    """
    access.require(actor, "extension.write")
    subject = clean_subject(value, field="subject_id")
    return 0 if subject is None else subjects.forget(actor, kind, subject)
