"""How each kind of source is read: out to other sites, without the database."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from pindeck import config, fetching
from pindeck.errors import Invalid
from pindeck.fetching import NO_VERSION, FetchFailed, Version
from pindeck.models import Source
from pindeck.services.ingest.sources import apart, arena, discord_channel, feeds, folders, gallery_dl, kinds
from pindeck.services.ingest.sources.found import Found, ends_like_a_picture, identity_of
from pindeck.states import SourceKind


@dataclass(frozen=True)
class Reading:
    """What was found, and the version of it; nothing where it `is_unchanged` since the version that was known."""

    found: list[Found]
    version: Version = NO_VERSION
    is_unchanged: bool = False


def read(source: Source, known: Version = NO_VERSION) -> Reading:
    """Read a source. Raises Invalid where there is nothing usable, and what `fetching.fetch` raises."""
    if source.kind == SourceKind.FEED:
        reading = _feed(str(source.url), known)
    elif source.kind == SourceKind.LINKS:
        reading = Reading([_link(url) for url in source.links])
    elif source.kind == SourceKind.FOLDER:
        reading = Reading(folders.look(str(source.path)))
    elif source.kind == SourceKind.ARENA:
        reading = Reading(_arena(str(source.url)))
    elif source.kind == SourceKind.DISCORD:
        reading = _channel(str(source.url), known)
    else:
        reading = Reading(gallery_dl.read(str(source.url)))
    if not reading.found and not reading.is_unchanged:
        raise Invalid("No item here has a picture.")
    return reading


def _feed(url: str, known: Version) -> Reading:
    with fetching.fetch(url, max_bytes=feeds.MAX_BYTES, known=known) as fetched:
        if fetched.status == 304:
            return Reading([], known, is_unchanged=True)
        body = b"".join(fetched.chunks)
    found = apart.read(lambda: feeds.read(body, url=fetched.final_url, content_type=fetched.content_type), seconds=feeds.LASTS_S)
    return Reading(found, fetched.version)


def _arena(url: str) -> list[Found]:
    """By its API, and where that gives nothing by the program that the operator may have installed."""
    try:
        return arena.read(kinds.channel_of(url))
    except (FetchFailed, Invalid):
        if not config.current().gallery_dl:
            raise
        owner = urlsplit(url).path.strip("/").rpartition("/")[0] or "channel"
        return gallery_dl.read_channel(f"https://www.are.na/{owner}/{kinds.channel_of(url)}")


def _channel(url: str, known: Version) -> Reading:
    """A channel has no version but its newest message, and most messages have no picture."""
    found, newest = discord_channel.read(url, known.etag)
    return Reading(found, Version(newest, None), is_unchanged=newest is not None and not found)


def _link(url: str) -> Found:
    """A picture by its ending; anything else is looked at when its turn comes."""
    is_picture = ends_like_a_picture(url)
    return Found(identity_of(url), url if is_picture else None, None if is_picture else url)
