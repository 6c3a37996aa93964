"""The operations of webhooks: programs that are told what becomes of pictures."""

from typing import Any, Literal

from flask import Blueprint, g
from pydantic import ConfigDict, Field

from pindeck import cursors
from pindeck.api.images.schemas import iso
from pindeck.api.operations import Answer, Fault, JsonBody, Reply, operation
from pindeck.api.preconditions import IF_MATCH, other_version, versions_of
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import cursor_page, cursor_pages
from pindeck.api.types import CursorPages, Input, Output, Text, check_uuid
from pindeck.models import WebhookAttempt
from pindeck.services.clients.webhooks import deliveries, registry
from pindeck.services.clients.webhooks.deliveries import DeliveryView
from pindeck.services.clients.webhooks.events import SAYS
from pindeck.services.clients.webhooks.registry import WebhookView

bp = Blueprint("api_webhooks", __name__, url_prefix=f"{PREFIX}/webhooks")

WEBHOOK: dict[str, Any] = {
    "id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a21",
    "name": "Studio",
    "url": "https://studio.example.org/pindeck",
    "events": ["image.published", "image.discarded"],
    "disabled": False,
    "disabledReason": None,
    "failingSince": None,
    "waitingCount": 0,
    "failedCount": 0,
    "version": 1,
    "createdAt": "2026-03-01T09:30:00.125Z",
    "updatedAt": "2026-03-01T09:30:00.125Z",
}
SECRET: dict[str, Any] = {**WEBHOOK, "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"}
DELIVERY: dict[str, Any] = {
    "id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a22",
    "event": "image.published",
    "imageId": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a13",
    "status": "sent",
    "nextAt": None,
    "body": '{"type": "image.published", "timestamp": "2026-03-01T09:30:00.125Z", "data": {}}',
    "attempts": [{"at": "2026-03-01T09:30:01.125Z", "status": 200, "error": None, "said": "ok", "ms": 38}],
    "createdAt": "2026-03-01T09:30:00.125Z",
}
NOT_FOUND = Fault(404, "WEBHOOK_NOT_FOUND", "There is no such webhook.")
OFF = Fault(409, "CONFLICT", "The webhook is switched off.")
PATH = {"webhook_id": "The webhook's id"}
Event = Literal["image.published", "image.approved", "image.discarded", "image.described"]
EVENTS_SAY = " ".join(f"`{event}`: {says[0].lower()}{says[1:]}." for event, says in SAYS.items())


class WebhookChange(Input):
    model_config = ConfigDict(extra="forbid")

    name: Text | None = Field(None, description="What people call it; the server's name without one.")
    url: Text | None = Field(None, description="It gets a POST for each message: `https://`, or a server that `FETCH_ALLOW_HOSTS` names.")
    events: list[Event] | None = Field(None, min_length=1, description=f"What it is told of. {EVENTS_SAY}")
    disabled: bool | None = Field(None, description="Whether it is switched off. What waits then is given up.")

    def given(self) -> dict[str, Any]:
        """What the caller said; null says nothing."""
        return {name: value for name in self.model_fields_set if (value := getattr(self, name)) is not None}


class WebhookInput(Input):
    model_config = ConfigDict(extra="forbid")

    name: Text = Field("", description="What people call it; the server's name without one.")
    url: Text = Field(description="It gets a POST for each message: `https://`, or a server that `FETCH_ALLOW_HOSTS` names.")
    events: list[Event] = Field(min_length=1, description=f"What it is told of. {EVENTS_SAY}")


class Webhook(Output):
    id: str
    name: str
    url: str
    events: list[Event]
    disabled: bool
    disabledReason: str | None = Field(description="Why it was switched off, if nobody did it: a sentence for people.")
    failingSince: str | None = Field(description="Since when nothing has arrived: ISO 8601, UTC.")
    waitingCount: int = Field(description="Messages that wait to be sent, or sent again.")
    failedCount: int = Field(description="Messages that were given up within thirty days.")
    version: int
    createdAt: str = Field(description="ISO 8601, UTC.")
    updatedAt: str = Field(description="ISO 8601, UTC.")


class WebhookSecret(Webhook):
    secret: str = Field(description="What its messages are signed with. It is told in this answer and nowhere else.")


class Attempt(Output):
    at: str = Field(description="ISO 8601, UTC.")
    status: int | None = Field(description="What was answered; null where no answer came.")
    error: str | None = Field(description="A sentence for people; null where the message arrived, or a worker was stopped over it.")
    said: str = Field(description="How the answer began.")
    ms: int | None = Field(description="How long it took; null where a worker was stopped over it.")


class Delivery(Output):
    id: str = Field(description="The `webhook-id` of the message, the same however often it is sent.")
    event: str
    imageId: str | None
    status: Literal["waiting", "sent", "failed", "withheld"] = Field(
        description="`withheld`: its picture was hidden before it was sent."
    )
    nextAt: str | None = Field(description="When it is sent, or sent again: ISO 8601, UTC.")
    body: str = Field(description="What is sent, byte for byte.")
    attempts: list[Attempt] = Field(description="The last one first.")
    createdAt: str = Field(description="ISO 8601, UTC.")


class MessageState(Output):
    id: str = Field(description="The message's id.")
    status: Literal["waiting", "sent", "failed", "withheld"]


def _shape(view: WebhookView) -> dict[str, Any]:
    webhook = view.webhook
    return {
        "id": webhook.id,
        "name": webhook.name,
        "url": webhook.url,
        "events": webhook.events,
        "disabled": webhook.is_disabled,
        "disabledReason": webhook.disabled_reason,
        "failingSince": iso(webhook.failing_since) if webhook.failing_since else None,
        "waitingCount": view.waiting,
        "failedCount": view.failed,
        "version": webhook.version,
        "createdAt": iso(webhook.created_at),
        "updatedAt": iso(webhook.updated_at),
    }


def _told(view: WebhookView, status: int = 200, **more: Any) -> Reply:
    tag = f'"{view.webhook.id}-v{view.webhook.version}"'
    headers = {"ETag": tag} | ({"Cache-Control": "no-store"} if more else {})
    return Reply({**_shape(view), **more}, status, headers)


def _delivery(view: DeliveryView) -> dict[str, Any]:
    row = view.delivery
    return {
        "id": row.id,
        "event": row.event,
        "imageId": row.image_id,
        "status": row.state,
        "nextAt": iso(row.next_at) if row.next_at is not None else None,
        "body": row.body,
        "attempts": [_attempt(each) for each in view.attempts],
        "createdAt": iso(row.created_at),
    }


def _attempt(row: WebhookAttempt) -> dict[str, Any]:
    return {"at": iso(row.at), "status": row.status, "error": row.error, "said": row.said, "ms": row.ms}


@bp.post("")
@operation(
    "admin",
    surface="webhooks",
    summary="Add a webhook",
    body=JsonBody(WebhookInput, example={"url": "https://studio.example.org/pindeck", "events": ["image.published"]}),
    answers=Answer(WebhookSecret, status=201, says="The new webhook, and its secret.", example=SECRET, headers=("ETag",)),
    bucket="write",
    repeats=Repeats.REFUSED,
)
def create_webhook(body: WebhookInput) -> Reply:
    """It is told of what happens from now on. Its messages are signed as Standard Webhooks says."""
    view, secret = registry.create(g.actor, url=body.url, events=body.events, name=body.name)
    return _told(view, 201, secret=secret)


@bp.get("")
@operation(
    "admin",
    surface="webhooks",
    summary="List webhooks",
    answers=cursor_pages(Webhook, WEBHOOK),
)
def list_webhooks() -> dict[str, Any]:
    """All of them, the newest first."""
    return cursor_page([_shape(view) for view in registry.list_all(g.actor)], None)


@bp.get("/<webhook_id>")
@operation(
    "admin",
    surface="webhooks",
    summary="Get a webhook",
    path=PATH,
    answers=Answer(Webhook, example=WEBHOOK, headers=("ETag",)),
    faults=(NOT_FOUND,),
)
def get_webhook(webhook_id: str) -> Reply:
    """One webhook, and how many messages wait for it."""
    return _told(registry.get(g.actor, check_uuid(webhook_id, "webhook_id")))


@bp.patch("/<webhook_id>")
@operation(
    "admin",
    surface="webhooks",
    summary="Change a webhook",
    path=PATH,
    body=JsonBody(WebhookChange, example={"disabled": True}),
    answers=Answer(Webhook, example=WEBHOOK, headers=("ETag",)),
    faults=(NOT_FOUND, other_version("webhook")),
    bucket="write",
    headers=IF_MATCH,
)
def change_webhook(webhook_id: str, body: WebhookChange) -> Reply:
    """What is not named stays. What waits goes to the new address at once."""
    webhook_id = check_uuid(webhook_id, "webhook_id")
    return _told(registry.update(g.actor, webhook_id, versions=versions_of(webhook_id), **body.given()))


@bp.delete("/<webhook_id>")
@operation(
    "admin",
    surface="webhooks",
    summary="Delete a webhook",
    path=PATH,
    answers=Answer(status=204, says="It is gone, with its log and what waited for it."),
    faults=(NOT_FOUND,),
    bucket="write",
)
def delete_webhook(webhook_id: str) -> Reply:
    """Pindeck sends nothing more to its address."""
    registry.delete(g.actor, check_uuid(webhook_id, "webhook_id"))
    return Reply(None, 204)


@bp.post("/<webhook_id>/secret")
@operation(
    "admin",
    surface="webhooks",
    summary="Renew a webhook's secret",
    path=PATH,
    answers=Answer(WebhookSecret, example=SECRET, headers=("ETag",)),
    faults=(NOT_FOUND,),
    bucket="write",
    repeats=Repeats.REFUSED,
)
def renew_webhook_secret(webhook_id: str) -> Reply:
    """From now on messages are signed with the new secret alone, also those that wait."""
    view, secret = registry.renew(g.actor, check_uuid(webhook_id, "webhook_id"))
    return _told(view, secret=secret)


@bp.post("/<webhook_id>/test")
@operation(
    "admin",
    surface="webhooks",
    summary="Send a test to a webhook",
    path=PATH,
    answers=Answer(MessageState, status=202, says="The message.", example={"id": DELIVERY["id"], "status": "waiting"}),
    faults=(NOT_FOUND, OFF),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def test_webhook(webhook_id: str) -> Reply:
    """A message of the type `test`, which goes before all others. Its tries stand in the log."""
    made = deliveries.test(g.actor, check_uuid(webhook_id, "webhook_id")).delivery
    return Reply({"id": made.id, "status": made.state}, 202)


@bp.get("/<webhook_id>/deliveries")
@operation(
    "admin",
    surface="webhooks",
    summary="List what a webhook was told",
    path=PATH,
    query=CursorPages,
    answers=cursor_pages(Delivery, DELIVERY),
    faults=(NOT_FOUND,),
)
def list_webhook_deliveries(webhook_id: str, query: CursorPages) -> dict[str, Any]:
    """The newest first, each with all tries. A message that ended is kept for thirty days."""
    found, more = deliveries.list_page(g.actor, check_uuid(webhook_id, "webhook_id"), limit=query.limit, after=query.after)
    return cursor_page([_delivery(view) for view in found], cursors.write(found[-1].delivery.created_at, more) if more else None)


@bp.post("/<webhook_id>/deliveries/<delivery_id>/again")
@operation(
    "admin",
    surface="webhooks",
    summary="Send a message again",
    path={**PATH, "delivery_id": "The message's id"},
    answers=Answer(MessageState, status=202, says="The message.", example={"id": DELIVERY["id"], "status": "waiting"}),
    faults=(NOT_FOUND, Fault(404, "DELIVERY_NOT_FOUND", "There is no such message."), OFF),
    bucket="write",
)
def send_webhook_delivery_again(webhook_id: str, delivery_id: str) -> Reply:
    """Once more, with all its tries, under the same id."""
    check_uuid(webhook_id, "webhook_id")
    found = deliveries.send_again(g.actor, check_uuid(delivery_id, "delivery_id"), webhook_id=webhook_id).delivery
    return Reply({"id": found.id, "status": found.state}, 202)
