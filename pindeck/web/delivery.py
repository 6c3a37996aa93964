"""Pictures and files at their public addresses."""

import re
from typing import Any

from flask import Blueprint, Response, g, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from pindeck import storage
from pindeck.errors import NotFound
from pindeck.http.auth import public
from pindeck.http.sending import SANDBOX, send, send_stored
from pindeck.services import cropping, crops, delivery
from pindeck.storage.base import IMMUTABLE

bp = Blueprint("delivery", __name__)

EXPOSED = "Digest, Repr-Digest, ETag, Accept-Ranges, Content-Range, Content-Length, Content-Disposition"
MEDIA_KEY = re.compile(r"^[0-9a-f]{2}/[0-9a-f]{32}-(w320|w768|w1280|preview)\.webp$")


@bp.get("/i/<ref>")
@bp.get("/i/<project>/@<name>")
@public
def picture(ref: str = "", project: str | None = None, name: str = "") -> ResponseReturnValue:
    """By id, by alias of the default project, or by alias of a project that is named (image-management §4.9)."""
    ref = ref or f"@{name}"
    wish = crops.asked(ref if project is None else f"{project}/{ref}", request.args.to_dict(flat=False))
    if wish is None:
        found = delivery.picture(g.actor, ref, request.args.get("size"), project=project)
    else:
        named = [
            value.partition(";")[0].strip().lower() for value, quality in request.accept_mimetypes if quality > 0
        ]
        found = cropping.crop(g.actor, ref, wish, project=project, takes_webp="image/webp" in named)
    return send(found, download="download" in request.args)


@bp.get("/storage/<file_key>")
@public
def stored_file(file_key: str) -> ResponseReturnValue:
    """Whoever has the address may fetch the file, from any page of any site (file-storage §5.4)."""
    response: Any = send_stored(delivery.stored_file(file_key), download="download" in request.args)
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
