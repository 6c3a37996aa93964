"""A receiver that the settings allow, and workers that do what is due."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Webhook, WebhookDelivery
from pindeck.services.clients.webhooks import deliveries, registry
from pindeck.services.clients.webhooks.events import Event
from tests.servers.receiver import Receiver, receiving


@pytest.fixture
def receiver(database: Any, change_settings: Callable[..., Any]) -> Iterator[Receiver]:
    with receiving() as running:
        change_settings(fetch_allow_hosts=f"127.0.0.1:{running.port}", site_url="https://pins.example")
        yield running


@pytest.fixture
def webhook(receiver: Receiver, mo: Actor) -> Webhook:
    """One that is told of everything."""
    return registry.create(mo, url=receiver.url, events=list(Event), name="Studio")[0].webhook


@pytest.fixture
def work(run_jobs: Callable[..., int]) -> Callable[[], None]:
    """What workers do, with every wait over."""

    def do() -> None:
        Webhook.update(retry_at=0).where(Webhook.retry_at.is_null(False)).execute()
        WebhookDelivery.update(next_at=0).where(WebhookDelivery.next_at > db.now_ms()).execute()
        deliveries.wake_due()
        run_jobs()

    return do
