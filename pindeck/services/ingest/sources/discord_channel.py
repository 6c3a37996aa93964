"""A channel of Discord, read by the bot: the pictures of its messages, but for what Pindeck itself said there."""

import re
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from pindeck import config
from pindeck.discord import messages, pictures, rest
from pindeck.discord.events import dict_in, text_in
from pindeck.errors import invalid
from pindeck.services.ingest.sources.found import Found, address, found

PER_PAGE = 100
MOST_PAGES = 20  # that are read the first time
_CHANNEL = re.compile(r"/channels/(\d{1,20})/(\d{1,20})(?:/\d{1,20})?/?")
_HOSTS = ("discord.com", "www.discord.com", "ptb.discord.com", "canary.discord.com", "discordapp.com")
_WEBHOOK = re.compile(r"/webhooks/(\d+)/")


def place_of(url: str) -> tuple[str, str]:
    """Server and channel of a link to a channel, a thread or a message there. Raises Invalid naming `url`."""
    parts = urlsplit(url)
    named = _CHANNEL.fullmatch(parts.path)
    if parts.hostname not in _HOSTS or named is None:
        raise invalid("url", "Give the link of a channel or thread, such as https://discord.com/channels/1234/5678. In Discord it is under Copy Link.")
    return named[1], named[2]


def external_id(owner: str, source_url: str, url: str) -> str:
    """The one that an emoji gives the same picture, so that it comes in once."""
    return messages.external_id(owner, place_of(source_url)[0], url)


def read(url: str, after: str | None) -> tuple[list[Found], str | None]:
    """What the messages after that id have, the newest first, and the id of the newest message. Raises what `rest.call` raises."""
    guild, channel = place_of(url)
    own_id, newest, before = rest.own_id(), after, ""
    every: dict[str, Found] = {}
    for _ in range(MOST_PAGES):
        page = [each for each in rest.newest(channel, PER_PAGE, before=before) if _number(each)]
        new = [each for each in page if _number(each) > int(after or 0)]
        newest = max([text_in(each, "id") for each in new] + ([newest] if newest else []), key=int, default=None)
        for message in new:
            if not _is_ours(message, own_id):
                every |= {each.external_id: each for each in _of_message(message, guild, channel) if each.external_id not in every}
        if len(new) < PER_PAGE:
            break
        before = text_in(page[-1], "id")
    return list(every.values()), newest


def _number(message: dict[str, Any]) -> int:
    told = text_in(message, "id")
    return int(told) if told.isdecimal() and told.isascii() and len(told) <= 20 else 0


def _is_ours(message: dict[str, Any], own_id: str) -> bool:
    """By our webhook, or by the bot: what is told of pictures that are here."""
    ours = _WEBHOOK.search(config.current().discord_status_webhook_url)
    is_told = ours is not None and message.get("webhook_id") == ours[1]
    return is_told or dict_in(message, "author").get("id") == own_id


def _of_message(message: dict[str, Any], guild: str, channel: str) -> list[Found]:
    settings = config.current()
    message.setdefault("channel_id", channel)
    told = messages.read(message, guild_id=guild, most=settings.discord_ingest_max_images_per_post)
    looks = settings.discord_ingest_fetch_external and told.page is not None and not told.images
    sref = [f"sref:{told.sref}"] if told.sref else []
    make = partial(
        found,
        title=told.title if told.has_title else None,
        description=told.description,
        tags=[*settings.discord_ingest_default_tags.split(","), *sref],
        sref=told.sref,
    )
    if looks and told.page is not None:
        made = [make(told.page, url=None, page_url=address(pictures.page_to_read(told.page), ""))]
    else:
        here = address(told.source_url, "")
        made = [make(pictures.key_of(url), url=address(url, ""), page_url=here) for url in told.images]
    return [each for each in made if each is not None]
