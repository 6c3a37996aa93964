"""What only the gateway tells: emojis that are put on messages, and messages of our own webhook."""

import re
from typing import Any

from pindeck import config
from pindeck.discord import emojis, presets, status
from pindeck.discord.events import dict_in, text_in
from pindeck.discord.status import Event
from pindeck.errors import PindeckError
from pindeck.models import Image
from pindeck.services.images import lineage
from pindeck.services.ingest.discord import later, pressers
from pindeck.states import ImageStatus
from pindeck.text import can_be_id

_WEBHOOK = re.compile(r"/webhooks/(\d+)/")


def reacted(event: dict[str, Any]) -> None:
    """Save the message that a trigger emoji was put on, or post the picture of a panel. Nothing for who may not, and for bots."""
    emoji, user = dict_in(event, "emoji"), dict_in(dict_in(event, "member"), "user")
    saves, preset = emojis.saves(emoji), presets.of_emoji(emoji)
    if user.get("bot") or not (saves or preset):
        return
    presser = pressers.of(event)
    try:
        actors = pressers.actors_of(presser)
    except PindeckError:
        return  # there is nobody to be told
    channel_id, message_id = str(event.get("channel_id") or ""), str(event.get("message_id") or "")
    key = f"discord:{message_id}:{presser.asker.id}:{emoji.get('id') or emoji.get('name')}"
    if saves:
        later.ask_to_save(
            presser, actors[0].user_id, guild_id=str(event.get("guild_id") or "") or None, channel_id=channel_id,
            message_id=message_id, dedupe_key=key,
        )  # fmt: skip
    elif preset:
        later.ask_to_say(
            "preset", user_id=actors[0].user_id, dedupe_key=key, channel_id=channel_id, message_id=message_id,
            preset=preset.id, by=presser.name,
        )  # fmt: skip


def heard(message: dict[str, Any]) -> None:
    """Put buttons for variations below the message by which our webhook tells of an approved picture."""
    ours = _WEBHOOK.search(config.current().discord_status_webhook_url)
    if not config.current().discord_approved_variation_buttons or ours is None or message.get("webhook_id") != ours[1]:
        return
    lines = status.lines(text_in(message, "content"))
    image_id = lines.get("Image ID", "")
    image = Image.get_or_none(Image.id == image_id) if can_be_id(image_id) else None
    if lines.get("Event") != Event.APPROVED or image is None or image.status not in (ImageStatus.DRAFT, ImageStatus.ACTIVE):
        return
    if lineage.is_of_discord(lineage.lineage_of(image)):
        message_id = str(message.get("id") or "")
        later.ask_to_say(
            "variations", user_id=image.user_id, event_id=f"variations:{message_id}",
            channel_id=str(message.get("channel_id") or ""), message_id=message_id, image_id=image.id,
        )  # fmt: skip
