"""The operations of extensions: their images."""

from dataclasses import replace
from typing import Any, Literal

from flask import Blueprint, g, request
from werkzeug.routing import PathConverter

from pindeck.access import Actor
from pindeck.api import repeats
from pindeck.api.extensions import upload_form
from pindeck.api.extensions.schemas import (
    DTO,
    BatchItem,
    Cleared,
    DataUrlInput,
    Deleted,
    DeletedMany,
    FilterQuery,
    For,
    IdsInput,
    ImageDTO,
    ImageList,
    ListQuery,
    Me,
    MissingBody,
    NotDeletedBody,
    UploadQuery,
    dto,
)
from pindeck.api.extensions.upload_form import EXAMPLES, SCHEMAS, Upload
from pindeck.api.operations import EXTENSIONS, Answer, Fault, JsonBody, Reply, StreamBody, operation
from pindeck.api.paging import asked, cut
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import IMAGE_NOT_FOUND, UPLOAD_FAULTS
from pindeck.cursors import Place
from pindeck.errors import Invalid, NotFound, PindeckError
from pindeck.services.blobs import data_urls, staging
from pindeck.services.clients import idempotency
from pindeck.services.ingest import extensions, uploads
from pindeck.services.ingest.extensions import Picture


class Opaque(PathConverter):
    """The rest of an address as it is. No slash of it is merged away: a tag that begins with one is another tag."""

    regex = ".+?"
    part_isolating = False


bp = Blueprint("api_extension", __name__, url_prefix=f"{PREFIX}/extension")
bp.record(lambda state: state.app.url_map.converters.update(opaque=Opaque))

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
WHOM = (
    Fault(400, "USER_ID_REQUIRED", "An operator extension must name its user in `userId`."),
    Fault(403, "PERMISSION_DENIED", "The extension lacks the permission."),
    Fault(403, "USER_SCOPE_VIOLATION", "An extension of one user named another one."),
    Fault(404, "USER_NOT_FOUND", "There is no such user."),
)
SIZE = Fault(400, "INVALID_SPECIFICITY", "There is no such size.")
EMPTY = Fault(400, "EMPTY_IMAGE", "The picture has no bytes.")
NEW = Answer(
    ImageDTO,
    201,
    says="The new picture.",
    example={**DTO, "url": f"{PREFIX}/images/{DTO['id']}", "specificity": "full"},
)
IMAGE = {"image_id": "The image's id"}


def _acting(*user_ids: str | None) -> Actor:
    """The actor on behalf of whom the address or the body names; both must name the same user."""
    named = [user_id for user_id in user_ids if user_id is not None]
    if len(set(named)) > 1:
        raise Invalid("userId is given twice and differs.", fields={"userId": "This is given twice and differs."})
    return extensions.acting(g.actor, named[0] if named else None)


@bp.get("/me")
@operation(
    "extension.read",
    surface="extensions",
    summary="Who am I",
    answers=Answer(Me, example={"identifier": "gallery_helper", "scope": "user", "permissions": ["images:read"]}),
    faults=(WHOM[1],),
    callers=EXTENSIONS,
)
def read_me() -> dict[str, Any]:
    """The identifier, the install scope, and the permissions as they are at this moment."""
    actor = g.actor
    return {"identifier": actor.identifier, "scope": actor.install_scope, "permissions": sorted(actor.scopes)}


@bp.get("/images")
@operation(
    "extension.read",
    surface="extensions",
    summary="List images",
    query=ListQuery,
    answers=Answer(ImageList, example={"data": [DTO], "total": 1}, headers=("Link",)),
    faults=(*WHOM, SIZE),
    callers=EXTENSIONS,
)
def list_images(query: ListQuery) -> Reply:
    """The user's images, newest first, regardless of who made them; filters combine with AND. Trashed ones never appear."""
    actor, size = _acting(query.userId), query.size
    found, total = extensions.list_images(actor, query.wanted, **asked(query))
    shown, link = cut(query, found, query.limit, lambda picture: Place(picture.created_at, picture.id), total=total)
    return Reply({"data": [dto(picture, size) for picture in shown], "total": total}, headers=link)


@bp.get("/images/<image_id>")
@operation(
    "extension.read",
    surface="extensions",
    summary="Get one image",
    query=FilterQuery,
    path=IMAGE,
    answers=Answer(ImageDTO, example=DTO),
    faults=(*WHOM, SIZE, replace(IMAGE_NOT_FOUND, body=MissingBody)),
    callers=EXTENSIONS,
)
def get_image(image_id: str, query: FilterQuery) -> dict[str, Any]:
    """The record, never bytes. Missing, foreign, trashed and filtered out are the same 404, with `data` null."""
    actor, size = _acting(query.userId), query.size
    try:
        return dto(extensions.get(actor, image_id, query.wanted), size)
    except NotFound as error:
        error.beside = {"data": None}
        raise


@bp.post("/images")
@operation(
    "extension.write",
    surface="extensions",
    summary="Upload a picture",
    query=UploadQuery,
    body=StreamBody(SCHEMAS, examples=EXAMPLES),
    answers=NEW,
    faults=(*WHOM, EMPTY, *UPLOAD_FAULTS),
    bucket="upload",
    callers=EXTENSIONS,
    repeats=Repeats.BYTES,
)
def upload_image(query: UploadQuery) -> Any:
    """Raw bytes with their words in the address, or a form with a file part `data` and the same names as fields.
    Private to the user, and tagged with the extension that sent it."""
    if query.userId is not None or not upload_form.is_form():  # a form may name the user among its fields
        _acting(query.userId)  # refused before a byte is read
    with upload_form.received(query) as upload:
        actor = _acting(query.userId, upload.user_id)
        return _record(actor, upload)


@bp.post("/images/data-url")
@operation(
    "extension.write",
    surface="extensions",
    summary="Upload a data URL",
    query=For,
    body=JsonBody(
        DataUrlInput,
        with_picture=True,
        example={"dataUrl": f"data:image/png;base64,{PIXEL}", "originalFilename": "g.png"},
    ),
    answers=NEW,
    faults=(
        *WHOM, EMPTY, *UPLOAD_FAULTS, Fault(400, "INVALID_DATA_URL", "This is not a base64 data URL."),
    ),
    bucket="upload",
    callers=EXTENSIONS,
    repeats=Repeats.BYTES,
)  # fmt: skip
def upload_data_url(query: For, body: DataUrlInput) -> Any:
    """A picture inside a text. Its declared type is a claim; the bytes decide."""
    actor = _acting(query.userId, body.userId)
    meta = extensions.clean_meta(body.originalFilename, body.owner_character_id, body.owner_chat_id)
    staged = uploads.stage(data_urls.parse(body.dataUrl).pieces())
    return _record(actor, Upload(staged, meta, None))


def _record(actor: Actor, upload: Upload) -> Reply:
    return Reply(dto(_taken(actor, upload)), 201)


def _taken(actor: Actor, upload: Upload, part: str | None = None) -> Picture:
    """Record what was received; a repeat of the request under its key gets what it made. A batch does so for each part."""
    staged, meta = upload.take(), upload.meta
    try:
        repeat = idempotency.request(
            actor,
            request.headers.get(repeats.KEY),
            request.path, actor.user_id, staged.written.sha256, meta.filename, meta.character, meta.chat,
            part=part,
        )  # fmt: skip
    except PindeckError:
        staging.drop(staged.key)
        raise
    return extensions.take_in(actor, staged, meta, repeat=repeat)[0]


@bp.delete("/images/<image_id>")
@operation(
    "extension.delete",
    surface="extensions",
    summary="Delete an image",
    query=For,
    path=IMAGE,
    answers=Answer(Deleted, example={"deleted": True}),
    faults=(
        *WHOM,
        replace(IMAGE_NOT_FOUND, body=NotDeletedBody),
        Fault(403, "NOT_OWNER", "The extension did not make the image, and may delete only what it made."),
    ),
    bucket="write",
    callers=EXTENSIONS,
)
def delete_image(image_id: str, query: For) -> dict[str, Any]:
    """An own upload goes for good; another image of the user goes to the trash for thirty days."""
    try:
        extensions.delete(_acting(query.userId), image_id)
    except NotFound as error:
        error.beside = {"deleted": False}
        raise
    return {"deleted": True}


@bp.post("/images/batch")
@operation(
    "extension.write",
    surface="extensions",
    summary="Upload several pictures",
    query=For,
    body=StreamBody(
        {"multipart/form-data": upload_form.BATCH}, examples={"multipart/form-data": upload_form.BATCH_EXAMPLE}
    ),
    answers=Answer(
        list[BatchItem],
        says="In the order of the parts.",
        example=[{"id": DTO["id"]}, {"error": "This file is empty."}],
    ),
    faults=(*WHOM, *UPLOAD_FAULTS),
    bucket="upload",
    callers=EXTENSIONS,
    repeats=Repeats.BYTES,
)
def upload_batch(query: For) -> list[dict[str, Any]]:
    """Up to 100 parts `data`, and a part `items` with a JSON array of their words. One failure leaves the others."""
    repeats.asked()  # a key that is none is refused before a byte is read
    if query.userId is not None:
        _acting(query.userId)
    with upload_form.received_batch() as found:
        actor = _acting(query.userId, found.user_id)
        return [
            {"error": entry} if isinstance(entry, str) else _one_of_batch(actor, entry, f"part {number}")
            for number, entry in enumerate(found.entries)
        ]


def _one_of_batch(actor: Actor, upload: Upload, part: str) -> dict[str, Any]:
    try:
        return {"id": _taken(actor, upload, part).id}
    except PindeckError as error:
        return {"error": error.message}


@bp.post("/images/delete")
@operation(
    "extension.delete",
    surface="extensions",
    summary="Delete several images",
    query=For,
    body=JsonBody(IdsInput, example={"ids": [DTO["id"]]}),
    answers=Answer(DeletedMany, example={"deleted": 1}),
    faults=WHOM,
    bucket="write",
    callers=EXTENSIONS,
)
def delete_images(query: For, body: IdsInput) -> dict[str, int]:
    """Up to 500 ids. Unknown ones, and those this extension may not delete, are skipped."""
    return {"deleted": extensions.delete_many(_acting(query.userId, body.userId), body.ids)}


@bp.delete("/owners/<any(character, chat):kind>/<opaque:subject_id>")
@operation(
    "extension.write",
    surface="extensions",
    summary="Forget a character or chat",
    query=For,
    path={"kind": "character or chat", "subject_id": "The tag's value"},
    answers=Answer(Cleared, example={"cleared": 2}),
    faults=WHOM,
    bucket="write",
    callers=EXTENSIONS,
)
def forget_owner(kind: Literal["character", "chat"], subject_id: str, query: For) -> dict[str, int]:
    """Clears the tag on all images of the user, for a character or chat that is gone. The images stay."""
    return {"cleared": extensions.forget(_acting(query.userId), kind, subject_id)}
