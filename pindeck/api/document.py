"""The OpenAPI document of every operation, and the page to read it on."""

from typing import Any, cast

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from pindeck import config
from pindeck.api import openapi
from pindeck.api.docs_page import Reader
from pindeck.api.operations import ANYBODY, Answer, operation
from pindeck.api.prefix import PREFIX
from pindeck.http.auth import public
from pindeck.http.site import Site

bp = Blueprint("api_document", __name__, url_prefix=PREFIX)


def _built() -> dict[str, Any]:
    """Built once: nothing of it changes while the process runs, but the address it is asked at may."""
    base = config.current().site_url or request.host_url.rstrip("/")
    kept: dict[str, dict[str, Any]] = current_app.extensions.setdefault("pindeck_openapi", {})
    if "document" not in kept:
        kept["document"] = openapi.build(cast(Site, current_app), base)
    return {**kept["document"], "servers": [{"url": base}]}


@bp.get("/openapi.json")
@operation(
    "public",
    surface="about",
    summary="The OpenAPI document",
    answers=Answer(dict[str, Any], says="OpenAPI 3.1.", example={"openapi": "3.1.0"}),
    bucket=None,
    callers=ANYBODY,
)
def document() -> dict[str, Any]:
    """Everything the API can do, as OpenAPI 3.1, made from the code that does it."""
    return _built()


@bp.get("/docs")
@public
def page() -> ResponseReturnValue:
    """The same for people."""
    built = _built()
    operations = Reader(built).operations()
    groups: list[dict[str, Any]] = [
        {**tag, "operations": [about for about in operations if about["tags"] == [tag["name"]]]}
        for tag in built["tags"]
    ]
    return render_template("api/docs.html", about=built["info"], groups=groups)
