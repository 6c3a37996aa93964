"""Jobs that tell a channel in Discord, save its messages, and answer there."""

from pindeck import config, queue
from pindeck.db import writing
from pindeck.discord import status, told, webhook
from pindeck.discord.webhook import TooFast
from pindeck.models import Job
from pindeck.services.ingest.discord import later

MOST_WAITS = 20  # of one message, for the patience that Discord asks for


def tell(job: Job) -> None:
    """Send one message. While Discord takes none it waits in a job of its own, as long as it is told to. What a try that
    died may have sent is looked for before it is sent again."""
    url, waits = config.current().discord_status_webhook_url, job.payload.get("waits", 0)
    if not url:
        return
    message = status.message(status.Event(job.payload["event"]), job.payload["facts"])
    if job.attempts > 1 and told.by_webhook(url, message, since_ms=job.created_at):
        return
    try:
        webhook.send(url, message)
    except TooFast as error:
        if waits >= MOST_WAITS:
            raise
        with writing():
            queue.enqueue(
                queue.TELL_DISCORD, user_id=job.user_id, client_id=job.client_id,
                payload={**job.payload, "waits": waits + 1}, delay_s=error.retry_after_s,
            )  # fmt: skip


def save(job: Job) -> None:
    later.save(job)


def say(job: Job) -> None:
    later.say(job)
