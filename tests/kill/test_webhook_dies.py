"""`kill -9` the worker while a receiver has a message and has not answered: it comes again under the same id."""

import json

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import User, WebhookAttempt, WebhookDelivery
from pindeck.services.clients.webhooks import deliveries, registry
from pindeck.services.clients.webhooks.events import Event
from tests.servers.receiver import receiving
from tests.stack import Stack, wait_for

pytestmark = pytest.mark.kill
MO = Actor("mo", "admin", "Mo")


def tries() -> list[tuple[int | None, str | None]]:
    db.connect()
    return [(row.status, row.error) for row in WebhookAttempt.select().order_by(WebhookAttempt.id)]


def test_a_message_that_was_sent_and_not_noted_comes_again_under_the_same_id(tmp_path) -> None:
    with receiving() as receiver:
        receiver.answers.append(None)
        stack = Stack(tmp_path / "stack", {"FETCH_ALLOW_HOSTS": f"127.0.0.1:{receiver.port}", "PUMP_INTERVAL_S": "0.2"})
        try:
            stack.start_worker()
            with stack.bound():
                User.insert(id="mo", email="mo@example.org", role="admin", password_hash="x", created_at=1).execute()
                webhook = registry.create(MO, url=receiver.url, events=list(Event))[0].webhook
                message = deliveries.test(MO, webhook.id).delivery.id
                wait_for(lambda: receiver.messages, 60, "the message", stack.log)
                stack.stop_workers()
                assert tries() == [(None, None)]
                WebhookDelivery.update(next_at=0).execute()  # the minute for which it is the dead worker's is over
                stack.start_worker()
                wait_for(lambda: tries()[1:] == [(200, None)], 60, "the second try", stack.log)
        finally:
            stack.stop()
        first, second = receiver.messages
        assert (first.id, second.id) == (message, message) and first.body == second.body
        assert json.loads(first.body)["type"] == "test"
