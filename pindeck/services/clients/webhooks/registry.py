"""Webhooks as things: added, changed, switched off and deleted by administrators."""

from dataclasses import dataclass
from typing import Any

from peewee import fn

from pindeck import access, config, db, errors, fetching
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound, invalid
from pindeck.fetching import FetchRefused
from pindeck.models import Webhook, WebhookDelivery
from pindeck.services import activity
from pindeck.services.clients.webhooks import signing
from pindeck.services.clients.webhooks.events import Event
from pindeck.states import DeliveryState
from pindeck.text import clean_text

MOST = 20  # each has a message in the transaction that publishes a picture
MAX_NAME = 120
CLAIM_MS = 60_000  # for so long a message belongs to the worker that sends it


@dataclass(frozen=True)
class WebhookView:
    """A webhook, and how many messages wait for it and were given up."""

    webhook: Webhook
    waiting: int
    failed: int


def list_all(actor: Actor) -> list[WebhookView]:
    """Every webhook, the newest first. Two queries."""
    access.require(actor, "admin")
    return _views(list(Webhook.select().order_by(Webhook.id.desc())))


def get(actor: Actor, webhook_id: str) -> WebhookView:
    """Raises NotFound."""
    return _views([find(actor, webhook_id)])[0]


def find(actor: Actor, webhook_id: str) -> Webhook:
    access.require(actor, "admin")
    found = Webhook.get_or_none(Webhook.id == webhook_id)
    if found is None:
        raise _gone()
    return found


def _gone() -> NotFound:
    return NotFound("There is no such webhook.", code="WEBHOOK_NOT_FOUND")


def _views(webhooks: list[Webhook]) -> list[WebhookView]:
    mine = WebhookDelivery.webhook.in_([each.id for each in webhooks])
    open_ = mine & WebhookDelivery.state.in_([DeliveryState.WAITING, DeliveryState.FAILED])
    columns = (WebhookDelivery.webhook, WebhookDelivery.state, fn.COUNT(WebhookDelivery.id))
    rows: Any = WebhookDelivery.select(*columns).where(open_).group_by(*columns[:2]).tuples()
    counts = {(webhook_id, state): count for webhook_id, state, count in rows}
    return [
        WebhookView(each, counts.get((each.id, DeliveryState.WAITING), 0), counts.get((each.id, DeliveryState.FAILED), 0))
        for each in webhooks
    ]


def create(actor: Actor, *, url: object, events: object, name: object = "") -> tuple[WebhookView, str]:
    """A new webhook, and its secret, which is told this once. Raises Invalid naming each field at fault."""
    access.require(actor, "admin")
    columns = _checked({"name": name, "url": url, "events": events})
    secret, now = signing.new_secret(), db.now_ms()
    with db.writing():
        db.take_turn("webhooks")  # so that two at once are not one too many
        if Webhook.select().count() >= MOST:
            raise invalid("url", f"There are {MOST} webhooks already, which is the most. Delete one first.")
        made = Webhook.create(id=db.new_id(), secret=signing.kept(secret), created_at=now, updated_at=now, **columns)
        activity.note(actor, "webhook.create", webhook=made.id, name=made.name)
    return _views([made])[0], secret


def update(actor: Actor, webhook_id: str, *, versions: frozenset[int] | None = None, **given: Any) -> WebhookView:
    """Change `name`, `url`, `events` or `disabled`; what is not named stays.

    Messages that wait go to the new address. Who switches it off ends what waits, as failed. Raises Invalid naming each
    field at fault, and Conflict when the webhook has none of the `versions` any more.
    """
    found = find(actor, webhook_id)
    columns = _checked({name: value for name, value in given.items() if name != "disabled"}, found)
    with db.writing():
        fresh = db.locked(Webhook.select().where(Webhook.id == found.id), "FOR NO KEY UPDATE").get_or_none()
        if fresh is None:
            raise _gone()
        if versions is not None and fresh.version not in versions:
            raise Conflict("The webhook has changed since you read it. Read it again.", code="PRECONDITION_FAILED", status=412)
        if given.get("disabled") is not None and bool(given["disabled"]) != fresh.is_disabled:
            columns |= _switch(fresh, off=bool(given["disabled"]))
        if "url" in columns and columns["url"] != fresh.url:
            columns |= {"failing_since": None, "failures": 0, "retry_at": None}
            hurry(fresh.id)
        Webhook.change(**columns).where(Webhook.id == fresh.id).execute()
        activity.note(actor, "webhook.change", webhook=fresh.id, fields=sorted(given))
    return _views([Webhook.get_by_id(found.id)])[0]


def _switch(webhook: Webhook, *, off: bool) -> dict[str, Any]:
    if off:
        end_waiting(webhook.id)
    return {
        "disabled_at": db.now_ms() if off else None, "disabled_reason": None,
        "failing_since": None, "failures": 0, "retry_at": None,
    }  # fmt: skip


def hurry(webhook_id: str) -> None:
    """What failed so far may work now, so it is due at once. What is being sent just now is due within a minute anyway."""
    now = db.now_ms()
    late = (WebhookDelivery.webhook == webhook_id) & (WebhookDelivery.next_at > now + CLAIM_MS)
    WebhookDelivery.update(next_at=now).where(late).execute()


def end_waiting(webhook_id: str) -> None:
    """Inside a transaction that switches a webhook off: what waits for it is given up."""
    waits = (WebhookDelivery.webhook == webhook_id) & (WebhookDelivery.state == DeliveryState.WAITING)
    WebhookDelivery.update(state=DeliveryState.FAILED, next_at=None, ended_at=db.now_ms()).where(waits).execute()


def renew(actor: Actor, webhook_id: str) -> tuple[WebhookView, str]:
    """A new secret, told this once. The old one signs nothing from now on, also not what waits."""
    found, secret = find(actor, webhook_id), signing.new_secret()
    with db.writing():
        if not Webhook.change(secret=signing.kept(secret), retry_at=None).where(Webhook.id == found.id).execute():
            raise _gone()
        hurry(found.id)
        activity.note(actor, "webhook.renew", webhook=found.id)
    return _views([Webhook.get_by_id(found.id)])[0], secret


def delete(actor: Actor, webhook_id: str) -> None:
    """Forget a webhook, what waits for it, and its log."""
    found = find(actor, webhook_id)
    with db.writing():
        if Webhook.delete().where(Webhook.id == found.id).execute():
            activity.note(actor, "webhook.delete", webhook=found.id, name=found.name)


def _checked(given: dict[str, Any], known: Webhook | None = None) -> dict[str, Any]:
    """As columns. Raises Invalid naming each field at fault."""
    columns = errors.checked(given, lambda field, value: _CHECKS[field](value))
    if columns.get("name") == "":
        columns["name"] = fetching.check(columns.get("url") or known.url).host[:MAX_NAME]  # type: ignore[union-attr]
    return columns


def _url(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise invalid("url", "Give an address, such as https://example.org/pindeck.")
    try:
        found = fetching.check(value)
    except FetchRefused as error:
        raise invalid("url", error.message) from error
    if found.scheme != "https" and (found.host, found.port) not in config.current().fetch_allowed:
        raise invalid("url", "Give an address that begins with https://, because a message tells titles and names.")
    return found.url


def _events(value: object) -> list[str]:
    if not isinstance(value, (list, tuple)) or not value or not all(each in set(Event) for each in value):
        raise invalid("events", f"Choose at least one of {', '.join(Event)}.")
    return [event for event in Event if event in value]


_CHECKS: dict[str, Any] = {
    "name": lambda value: clean_text(value or "", field="name", max_length=MAX_NAME),
    "url": _url,
    "events": _events,
}
