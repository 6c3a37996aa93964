"""Webhooks on pages: added, tested, changed, followed in the log and deleted, with scripts and without."""

import re
from collections.abc import Callable, Iterator

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Webhook, WebhookAttempt, WebhookDelivery
from pindeck.services.clients.webhooks import registry
from pindeck.services.clients.webhooks.events import Event
from pindeck.services.images import publishing
from tests.conftest import HTMX, Browser, ChangeSettings, ClientFor, RunJobs, count_queries
from tests.factories import make_row
from tests.servers.receiver import Receiver, receiving, status

PAGE = "/admin/webhooks"


@pytest.fixture
def receiver(app: object, change_settings: ChangeSettings) -> Iterator[Receiver]:
    with receiving() as running:
        change_settings(fetch_allow_hosts=f"127.0.0.1:{running.port}")
        yield running


@pytest.fixture
def admin(client_for: ClientFor, mo: Actor) -> Browser:
    return client_for(mo)


def add(admin: Browser, receiver: Receiver) -> str:
    """The address of its log."""
    made = admin.post(f"{PAGE}/create", data={"url": receiver.url, "name": "Studio", "events": [*Event]})
    assert made.status_code == 200 and made.headers["Cache-Control"] == "no-store"
    return f"{PAGE}/{Webhook.get().id}"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_its_secret_is_shown_once_and_renewed(admin: Browser, receiver: Receiver, headers: dict[str, str]) -> None:
    assert "No webhook yet" in admin.get(PAGE).text
    form = {"url": receiver.url, "events": ["image.published"]}
    made = admin.post(f"{PAGE}/create", data=form, headers=headers)
    assert (made.status_code, made.headers["Cache-Control"], "<html" in made.text) == (200, "no-store", not headers)
    first = re.search(r"<code>(whsec_[^<]+)</code>", made.text).group(1)  # type: ignore[union-attr]
    again = admin.post(f"{PAGE}/{Webhook.get().id}/secret", headers=headers)
    second = re.search(r"<code>(whsec_[^<]+)</code>", again.text).group(1)  # type: ignore[union-attr]
    page = admin.get(PAGE).text
    assert first != second and "whsec_" not in page and "Listening" in page and 'href="/admin/webhooks"' in admin.get("/").text


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"url": "https://10.0.0.1/x", "events": "image.published"}, "does not lead to the public internet"),
        ({"url": "http://a.example/", "events": "image.published"}, "begins with https://"),
        ({"url": "https://a.example/"}, "Choose at least one of image.published"),
        ({"url": "https://a.example/", "events": "image.published", "name": "n" * 200}, "at most 120"),
    ],
)
def test_what_is_wrong_stands_at_the_field_and_the_form_stays_filled(
    admin: Browser, receiver: Receiver, form: dict[str, str], says: str
) -> None:
    made = admin.post(f"{PAGE}/create", data=form)
    assert made.status_code == 422 and says in made.text and form["url"] in made.text and Webhook.select().count() == 0
    log = add(admin, receiver)
    wrong = admin.post(f"{log}/change", data=form)
    assert wrong.status_code == 422 and wrong.text.count(says) == 1 and "<details open>" in wrong.text


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_test_is_followed_in_the_log_and_what_failed_is_sent_again(
    admin: Browser, olga: Actor, receiver: Receiver, run_jobs: RunJobs, headers: dict[str, str]
) -> None:
    log = add(admin, receiver)
    assert "Nothing was sent yet" in admin.get(log).text
    sent = admin.post(f"{log}/test", headers=headers)
    assert (sent.headers["HX-Redirect"] if headers else sent.headers["Location"]) == log
    assert "On its way" in admin.get(log).text and 'hx-trigger="every 3s"' in admin.get(log, headers=HTMX).text
    receiver.answers.append(status(404, body=b"<b>no such hook</b>"))
    run_jobs()
    page = admin.get(log).text
    assert "It answered with status 404." in page and "&lt;b&gt;no such hook&lt;/b&gt;" in page and "Next try" in page
    image = make_row(olga, title="Rain", status="draft")
    publishing.publish(olga, image.id)
    WebhookDelivery.update(state="failed", next_at=None, ended_at=1).execute()
    page = admin.get(log).text
    assert f'href="/images/{image.id}">Rain</a>' in page and "Not delivered" in page and "(2)" in page
    assert "2 not delivered" in admin.get(PAGE).text
    message = WebhookDelivery.get(WebhookDelivery.event == "test").id
    one = admin.post(f"{log}/messages/{message}/again", headers=headers)
    assert one.status_code == (200 if headers else 303)
    run_jobs()
    assert receiver.told == ["test", "test"]
    admin.post(f"{log}/again", headers=headers)
    run_jobs()
    page = admin.get(log).text
    assert receiver.told[2:] == ["image.published"] and page.count("Arrived") == 2 and "every 3s" not in page


def test_it_is_changed_switched_off_and_deleted(admin: Browser, receiver: Receiver) -> None:
    log = add(admin, receiver)
    assert admin.post(f"{log}/change", data={"url": receiver.url, "name": "", "events": ["image.described"]}).status_code == 303
    assert (Webhook.get().name, Webhook.get().events) == ("127.0.0.1", ["image.described"])
    assert "Switched off" in admin.post(f"{log}/disable", headers=HTMX).text
    assert admin.post(f"{log}/test", headers=HTMX).status_code == 409
    assert "It is switched off." in admin.get(log).text
    Webhook.update(disabled_reason="It took no message for 5 days.").execute()
    assert "It took no message for 5 days." in admin.get(PAGE).text
    assert "Listening" in admin.post(f"{log}/enable", headers=HTMX).text
    assert admin.post(f"{log}/delete").status_code == 303 and Webhook.select().count() == 0
    assert admin.get(log).status_code == 404


def test_only_administrators_come_in_and_pages_cost_the_same_for_many(
    admin: Browser, client_for: ClientFor, olga: Actor, gus: Actor, mo: Actor, receiver: Receiver
) -> None:
    log = add(admin, receiver)
    other = registry.create(mo, url="https://b.example/", events=list(Event))[0].webhook
    admin.post(f"{log}/test")
    message = WebhookDelivery.get().id
    for actor, expected in ((olga, 403), (gus, 403)):
        browser = client_for(actor)
        for act in ("change", "disable", "enable", "secret", "delete", "test", "again", f"messages/{message}/again"):
            assert browser.post(f"{log}/{act}").status_code == expected, act
        assert browser.get(PAGE).status_code == browser.get(log).status_code == expected
    assert client_for(None).get(PAGE).status_code == 303
    assert admin.post(f"{PAGE}/{other.id}/messages/{message}/again").status_code == 404
    statements: dict[str, Callable[[], object]] = {"list": lambda: admin.get(PAGE), "log": lambda: admin.get(log)}
    few = {}
    for name, ask in statements.items():
        with count_queries() as seen:
            ask()
        few[name] = len(seen)
    for n in range(10):
        registry.create(mo, url=f"https://a.example/{n}", events=list(Event))
        admin.post(f"{log}/test")
    for name, ask in statements.items():
        with count_queries() as seen:
            ask()
        assert len(seen) == few[name], name


def test_a_message_is_on_its_way_until_the_worker_is_over_its_time(admin: Browser, receiver: Receiver) -> None:
    log = add(admin, receiver)
    admin.post(f"{log}/test")
    message = WebhookDelivery.get()
    WebhookDelivery.update(next_at=db.now_ms() + registry.CLAIM_MS).execute()
    WebhookAttempt.create(id=db.new_id(), delivery=message.id, at=db.now_ms())
    page = admin.get(log).text
    assert "On its way" in page and "A worker was stopped" not in page
    WebhookDelivery.update(next_at=db.now_ms() - 1).execute()
    page = admin.get(log).text
    assert "Next try" in page and "A worker was stopped while it sent this" in page
