"""Webhooks are an administrator's, and none leads inside."""

from collections.abc import Callable

import pytest

from pindeck import fetching
from pindeck.access import Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound
from pindeck.fetching import Policy
from pindeck.models import Webhook, WebhookAttempt
from pindeck.services.clients.webhooks import deliveries, registry
from pindeck.services.clients.webhooks.events import Event
from tests.factories import together
from tests.servers.receiver import Receiver


@pytest.mark.parametrize(
    "url",
    [
        "", "ftp://a.example/", "https://u:p@a.example/", "https://127.0.0.1/", "https://localhost/x", "https://[::1]/",
        "https://169.254.169.254/latest", "https://10.0.0.7/", "https://2130706433/", "http://a.example/", "https://a.example:0/",
    ],
)  # fmt: skip
def test_an_address_that_leads_inside_or_is_none_is_refused_at_its_field(mo: Actor, url: str) -> None:
    with pytest.raises(Invalid) as wrong:
        registry.create(mo, url=url, events=list(Event))
    assert set(wrong.value.fields) == {"url"} and Webhook.select().count() == 0


def test_each_field_is_named_and_nothing_is_half_done(mo: Actor) -> None:
    with pytest.raises(Invalid) as wrong:
        registry.create(mo, url="x", events=["image.eaten"], name="n" * 200)
    assert set(wrong.value.fields) == {"url", "events", "name"}
    made = registry.create(mo, url="https://a.example/x", events=["image.described", "image.published"])[0].webhook
    assert (made.name, made.events) == ("a.example", ["image.published", "image.described"])
    with pytest.raises(Invalid):
        registry.update(mo, made.id, name="New", events=[])
    with pytest.raises(Conflict):
        registry.update(mo, made.id, name="New", versions=frozenset({9}))
    changed = registry.update(mo, made.id, name="New", versions=frozenset({1})).webhook
    assert (changed.name, changed.version, changed.url) == ("New", 2, made.url)


def test_there_are_twenty_at_most_also_when_several_are_added_at_once(mo: Actor) -> None:
    for n in range(registry.MOST - 1):
        registry.create(mo, url=f"https://a.example/{n}", events=list(Event))
    made = together(4, lambda n: registry.create(mo, url=f"https://b.example/{n}", events=list(Event)))
    assert sum(isinstance(each, Invalid) for each in made) == 3 and Webhook.select().count() == registry.MOST
    with pytest.raises(Invalid):
        registry.create(mo, url="https://a.example/more", events=list(Event))


def test_only_administrators_know_of_them(mo: Actor, olga: Actor, gus: Actor) -> None:
    made = registry.create(mo, url="https://a.example/", events=list(Event))[0].webhook
    for actor in (olga, gus):
        for act in (registry.get, registry.renew, registry.delete, registry.update):
            with pytest.raises(Forbidden):
                act(actor, made.id)
    with pytest.raises(NotFound):
        registry.get(mo, "none")


def test_a_name_that_leads_inside_by_now_is_not_connected_to(
    mo: Actor, receiver: Receiver, run_jobs: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the name of a receiver is given another address after it was checked."""
    made = registry.create(mo, url=f"https://changing.example:{receiver.port}/", events=list(Event))[0].webhook
    really = Policy.__init__

    def resolving(self: Policy, **given: object) -> None:
        really(self, **{**given, "resolver": lambda host, port: ["127.0.0.1"]})  # type: ignore[arg-type]

    monkeypatch.setattr(Policy, "__init__", resolving)
    deliveries.test(mo, made.id)
    run_jobs()
    assert receiver.messages == []
    (attempt,) = WebhookAttempt.select()
    assert attempt.error == "Its address does not lead to the public internet, so nothing was sent."


def test_a_message_is_not_sent_through_a_proxy_of_the_environment(
    webhook: Webhook, mo: Actor, receiver: Receiver, run_jobs: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    deliveries.test(mo, webhook.id)
    run_jobs()
    assert receiver.told == ["test"]
    with pytest.raises(fetching.FetchRefused):
        fetching.post("http://10.0.0.1/", b"", {}, policy=fetching.policy_of_settings())
