"""Who follows the settings of Discord: rows for the test that asks that of every setting."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import SimpleNamespace
from typing import Any
from unittest import mock

import httpx2

from pindeck import bootstrap, config, db
from pindeck.access import VISITOR, Actor, Asker
from pindeck.discord import emojis, presets, rest
from pindeck.discord.status import Event
from pindeck.models import Job
from pindeck.runtime import gateway
from pindeck.services.images import announcing
from pindeck.services.images.variations import ordering
from pindeck.services.ingest.discord import asked, buttons, events, later, pressers, saving
from pindeck.states import ImageStatus, Origin, Role
from tests.conftest import add_person
from tests.factories import make_row

ID = "01890000-0000-7000-8000-000000000000"
TWO = {"content": "https://x.example/a.jpg https://x.example/b.jpg"}
HOOK = {"discord_status_webhook_url": "http://127.0.0.1:9/webhooks/7/x"}


def person() -> Actor:
    return add_person(config.current(), Role.CURATOR, f"Person{db.new_token()}")


def tells() -> int:
    with db.writing():
        announcing.tell(Event.QUEUED, make_row(person(), origin=Origin.DISCORD), VISITOR)
    return Job.select().where(Job.kind == "tell_discord").count()


def knocks() -> int:
    return bootstrap.create_app(config.current()).test_client().post("/discord/interactions").status_code


def called() -> str:
    with mock.patch.object(httpx2.Client, "request", side_effect=ValueError) as call, suppress(ValueError):
        rest.call("GET", "/users/@me")
    return str(call.call_args)


def run(told: Coroutine[Any, Any, Any]) -> Any:
    """In a thread: after tests with a browser there is a loop in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, told).result()


def told_at() -> list[str]:
    """Where the bot tells its commands."""

    async def tell() -> list[str]:
        bot = gateway.Bot(config.current())
        with mock.patch.object(bot.http, "request", mock.AsyncMock()) as call:
            await bot.tell_commands()
        return [call.call_args.args[0].url]

    return run(tell())


def saved_in_discord(word: str) -> Callable[[], Any]:
    def read() -> Any:
        found = saving.read(TWO, None)
        return saving._candidate(person(), found, found.images[0], None, "").words[word]

    return read


def confirmed() -> int:
    told = {"reply": None, "channel_id": "2", "presser": {"id": "4"}}
    job = SimpleNamespace(payload=told, attempts=1, id=ID)
    saved = (saving.Saved([], [], [], ""), "3")
    with mock.patch.object(later, "_save", return_value=saved), mock.patch.object(rest, "post") as post:
        later.save(job)  # type: ignore[arg-type]
    return post.call_count


def ordered_by(press: Callable[[Actor, str], Any]) -> Callable[[], Any]:
    def read() -> Any:
        actor = person()
        image = make_row(actor, status=ImageStatus.DRAFT)
        with mock.patch.object(ordering, "order", return_value=("", [])) as order:
            press(actor, image.id)
        wish = order.call_args.args[2]
        return f"{wish.count} {wish.mode}"

    return read


def by_command(actor: Actor, image_id: str) -> Any:
    given = asked.GivenCommand(pressers.Presser(Asker("4", "ava")), [actor], {})
    return asked._generate(given, {"image_id": image_id})


def hears_of_approved() -> int:
    Job.delete().execute()
    image = make_row(person(), status=ImageStatus.DRAFT, origin=Origin.DISCORD)
    events.heard({"id": "3", "channel_id": "2", "webhook_id": "7", "content": f"Event: approved\nImage ID: {image.id}"})
    return Job.select().where(Job.kind == "say_in_discord").count()


def connects() -> int:
    with mock.patch.object(gateway.asyncio, "run"), mock.patch.object(gateway, "_dry", mock.Mock()) as dry, mock.patch.object(gateway, "_stay", mock.Mock()):
        gateway.run(config.current())
    return dry.call_count


ROWS: dict[str, tuple[Any, ...]] = {
    "discord_status_webhook_url": ("http://127.0.0.1:9/x", tells),
    "discord_public_key": ("00" * 32, knocks),
    "discord_moderator_role": ("7", lambda: pressers._has_role(pressers.of({"member": {"roles": ["7"]}}))),
    "discord_token": ("another", called, {"discord_token": "a-token"}),
    "discord_api_base_url": ("http://127.0.0.1:9/api", called, {"discord_token": "a-token"}),
    "discord_client_id": ("901", lambda: run(application())),
    "discord_guild_id": ("77", told_at),
    "discord_images_json": ('[{"label": "Alley", "url": "https://x.example/a.jpg"}]', lambda: presets.all_of_them()[0].label),
    "discord_ingest_emojis": ("👍", lambda: emojis.saves({"name": "📌"})),
    "discord_ingest_default_tags": ("pinned", saved_in_discord("tags")),
    "discord_ingest_default_category": ("Sci-Fi", saved_in_discord("category")),
    "discord_ingest_max_images_per_post": (3, lambda: len(saving.read(TWO, None).images)),
    "discord_ingest_confirmations": (False, confirmed),
    "discord_ingest_fetch_external": (False, lambda: saving.may_look_at_page(saving.read({"content": "https://x.example/"}, None))),
    "discord_generate_default_count": (5, ordered_by(by_command)),
    "discord_generate_default_mode": ("coverage", ordered_by(lambda actor, image_id: buttons._decide("pindeck_mod", "generate", actor, image_id, db.new_id()))),
    "discord_approved_variation_buttons": (False, hears_of_approved, HOOK),
    "discord_dry_run": (True, connects),
}  # fmt: skip


async def application() -> int | None:
    return gateway.Bot(config.current()).application_id
