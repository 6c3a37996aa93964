"""Discord's API as the bot: one call, and what became of it in our words. Only jobs call it."""

import time
from typing import Any
from urllib.parse import quote

from pindeck import __version__, config
from pindeck.discord.webhook import patience
from pindeck.errors import Invalid, NotFound, Upstream

TIMEOUT_S = 10.0
SHORT_WAIT_S = 5  # of patience that a job has itself; for a longer one it is tried again


def call(method: str, path: str, body: Any = None) -> Any:
    """The answer to `path`, such as `/channels/1/messages`. Raises NotFound and Invalid for good, Upstream where it may pass."""
    import httpx2  # only the worker's child needs it

    settings = config.current()
    headers = {"User-Agent": f"DiscordBot (pindeck, {__version__})"}
    if not path.startswith(("/webhooks/", "/interactions/")):  # those carry a token of their own
        if not settings.discord_token:
            raise Invalid("This needs the bot. Set DISCORD_TOKEN.")
        headers["Authorization"] = f"Bot {settings.discord_token}"
    try:
        with httpx2.Client(timeout=TIMEOUT_S, trust_env=False) as client:
            for _ in range(4):
                answer = client.request(method, settings.discord_api_base_url + path, json=body, headers=headers)
                if answer.status_code != 429 or (wait_s := patience(answer)) > SHORT_WAIT_S:
                    break
                time.sleep(wait_s)
    except httpx2.TimeoutException as error:
        raise Upstream(f"Discord did not answer within {TIMEOUT_S:g} s.") from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise Upstream(f"Discord could not be reached ({type(error).__name__}).") from error
    return _read(answer)


def _read(answer: Any) -> Any:
    status = answer.status_code
    if answer.is_success:
        try:
            return answer.json() if answer.content else None
        except ValueError as error:
            raise Upstream("Discord answered with something that cannot be read.") from error
    if status == 429:
        wait_s = patience(answer)
        raise Upstream(f"Discord takes no more calls for {wait_s} s.", retry_after_s=wait_s)
    if status == 401:
        raise Invalid("Discord does not know this token. Copy it again to DISCORD_TOKEN.")
    if status == 403:
        raise Invalid("The bot may not do this there. Give it View Channel, Read Message History, Send Messages, Embed Links and Add Reactions.")
    if status == 404:
        raise NotFound("Discord finds no such message or channel, or the bot does not see it.")
    if status < 500:
        raise Invalid(f"Discord refused this with status {status}.")
    raise Upstream(f"Discord answered with status {status}.")


def message(channel_id: str, message_id: str) -> dict[str, Any]:
    found = call("GET", f"/channels/{_id(channel_id)}/messages/{_id(message_id)}")
    return found if isinstance(found, dict) else {}


def own_id() -> str:
    """The id of the bot."""
    found = call("GET", "/users/@me")
    return str(found.get("id")) if isinstance(found, dict) else ""


def newest(channel_id: str, most: int = 50, *, before: str = "") -> list[dict[str, Any]]:
    """The newest messages of a channel, or those before one, the newest first."""
    earlier = f"&before={_id(before)}" if before else ""
    found = call("GET", f"/channels/{_id(channel_id)}/messages?limit={most}{earlier}")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def post(channel_id: str, body: dict[str, Any], *, once: str) -> dict[str, Any]:
    """Post a message. `once` names it: Discord makes no second one of the same name within some minutes."""
    found = call("POST", f"/channels/{_id(channel_id)}/messages", {**body, "nonce": once.replace("-", "")[-25:], "enforce_nonce": True})
    return found if isinstance(found, dict) else {}


def react(channel_id: str, message_id: str, emoji: str) -> None:
    call("PUT", f"/channels/{_id(channel_id)}/messages/{_id(message_id)}/reactions/{quote(emoji, safe=':')}/@me")


def _id(value: str) -> str:
    if not value.isdigit() or not value.isascii():
        raise Invalid("This is not an id of Discord.")
    return value
