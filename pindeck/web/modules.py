"""The addresses of the browser's modules, which may be cached for a year because they change with the content.

Modules import each other by relative addresses, in which no query can stand. So the folder of all modules has one
digest in its own name, and every address inside it follows.
"""

import hashlib
from functools import cache

from flask import Blueprint, Response, send_from_directory

from pindeck import resources
from pindeck.http.auth import public

bp = Blueprint("modules", __name__)

FIRST = "main.js"  # imports all others


@cache
def _files() -> dict[str, bytes]:
    folder = resources.ROOT / "static" / "js"
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.js"))}


@cache
def version() -> str:
    """The digest of all modules together."""
    digest = hashlib.sha256()
    for name, content in _files().items():
        digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()[:8]


def first_module() -> str:
    """The address of the module that a page loads. The others follow it, on the first visit after an update alone."""
    return address_of(FIRST)


def address_of(name: str) -> str:
    """That of a module which a page of its own begins with."""
    return f"/static/js-{version()}/{name}"


@bp.get("/static/js-<digest>/<name>")
@public
def module(digest: str, name: str) -> Response:
    """A module under its folder's versioned name.

    While one version follows another, a new page may ask an old process: that answer must not be kept for a year.
    """
    response = send_from_directory(resources.ROOT / "static" / "js", name)
    if digest != version():
        response.headers["Cache-Control"] = "no-store"
    return response
