"""Pictures and files at their public addresses."""

import re
from typing import Any

from flask import Blueprint, Response, g, request, send_file
from flask.typing import ResponseReturnValue
from pydantic import Field
from werkzeug.wrappers import Response as BaseResponse

from pindeck import storage
from pindeck.api.files.schemas import BYTES, FILE_NOT_FOUND, RANGE_HEADERS, RANGE_OUTSIDE
from pindeck.api.operations import ANYBODY, Answer, Fault, operation
from pindeck.api.parameters import PART, UNCHANGED, WHOLE
from pindeck.api.schemas import FILE_DAMAGED, IMAGE_NOT_FOUND, SERVER_BUSY, STORAGE_UNAVAILABLE
from pindeck.api.types import Query
from pindeck.errors import NotFound
from pindeck.http.auth import public
from pindeck.http.sending import SANDBOX, send, send_stored
from pindeck.imaging.framing import FITS
from pindeck.services.derivatives import crop_urls, crops, delivery
from pindeck.storage.base import IMMUTABLE

bp = Blueprint("delivery", __name__)

EXPOSED = "Digest, Repr-Digest, ETag, Accept-Ranges, Content-Range, Content-Length, Content-Disposition"
MEDIA_KEY = re.compile(r"^[0-9a-f]{2}/[0-9a-f]{32}-(w320|w768|w1280|w2560|preview)\.webp$")
LENGTH = {"type": "integer", "minimum": 1, "maximum": crop_urls.LONGEST_PX}


def _field(text: str, **spelling: Any) -> Any:
    """A parameter that `crops` and `delivery` check themselves; how it must be spelt is told in the document."""
    return Field(None, description=text, json_schema_extra=spelling)


class Download(Query):
    download: str | None = _field("With any value, browsers save the answer and do not show it.")


class PictureQuery(Download):
    """A size, or a crop by its name, or a crop by its measures, which must be signed; the original without any."""

    size: str | None = _field("The picture at this size; not together with a crop.", enum=["full", *delivery.SIZES])
    crop: str | None = _field("A crop of the installation by its name; needs no signature.")
    w: str | None = _field("Width of a crop on the page, in pixels.", **LENGTH)
    h: str | None = _field("Height of a crop on the page, in pixels.", **LENGTH)
    fit: str | None = _field("`cover`, the default, cuts around the focal point.", enum=list(FITS))
    format: str | None = _field("Type of a crop; `auto`, the default, goes by `Accept`.", enum=list(crop_urls.FORMATS))
    dpr: str | None = _field("Pixels of a crop to one of the page; 1 by default.", enum=list(crop_urls.RATIOS))
    s: str | None = _field("Signature of the measures, as `GET /api/v1/images/{ref}/url` gives it.")


SHOWN: dict[str, Any] = dict(
    surface="public",
    query=PictureQuery,
    answers=(
        Answer(says="The picture.", media=("image/*",), headers=(*WHOLE, "X-Image-Id")),
        Answer(status=206, says="A part of it.", media=("image/*",), headers=(*PART, "X-Image-Id")),
        Answer(status=302, says="The picture is at another address, where the settings say so.", headers=("Location",)),
        Answer(status=304, says="It is still the version in `If-None-Match`.", headers=(*UNCHANGED, "X-Image-Id")),
    ),
    faults=(
        Fault(400, "INVALID_SIZE", "There is no such size."),
        Fault(403, "CROP_NOT_SIGNED", "The measures are not signed, or are not those that were signed."),
        IMAGE_NOT_FOUND,
        Fault(404, "NOT_FOUND", "A draft does not have this size yet."),
        RANGE_OUTSIDE,
        Fault(503, "DERIVATIVE_UNAVAILABLE", "The size or crop cannot be made now."),
        FILE_DAMAGED,
        SERVER_BUSY,
        STORAGE_UNAVAILABLE,
    ),
    bucket=None,  # the bytes of pictures are not counted
    callers=ANYBODY,
    headers={"Accept": "Decides the type of a crop whose `format` is `auto`.", **RANGE_HEADERS},
)


@bp.get("/i/<ref>")
@operation(
    "public",
    summary="See a picture",
    path={"ref": "UUID of an image, or an alias of the default project with its @."},
    **SHOWN,
)
def picture(ref: str, query: PictureQuery) -> ResponseReturnValue:
    """The original, a size or a crop, for callers who may see the image: anybody if it is published. What is behind
    an id never changes; a name leads to another picture as soon as it is moved."""
    return _shown(ref, query)


@bp.get("/i/<project>/@<name>")
@operation(
    "public",
    summary="See a picture by the name it has in a project",
    path={"project": "Slug of a project.", "name": "An alias of the project, after its @."},
    **SHOWN,
)
def named_picture(project: str, name: str, query: PictureQuery) -> ResponseReturnValue:
    """As by an alias of the default project."""
    return _shown(f"@{name}", query, project=project)


def _shown(ref: str, query: PictureQuery, *, project: str | None = None) -> ResponseReturnValue:
    spec = crop_urls.asked(ref if project is None else f"{project}/{ref}", request.args.to_dict(flat=False))
    if spec is None:
        found = delivery.picture(g.actor, ref, query.size, project=project)
    else:
        named = [
            value.partition(";")[0].strip().lower() for value, quality in request.accept_mimetypes if quality > 0
        ]
        found = crops.crop(g.actor, ref, spec, project=project, takes_webp="image/webp" in named)
    return send(found, download=query.download is not None)


@bp.get("/storage/<file_key>")
@operation(
    "public",
    surface="public",
    summary="Download a file",
    path={"file_key": "The last part of an address of the file: its key, or one that was signed for a while."},
    query=Download,
    answers=(
        Answer(says="The bytes.", media=BYTES, headers=(*WHOLE, "Digest", "Repr-Digest")),
        Answer(status=206, says="A part of them.", media=BYTES, headers=(*PART, "Repr-Digest")),
        Answer(status=304, says="It is still the version in `If-None-Match`.", headers=UNCHANGED),
    ),
    faults=(
        Fault(400, "INVALID_STORAGE_PATH", "This is not the address of a file."),
        Fault(401, "STORAGE_TOKEN_EXPIRED", "The signed address has expired."),
        FILE_NOT_FOUND,
        RANGE_OUTSIDE,
        FILE_DAMAGED,
        STORAGE_UNAVAILABLE,
    ),
    bucket=None,
    callers=ANYBODY,
    headers=RANGE_HEADERS,
)
def stored_file(file_key: str, query: Download) -> ResponseReturnValue:
    """A caller with the address may fetch the file, from any page of any site. It is an address
    that `GET /api/v1/storage/{storage_id}/url` returned. The file of an image is for callers who may see the image."""
    response: Any = send_stored(delivery.stored_file(g.actor, file_key), download=query.download is not None)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    del response.headers["Vary"]
    return response


@bp.after_request
def open_to_other_sites(response: BaseResponse) -> BaseResponse:
    if request.endpoint == "delivery.stored_file":
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
    return response


@bp.get("/media/<path:key>")
@public
def media(key: str) -> ResponseReturnValue:
    """A public copy, without a query: its address is unguessable and its content never changes."""
    if not MEDIA_KEY.match(key):
        raise NotFound("There is no such picture.")
    path = storage.current().public_path(key)
    if path is not None:
        response = send_file(path, mimetype="image/webp", conditional=True, max_age=31536000)
    else:
        with storage.current().open_public(key) as stream:
            response = Response(stream.read(), mimetype="image/webp")
        response.add_etag()
        response.make_conditional(request)
    response.headers["Cache-Control"] = IMMUTABLE
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
