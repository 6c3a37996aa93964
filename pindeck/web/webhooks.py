"""Webhooks, for administrators: programs that are told what becomes of pictures, and the log of what each was told."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.errors import Invalid
from pindeck.http.auth import access_to
from pindeck.services.clients.webhooks import deliveries, registry
from pindeck.services.clients.webhooks.deliveries import DeliveryView
from pindeck.services.clients.webhooks.events import SAYS, TEST, Event
from pindeck.states import DeliveryState
from pindeck.web.params import clean_query
from pindeck.web.rendering import ListPage, done, go, show

bp = Blueprint("webhooks", __name__, url_prefix="/admin/webhooks")

SHOWN = 25
HAPPENED = {TEST: "Test", Event.PUBLISHED: "Published", Event.APPROVED: "Approved", Event.DISCARDED: "Discarded", Event.DESCRIBED: "Described"}


def _shown() -> dict[str, Any]:
    return {"webhooks": registry.list_all(g.actor), "events": SAYS, "errors": {}, "form": {}, "wrong": None}


PAGE = ListPage("admin/webhooks.html", "admin/_webhooks.html", "webhooks.index", _shown)


@bp.get("")
@access_to("admin")
def index() -> ResponseReturnValue:
    return PAGE.show()


@bp.post("/create")
@access_to("admin")
def create() -> ResponseReturnValue:
    form = request.form
    try:
        view, secret = registry.create(g.actor, url=form.get("url", ""), events=form.getlist("events"), name=form.get("name", ""))
    except Invalid as error:
        return PAGE.show(422, errors=error.fields, form=form)
    return PAGE.once(secret_text=secret, secret_for=view.webhook.name)


@bp.post("/<webhook_id>/change")
@access_to("admin")
def change(webhook_id: str) -> ResponseReturnValue:
    form = request.form
    try:
        registry.update(g.actor, webhook_id, url=form.get("url", ""), events=form.getlist("events"), name=form.get("name", ""))
    except Invalid as error:
        return PAGE.show(422, errors=error.fields, form=form, wrong=webhook_id)
    return PAGE.changed("Saved.")


@bp.post("/<webhook_id>/disable")
@access_to("admin")
def disable(webhook_id: str) -> ResponseReturnValue:
    registry.update(g.actor, webhook_id, disabled=True)
    return PAGE.changed("Nothing is sent there from now on.")


@bp.post("/<webhook_id>/enable")
@access_to("admin")
def enable(webhook_id: str) -> ResponseReturnValue:
    registry.update(g.actor, webhook_id, disabled=False)
    return PAGE.changed("It is told of what happens from now on.")


@bp.post("/<webhook_id>/secret")
@access_to("admin")
def renew(webhook_id: str) -> ResponseReturnValue:
    view, secret = registry.renew(g.actor, webhook_id)
    return PAGE.once(secret_text=secret, secret_for=view.webhook.name)


@bp.post("/<webhook_id>/delete")
@access_to("admin")
def delete(webhook_id: str) -> ResponseReturnValue:
    registry.delete(g.actor, webhook_id)
    return PAGE.changed("The webhook is deleted.")


# The log of one


@dataclass(frozen=True)
class Line:
    """A message as the log shows it."""

    view: DeliveryView
    happened: str
    title: str | None


def _log(webhook_id: str) -> dict[str, Any]:
    after = clean_query(request.args.get("after", "")) or None
    view = registry.get(g.actor, webhook_id)
    found, more = deliveries.list_page(g.actor, webhook_id, limit=SHOWN, after=after)
    return {
        "view": view,
        "lines": [_line(each) for each in found],
        "is_first": after is None,
        "after": after,
        "next_url": url_for(".log", webhook_id=webhook_id, after=more) if more else None,
        "follows": any(each.delivery.state == DeliveryState.WAITING for each in found),
    }


def _line(view: DeliveryView) -> Line:
    told = json.loads(view.delivery.body)["data"].get("image") or {}
    return Line(view, HAPPENED[view.delivery.event], told.get("title"))


@bp.get("/<webhook_id>")
@access_to("admin")
def log(webhook_id: str) -> ResponseReturnValue:
    return show("admin/webhook.html", "admin/_deliveries.html", **_log(webhook_id))


def _told(webhook_id: str, toast: str) -> ResponseReturnValue:
    shown = _log(webhook_id)
    back_to = url_for(".log", webhook_id=webhook_id, after=shown["after"])
    return done("admin/_deliveries.html", back_to=back_to, toast=toast, **shown)


@bp.post("/<webhook_id>/test")
@access_to("admin")
def test(webhook_id: str) -> ResponseReturnValue:
    """The answer is the log, where the test is followed."""
    deliveries.test(g.actor, webhook_id)
    return go(url_for(".log", webhook_id=webhook_id))


@bp.post("/<webhook_id>/again")
@access_to("admin")
def all_again(webhook_id: str) -> ResponseReturnValue:
    count = deliveries.send_failed_again(g.actor, webhook_id)
    return _told(webhook_id, f"{count} {'message is' if count == 1 else 'messages are'} sent again.")


@bp.post("/<webhook_id>/messages/<delivery_id>/again")
@access_to("admin")
def again(webhook_id: str, delivery_id: str) -> ResponseReturnValue:
    deliveries.send_again(g.actor, delivery_id, webhook_id=webhook_id)
    return _told(webhook_id, "It is sent again.")
