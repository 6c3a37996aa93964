"""Pictures that the bot posts when it is asked for them."""

from dataclasses import dataclass
from typing import Any

from pindeck import config
from pindeck.discord import emojis
from pindeck.setting_types import presets_of

SAMPLES = (
    ("river", "River", "https://picsum.photos/id/1015/1600/900", "🏞️"),
    ("mountains", "Mountains", "https://picsum.photos/id/1018/1600/900", "⛰️"),
    ("forest", "Forest", "https://picsum.photos/id/10/1600/900", "🌲"),
)


@dataclass(frozen=True)
class Preset:
    id: str
    label: str
    url: str
    emoji: str = ""

    @property
    def in_path(self) -> str:
        return emojis.in_path(self.emoji)


def all_of_them() -> list[Preset]:
    """Those of the settings, else three samples."""
    given = presets_of(config.current().discord_images_json)
    return [Preset(**each) for each in given] or [Preset(*each) for each in SAMPLES]


def find(preset_id: str) -> Preset | None:
    return next((each for each in all_of_them() if each.id == preset_id), None)


def with_emojis() -> list[Preset]:
    """Those that a panel offers: Discord takes twenty emojis at a message."""
    return [each for each in all_of_them() if each.emoji][:20]


def of_emoji(emoji: dict[str, Any]) -> Preset | None:
    return next((each for each in with_emojis() if emojis.is_same(each.emoji, emoji)), None)
