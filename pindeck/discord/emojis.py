"""Emojis as people write them in settings, and as Discord sends them with a reaction."""

import re
from typing import Any

from pindeck import config

ALIASES = {":pushpin:": "📌", "pushpin": "📌", "push pin": "📌", ":inbox_tray:": "📥", "inbox_tray": "📥"}
_CUSTOM = re.compile(r"<a?:(\w+):(\d+)>")
_VARIANT = "\ufe0f"  # says that a letter is drawn as an emoji; Discord leaves it out where it likes


def saves(emoji: dict[str, Any]) -> bool:
    """Whether this emoji, put on a message, saves it."""
    return any(is_same(each, emoji) for each in config.current().discord_ingest_emojis.split(",") if each.strip())


def is_same(text: str, emoji: dict[str, Any]) -> bool:
    """`emoji` has the `id` of a custom one, and a `name`, which for others is the emoji itself."""
    wanted = ALIASES.get(text.strip().lower(), text.strip())
    custom, name, emoji_id = _CUSTOM.fullmatch(wanted), str(emoji.get("name") or ""), str(emoji.get("id") or "")
    if custom:
        return emoji_id == custom[2]
    if emoji_id:
        return wanted in (emoji_id, name) or wanted.strip(":") == name
    return bool(name) and wanted.replace(_VARIANT, "") == name.replace(_VARIANT, "")


def in_path(text: str) -> str:
    """As an address of Discord's API names it: `name:id` of a custom one."""
    custom = _CUSTOM.fullmatch(text.strip())
    return f"{custom[1]}:{custom[2]}" if custom else ALIASES.get(text.strip().lower(), text.strip())
