"""RSS, Atom and JSON Feed: bytes to what they tell of, one picture an entry.

The parser is loaded by the worker alone, and given bytes: handed a text it would fetch or open what the text names.
"""

import io
import json
import re
from typing import Any

from pindeck.errors import Invalid
from pindeck.services.ingest.sources import markup
from pindeck.services.ingest.sources.found import Found, address, ends_like_a_picture, found

MAX_BYTES = 5 * 2**20
LASTS_S = 60  # of work: the largest feed that is honest takes a sixth of it
# Definitions of a document type can make gigabytes of a few lines.
_DEFINITION = re.compile(rb"<!(?:ENTITY|ATTLIST|ELEMENT|NOTATION)", re.IGNORECASE)
_NO_FEED = "This is not a feed that Pindeck can read. Give the address of an RSS, Atom or JSON feed."


def read(body: bytes, *, url: str, content_type: str | None = None) -> list[Found]:
    """The entries with a picture, or with a page where one can be looked for, in the order of the feed.

    Raises Invalid for what is no feed.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _read_json(body, url)
    if _defines(body.replace(b"\0", b"")):
        raise Invalid("The feed defines a document type of its own. Pindeck does not read such files.")
    import feedparser

    told = {"content-location": url, **({"content-type": content_type} if content_type else {})}
    try:
        feed = feedparser.parse(io.BytesIO(body), response_headers=told, sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, LookupError, RecursionError) as error:  # as it does for encodings that are none of texts
        raise Invalid(_NO_FEED) from error
    if not feed.get("version") and not feed.entries:
        raise Invalid(_NO_FEED)
    return _distinct([_of_entry(entry, url) for entry in feed.entries])


def _defines(body: bytes) -> bool:
    """Whether anything after the beginning of a document type says what it is made of."""
    at = body.upper().find(b"<!DOCTYPE")
    return at >= 0 and _DEFINITION.search(body, at) is not None


def _distinct(every: list[Found | None]) -> list[Found]:
    """Without those that have no picture; of those that are the same one the first."""
    return list({each.external_id: each for each in reversed([each for each in every if each])}.values())[::-1]


def _of_entry(entry: Any, base: str) -> Found | None:
    page = address(entry.get("link"), base)
    html = " ".join([*(part.get("value") or "" for part in entry.get("content", [])), entry.get("summary") or ""])
    seen = markup.read(html, page or base)
    url = _of_media(entry, base) or _of_enclosures(entry, base) or seen.largest()
    if url is None and page is None:
        url = _widest(entry.get("media_thumbnail", []), base)
    return found(
        entry.get("id"),
        url=url,
        page_url=page,
        title=markup.read(entry.get("title") or "", base).text,
        description=seen.text,
        tags=[tag.get("term") or "" for tag in entry.get("tags", [])],
    )


def _of_media(entry: Any, base: str) -> str | None:
    return _widest([each for each in entry.get("media_content", []) if _is_picture(each, "type", "url")], base)


def _widest(media: list[Any], base: str) -> str | None:
    widths = {at: markup.pixels_of(each.get("width")) for each in reversed(media) if (at := address(each.get("url"), base))}
    return max(reversed(widths), key=lambda at: widths[at], default=None)


def _of_enclosures(entry: Any, base: str) -> str | None:
    pictures = [each for each in entry.get("enclosures", []) if _is_picture(each, "type", "href")]
    return next((at for each in pictures if (at := address(each.get("href"), base))), None)


def _is_picture(media: Any, type_name: str, url_name: str) -> bool:
    """By what is said of it; by the ending of its address where nothing is."""
    if media.get("medium"):
        return bool(media["medium"] == "image")
    kind = str(media.get(type_name) or "")
    return kind.startswith("image/") if kind else ends_like_a_picture(str(media.get(url_name) or ""))


def _read_json(body: bytes, base: str) -> list[Found]:
    try:
        feed = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Invalid(_NO_FEED) from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or "jsonfeed.org" not in str(feed.get("version", "")):
        raise Invalid(_NO_FEED)
    return _distinct([_of_item(item, base) for item in items if isinstance(item, dict)])


def _of_item(item: dict[str, Any], base: str) -> Found | None:
    page = address(item.get("url"), base) or address(item.get("external_url"), base)
    seen = markup.read(_text(item, "content_html"), page or base)
    pictures = [each for each in _list(item, "attachments") if isinstance(each, dict) and _is_picture(each, "mime_type", "url")]
    named = [item.get("image"), *(each.get("url") for each in pictures), seen.largest(), item.get("banner_image")]
    return found(
        str(item["id"]) if isinstance(item.get("id"), (str, int)) else None,
        url=next((at for url in named if (at := address(url, page or base))), None),
        page_url=page,
        title=_text(item, "title"),
        description=_text(item, "summary") or seen.text or _text(item, "content_text"),
        tags=[tag for tag in _list(item, "tags") if isinstance(tag, str)],
    )


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _list(item: dict[str, Any], name: str) -> list[Any]:
    value = item.get(name)
    return value if isinstance(value, list) else []
