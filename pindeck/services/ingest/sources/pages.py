"""The picture of a page that a source links to: looked for by rule, never by running the page."""

import re

from pindeck import fetching
from pindeck.services.ingest.sources import markup

HEAD_BYTES = 512 * 1024  # of a page: it names its picture near its beginning
MAX_BYTES = 64 * 2**20
_CHARSET = re.compile(r"charset=[\"']?([\w-]{1,40})", re.IGNORECASE)


def picture_at(url: str) -> str | None:
    """The address of the picture of a page, None for a page without one; the page's own address where it is a picture.

    Raises what `fetching.fetch` raises.
    """
    with fetching.fetch(url, max_bytes=MAX_BYTES) as fetched:
        kind = (fetched.content_type or "").lower()
        if kind.startswith("image/"):
            return url
        head = b""
        for chunk in fetched.chunks:
            head += chunk
            if len(head) >= HEAD_BYTES:
                break
    return markup.read(_decoded(head, kind), fetched.final_url).own()


def _decoded(head: bytes, content_type: str) -> str:
    told = _CHARSET.search(content_type) or _CHARSET.search(head[:2048].decode("latin-1"))
    try:
        return head.decode(told[1] if told else "utf-8", "replace")
    except LookupError:
        return head.decode("utf-8", "replace")
