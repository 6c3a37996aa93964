"""The pictures of a page that something leads to: looked for by rule, never by running the page."""

import re
from typing import TYPE_CHECKING, NamedTuple

from pindeck import fetching
from pindeck.services.ingest.sources import apart, markup
from pindeck.services.ingest.sources.markup import Markup

if TYPE_CHECKING:
    from pindeck.fetching.client import Fetched

HEAD_BYTES = 512 * 1024  # of a page: it names its picture near its beginning
MAX_BYTES = 64 * 2**20
LASTS_S = 10  # of work: a page of the largest size takes a second
_CHARSET = re.compile(r"charset=[\"']?([\w-]{1,40})", re.IGNORECASE)
_HTML = ("text/html", "application/xhtml+xml")


def picture_at(url: str) -> str | None:
    """The address of the picture of a page, None for a page without one; the page's own address where it is a picture.

    Raises what `fetching.fetch` raises.
    """
    with fetching.fetch(url, max_bytes=MAX_BYTES) as fetched:
        if (fetched.content_type or "").lower().startswith("image/"):
            return url
        return read(fetched, HEAD_BYTES).own()


def is_page(fetched: "Fetched") -> bool:
    """Whether the server says that it sends a page."""
    return (fetched.content_type or "").lower().startswith(_HTML)


class Head(NamedTuple):
    """The beginning of a page that nobody has read yet."""

    data: bytes
    content_type: str
    final_url: str


def head(fetched: "Fetched", most: int) -> Head:
    """The first `most` bytes of a page. Raises what reading raises."""
    data = b""
    for chunk in fetched.chunks:
        data += chunk
        if len(data) >= most:
            break
    return Head(data[:most], fetched.content_type or "", fetched.final_url)


def read_head(page: Head) -> Markup:
    """What a page says, as seen from where it was found."""
    return apart.read(lambda: markup.read(_decoded(page.data, page.content_type), page.final_url), seconds=LASTS_S)


def read(fetched: "Fetched", most: int) -> Markup:
    """What a page says in its first `most` bytes. Raises what reading raises."""
    return read_head(head(fetched, most))


def _decoded(head: bytes, content_type: str) -> str:
    told = _CHARSET.search(content_type) or _CHARSET.search(head[:2048].decode("latin-1"))
    try:
        return head.decode(told[1] if told else "utf-8", "replace")
    except (LookupError, ValueError):
        return head.decode("utf-8", "replace")
