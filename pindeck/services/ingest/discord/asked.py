"""A command was given: each of `/images`, and saving a message."""

from collections.abc import Callable
from typing import Any

from pindeck import config
from pindeck.access import Actor
from pindeck.discord import cards, messages, presets
from pindeck.discord.commands import MOST_REVIEWED
from pindeck.discord.events import dict_in, dicts_in, on_one_line
from pindeck.errors import Invalid
from pindeck.services.images import card_pictures
from pindeck.services.images.variations.ordering import Wish
from pindeck.services.ingest import deciding
from pindeck.services.ingest.discord import later, pressers, saving, threads
from pindeck.services.ingest.discord.pressers import Presser
from pindeck.services.library import waiting
from pindeck.services.library.waiting import Waiting
from pindeck.text import can_be_id

Given = dict[str, Any]
FEW = 5


class GivenCommand:
    """One command: who gave it, as which accounts, and what with."""

    def __init__(self, presser: Presser, actors: list[Actor], interaction: dict[str, Any]) -> None:
        self.presser, self.actors, self.interaction = presser, actors, interaction
        self.data = dict_in(interaction, "data")
        self.guild_id = str(interaction.get("guild_id") or "") or None
        self.channel_id = str(interaction.get("channel_id") or "")
        self.event_id = str(interaction.get("id") or "")  # the same when it is delivered again

    @property
    def me(self) -> Actor:
        return self.actors[0]

    def decides(self, image_id: str) -> Actor:
        return pressers.who_decides(self.actors, image_id)


def answer(asked: GivenCommand) -> dict[str, Any]:
    """Raises what the services raise."""
    chosen = next(iter(dicts_in(asked.data, "options")), {})
    given = {str(each.get("name")): each.get("value") for each in dicts_in(chosen, "options")}
    command = COMMANDS.get(str(chosen.get("name")))
    return command(asked, given) if command else cards.private("There is no such command.")


def save(asked: GivenCommand) -> dict[str, Any]:
    """The message that was chosen in its menu; again is no harm."""
    message = dict_in(dict_in(dict_in(asked.data, "resolved"), "messages"), str(asked.data.get("target_id")))
    channel_id = str(message.get("channel_id") or asked.channel_id)
    found = saving.read(message, asked.guild_id)
    if saving.may_look_at_page(found):
        later.ask_to_save(
            asked.presser, asked.me.user_id, guild_id=asked.guild_id, channel_id=channel_id, message=message,
            reply=later.reply_to(asked.interaction),
        )  # fmt: skip
        return cards.later()
    return cards.private(saving.save(asked.me, found, found.images, guild_id=asked.guild_id, channel_id=channel_id).said)


def _import(asked: GivenCommand, given: Given) -> dict[str, Any]:
    link, message_id, channel_id = str(given.get("message_link") or ""), "", asked.channel_id
    if link:
        named = messages.link_of(link)
        # The bot sees more channels than the presser may: what they are in, they see.
        if named is None or named[:2] != (asked.guild_id or "@me", channel_id):
            raise Invalid("This is not the link of a message in this channel. Give the command where the message is.")
        message_id = named[2]
    later.require_bot()
    later.ask_to_save(
        asked.presser, asked.me.user_id, guild_id=asked.guild_id, channel_id=channel_id, message_id=message_id,
        reply=later.reply_to(asked.interaction),
    )  # fmt: skip
    return cards.later()


def _review(asked: GivenCommand, given: Given) -> dict[str, Any]:
    limit, image_id = given.get("limit"), str(given.get("image_id") or "") or None
    if image_id and not can_be_id(image_id):
        return cards.private("Nothing waits.")
    most = max(1, min(limit, MOST_REVIEWED)) if isinstance(limit, int) else FEW
    found = {each.entry.image.id: each for actor in asked.actors for each in waiting.from_discord(actor, limit=most, image_id=image_id)}
    shown = [_told(each) for each in sorted(found.values(), key=lambda each: -each.entry.image.seq)[:most]]
    if not shown:
        return cards.private("Nothing waits.")
    if shown[cards.MOST_CARDS :]:  # a message has room for five rows of buttons
        body = cards.queue(shown[cards.MOST_CARDS :])
        later.ask_to_say(
            "follow", user_id=asked.me.user_id, event_id=asked.event_id, delay_s=1,
            reply=later.reply_to(asked.interaction), body=body, channel_id=asked.channel_id,
        )  # fmt: skip
    return {"type": cards.ANSWER, "data": cards.queue(shown[: cards.MOST_CARDS])}


def _told(each: Waiting) -> dict[str, str]:
    image = each.entry.image
    return {
        "id": image.id, "title": image.title, "description": image.description or "", "sref": image.sref or "",
        "state": str(image.status), "status": f"{image.status} / {image.ai_status}", "picture": card_pictures.address(image),
        "source": image.source_url or "", "parent": image.parent_id or "",
    }  # fmt: skip


def _approve(asked: GivenCommand, given: Given) -> dict[str, Any]:
    image_id = str(given.get("image_id") or "")
    return cards.private(f"APPROVE OK for {image_id}: {deciding.approve(asked.decides(image_id), image_id).said}")


def _reject(asked: GivenCommand, given: Given) -> dict[str, Any]:
    image_id = str(given.get("image_id") or "")
    return cards.private(f"REJECT OK for {image_id}: {deciding.reject(asked.decides(image_id), image_id).said}")


def _generate(asked: GivenCommand, given: Given) -> dict[str, Any]:
    settings, image_id, count = config.current(), str(given.get("image_id") or ""), given.get("count")
    pictures = max(1, min(count, 12)) if isinstance(count, int) else settings.discord_generate_default_count
    mode = str(given.get("mode") or settings.discord_generate_default_mode)
    wish = Wish(pictures, mode, str(given.get("detail") or "") or None)
    ordered = deciding.generate(asked.decides(image_id), image_id, wish, event_id=asked.event_id)
    return cards.private(f"GENERATE OK for {image_id}: {ordered.said}")


def _menu(asked: GivenCommand, given: Given) -> dict[str, Any]:
    return {"type": cards.ANSWER, "data": cards.menu(presets.all_of_them())}


def _send(asked: GivenCommand, given: Given) -> dict[str, Any]:
    preset = presets.find(str(given.get("preset")))
    if preset is None:
        return cards.private("There is no such picture.")
    return {"type": cards.ANSWER, "data": cards.posted(preset, asked.presser.name)}


def _panel(asked: GivenCommand, given: Given) -> dict[str, Any]:
    later.require_bot()
    if not presets.with_emojis():
        return cards.private("None of the pictures has an emoji. Add them to DISCORD_IMAGES_JSON.")
    later.ask_to_say("panel", user_id=asked.me.user_id, event_id=asked.event_id, channel_id=asked.channel_id)
    return cards.private("The panel comes in a moment.")


def _bind(asked: GivenCommand, given: Given) -> dict[str, Any]:
    name = on_one_line(dict_in(asked.interaction, "channel").get("name"))
    project = threads.bind(asked.me, asked.guild_id or "", asked.channel_id, name, str(given.get("project") or ""))
    return cards.private(f"Pictures saved here belong to the project “{project}” from now on.")


def _unbind(asked: GivenCommand, given: Given) -> dict[str, Any]:
    threads.unbind(asked.me, asked.channel_id)
    return cards.private("Pictures saved here belong to no project from now on.")


COMMANDS: dict[str, Callable[[GivenCommand, Given], dict[str, Any]]] = {
    "import": _import, "review": _review, "approve": _approve, "reject": _reject, "generate": _generate, "menu": _menu,
    "send": _send, "panel": _panel, "bind": _bind, "unbind": _unbind,
}  # fmt: skip
