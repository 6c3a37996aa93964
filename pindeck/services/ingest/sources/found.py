"""Something that was found at a source, with its words made fit to be kept."""

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from pindeck.fetching import FetchRefused, urls
from pindeck.services.images.fields import MAX_TAG, tags_in
from pindeck.services.ingest.folder_files import ENDINGS

MAX_ID = 200
MAX_TITLE = 200
MAX_DESCRIPTION = 2000
MOST_TAGS = 10


@dataclass(frozen=True)
class Found:
    """`url` is that of a picture, or None where it has to be looked for on the page at `page_url`; or neither is there, and
    `path`, percent-encoded, is that of a file below the folder of the source."""

    external_id: str
    url: str | None
    page_url: str | None
    title: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    path: str | None = None
    sref: str = ""

    @property
    def words(self) -> dict[str, Any]:
        """Its words by field, but for the title; and its path."""
        told = {"description": self.description, "tags": list(self.tags), "path": self.path, "sref": self.sref}
        return {name: value for name, value in told.items() if value}


def found(
    identity: str | None,
    *,
    url: str | None,
    page_url: str | None,
    title: str | None = None,
    description: str | None = None,
    tags: Iterable[str] = (),
    sref: str = "",
) -> Found | None:
    """What a source says of one picture; None without an address that can be fetched. Words that are too long are cut."""
    if url is None and page_url is None:
        return None
    return Found(
        identity_of(identity or page_url or url or ""),
        url,
        page_url,
        plain(title, MAX_TITLE),
        plain(description, MAX_DESCRIPTION),
        tuple(tag for tag in tags_in(plain(tag, 500) for tag in tags) if len(tag) <= MAX_TAG)[:MOST_TAGS],
        sref=sref,
    )


def identity_of(text: str) -> str:
    """What a picture is recognised by the next time; a digest of what is too long or cannot be kept as it is."""
    if len(text) <= MAX_ID and text.isprintable() and text.strip():
        return text.strip()
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def address(url: object, base: str) -> str | None:
    """A web address as it is fetched, seen from the page it stands on; None for one that never is."""
    if not isinstance(url, str) or not url.strip():
        return None
    try:
        return urls.parse(urljoin(base, url.strip())).url
    except (FetchRefused, ValueError):
        return None


def ends_like_a_picture(url: str) -> bool:
    """Whether the path of an address ends like the name of a picture."""
    try:
        path = urlsplit(url).path.lower()
    except ValueError:
        return False
    return path.endswith(tuple(ENDINGS))


def plain(text: str | None, most: int) -> str:
    """One line without what cannot be stored, cut at `most` characters."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") else c for c in (text or "")[: most * 4])
    line = " ".join(kept.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
