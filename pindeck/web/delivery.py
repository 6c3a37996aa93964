"""Pictures and files at their public addresses."""

import re

from flask import Blueprint, Response, g, request, send_file
from flask.typing import ResponseReturnValue

from pindeck import storage
from pindeck.errors import NotFound
from pindeck.http.auth import public
from pindeck.http.sending import SANDBOX, send
from pindeck.services import delivery
from pindeck.storage.base import IMMUTABLE

bp = Blueprint("delivery", __name__)

MEDIA_KEY = re.compile(r"^[0-9a-f]{2}/[0-9a-f]{32}-(w320|w768|w1280|preview)\.webp$")


@bp.get("/i/<image_id>")
@public
def picture(image_id: str) -> ResponseReturnValue:
    found = delivery.picture(g.actor, image_id, request.args.get("size"))
    return send(found, download="download" in request.args)


@bp.get("/storage/<file_key>")
@public
def stored_file(file_key: str) -> ResponseReturnValue:
    return send(delivery.stored_file(file_key), download="download" in request.args)


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
