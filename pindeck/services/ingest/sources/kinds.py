"""The kinds of sources: what people call them, what says where they lie, and which of them this installation offers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pindeck import config
from pindeck.access import Actor
from pindeck.errors import Forbidden, invalid
from pindeck.fetching import FetchRefused, urls
from pindeck.services.ingest.sources import discord_channel, folders
from pindeck.states import Origin, SourceKind

MAX_LINKS = 1000
_CHANNEL = re.compile(r"/(?:[^/]+/)?([a-z0-9][a-z0-9-]{0,200})/?", re.IGNORECASE)
_PINTEREST = re.compile(r"(?:[a-z]{2,3}\.|www\.)?pinterest\.(?:com|[a-z]{2}|com?\.[a-z]{2})")


@dataclass(frozen=True)
class Kind:
    """`place` is the column that says where such a source lies, and `check` makes its value of what somebody gave;
    it raises Invalid naming the column. `tags` are those of all pictures from there."""

    label: str
    place: str
    check: Callable[[Any], Any]
    origin: Origin = Origin.UPLOAD
    tags: tuple[str, ...] = ()
    refused: str = ""  # what people are told who are no administrators, where only these may add it


def offered(actor: Actor) -> dict[SourceKind, Kind]:
    """Those that the actor can add here."""
    missing = set()
    if not config.current().gallery_dl:
        missing.add(SourceKind.PINTEREST)
    if not (actor.is_admin and config.current().discord_token):
        missing.add(SourceKind.DISCORD)
    if not (actor.is_admin and folders.tops()):
        missing.add(SourceKind.FOLDER)
    return {kind: about for kind, about in KINDS.items() if kind not in missing}


def of(actor: Actor, kind: str) -> Kind:
    """Raises Invalid for one that cannot be added here, Forbidden for one that the actor may not add."""
    if kind not in set(SourceKind):
        raise invalid("kind", f"Choose one of {', '.join(offered(actor))}.")
    about = KINDS[SourceKind(kind)]
    if about.refused and not actor.is_admin:
        raise Forbidden(about.refused)
    if kind == SourceKind.DISCORD and not config.current().discord_token:
        raise invalid("kind", "Discord needs the bot. An administrator sets DISCORD_TOKEN.")
    if kind == SourceKind.PINTEREST and not config.current().gallery_dl:
        raise invalid("kind", "Pinterest needs the program gallery-dl. An administrator installs it and sets GALLERY_DL.")
    return about


def channel_of(url: str) -> str:
    """The slug of the Are.na channel at an address. Raises Invalid."""
    parts = urlsplit(url)
    found = _CHANNEL.fullmatch(parts.path)
    if parts.hostname not in ("are.na", "www.are.na") or found is None:
        raise invalid("url", "Give the address of a channel, such as https://www.are.na/olga/alleys.")
    return found[1]


def _web(value: Any, example: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise invalid("url", f"Give an address, such as {example}.")
    try:
        return urls.parse(value).url
    except FetchRefused as error:
        raise invalid("url", error.message) from error


def _feed(value: Any) -> str:
    return _web(value, "https://example.org/feed.xml")


def _channel(value: Any) -> str:
    url = _web(value, "https://www.are.na/olga/alleys")
    channel_of(url)
    return url


def _board(value: Any) -> str:
    """Always the one host, so that nobody leads the program elsewhere."""
    url = _web(value, "https://www.pinterest.com/olga/alleys/")
    parts = urlsplit(url)
    if not _PINTEREST.fullmatch(parts.hostname or "") or parts.port is not None or len(parts.path) < 2:
        raise invalid("url", "Give the address of a board, a profile or a pin, such as https://www.pinterest.com/olga/alleys/.")
    return f"https://www.pinterest.com{parts.path}"


def _discord(value: Any) -> str:
    """Without the message, if the link is one of a message."""
    guild, channel = discord_channel.place_of(_web(value, "https://discord.com/channels/1234/5678"))
    return f"https://discord.com/channels/{guild}/{channel}"


def _links(value: Any) -> list[str]:
    """Addresses of pictures or pages, one a line or in a list, each once."""
    given = value.splitlines() if isinstance(value, str) else value
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise invalid("links", "Give addresses, one a line.")
    found: dict[str, None] = {}
    for number, line in enumerate(given, 1):
        if not line.strip():
            continue
        try:
            found[urls.parse(line).url] = None
        except FetchRefused as error:
            raise invalid("links", f"Line {number}: {error.message}") from error
    if not found:
        raise invalid("links", "Give at least one address.")
    if len(found) > MAX_LINKS:
        raise invalid("links", f"These are {len(found)} addresses; a list has at most {MAX_LINKS}.")
    return list(found)


KINDS: dict[SourceKind, Kind] = {
    SourceKind.FEED: Kind("Feed (RSS, Atom, JSON)", "url", _feed),
    SourceKind.LINKS: Kind("List of links", "links", _links),
    SourceKind.FOLDER: Kind("Folder of the server", "path", folders.check, refused="Only administrators may choose folders of the server."),
    SourceKind.ARENA: Kind("Are.na channel", "url", _channel),
    SourceKind.PINTEREST: Kind("Pinterest board or profile", "url", _board, Origin.PINTEREST, ("pinterest",)),
    SourceKind.DISCORD: Kind(
        "Discord channel or thread", "url", _discord, Origin.DISCORD,
        refused="Only administrators may choose channels of Discord, because the bot sees more of them than each person may.",
    ),
}


PLACES = {"url": "an address", "links": "links", "path": "a path"}


def check_place(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """Where a source lies, checked; the rest of what was given as it is. Raises Invalid naming the column."""
    about = KINDS[SourceKind(kind)]
    for column in (PLACES.keys() - {about.place}) & given.keys():
        if given[column] is not None:
            raise invalid(column, f"A source of the kind {kind} has {PLACES[about.place]} instead.")
    if about.place not in given:
        return {}
    return {about.place: about.check(given[about.place])}
