"""A Discord of ours: its gateway over a websocket and its REST, for bots. One server (`GUILD`) with channels.

It says hello, wants to be identified, counts heartbeats, lets a connection that broke resume and sends what it missed.
A webhook's message is one of the channel, and the gateway tells of it, as of everything that is dispatched.
"""

import asyncio
import json
import threading
import time
import zlib
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import WSMsgType, web

TOKEN = "OTAx.bot.token"
APPLICATION, BOT, GUILD, CHANNEL = "900", "901", "1", "2"
HOOK = "77"
THREAD = {
    "id": CHANNEL, "name": "alleys", "type": 11, "guild_id": GUILD, "parent_id": "20", "owner_id": "42", "flags": 0, "permissions": "0",
    "last_message_id": None, "rate_limit_per_user": 0, "message_count": 1, "member_count": 1, "total_message_sent": 1,
    "thread_metadata": {
        "archived": False, "auto_archive_duration": 1440, "archive_timestamp": "2026-11-01T00:00:00+00:00", "locked": False,
    },
}  # fmt: skip
NEEDED = (1 << 0) | (1 << 9) | (1 << 10) | (1 << 15)  # guilds, messages, reactions, and what messages say


class Discord:
    """`messages` by channel and id; `asked` are method and path of each call, `commands` what was told by path, `callbacks`
    the answers to interactions by their id, `edits` and `follow_ups` what came later by their token."""

    def __init__(self) -> None:
        self.messages: dict[tuple[str, str], dict[str, Any]] = {}
        self.pictures: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.commands: dict[str, list[dict[str, Any]]] = {}
        self.callbacks: dict[str, dict[str, Any]] = {}
        self.tokens: set[str] = set()  # of interactions that were answered
        self.edits: dict[str, dict[str, Any]] = {}
        self.follow_ups: dict[str, list[dict[str, Any]]] = {}
        self.reactions: list[tuple[str, str]] = []
        self.identified: list[dict[str, Any]] = []
        self.resumed: list[int] = []
        self.heartbeats = 0
        self.beats_s = 1.0
        self.knows_intents = True
        self.forgets_names = False  # as Discord does after some minutes
        self.impatient = 0  # so many calls are told to wait
        self.base = ""
        self._sent: list[dict[str, Any]] = []
        self._open: list[tuple[web.WebSocketResponse, Any]] = []
        self._next = 1000
        self._loop = asyncio.new_event_loop()

    @property
    def api(self) -> str:
        return f"{self.base}/api/v10"

    @property
    def webhook(self) -> str:
        return f"{self.base}/api/webhooks/{HOOK}/secret"

    def new_id(self) -> str:
        """It tells its time, as ids of Discord do."""
        self._next += 1
        return str(((time.time_ns() // 1_000_000 - 1_420_070_400_000) << 22) + self._next % (1 << 22))

    def in_channel(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        return [message for (where, _), message in self.messages.items() if where == channel]

    def write(self, content: str = "", channel: str = CHANNEL, **more: Any) -> dict[str, Any]:
        """A message of a person."""
        author = {"id": "42", "username": "ava", "discriminator": "0", "avatar": None}
        return self._keep(channel, {"content": content, "author": author, **more})

    def _keep(self, channel: str, body: dict[str, Any]) -> dict[str, Any]:
        known = next((each for each in self.in_channel(channel) if body.get("nonce") and each.get("nonce") == body["nonce"]), None)
        if known is not None and body.get("enforce_nonce") and not self.forgets_names:
            return known
        message = {
            "id": self.new_id(), "channel_id": channel, "content": "", "attachments": [], "embeds": [], "components": [], "mentions": [],
            "mention_roles": [], "mention_everyone": False, "pinned": False, "tts": False, "type": 0, "edited_timestamp": None,
            "timestamp": "2026-11-01T00:00:00+00:00", **body,
        }  # fmt: skip
        self.messages[channel, message["id"]] = message
        return message

    # From the tests

    def dispatch(self, kind: str, data: dict[str, Any]) -> None:
        self._do(self._dispatch(kind, data))

    def react(self, message: dict[str, Any], *, emoji: str = "📌", user: str = "42", name: str = "ava", roles: tuple[str, ...] = (), bot: bool = False) -> None:
        member = {
            "user": {"id": user, "username": name, "discriminator": "0", "avatar": None, "bot": bot}, "roles": list(roles),
            "joined_at": "2026-01-01T00:00:00+00:00", "deaf": False, "mute": False, "flags": 0,
        }  # fmt: skip
        told = {
            "user_id": user, "channel_id": message["channel_id"], "message_id": message["id"], "guild_id": GUILD, "member": member,
            "emoji": {"id": None, "name": emoji}, "burst": False, "type": 0,
        }  # fmt: skip
        self.dispatch("MESSAGE_REACTION_ADD", told)

    def interact(self, data: dict[str, Any], *, kind: int = 2, user: str = "42", name: str = "ava", roles: tuple[str, ...] = (), **more: Any) -> str:
        """What somebody did; its id."""
        interaction_id = self.new_id()
        member = {
            "user": {"id": user, "username": name, "discriminator": "0", "avatar": None}, "roles": list(roles), "permissions": "0",
            "joined_at": "2026-01-01T00:00:00+00:00", "deaf": False, "mute": False, "flags": 0,
        }  # fmt: skip
        told = {
            "id": interaction_id, "application_id": APPLICATION, "type": kind, "data": data, "guild_id": GUILD, "channel_id": CHANNEL,
            "channel": THREAD, "member": member, "token": f"token-{interaction_id}",
            "version": 1, "locale": "en-GB", "entitlements": [], "authorizing_integration_owners": {}, "attachment_size_limit": 1, **more,
        }  # fmt: skip
        self.dispatch("INTERACTION_CREATE", told)
        return interaction_id

    def cut(self, code: int = 4000) -> None:
        """Break all connections off."""
        self._do(self._cut(code))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _cut(self, code: int) -> None:
        for socket, _ in list(self._open):
            await socket.close(code=code)

    async def _dispatch(self, kind: str, data: dict[str, Any]) -> None:
        packet = {"op": 0, "s": len(self._sent) + 1, "t": kind, "d": data}
        self._sent.append(packet)
        for socket, squeeze in list(self._open):
            await _send(socket, squeeze, packet)

    # The gateway

    async def gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        squeeze = zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None
        await _send(socket, squeeze, {"op": 10, "d": {"heartbeat_interval": int(self.beats_s * 1000)}})
        async for message in socket:
            if message.type != WSMsgType.TEXT:
                continue
            told = json.loads(message.data)
            if told["op"] == 1:
                self.heartbeats += 1
                await _send(socket, squeeze, {"op": 11})
            elif told["op"] in (2, 6):
                if told["d"]["token"] != TOKEN:
                    await socket.close(code=4004)
                elif told["op"] == 2 and not self.knows_intents:
                    await socket.close(code=4014)
                elif told["op"] == 2:
                    await self._identify(socket, squeeze, told["d"])
                else:
                    await self._resume(socket, squeeze, told["d"])
        self._open = [each for each in self._open if each[0] is not socket]
        return socket

    async def _identify(self, socket: web.WebSocketResponse, squeeze: Any, told: dict[str, Any]) -> None:
        self.identified.append(told)
        if told["intents"] & NEEDED != NEEDED:
            await socket.close(code=4013)
            return
        self._open.append((socket, squeeze))
        user = {"id": BOT, "username": "pindeck", "discriminator": "0", "avatar": None, "bot": True}
        await self._dispatch(
            "READY",
            {
                "v": 10, "user": user, "guilds": [{"id": GUILD, "unavailable": True}], "session_id": "a session",
                "resume_gateway_url": self.base.replace("http", "ws") + "/gateway", "application": {"id": APPLICATION, "flags": 0},
            },
        )  # fmt: skip
        await self._dispatch(
            "GUILD_CREATE",
            {
                "id": GUILD, "name": "Films", "roles": [], "emojis": [], "channels": [], "threads": [], "members": [], "presences": [],
                "voice_states": [], "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [], "features": [],
                "member_count": 2, "large": False, "owner_id": "42", "verification_level": 0, "default_message_notifications": 0,
                "explicit_content_filter": 0, "mfa_level": 0, "nsfw_level": 0, "premium_tier": 0, "system_channel_flags": 0,
                "preferred_locale": "en-GB", "afk_timeout": 300, "afk_channel_id": None, "stickers": [],
            },
        )  # fmt: skip

    async def _resume(self, socket: web.WebSocketResponse, squeeze: Any, told: dict[str, Any]) -> None:
        self.resumed.append(told["seq"])
        self._open.append((socket, squeeze))
        for packet in self._sent[told["seq"] :]:
            await _send(socket, squeeze, packet)
        await self._dispatch("RESUMED", {})

    # REST

    async def rest(self, request: web.Request) -> web.StreamResponse:
        method, path = request.method, request.path.removeprefix("/api/v10")
        self.asked.append((method, path))
        body = json.loads(await request.text()) if request.can_read_body else None
        if self.impatient:
            self.impatient -= 1
            return _json({"message": "You are being rate limited.", "retry_after": 0.3, "global": False}, 429, {"Retry-After": "1", "Via": "1.1 x"})
        parts = path.strip("/").split("/")
        if parts[0] not in ("webhooks", "interactions") and request.headers.get("Authorization") != f"Bot {TOKEN}":
            return _json({"message": "401: Unauthorized", "code": 0}, 401)
        match method, parts:
            case "GET", ["users", "@me"]:
                return _json({"id": BOT, "username": "pindeck", "discriminator": "0", "avatar": None, "bot": True})
            case "GET", ["oauth2", "applications", "@me"]:
                return _json({
                    "id": APPLICATION, "name": "Pindeck", "icon": None, "description": "", "bot_public": False, "bot_require_code_grant": False,
                    "verify_key": "00", "flags": 0, "owner": {"id": "42", "username": "ava", "discriminator": "0", "avatar": None}, "team": None,
                    "summary": "",
                })  # fmt: skip
            case "GET", ["gateway", "bot"]:
                limit = {"total": 1000, "remaining": 999, "reset_after": 1, "max_concurrency": 1}
                return _json({"url": self.base.replace("http", "ws") + "/gateway", "shards": 1, "session_start_limit": limit})
            case "PUT", ["applications", _, *_]:
                self.commands[path] = body
                return _json(body)
            case "GET", ["channels", channel, "messages"]:
                before = int(request.query.get("before", 2**63))
                found = sorted((each for each in self.in_channel(channel) if int(each["id"]) < before), key=lambda each: -int(each["id"]))
                return _json(found[: int(request.query.get("limit", "50"))])
            case "GET", ["channels", channel, "messages", message_id]:
                message = self.messages.get((channel, message_id))
                return _json(message) if message else _json({"message": "Unknown Message", "code": 10008}, 404)
            case "POST", ["channels", channel, "messages"]:
                author = {"id": BOT, "username": "pindeck", "discriminator": "0", "avatar": None, "bot": True}
                return _json(self._keep(channel, {**body, "author": author}))
            case "PUT", ["channels", _, "messages", message_id, "reactions", emoji, "@me"]:
                self.reactions.append((message_id, emoji))
                return web.Response(status=204)
            case "POST", ["interactions", interaction_id, token, "callback"]:
                self.callbacks[interaction_id] = body
                self.tokens.add(token)
                return web.Response(status=204)
            case "GET", ["webhooks", hook, "secret"] if hook == HOOK:
                return _json({"id": HOOK, "type": 1, "name": "Pindeck", "channel_id": CHANNEL, "guild_id": GUILD, "token": "secret"})
            case "PATCH", ["webhooks", _, token, "messages", "@original"] if token in self.tokens:
                self.edits[token] = body
                return _json({"id": self.new_id()})
            case "POST", ["webhooks", _, token] if token in self.tokens:
                self.follow_ups.setdefault(token, []).append(body)
                author = {"id": BOT, "username": "pindeck", "discriminator": "0", "avatar": None, "bot": True}
                return _json(self._keep(CHANNEL, {**body, "author": author}))
        return _json({"message": "404: Not Found", "code": 0}, 404)

    async def hook(self, request: web.Request) -> web.StreamResponse:
        author = {"id": HOOK, "username": "Pindeck", "discriminator": "0000", "avatar": None, "bot": True}
        message = self._keep(CHANNEL, {**json.loads(await request.text()), "webhook_id": HOOK, "author": author})
        await self._dispatch("MESSAGE_CREATE", {**message, "guild_id": GUILD})
        return web.Response(status=204)

    async def picture(self, request: web.Request) -> web.StreamResponse:
        found = self.pictures.get(request.match_info["name"])
        return web.Response(body=found, content_type="image/jpeg") if found else web.Response(status=404)


async def _send(socket: web.WebSocketResponse, squeeze: Any, packet: dict[str, Any]) -> None:
    text = json.dumps({"s": None, "t": None, **packet})
    if squeeze is None:
        await socket.send_str(text)
    else:
        await socket.send_bytes(squeeze.compress(text.encode()) + squeeze.flush(zlib.Z_SYNC_FLUSH))


def _json(told: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    # Exactly this type: with a charset behind it discord.py takes the body for text.
    return web.Response(body=json.dumps(told).encode(), status=status, headers={"Content-Type": "application/json", **(headers or {})})


@contextmanager
def serving() -> Iterator[Discord]:
    server = Discord()
    app = web.Application()
    app.router.add_get("/gateway", server.gateway)
    app.router.add_get("/gateway/", server.gateway)
    app.router.add_post("/api/webhooks/{id}/{token}", server.hook)
    app.router.add_get("/attachments/{name}", server.picture)
    app.router.add_route("*", "/api/v10/{path:.*}", server.rest)
    ready = threading.Event()

    async def begin() -> web.AppRunner:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    def work() -> None:
        asyncio.set_event_loop(server._loop)
        server.runner = server._loop.run_until_complete(begin())  # type: ignore[attr-defined]
        ready.set()
        server._loop.run_forever()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        server._do(server._cut(1001))
        asyncio.run_coroutine_threadsafe(server.runner.cleanup(), server._loop).result(10)  # type: ignore[attr-defined]
        server._loop.call_soon_threadsafe(server._loop.stop)
        thread.join(10)
