"""Sending what is due to one webhook, one message after the other, in a job.

A message is claimed and its try written down before anything is sent, so that a worker that dies over it leaves a
trace, and the message goes once more under the same id. One receiver that hangs costs one try, not one for each message.
"""

import logging
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pindeck import db, fetching
from pindeck.errors import PindeckError
from pindeck.fetching import FetchRefused, Policy
from pindeck.models import Image, Webhook, WebhookAttempt, WebhookDelivery
from pindeck.services import activity
from pindeck.services.clients.webhooks import deliveries, registry, signing
from pindeck.states import DeliveryState, Visibility, sources

log = logging.getLogger("pindeck.webhooks")

LASTS_S = 45  # one job; the next one goes on
TIMEOUT_S = 10.0  # of one message
RETRY_S = (5, 60, 300, 1800, 7200, 18_000, 36_000, 86_400)
LONGEST_PAUSE_S = 1800  # of a webhook that does not answer
LONGEST_WAIT_S = 86_400  # that a receiver may ask for
GIVE_UP_DAYS, GIVE_UP_TRIES = 5, 10
GONE = 410
PASSING = (408, 425, 429)


@dataclass(frozen=True)
class Outcome:
    """How a try ended. Without an `error` the message arrived; `is_away` when the next one would fare no better."""

    status: int | None
    error: str | None
    said: str = ""
    is_away: bool = False
    wait_s: int = 0

    @property
    def is_gone(self) -> bool:
        return self.status == GONE


def run(webhook_id: str) -> None:
    """Send until nothing is due, the receiver is away, or time is up."""
    until = time.monotonic() + LASTS_S
    while time.monotonic() < until:
        webhook = Webhook.get_or_none(Webhook.id == webhook_id)
        if webhook is None or webhook.is_disabled or (webhook.retry_at or 0) > db.now_ms():
            return
        claimed = _claim(webhook)
        if claimed is None:
            return
        delivery, attempt = claimed
        began = time.monotonic()
        outcome = _try(webhook, delivery)
        _record(webhook, delivery, attempt, outcome, int((time.monotonic() - began) * 1000))
    deliveries.wake(webhook_id)


def _claim(webhook: Webhook) -> tuple[WebhookDelivery, WebhookAttempt] | None:
    """The message that is due longest, for this worker alone, and the try that begins; None when nothing is due."""
    while True:
        now = db.now_ms()
        due = (WebhookDelivery.webhook == webhook.id) & (WebhookDelivery.state == DeliveryState.WAITING)
        order = (WebhookDelivery.next_at, WebhookDelivery.id)
        found = WebhookDelivery.select().where(due & (WebhookDelivery.next_at <= now)).order_by(*order).first()
        if found is None:
            return None
        mine = (WebhookDelivery.id == found.id) & due & (WebhookDelivery.next_at == found.next_at)
        with db.writing():
            if _is_hidden(found):
                ended = {"state": DeliveryState.WITHHELD, "next_at": None, "ended_at": now}
                WebhookDelivery.update(ended).where(mine).execute()
                continue
            taken = WebhookDelivery.update(next_at=now + registry.CLAIM_MS, tries=WebhookDelivery.tries + 1).where(mine)
            if taken.execute():
                attempt = WebhookAttempt.create(id=db.new_id(), delivery=found.id, at=now)
                return WebhookDelivery.get_by_id(found.id), attempt


def _is_hidden(delivery: WebhookDelivery) -> bool:
    """Whether its picture is not meant for the library any more. One that is gone for good tells nothing new."""
    if delivery.image_id is None:
        return False
    image = Image.get_or_none(Image.id == delivery.image_id)
    return image is not None and image.visibility != Visibility.LIBRARY


def _try(webhook: Webhook, delivery: WebhookDelivery) -> Outcome:
    body = delivery.body.encode()
    policy = Policy(allow_hosts=fetching.policy_of_settings().allow_hosts, timeout_s=TIMEOUT_S, silence_s=TIMEOUT_S)
    try:
        signed = signing.headers(signing.read(webhook.secret), delivery.id, int(time.time()), body)
        answer = fetching.post(webhook.url, body, signed, policy=policy)
    except FetchRefused:
        return Outcome(None, "Its address does not lead to the public internet, so nothing was sent.", is_away=True)
    except PindeckError as error:
        return Outcome(None, error.message, is_away=True)
    status = answer.status
    if 200 <= status < 300:
        return Outcome(status, None, answer.said)
    if 300 <= status < 400:
        return Outcome(status, f"It redirects elsewhere ({status}), which is not followed. Give the address it leads to.", answer.said)
    told = "It says that it is gone (410)." if status == GONE else f"It answered with status {status}."
    is_away = status >= 500 or status in PASSING
    return Outcome(status, told, answer.said, is_away, _patience(answer.retry_after) if is_away else 0)


def _patience(text: str) -> int:
    """Seconds that a receiver asks for, as a number or a date; 0 where it says nothing that can be read."""
    try:
        wait = int(text)
    except ValueError:
        try:
            wait = int((parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
        except (ValueError, TypeError, OverflowError):
            return 0
    return max(0, min(wait, LONGEST_WAIT_S))


def _record(webhook: Webhook, delivery: WebhookDelivery, attempt: WebhookAttempt, outcome: Outcome, ms: int) -> None:
    """One transaction: what became of the try, of the message, and of the webhook."""
    with db.writing():
        # The webhook first, as whoever deletes it locks; and so that those who write messages meanwhile need not wait.
        fresh = db.locked(Webhook.select().where(Webhook.id == webhook.id), "FOR NO KEY UPDATE").get_or_none()
        if fresh is None:
            return
        told = {"ms": ms, "status": outcome.status, "error": outcome.error, "said": outcome.said}
        WebhookAttempt.update(told).where(WebhookAttempt.id == attempt.id).execute()
        # Who took it over since, because this worker was too slow, says what becomes of it.
        mine = (WebhookDelivery.id == delivery.id) & (WebhookDelivery.next_at == delivery.next_at)
        if outcome.error is None:
            _arrived(fresh, mine)
        else:
            _failed(fresh, delivery, mine, outcome)


def _arrived(webhook: Webhook, mine: object) -> None:
    now = db.now_ms()
    waits = WebhookDelivery.state.in_(sources(DeliveryState.SENT))
    WebhookDelivery.update(state=DeliveryState.SENT, next_at=None, ended_at=now).where(mine & waits).execute()  # type: ignore[operator]
    if webhook.retry_at is not None:  # it is back: nothing that failed meanwhile waits longer
        registry.hurry(webhook.id)
    if webhook.failing_since is not None:
        Webhook.update(failing_since=None, failures=0, retry_at=None).where(Webhook.id == webhook.id).execute()


def _failed(webhook: Webhook, delivery: WebhookDelivery, mine: object, outcome: Outcome) -> None:
    now, failures, since = db.now_ms(), webhook.failures + 1, webhook.failing_since or db.now_ms()
    waits = mine & WebhookDelivery.state.in_(sources(DeliveryState.FAILED))  # type: ignore[operator]
    if delivery.tries > len(RETRY_S):
        WebhookDelivery.update(state=DeliveryState.FAILED, next_at=None, ended_at=now).where(waits).execute()
    else:
        WebhookDelivery.update(next_at=now + _wait_ms(delivery.tries, outcome, LONGEST_WAIT_S)).where(waits).execute()
    columns: dict[str, object] = {"failures": failures, "failing_since": since}
    if outcome.is_away:
        columns["retry_at"] = now + _wait_ms(failures, outcome, LONGEST_PAUSE_S)
    too_long = now - since > GIVE_UP_DAYS * db.DAY_MS and failures >= GIVE_UP_TRIES
    if (outcome.is_gone or too_long) and not webhook.is_disabled:
        reason = f"It took no message for {GIVE_UP_DAYS} days. The last try: {outcome.error}" if too_long else outcome.error
        columns |= {"disabled_at": now, "disabled_reason": reason}
        registry.end_waiting(webhook.id)
        activity.note(None, "webhook.disable", webhook=webhook.id, reason=reason)
        log.warning("the webhook “%s” is switched off: %s", webhook.name, reason)
    Webhook.update(columns).where(Webhook.id == webhook.id).execute()


def _wait_ms(tries: int, outcome: Outcome, most_s: int) -> int:
    wait = min(RETRY_S[min(tries, len(RETRY_S)) - 1], most_s) * random.uniform(0.8, 1.2)
    return int(max(wait, outcome.wait_s) * 1000)
