"""What a message of Discord says about its pictures. It is read as it came: any part may be missing or odd."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pindeck.discord import pictures
from pindeck.discord.events import dict_in, dicts_in, text_in

MOST_TITLE, MOST_DESCRIPTION = 120, 1000
UNTITLED = "Discord import"
SREF = re.compile(r"#sref-(\d{2,})|sref_(\d{2,})|\bsref(?:[\s:#/-]|number|num)*(\d{2,})", re.IGNORECASE)
LINK = re.compile(r"<?https?://(?:\w+\.)?discord(?:app)?\.com/channels/(\d+|@me)/(\d+)/(\d+)/?>?", re.IGNORECASE)
PERMALINK = re.compile(r"https?://(?:\w+\.)?discord(?:app)?\.com/channels/", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """The pictures of a message, the best first, and the words that go with them."""

    images: list[str]
    title: str
    description: str
    source_url: str
    sref: str

    @property
    def has_title(self) -> bool:
        return not self.title.startswith(UNTITLED)

    @property
    def page(self) -> str | None:
        """The page that the message is about, which may have a picture."""
        return None if PERMALINK.match(self.source_url) else self.source_url


def read(message: dict[str, Any], *, guild_id: str | None, most: int = 1) -> Found:
    """A message as Discord's REST and its interactions spell one."""
    content, embeds = text_in(message, "content"), dicts_in(message, "embeds")
    links = pictures.links_in(content)
    return Found(
        images=pictures.best_of(_images(message, embeds, links), most),
        title=_title(content, embeds),
        description=_description(content, embeds),
        source_url=_source(message, embeds, links, guild_id),
        sref=_sref(content, embeds),
    )


def external_id(owner: str, guild_id: str | None, url: str) -> str:
    """The same for the same picture, wherever in a server it is found."""
    digest = hashlib.sha256(pictures.key_of(url).encode("utf-8", "replace")).hexdigest()[:20]
    return f"discord:url:{owner}:{guild_id or 'dm'}:{digest}"


def _images(message: dict[str, Any], embeds: list[dict[str, Any]], links: list[str]) -> list[str]:
    found = [
        text_in(each, "url")
        for each in dicts_in(message, "attachments")
        if text_in(each, "content_type").startswith("image/") or pictures.has_ending(text_in(each, "url"))
    ]
    for embed in embeds:
        found += [text_in(dict_in(embed, "image"), "url"), text_in(dict_in(embed, "thumbnail"), "url"), text_in(embed, "url")]
    return [url for url in [*found, *links] if url]


def _title(content: str, embeds: list[dict[str, Any]]) -> str:
    lines = [line.strip() for line in content.splitlines() if line.strip()]
    found = next((text_in(embed, "title") for embed in embeds if text_in(embed, "title")), lines[0] if lines else "")
    return found[:MOST_TITLE] or f"{UNTITLED} {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _description(content: str, embeds: list[dict[str, Any]]) -> str:
    found = content
    for embed in embeds:
        more = text_in(embed, "description")
        if more and more not in found:
            found = f"{found}\n{more}".strip()
    return found[:MOST_DESCRIPTION]


def _source(message: dict[str, Any], embeds: list[dict[str, Any]], links: list[str], guild_id: str | None) -> str:
    """The page it is about, else the message itself."""
    pages = [link for link in links if not pictures.is_picture(link) and not PERMALINK.match(link)]
    for url in [*(text_in(embed, "url") for embed in embeds), *pages]:
        if url:
            return url
    return f"https://discord.com/channels/{guild_id or '@me'}/{text_in(message, 'channel_id')}/{text_in(message, 'id')}"


def _sref(content: str, embeds: list[dict[str, Any]]) -> str:
    texts = [content]
    for embed in embeds:
        texts += [text_in(embed, "title"), text_in(embed, "description"), text_in(dict_in(embed, "author"), "name")]
    match = next((found for text in texts if (found := SREF.search(text))), None)
    return next(group for group in match.groups() if group) if match else ""



def kept(message: dict[str, Any]) -> dict[str, Any]:
    """What of a message `read` looks at."""
    return {name: message[name] for name in ("id", "channel_id", "content", "attachments", "embeds") if name in message}


def link_of(text: str) -> tuple[str, str, str] | None:
    """Server, channel and message of a link to a message."""
    found = LINK.fullmatch(text.strip())
    return (found[1], found[2], found[3]) if found else None
