"""What somebody does in Discord, answered at once. Who pressed is written down with what was done."""

from typing import Any

from pindeck.discord import cards
from pindeck.discord.commands import SAVE
from pindeck.discord.events import dict_in, dicts_in
from pindeck.errors import PindeckError
from pindeck.services.clients import discord_people
from pindeck.services.ingest.discord import asked, buttons, pressers
from pindeck.services.ingest.discord.asked import GivenCommand
from pindeck.services.ingest.discord.pressers import Presser

PING, BUTTON = 1, 3


def answer(interaction: dict[str, Any]) -> dict[str, Any]:
    """What Discord is to be answered. What is refused is said to the presser alone; nothing is raised for it."""
    if interaction.get("type") == PING:
        return cards.PONG
    presser = pressers.of(interaction)
    try:
        code = _code(interaction)
        return _linked(presser, code) if code is not None else _obeyed(presser, interaction)
    except PindeckError as error:
        return cards.private(error.message)


def _code(interaction: dict[str, Any]) -> str | None:
    """The code of `/images link`, the one command of somebody who may do nothing yet."""
    chosen = next(iter(dicts_in(dict_in(interaction, "data"), "options")), {})
    if chosen.get("name") != "link":
        return None
    return next((str(each.get("value") or "") for each in dicts_in(chosen, "options")), "")


def _linked(presser: Presser, code: str) -> dict[str, Any]:
    user = discord_people.link_by_code(presser.asker, code)
    return cards.private(f"You are {user.display_name} in Pindeck now. What you save here is yours.")


def _obeyed(presser: Presser, interaction: dict[str, Any]) -> dict[str, Any]:
    actors = pressers.actors_of(presser)
    if interaction.get("type") == BUTTON:
        return buttons.answer(presser, actors, interaction)
    given = GivenCommand(presser, actors, interaction)
    return asked.save(given) if given.data.get("name") == SAVE else asked.answer(given)
