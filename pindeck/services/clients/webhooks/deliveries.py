"""Messages to webhooks: written with their cause, listed with each try, and sent again when somebody asks."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from peewee import PeeweeException, chunked

from pindeck import access, db, queue
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound
from pindeck.models import Webhook, WebhookAttempt, WebhookDelivery
from pindeck.services import activity
from pindeck.services.clients.webhooks import registry
from pindeck.services.clients.webhooks.events import TEST, Event
from pindeck.states import DeliveryState, Lane, sources

log = logging.getLogger("pindeck.webhooks")

KEEP_DAYS = 30
OFF = "This webhook is switched off. Switch it on first."


def listening(event: Event) -> list[Webhook]:
    """The webhooks that are told of an event."""
    return [each for each in map(Webhook.of_row, _switched_on().rows()) if event in each.events]


@db.per_engine
def _switched_on() -> db.PreparedQuery:
    return db.PreparedQuery.of(Webhook.select().where(Webhook.disabled_at.is_null()))


def write(webhooks: Sequence[Webhook], event: str, told: Sequence[tuple[str | None, dict[str, Any]]]) -> list[str]:
    """Inside the transaction of the cause: a message for each webhook about each image, of which `told` has the id and
    the data; their ids. A worker sends them after the commit."""
    now = db.now_ms()
    timestamp = datetime.fromtimestamp(now / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    rows = [
        {
            "id": db.new_id(), "webhook": webhook.id, "event": event, "image_id": image_id,
            "body": json.dumps({"type": event, "timestamp": timestamp, "data": data}, ensure_ascii=False),
            "next_at": now, "created_at": now,
        }
        for image_id, data in told
        for webhook in webhooks
    ]  # fmt: skip
    for part in chunked(rows, 250):
        WebhookDelivery.insert_many(part).execute()
    if rows:
        ids = [webhook.id for webhook in webhooks]
        lane = Lane.NOW if event == TEST else Lane.LATER
        db.database.after_commit(lambda: _wake(ids, lane))
    return [str(row["id"]) for row in rows]


def _wake(webhook_ids: list[str], lane: Lane) -> None:
    """What was written stays written if this fails: housekeeping looks for what is due."""
    try:
        for webhook_id in webhook_ids:
            wake(webhook_id, lane)
    except PeeweeException:
        log.exception("the job that sends messages could not be asked for")


def wake(webhook_id: str, lane: Lane = Lane.LATER) -> None:
    """Ask for the job that sends what is due to one webhook, unless it waits already."""
    with db.writing(), queue.in_lane(lane):
        queue.enqueue(queue.TELL_PROGRAM, payload={"webhook": webhook_id}, dedupe_key=f"{queue.TELL_PROGRAM.kind}:{webhook_id}")


_DUE = """
SELECT w.id FROM webhook w WHERE w.disabled_at IS NULL AND (w.retry_at IS NULL OR w.retry_at <= :now) AND EXISTS (
  SELECT 1 FROM webhook_delivery d WHERE d.webhook_id = w.id AND d.state = 'waiting' AND d.next_at <= :now)
"""


def wake_due() -> int:
    """Between jobs: ask for the jobs of all webhooks for which something is due; how many."""
    found = [row[0] for row in db.sql(_DUE, now=db.now_ms()).fetchall()]
    for webhook_id in found:
        wake(webhook_id)
    return len(found)


def switched_off() -> list[Webhook]:
    """Webhooks that ended by themselves, which an administrator has to hear of."""
    return list(Webhook.select().where(Webhook.disabled_at.is_null(False) & Webhook.disabled_reason.is_null(False)))


def sweep() -> int:
    """Forget messages that ended more than thirty days ago, with their tries; how many."""
    return WebhookDelivery.delete().where(WebhookDelivery.ended_at < db.now_ms() - KEEP_DAYS * db.DAY_MS).execute()


# What administrators see and do


@dataclass(frozen=True)
class DeliveryView:
    """A message with all tries to send it, the last one first."""

    delivery: WebhookDelivery
    attempts: list[WebhookAttempt]

    @property
    def is_under_way(self) -> bool:
        """Whether a worker sends it now: the last try has not ended, and the worker's time for it is not over."""
        row = self.delivery
        is_claimed = row.state == DeliveryState.WAITING and (row.next_at or 0) > db.now_ms()
        return is_claimed and bool(self.attempts) and self.attempts[0].ms is None

    @property
    def ended(self) -> list[WebhookAttempt]:
        """The tries without the one that is under way."""
        return self.attempts[1:] if self.is_under_way else self.attempts


def list_page(actor: Actor, webhook_id: str, *, limit: int, after: str | None = None) -> tuple[list[DeliveryView], str | None]:
    """The messages of a webhook, newest first, and the id to go on from. Three queries."""
    webhook = registry.find(actor, webhook_id)
    wanted = WebhookDelivery.webhook == webhook.id
    if after is not None:
        wanted &= WebhookDelivery.id < after
    rows = list(WebhookDelivery.select().where(wanted).order_by(WebhookDelivery.id.desc()).limit(limit + 1))
    return _views(rows[:limit]), rows[limit - 1].id if len(rows) > limit else None


def _views(rows: list[WebhookDelivery]) -> list[DeliveryView]:
    tries: dict[str, list[WebhookAttempt]] = {row.id: [] for row in rows}
    for attempt in WebhookAttempt.select().where(WebhookAttempt.delivery.in_(list(tries))).order_by(WebhookAttempt.id.desc()):
        tries[attempt.delivery_id].append(attempt)
    return [DeliveryView(row, tries[row.id]) for row in rows]


def test(actor: Actor, webhook_id: str) -> DeliveryView:
    """Send a message that is about nothing, before all others. Raises Conflict for a webhook that is switched off."""
    webhook = registry.find(actor, webhook_id)
    with db.writing():
        _be_tried_now(webhook.id)
        (made,) = write([webhook], TEST, [(None, {"message": "This is a test. No picture has changed."})])
        activity.note(actor, "webhook.test", webhook=webhook.id)
    return DeliveryView(WebhookDelivery.get_by_id(made), [])


def send_again(actor: Actor, delivery_id: str, *, webhook_id: str | None = None) -> DeliveryView:
    """Send a message once more, with all its tries, under the same id; one that waits is sent now.

    Raises NotFound, and Conflict for a webhook that is switched off.
    """
    access.require(actor, "admin")
    found = WebhookDelivery.get_or_none(WebhookDelivery.id == delivery_id)
    if found is None or webhook_id not in (None, found.webhook_id):
        raise NotFound("There is no such message.", code="DELIVERY_NOT_FOUND")
    with db.writing():
        _be_tried_now(found.webhook_id)
        _due_again(WebhookDelivery.id == found.id, found.webhook_id)
        activity.note(actor, "webhook.again", webhook=found.webhook_id, delivery=found.id)
    return _views([WebhookDelivery.get_by_id(found.id)])[0]


def send_failed_again(actor: Actor, webhook_id: str) -> int:
    """Send all that was given up once more; how many messages that are. Raises Conflict for one that is switched off."""
    webhook = registry.find(actor, webhook_id)
    with db.writing():
        _be_tried_now(webhook.id)
        failed = (WebhookDelivery.webhook == webhook.id) & (WebhookDelivery.state == DeliveryState.FAILED)
        count = _due_again(failed, webhook.id)
        activity.note(actor, "webhook.again", webhook=webhook.id, messages=count)
    return count


def _due_again(which: Any, webhook_id: str) -> int:
    again = which & WebhookDelivery.state.in_([DeliveryState.WAITING, *sources(DeliveryState.WAITING)])
    columns = {"state": DeliveryState.WAITING, "tries": 0, "next_at": db.now_ms(), "ended_at": None}
    count = int(WebhookDelivery.update(columns).where(again).execute())
    db.database.after_commit(lambda: _wake([webhook_id], Lane.NOW))
    return count


def _be_tried_now(webhook_id: str) -> None:
    """Inside a transaction: the webhook is not waited for any longer. Raises Conflict when it is switched off."""
    on = (Webhook.id == webhook_id) & Webhook.disabled_at.is_null()
    if not Webhook.select().where(on).exists():
        raise Conflict(OFF)
    # That it was away stays known, so that all that waits for it goes once one message arrives.
    Webhook.update(retry_at=0).where(on & Webhook.retry_at.is_null(False)).execute()
