"""Addresses of static files that change with their content, and the one style sheet of all components."""

import hashlib
import re
from functools import cache

from flask import Blueprint, Response
from markupsafe import Markup

from pindeck import resources
from pindeck.http.auth import public

bp = Blueprint("assets", __name__)

STYLES = "css/pindeck.css"

_COMMENT = re.compile(r"""("[^"]*"|'[^']*')|/\*.*?\*/""", re.DOTALL)
_SPACE = re.compile(r"""("[^"]*"|'[^']*')|\s*([{};,])\s*|(:)?\s+""")


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:8]


@cache
def _file_version(path: str) -> str:
    return _version((resources.ROOT / "static" / path).read_bytes())


def asset(path: str) -> str:
    """The address of a static file with its content in the query, so that it may be cached for a year."""
    return f"/static/{path}?v={_file_version(path)}"


@cache
def icon(name: str, title: str | None = None) -> Markup:
    """An icon of the one file of icons; `title` is read to those who hear the page. A page has forty, of a dozen kinds."""
    drawn = Markup('<svg class="i" aria-hidden="true"><use href="{}#{}"/></svg>').format(asset("icons.svg"), name)
    return drawn + Markup('<span class="sr">{}</span>').format(title) if title else drawn


def shorten(css: str) -> str:
    """The same rules without comments and without the space that separates nothing. Strings stay as they are."""
    without_comments = _COMMENT.sub(lambda found: found[1] or "", css)
    return _SPACE.sub(lambda found: found[1] or found[2] or found[3] or " ", without_comments).strip()


@cache
def styles() -> bytes:
    """All of static/css in one: tokens, then base, then the components in the order of their names.

    A page that asks for one file is painted sooner than one that asks for forty, and a file more needs no list.
    The files are laid out to be read; a browser gets them shortened.
    """
    folder = resources.ROOT / "static" / "css"
    first = [folder / "tokens.css", folder / "base.css"]
    rest = sorted(path for path in folder.glob("*.css") if path not in first)
    return "\n".join(shorten(path.read_text("utf-8")) for path in [*first, *rest]).encode()


@cache
def stylesheet() -> str:
    return f"/static/{STYLES}?v={_version(styles())}"


@bp.get(f"/static/{STYLES}")
@public
def style_sheet() -> Response:
    """Beside the files it is made of, so that their addresses of fonts and icons hold."""
    response = Response(styles(), mimetype="text/css")
    response.cache_control.public, response.cache_control.max_age = True, 31536000
    response.add_etag()
    return response
