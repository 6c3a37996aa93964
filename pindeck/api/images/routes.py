"""The operations of images by id or alias. The path of one image also answers an extension's request for its bytes."""

import json
from dataclasses import asdict, replace
from typing import Any

from flask import Blueprint, Response, g, request
from pydantic import Field

from pindeck.api import repeats
from pindeck.api.files.schemas import RANGE_HEADERS
from pindeck.api.images import upload_form
from pindeck.api.images.schemas import (
    ID,
    IMAGE,
    AliasInput,
    CropQuery,
    Deleted,
    DeleteQuery,
    ImageUpdate,
    InProject,
    ListQuery,
    ManagedImage,
    NamedImage,
    OneQuery,
    Pages,
    RefQuery,
    RestoredImage,
    SignedUrl,
    homes,
    image_shape,
    images_shape,
)
from pindeck.api.operations import ANYBODY, Answer, Fault, JsonBody, Reply, StreamBody, keep, operation
from pindeck.api.paging import asked, paged
from pindeck.api.parameters import COUNTED, PART, UNCHANGED, WHOLE
from pindeck.api.preconditions import IF_MATCH, other_version, versions_of
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.representation import VARY, wants_bytes
from pindeck.api.schemas import (
    ALIAS_NOT_FOUND,
    FILE_DAMAGED,
    FLOW_ID_REQUIRED,
    FLOW_NOT_FOUND,
    IMAGE_NOT_FOUND,
    PROJECT_NOT_FOUND,
    SERVER_BUSY,
    STORAGE_UNAVAILABLE,
    UPLOAD_FAULTS,
    USER_REQUIRED,
    Data,
    DataPage,
    data,
    page,
)
from pindeck.api.types import Input, Output, Text
from pindeck.cursors import Place
from pindeck.errors import Conflict, invalid
from pindeck.http import limits, urls
from pindeck.http.sending import send
from pindeck.models import Image
from pindeck.services.blobs import staging
from pindeck.services.derivatives import crop_urls, delivery
from pindeck.services.images import aliases, managed, memos, projects, trash
from pindeck.services.ingest import api_uploads, extensions
from pindeck.services.library import managed_list
from pindeck.services.library.query import Wanted

bp = Blueprint("api_images", __name__, url_prefix=f"{PREFIX}/images")

REF = {"ref": "UUID of an image, or an alias with its @ (which may be percent-encoded)."}
REF_FAULTS = (IMAGE_NOT_FOUND, ALIAS_NOT_FOUND, FLOW_NOT_FOUND, FLOW_ID_REQUIRED, PROJECT_NOT_FOUND)
IMAGE_DELETED = Fault(409, "IMAGE_DELETED", "The image is in the trash; restore it first.")
PRECONDITION_FAILED = other_version("image")
MEMO = {"text": "The light of the last scene, for the kitchen."}
ONE = Answer(Data[ManagedImage], example=data(IMAGE), headers=("ETag",))
PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/avif")


@bp.get("")
@operation(
    "image.list",
    surface="images",
    summary="List images",
    query=ListQuery,
    answers=Answer(DataPage[ManagedImage], example=page([IMAGE], total=1, limit=20, offset=0), headers=("Link",)),
    faults=(PROJECT_NOT_FOUND,),
)
def list_images(query: ListQuery) -> Any:
    """The active images of a project that are not private, newest first. Filters combine with AND."""
    return listing(projects.chosen(g.actor, query.project, query.flow_id), query, query.wanted)


def listing(project_id: str, pages: Pages, wanted: Wanted) -> Reply:
    """A page of a project's images; flows list theirs with it."""
    found = managed_list.list_images(g.actor, project_id, wanted, **asked(pages))
    return paged(pages, found, images_shape, lambda record: Place(record.created_at, record.id))


@bp.get("/<ref>")
@operation(
    "images.read",
    surface="images",
    summary="Get one image, as a record or as a picture",
    query=OneQuery,
    path=REF,
    answers=(
        Answer(
            Data[ManagedImage],
            says="The record, or the picture.",
            media=PICTURES,
            example=data(IMAGE),
            headers=(*COUNTED, *WHOLE, "X-Image-Id"),
        ),
        Answer(status=206, says="A part of the picture.", media=PICTURES, headers=(*PART, "X-Image-Id")),
        Answer(status=302, says="The picture is at another address, where the settings say so.", headers=("Location",)),
        Answer(status=304, says="It is still the version in `If-None-Match`.", headers=(*UNCHANGED, "X-Image-Id")),
    ),
    faults=(
        *REF_FAULTS,
        Fault(400, "INVALID_SIZE", "There is no such size."),
        Fault(400, "USER_ID_REQUIRED", "An operator extension must name its user in `userId`."),
        Fault(403, "USER_SCOPE_VIOLATION", "An extension of one user named another one."),
        Fault(416, "REQUESTED_RANGE_NOT_SATISFIABLE", "The picture has no such bytes."),
        Fault(429, "RATE_LIMIT_EXCEEDED", "Records count as reads; pictures are not counted."),
        Fault(503, "DERIVATIVE_UNAVAILABLE", "The size cannot be made now."),
        FILE_DAMAGED,
        SERVER_BUSY,
        STORAGE_UNAVAILABLE,
    ),
    bucket=None,
    callers=ANYBODY,
    headers={
        "Accept": "JSON or an image type, where neither `format` nor `size` is given.",
        "If-None-Match": "The ETag of a version that the caller has.",
        "Range": RANGE_HEADERS["Range"],
        "If-Range": RANGE_HEADERS["If-Range"],
    },
)
def get_image(ref: str, query: OneQuery) -> Any:
    """One path with two answers. `format=json` is the record and `format=bytes` the picture; `size` is the picture;
    else what `Accept` strictly prefers; else the record for a project or master key, and the picture for an
    extension's key or a session."""
    actor = g.actor
    if actor.is_extension:
        actor = extensions.acting(actor, query.userId)
    as_bytes = wants_bytes(actor, query.format, query.size)
    if not as_bytes:
        limits.spend("read")
    image = managed.find(actor, ref, project=query.project, flow_id=query.flowId, trashed=query.includeDeleted)
    response = _picture(actor, image, ref, query.size) if as_bytes else _record(image)
    if isinstance(response, Response):
        response.vary.update(VARY)
    return response


def _picture(actor: Any, image: Image, ref: str, size: str | None) -> Any:
    found = delivery.sized(actor, image, "full" if size is None else size)
    if ref.startswith("@"):  # a name may mean another picture a moment later
        found = replace(found, cache="private, no-cache")
    return send(found)


def _record(image: Image) -> Any:
    if request.if_none_match.contains_weak(_tag(image)):
        response = Response(status=304)
        response.set_etag(_tag(image))
        response.vary.update(VARY)
        return response
    return _told(image, {"Vary": ", ".join(VARY), "Cache-Control": "private, no-cache"})


def _tag(image: Image) -> str:
    """The ETag of a record. It names the image as well: an alias may lead to another one a moment later."""
    return f"{image.id}-v{image.version}"


def _told(
    image: Image, headers: dict[str, str] | None = None, status: int = 200, more: dict[str, Any] | None = None
) -> Reply:
    """An image object, perhaps with more fields, and its ETag."""
    shape = {**image_shape(managed.record_of(image), homes()), **(more or {})}
    return Reply(data(shape), status, {"ETag": f'"{_tag(image)}"', **(headers or {})})


@bp.get("/<ref>/url")
@operation(
    "image.list",
    surface="images",
    summary="Sign the address of a crop",
    query=CropQuery,
    path=REF,
    answers=Answer(SignedUrl, example={"url": f"https://pictures.example.org/i/{ID}?w=600&h=400&fit=cover&s=…"}),
    faults=REF_FAULTS,
)
def sign_crop(ref: str, query: CropQuery) -> Any:
    """An address that serves the picture cut to these measures, for pages that have no key. Named by an alias of
    the project it follows that alias; named by id, or by an alias of a flow, it stays with the image."""
    image = managed.find(g.actor, ref, project=query.project, flow_id=query.flowId)
    named = ref.startswith("@") and query.flowId is None
    place = projects.public_ref(image.project_id, ref) if named else image.id
    path = crop_urls.signed_path(place, w=query.w, h=query.h, fit=query.fit, format=query.format, dpr=query.dpr)
    return {"url": urls.absolute(path)}


@bp.post("/upload")
@operation(
    "images.write",
    surface="images",
    summary="Upload an image",
    query=InProject,
    body=StreamBody(upload_form.SCHEMA, examples=upload_form.EXAMPLE),
    answers=Answer(Data[ManagedImage], 201, says="The new image.", example=data(IMAGE), headers=("ETag", "Location")),
    faults=(
        FLOW_NOT_FOUND,
        PROJECT_NOT_FOUND,
        Fault(400, "EMPTY_IMAGE", "The file has no bytes."),
        *UPLOAD_FAULTS,
    ),
    bucket="upload",
    repeats=Repeats.BYTES,
)
def upload_image(query: InProject) -> Any:
    """One picture with its alias, flow and metadata; active at once and unlisted. The type is decided by decoding.
    An alias that another image holds is taken over. When any part fails nothing remains."""
    project_id = None if query.project is None else projects.chosen(g.actor, query.project)
    staged, filename, options = upload_form.read()
    try:
        repeat = repeats.asked(staged.written.sha256, filename, json.dumps(asdict(options), sort_keys=True))
        project_id = project_id or projects.chosen(g.actor, None, options.flow_id)
    except BaseException:
        staging.drop(staged.key)
        raise
    return _new(
        api_uploads.take_in(
            g.actor, staged, filename, project_id, options, then=lambda image: keep(repeat, _new(image))
        )
    )


def _new(image: Image) -> Reply:
    return _told(image, {"Location": f"{PREFIX}/images/{image.id}"}, 201)


def _update(ref: str, query: RefQuery, body: ImageUpdate, *, merges: bool) -> Any:
    change = body.change(merges=merges)
    image = managed.find_to_edit(g.actor, ref, project=query.project, flow_id=query.flowId)
    return _told(managed.update(g.actor, image.id, change, versions=versions_of(image.id)))


UPDATE: dict[str, Any] = dict(
    surface="images",
    query=RefQuery,
    body=JsonBody(ImageUpdate, example={"focalPoint": {"x": 0.25, "y": 0.75}, "meta": {"shot": 12}}),
    path=REF,
    answers=ONE,
    faults=(*REF_FAULTS, IMAGE_DELETED, PRECONDITION_FAILED),
    bucket="write",
    headers=IF_MATCH,
)


@bp.put("/<ref>")
@operation("images.write", summary="Set focal point and metadata", **UPDATE)
def update_image(ref: str, query: RefQuery, body: ImageUpdate) -> Any:
    """Fields that are not named stay as they are; `meta` replaces what was there. Aliases have an address of their
    own, and everything else about an image cannot be changed."""
    return _update(ref, query, body, merges=False)


@bp.patch("/<ref>")
@operation("images.write", summary="Change focal point and metadata", **UPDATE)
def patch_image(ref: str, query: RefQuery, body: ImageUpdate) -> Any:
    """As PUT, but `meta` is merged key by key into what was there, and null removes a key."""
    return _update(ref, query, body, merges=True)


@bp.put("/<ref>/alias")
@operation(
    "images.write",
    surface="images",
    summary="Assign or remove an alias",
    query=RefQuery,
    body=JsonBody(AliasInput, example={"alias": "@hero"}),
    path=REF,
    answers=Answer(Data[NamedImage], example=data({**IMAGE, "previousHolderId": None}), headers=("ETag",)),
    faults=(*REF_FAULTS, Fault(409, "ALIAS_CONFLICT", "Another image has the name and `override` is false, or visitors would lose it.")),
    bucket="write",
)
def assign_alias(ref: str, query: RefQuery, body: AliasInput) -> Any:
    """The image gets the name, also from another image, and lets go of another name it had; in one transaction, so
    that no reader sees two holders or none. null removes the alias. It may be repeated."""
    image = managed.find(g.actor, ref, project=query.project, flow_id=query.flowId)
    image, before = aliases.assign(g.actor, image.id, body.alias, override=body.override, may_hide=body.mayHide)
    return _told(image, more={"previousHolderId": before})


class MemoInput(Input):
    text: Text = Field(max_length=memos.MOST, description="At most 2,000 characters; empty deletes the memo.")


class MemoText(Output):
    text: str = Field(description="Empty where there is no memo.")


@bp.get("/<ref>/memo")
@operation(
    "images.read",
    surface="images",
    summary="Get one's memo of an image",
    query=RefQuery,
    path=REF,
    answers=Answer(Data[MemoText], example=data(MEMO)),
    faults=(*REF_FAULTS, USER_REQUIRED),
)
def get_memo(ref: str, query: RefQuery) -> Any:
    """What the person of the key noted about the image. Nobody else can read it."""
    image = managed.find(g.actor, ref, project=query.project, flow_id=query.flowId)
    return data({"text": memos.find(g.actor, image.id).value})


@bp.put("/<ref>/memo")
@operation(
    "images.write",
    surface="images",
    summary="Write one's memo of an image",
    query=RefQuery,
    body=JsonBody(MemoInput, example=MEMO),
    path=REF,
    answers=Answer(Data[MemoText], example=data(MEMO)),
    faults=(*REF_FAULTS, USER_REQUIRED),
    bucket="write",
)
def write_memo(ref: str, query: RefQuery, body: MemoInput) -> Any:
    """In the name of the person of the key. It may be repeated."""
    image = managed.find(g.actor, ref, project=query.project, flow_id=query.flowId)
    memos.write(g.actor, image.id, body.text)
    return data({"text": memos.find(g.actor, image.id).value})


@bp.delete("/<ref>")
@operation(
    "images.delete",
    surface="images",
    summary="Delete an image",
    query=DeleteQuery,
    path=REF,
    answers=Answer(Deleted, example={"success": True, "deleted": True, "data": {"id": ID}}),
    faults=(*REF_FAULTS, Fault(409, "CONFLICT", "Somebody else moved it to the trash in the same moment.")),
    bucket="write",
)
def delete_image(ref: str, query: DeleteQuery) -> Any:
    """Final: record, aliases and stored bytes go, and generations that made it stay without an output. With
    `mode=trash` it can be restored. An alias is resolved once, and `data.id` says what was deleted."""
    image = managed.find(g.actor, ref, project=query.project, flow_id=query.flowId, trashed=True)
    act = trash.trash if query.mode == "trash" else trash.purge
    try:
        act(g.actor, image.id, unused=query.unused)
    except Conflict as error:
        if error.code != "IN_USE":
            raise
        return {"success": True, "deleted": False, "data": {"id": image.id}}
    return {"success": True, "deleted": True, "data": {"id": image.id}}


@bp.post("/<ref>/restore")
@operation(
    "images.delete",
    surface="images",
    summary="Restore an image from the trash",
    path={"ref": "UUID of the image; an image in the trash has no alias."},
    answers=Answer(Data[RestoredImage], example=data({**IMAGE, "restoredAlias": "@hero"}), headers=("ETag",)),
    faults=(IMAGE_NOT_FOUND, Fault(409, "NOT_DELETED", "It is not in the trash.")),
    bucket="write",
)
def restore_image(ref: str) -> Any:
    """The image is back where it was. It has its alias again unless somebody holds that now: `restoredAlias` or
    `lostAlias` says which."""
    if ref.startswith("@"):
        sentence = "Name the image by its UUID: an image in the trash has no alias."
        raise invalid("ref", sentence)
    image = managed.find(g.actor, ref, trashed=True)
    back = trash.bring_back(g.actor, image.id)
    told = {"restoredAlias": back.restored_alias, "lostAlias": back.lost_alias}
    return _told(back.image, more={name: value for name, value in told.items() if value is not None})
