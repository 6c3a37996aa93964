"""The bot's connection to Discord: the one place that knows discord.py.

It keeps the connection, its heart and its limits. What comes is handed on as Discord sent it to plain modules, in threads
with a connection to the database of their own, because an answer has three seconds and a heartbeat none to wait.
"""

import asyncio
import json
import logging
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from pindeck import db
from pindeck.config import Settings
from pindeck.discord import cards, commands
from pindeck.runtime import presence
from pindeck.runtime.processes import STOP_SIGNALS
from pindeck.services.ingest.discord import events, interactions
from pindeck.services.maintenance import workers

log = logging.getLogger("pindeck.bot")
THREADS = 4
FIRST_WAIT_S, LONGEST_WAIT_S = 5, 300
FAILED = "Something unexpected went wrong. Try again."
BAD_TOKEN = "Discord does not know this token. Copy it again to DISCORD_TOKEN, and start the bot again."
NO_INTENT = "Discord does not let the bot read messages. Switch on the Message Content Intent of the bot in the Developer Portal, and start it again."


class Bot(discord.Client):
    def __init__(self, settings: Settings) -> None:
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.guild_reactions = intents.message_content = True
        known: dict[str, Any] = {"application_id": int(settings.discord_client_id)} if settings.discord_client_id else {}
        super().__init__(
            intents=intents,
            **known,
            enable_debug_events=True,  # all that comes is handed over as it was sent
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
        )
        self.settings = settings
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="bot")
        self.is_heard = asyncio.Event()  # while the connection stands

    async def tell_commands(self) -> None:
        """To one server, which knows them at once, or to all."""
        told: Any = commands.all_of_them()
        application: Any = self.application_id
        if self.settings.discord_guild_id:
            await self.http.bulk_upsert_guild_commands(application, self.settings.discord_guild_id, told)
        else:
            await self.http.bulk_upsert_global_commands(application, told)

    async def find_gateway(self) -> None:
        """Where Discord says that its gateway is."""
        _, url, _ = await self.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)

    async def on_ready(self) -> None:
        log.info("connected to Discord as %s, in %d servers", self.user, len(self.guilds))
        self.is_heard.set()

    async def on_resumed(self) -> None:
        self.is_heard.set()

    async def on_disconnect(self) -> None:
        self.is_heard.clear()

    async def tell_that_it_lives(self, lives: Callable[[], None]) -> None:
        """As long as Discord is heard: what administrators and the doctor read."""
        while True:
            await self.is_heard.wait()
            await self._hand(lambda _: lives(), {})
            await asyncio.sleep(workers.TELL_S)

    async def on_socket_raw_receive(self, text: str) -> None:
        told = json.loads(text)
        given = told.get("d")
        if told.get("op") != 0 or not isinstance(given, dict):
            return
        if told["t"] == "INTERACTION_CREATE":
            await self._answer(given)
        elif told["t"] == "MESSAGE_REACTION_ADD":
            await self._hand(events.reacted, given)
        elif told["t"] == "MESSAGE_CREATE" and given.get("webhook_id"):
            await self._hand(events.heard, given)

    async def _answer(self, interaction: dict[str, Any]) -> None:
        answer = await self._hand(interactions.answer, interaction) or cards.private(FAILED)
        where = Route(
            "POST", "/interactions/{webhook_id}/{webhook_token}/callback",
            webhook_id=interaction.get("id"), webhook_token=interaction.get("token"),
        )  # fmt: skip
        try:
            await self.http.request(where, json=answer)
        except (discord.DiscordException, aiohttp.ClientError, RuntimeError) as error:  # the last one: it is being closed
            log.warning("an answer did not arrive in Discord (%s)", error)

    async def _hand(self, work: Callable[[dict[str, Any]], Any], given: dict[str, Any]) -> Any:
        """None where something unexpected went wrong, which is in the log."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self.threads, _with_database, work, given)
        except Exception:
            log.exception("an event of Discord was not handled")
            return None

    async def close(self) -> None:
        await super().close()
        self.threads.shutdown(wait=False)


def _with_database(work: Callable[[dict[str, Any]], Any], given: dict[str, Any]) -> Any:
    db.connect()
    try:
        return work(given)
    finally:
        db.release()


def run(settings: Settings) -> None:
    """Stay connected until asked to stop. What no new try would mend is said once, and then it waits."""
    Route.BASE = settings.discord_api_base_url
    if settings.discord_dry_run:
        asyncio.run(_dry(settings))
        return
    name = presence.take(settings)
    try:
        asyncio.run(_stay(settings, name))
    finally:
        presence.leave(name)


async def _stay(settings: Settings, name: str) -> None:
    stop, wait_s = asyncio.Event(), FIRST_WAIT_S
    for number in STOP_SIGNALS - {signal.SIGHUP}:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    while not stop.is_set():
        connection = asyncio.create_task(_connect(settings, name))
        await asyncio.wait([connection, ended := asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
        if not connection.done():
            connection.cancel()
            await asyncio.wait([connection])
            return
        ended.cancel()
        sentence = _why(connection.exception())
        log.warning("%s", sentence)
        if sentence in (BAD_TOKEN, NO_INTENT):
            await stop.wait()
        try:
            await asyncio.wait_for(stop.wait(), wait_s)
        except TimeoutError:
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)


async def _connect(settings: Settings, name: str) -> None:
    async with Bot(settings) as bot:
        await bot.login(settings.discord_token)
        await bot.tell_commands()
        await bot.find_gateway()
        telling = asyncio.create_task(bot.tell_that_it_lives(presence.lives(name, [workers.BOT])))
        try:
            await bot.connect(reconnect=True)
        finally:
            telling.cancel()
            await bot._hand(lambda _: workers.leave(name), {})


def _why(error: BaseException | None) -> str:
    if isinstance(error, discord.LoginFailure):
        return BAD_TOKEN
    if isinstance(error, discord.PrivilegedIntentsRequired):
        return NO_INTENT
    if isinstance(error, discord.Forbidden):
        return "Discord does not let the bot tell its commands. Check DISCORD_GUILD_ID, and that the bot was invited with applications.commands. It is tried again."
    if error is not None and not isinstance(error, (discord.DiscordException, aiohttp.ClientError, OSError)):
        log.error("the connection to Discord broke", exc_info=error)
    return f"The connection to Discord ended ({type(error).__name__ if error else 'closed'}). It is tried again."


async def _dry(settings: Settings) -> None:
    """Tell the commands, and print what the bot would work with."""
    async with Bot(settings) as bot:
        await bot.login(settings.discord_token)
        await bot.tell_commands()
        print(f"Bot: {bot.user}, application {bot.application_id}")
    print(f"Commands: told to {f'server {settings.discord_guild_id}' if settings.discord_guild_id else 'all servers'}")
    print(f"Role that decides: {settings.discord_moderator_role or 'none'}, for account {settings.pindeck_user_id or 'none'}")
    print(f"Emojis that save: {settings.discord_ingest_emojis}")
