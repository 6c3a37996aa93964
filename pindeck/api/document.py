"""The OpenAPI document of every operation, and the page to read it on."""

import json
from typing import Any

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from pindeck.api import PREFIX, openapi
from pindeck.api.operations import ANYBODY, Answer, operation
from pindeck.http.auth import public, settings

bp = Blueprint("api_document", __name__, url_prefix=PREFIX)


def _built() -> dict[str, Any]:
    """Built once: nothing of it changes while the process runs, but the address it is asked at may."""
    base = settings().site_url or request.host_url.rstrip("/")
    kept: dict[str, dict[str, Any]] = current_app.extensions.setdefault("pindeck_openapi", {})
    if "document" not in kept:
        kept["document"] = openapi.build(current_app, base)
    return {**kept["document"], "servers": [{"url": base}]}


@bp.get("/openapi.json")
@operation(
    "public",
    surface="about",
    summary="The OpenAPI document",
    answers=Answer(dict[str, Any], says="OpenAPI 3.1.", example={"openapi": "3.1.0"}),
    bucket=None,
    doors=ANYBODY,
)
def document() -> dict[str, Any]:
    """Everything the API can do, as OpenAPI 3.1, made from the code that does it."""
    return _built()


@bp.get("/docs")
@public
def page() -> ResponseReturnValue:
    """The same for people."""
    built = _built()
    groups: list[dict[str, Any]] = [
        {**tag, "operations": [about for about in _operations(built) if about["tags"] == [tag["name"]]]}
        for tag in built["tags"]
    ]
    return render_template("api/docs.html", about=built["info"], groups=groups, base=built["servers"][0]["url"])


def _operations(built: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"method": method.upper(), "path": path, "curl": _curl(built, method, path, about), **about}
        for path, methods in built["paths"].items()
        for method, about in methods.items()
    ]


def _curl(built: dict[str, Any], method: str, path: str, about: dict[str, Any]) -> str:
    """The call as a command, with what must be put in spelt in capitals."""
    for parameter in about["parameters"]:
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", parameter["name"].upper())
    words = ["curl"]
    if method != "get":
        words.append(f"-X {method.upper()}")
    if {} not in about["security"]:
        words.append('-H "X-API-Key: $KEY"')
    content = about.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        example = content["application/json"].get("example")
        body = json.dumps(example, ensure_ascii=False) if example is not None else "{…}"
        words.append(f"-H 'Content-Type: application/json' -d '{body}'")
    elif "multipart/form-data" in content:
        words.append("-F file=@still.jpg")
    elif content:
        words.append("--data-binary @FILE")
    return " ".join([*words, f"{built['servers'][0]['url']}{path}"])
