"""What a message of Discord says about its pictures. It is read as it came: any part may be missing or odd."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pindeck.discord import pictures

MOST_TITLE, MOST_DESCRIPTION = 120, 1000
SREF = re.compile(r"#sref-(\d{2,})|sref_(\d{2,})|\bsref(?:[\s:#/-]|number|num)*(\d{2,})", re.IGNORECASE)
PERMALINK = re.compile(r"https?://(?:\w+\.)?discord(?:app)?\.com/channels/", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """The pictures of a message, the best first, and the words that go with them."""

    images: list[str]
    title: str
    description: str
    source_url: str
    sref: str


def read(message: dict[str, Any], *, guild_id: str | None, most: int = 1) -> Found:
    """A message as Discord's REST and its interactions spell one."""
    content, embeds = _text(message, "content"), _dicts(message, "embeds")
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
        _text(each, "url")
        for each in _dicts(message, "attachments")
        if _text(each, "content_type").startswith("image/") or pictures.has_ending(_text(each, "url"))
    ]
    for embed in embeds:
        found += [_text(_dict(embed, "image"), "url"), _text(_dict(embed, "thumbnail"), "url"), _text(embed, "url")]
    return [url for url in [*found, *links] if url]


def _title(content: str, embeds: list[dict[str, Any]]) -> str:
    lines = [line.strip() for line in content.splitlines() if line.strip()]
    found = next((_text(embed, "title") for embed in embeds if _text(embed, "title")), lines[0] if lines else "")
    return found[:MOST_TITLE] or f"Discord import {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _description(content: str, embeds: list[dict[str, Any]]) -> str:
    found = content
    for embed in embeds:
        more = _text(embed, "description")
        if more and more not in found:
            found = f"{found}\n{more}".strip()
    return found[:MOST_DESCRIPTION]


def _source(message: dict[str, Any], embeds: list[dict[str, Any]], links: list[str], guild_id: str | None) -> str:
    """The page it is about, else the message itself."""
    pages = [link for link in links if not pictures.is_picture(link) and not PERMALINK.match(link)]
    for url in [*(_text(embed, "url") for embed in embeds), *pages]:
        if url:
            return url
    return f"https://discord.com/channels/{guild_id or '@me'}/{_text(message, 'channel_id')}/{_text(message, 'id')}"


def _sref(content: str, embeds: list[dict[str, Any]]) -> str:
    texts = [content]
    for embed in embeds:
        texts += [_text(embed, "title"), _text(embed, "description"), _text(_dict(embed, "author"), "name")]
    match = next((found for text in texts if (found := SREF.search(text))), None)
    return next(group for group in match.groups() if group) if match else ""


def _text(node: dict[str, Any], name: str) -> str:
    value = node.get(name)
    return value.strip() if isinstance(value, str) else ""


def _dict(node: dict[str, Any], name: str) -> dict[str, Any]:
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def _dicts(node: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = node.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
