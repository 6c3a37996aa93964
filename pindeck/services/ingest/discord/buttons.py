"""A button or a menu was pressed: the card tells what became of it, and its buttons have ended."""

from typing import Any

from pindeck import config
from pindeck.access import Actor
from pindeck.discord import cards, presets
from pindeck.discord.commands import MODES
from pindeck.discord.events import dict_in
from pindeck.errors import PindeckError
from pindeck.services.images.variations.ordering import Wish
from pindeck.services.ingest import deciding
from pindeck.services.ingest.deciding import Decision
from pindeck.services.ingest.discord import pressers
from pindeck.services.ingest.discord.pressers import Presser

DECIDE = {"approve": deciding.approve, "publish": deciding.publish, "reject": deciding.reject}


def answer(presser: Presser, actors: list[Actor], interaction: dict[str, Any]) -> dict[str, Any]:
    custom_id = str(dict_in(interaction, "data").get("custom_id") or "")
    if custom_id == cards.MENU:
        return _chosen(presser, interaction)
    kind, _, rest = custom_id.partition(":")
    act, _, image_id = rest.partition(":")
    if not _is_known(kind, act):
        return cards.private("This button comes from an earlier bot and does nothing.")
    try:
        actor, event_id = pressers.who_decides(actors, image_id), str(interaction.get("id") or "")
        found = _decide(kind, act, actor, image_id, event_id)
    except PindeckError as error:
        return cards.private(f"{act.upper()} failed for {image_id}: {error.message}")
    state = str(found.image.status) if found.image else "gone"
    return cards.decided(dict_in(interaction, "message"), image_id, custom_id, state, f"{found.said} ({presser.name})")


def _is_known(kind: str, act: str) -> bool:
    return act in MODES if kind == cards.VARY else kind == cards.MODERATE and (act in DECIDE or act == "generate")


def _decide(kind: str, act: str, actor: Actor, image_id: str, event_id: str) -> Decision:
    if kind == cards.MODERATE and act in DECIDE:
        return DECIDE[act](actor, image_id)
    settings = config.current()
    mode = act if kind == cards.VARY else settings.discord_generate_default_mode
    return deciding.generate(actor, image_id, Wish(settings.discord_generate_default_count, mode), event_id=event_id)


def _chosen(presser: Presser, interaction: dict[str, Any]) -> dict[str, Any]:
    values = dict_in(interaction, "data").get("values")
    preset = presets.find(str(values[0])) if isinstance(values, list) and values else None
    if preset is None:
        return cards.private("This picture is no longer offered.")
    return {"type": cards.ANSWER, "data": cards.posted(preset, presser.name)}
