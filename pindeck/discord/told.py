"""What a try that died may have said in Discord already, looked for before it is said again.

Discord knows a message of the bot again by its name (`rest.post`) for some minutes; one of a webhook, and what follows an
answer, has no name. The bot reads the channel: where there is none, or it does not see the channel, nobody knows.
"""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pindeck import config
from pindeck.discord import rest, status
from pindeck.discord.events import dict_in, dicts_in, text_in
from pindeck.errors import PindeckError

Message = dict[str, Any]

SLACK_MS = 60_000  # that the clocks may differ
_WEBHOOK = re.compile(r"/webhooks/(\d+)/([\w-]+)$")
_EPOCH_MS = 1_420_070_400_000  # from which ids of Discord count


def by_webhook(url: str, message: Message, *, since_ms: int) -> bool:
    """Whether this webhook has sent the message since, by its lines `Event:` and `Image ID:`."""
    address = urlsplit(url)
    webhook = _WEBHOOK.search(address.path)
    if webhook is None or not config.current().discord_token:
        return False
    wanted = status.lines(message["content"])
    try:
        thread = parse_qs(address.query).get("thread_id")
        channel_id = thread[0] if thread else text_in(_got(f"/webhooks/{webhook[1]}/{webhook[2]}"), "channel_id")
        newest = _since(channel_id, since_ms)
    except PindeckError:
        return False
    return any(each.get("webhook_id") == webhook[1] and status.lines(text_in(each, "content")) == wanted for each in newest)


def by_bot(channel_id: str, message: Message, *, since_ms: int) -> Message | None:
    """The message of the bot there that says and offers the same, if there is one since."""
    if not config.current().discord_token:
        return None
    try:
        me, newest = _got("/users/@me").get("id"), _since(channel_id, since_ms)
    except PindeckError:
        return None
    return next((each for each in newest if dict_in(each, "author").get("id") == me and _said(each) == _said(message)), None)


def _got(path: str) -> Message:
    found = rest.call("GET", path)
    return found if isinstance(found, dict) else {}


def _since(channel_id: str, since_ms: int) -> list[Message]:
    return [each for each in rest.newest(channel_id) if _sent_at(each) >= since_ms - SLACK_MS]


def _sent_at(message: Message) -> int:
    told = str(message.get("id"))
    return (int(told) >> 22) + _EPOCH_MS if told.isdecimal() else 0


def _said(message: Message) -> tuple[str, list[str], list[str]]:
    """Its text, what its cards are called, and its buttons."""
    parts = [part for row in dicts_in(message, "components") for part in dicts_in(row, "components")]
    return (
        text_in(message, "content"),
        [text_in(card, "title") for card in dicts_in(message, "embeds")],
        [text_in(part, "custom_id") for part in parts],
    )
