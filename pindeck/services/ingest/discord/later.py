"""What is asked of the bot and takes longer than Discord waits: jobs of a worker, and what they say in the end."""

from typing import Any

from pindeck import config, db, masking, queue
from pindeck.discord import cards, messages, presets, rest, told
from pindeck.errors import Conflict, Invalid, NotFound, PindeckError, Upstream
from pindeck.models import Job
from pindeck.services.clients import idempotency
from pindeck.services.ingest.discord import pressers, saving
from pindeck.services.ingest.discord.pressers import Presser

GONE = "The bot is not set up for this. Set DISCORD_TOKEN."


def require_bot() -> None:
    """Raises Conflict where nobody can read or write messages."""
    if not config.current().discord_token:
        raise Conflict(GONE)


def reply_to(interaction: dict[str, Any]) -> dict[str, str]:
    """Where an interaction is answered later: for a quarter of an hour, without the bot's token."""
    return {"application": str(interaction.get("application_id") or ""), "token": str(interaction.get("token") or "")}


def ask_to_save(
    presser: Presser, user_id: str | None, *, guild_id: str | None, channel_id: str, message_id: str = "",
    message: dict[str, Any] | None = None, reply: dict[str, str] | None = None, dedupe_key: str | None = None,
) -> None:  # fmt: skip
    """Save the message given or named, or else the newest one of the channel with a picture. Without `reply` the channel is told."""
    payload = {
        "presser": presser.told, "guild_id": guild_id, "channel_id": channel_id, "message_id": message_id,
        "message": messages.kept(message) if message else None, "reply": reply,
    }  # fmt: skip
    with db.writing():
        queue.enqueue(queue.SAVE_FROM_DISCORD, user_id=user_id, payload=payload, dedupe_key=dedupe_key)


def save(job: Job) -> None:
    """The job of `ask_to_save`. Saving twice is no harm, and Discord makes no second message of one name."""
    asked = job.payload
    is_last = job.attempts > len(queue.SAVE_FROM_DISCORD.retry_after_s)
    try:
        saved, message_id = _save(asked)
    except PindeckError as error:
        if isinstance(error, Upstream) and not is_last:
            raise
        if asked["reply"]:
            _reply(asked["reply"], error.message)
        raise
    if asked["reply"]:
        _reply(asked["reply"], saved.said)
    elif config.current().discord_ingest_confirmations:
        _post(job, asked["channel_id"], _confirmation(asked, saved, message_id))


def _save(asked: dict[str, Any]) -> tuple[saving.Saved, str]:
    presser, channel_id = pressers.of_told(asked["presser"]), asked["channel_id"]
    actor = pressers.actors_of(presser)[0]  # asked again: a link or an account may have ended since
    message = asked["message"] or _message(channel_id, asked["message_id"], asked["guild_id"])
    message.setdefault("channel_id", channel_id)
    found = saving.read(message, asked["guild_id"])
    images = saving.with_page(found)
    return saving.save(actor, found, images, guild_id=asked["guild_id"], channel_id=channel_id), str(message.get("id") or "")


def _message(channel_id: str, message_id: str, guild_id: str | None) -> dict[str, Any]:
    if message_id:
        return rest.message(channel_id, message_id)
    newest = rest.newest(channel_id)
    found = next((each for each in newest if messages.read(each, guild_id=guild_id).images), None)
    if found is None:
        raise Invalid(f"None of the last {len(newest)} messages here has a picture.")
    return found


def _confirmation(asked: dict[str, Any], saved: saving.Saved, message_id: str) -> dict[str, Any]:
    count, person = len(saved.new) + len(saved.known), asked["presser"]["id"]
    first = f"{count} {'picture' if count == 1 else 'pictures'} of message {message_id} saved for <@{person}>"
    lines = [first + (f", sref {saved.sref}." if saved.sref else "."), *(f"One was not saved: {each}" for each in saved.failed)]
    return {"content": "\n".join(lines)[:2000], "allowed_mentions": {"parse": [], "users": [person]}}


def _reply(reply: dict[str, str], text: str) -> None:
    _to_interaction("PATCH", reply, "/messages/@original", {"content": text[:2000], "allowed_mentions": cards.SILENT})


def _to_interaction(method: str, reply: dict[str, str], path: str, body: dict[str, Any]) -> None:
    """Raises Upstream also where Discord finds none: the worker may be quicker than the first answer to it."""
    masking.learn([reply["token"]])
    try:
        rest.call(method, f"/webhooks/{reply['application']}/{reply['token']}{path}", body)
    except NotFound as error:
        raise Upstream("Discord knows no such command: it was given too long ago, or is not answered yet.") from error


# What is said


def ask_to_say(
    what: str, *, user_id: str | None = None, dedupe_key: str | None = None, event_id: str = "", delay_s: float = 0, **payload: Any
) -> None:
    """`follow` an interaction, post a `panel`, a `preset`, or the `variations` of a picture. What is delivered again with its
    `event_id` says nothing more."""

    def work() -> str:
        with db.writing():
            queue.enqueue(
                queue.SAY_IN_DISCORD, user_id=user_id, payload={"what": what, **payload}, dedupe_key=dedupe_key, delay_s=delay_s
            )
        return ""

    if event_id:
        idempotency.event("discord", event_id, what).once(work)
    else:
        work()


def say(job: Job) -> None:
    SAYINGS[job.payload["what"]](job)


def _post(job: Job, channel_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Post a message of this job, or find the one that a try of it has posted before it died."""
    posted = told.by_bot(channel_id, body, since_ms=job.created_at) if job.attempts > 1 else None
    return posted or rest.post(channel_id, body, once=job.id)


def _follow(job: Job) -> None:
    channel_id = job.payload.get("channel_id")  # a job of before has none
    if job.attempts > 1 and channel_id and told.by_bot(channel_id, job.payload["body"], since_ms=job.created_at):
        return
    _to_interaction("POST", job.payload["reply"], "", job.payload["body"])


def _panel(job: Job) -> None:
    channel_id, shown = job.payload["channel_id"], presets.with_emojis()
    message = _post(job, channel_id, cards.panel(shown))
    for each in shown:
        rest.react(channel_id, str(message.get("id") or ""), each.in_path)


def _preset(job: Job) -> None:
    """A reaction posts a picture if it is one to the panel of a bot."""
    asked, preset = job.payload, presets.find(job.payload["preset"])
    message = rest.message(asked["channel_id"], asked["message_id"])
    if preset and cards.is_panel(message) and (message.get("author") or {}).get("bot"):
        _post(job, asked["channel_id"], cards.posted(preset, asked["by"]))


def _variations(job: Job) -> None:
    asked = job.payload
    _post(job, asked["channel_id"], cards.variations(asked["image_id"], asked["message_id"]))


SAYINGS = {"follow": _follow, "panel": _panel, "preset": _preset, "variations": _variations}
