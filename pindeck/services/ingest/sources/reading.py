"""How each kind of source is read: out to other sites, without the database."""

from dataclasses import dataclass

from pindeck import fetching
from pindeck.errors import Invalid
from pindeck.fetching import NO_VERSION, Version
from pindeck.models import Source
from pindeck.services.ingest.sources import feeds
from pindeck.services.ingest.sources.found import Found


@dataclass(frozen=True)
class Reading:
    """What was found, and the version of it; nothing where it `is_unchanged` since the version that was known."""

    found: list[Found]
    version: Version = NO_VERSION
    is_unchanged: bool = False


def read(source: Source, known: Version = NO_VERSION) -> Reading:
    """Read a source. Raises Invalid where there is nothing usable, and what `fetching.fetch` raises."""
    with fetching.fetch(str(source.url), max_bytes=feeds.MAX_BYTES, known=known) as fetched:
        if fetched.status == 304:
            return Reading([], known, is_unchanged=True)
        body = b"".join(fetched.chunks)
    found = feeds.read(body, url=fetched.final_url, content_type=fetched.content_type)
    if not found:
        raise Invalid("The feed has no entry with a picture or a page.")
    return Reading(found, fetched.version)
