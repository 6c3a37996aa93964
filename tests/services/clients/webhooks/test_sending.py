"""Messages that do not arrive at once: tried again with back-off, each try in the log, under the same id, until it is enough."""

import threading
from collections.abc import Callable

import pytest

from pindeck import db, jobs
from pindeck.access import Actor
from pindeck.errors import Conflict, Forbidden, NotFound
from pindeck.models import Activity, Job, Webhook, WebhookAttempt, WebhookDelivery
from pindeck.services.clients.webhooks import deliveries, registry, sending
from tests.conftest import count_queries
from tests.servers.receiver import Receiver, receiving, status

Work = Callable[[], None]


def one(webhook: Webhook, count: int = 1) -> list[str]:
    """Messages that wait; their ids."""
    with db.writing():
        return deliveries.write([webhook], "test", [(None, {"n": n}) for n in range(count)])


def tries(delivery_id: str) -> list[tuple[int | None, str | None]]:
    rows = WebhookAttempt.select().where(WebhookAttempt.delivery == delivery_id).order_by(WebhookAttempt.id)
    return [(row.status, row.error) for row in rows]


def fresh(webhook: Webhook) -> Webhook:
    found: Webhook = Webhook.get_by_id(webhook.id)
    return found


def seen(webhook: Webhook, mo: Actor) -> tuple[bool, int]:
    """Whether the message is under way, and how many tries have ended."""
    (view,), _ = deliveries.list_page(mo, webhook.id, limit=1)
    return view.is_under_way, len(view.ended)


def state_of(delivery_id: str) -> str:
    return str(WebhookDelivery.get_by_id(delivery_id).state)


def test_a_receiver_that_is_away_for_minutes_gets_everything_when_it_is_back(
    webhook: Webhook, receiver: Receiver, run_jobs: Callable[..., int]
) -> None:
    receiver.answers += [status(503, "Retry-After: 120"), status(500, "Retry-After: 90")]
    ids = one(webhook, 5)
    run_jobs()
    assert len(receiver.messages) == 1  # the others are not tried one by one
    away = fresh(webhook)
    assert away.failures == 1 and 115_000 < away.retry_at - db.now_ms() < 125_000
    assert deliveries.wake_due() == 0
    Webhook.update(retry_at=0).execute()
    assert deliveries.wake_due() == 1
    run_jobs()
    assert len(receiver.messages) == 2 and receiver.messages[0].id != receiver.messages[1].id
    Webhook.update(retry_at=0).execute()
    deliveries.wake_due()
    run_jobs()  # those that failed wait no longer once one arrived
    assert sorted(message.id for message in receiver.messages[2:]) == sorted(ids)
    assert {state_of(each) for each in ids} == {"sent"} and fresh(webhook).failing_since is None
    first = receiver.messages[0]
    again = next(message for message in receiver.messages[2:] if message.id == first.id)
    assert again.body == first.body
    assert tries(first.id) == [(503, "It answered with status 503."), (200, None)]


@pytest.mark.parametrize(
    ("answer", "told", "goes_on"),
    [
        (status(302, "Location: http://127.0.0.1:1/inside"), "It redirects elsewhere (302), which is not followed.", True),
        (status(404), "It answered with status 404.", True),
        (status(429), "It answered with status 429.", False),
        (status(503, "Retry-After: Mon, 1 Jan 99999999999999999999 00:00:00 GMT"), "It answered with status 503.", False),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "The answer of the server is incomplete or cannot be understood.", False),
        (b"", "The answer of the server is incomplete or cannot be understood.", False),
    ],
)
def test_each_odd_answer_has_its_sentence(
    webhook: Webhook, receiver: Receiver, run_jobs: Callable[..., int], answer: bytes, told: str, goes_on: bool
) -> None:
    receiver.answers.append(answer)
    one(webhook, 2)
    run_jobs()
    assert len(receiver.messages) == (2 if goes_on else 1)
    (_, error), *_ = tries(receiver.messages[0].id)
    assert error is not None and error.startswith(told) and state_of(receiver.messages[0].id) == "waiting"


def test_a_receiver_that_hangs_costs_one_try_and_endless_answers_are_not_read(
    webhook: Webhook, receiver: Receiver, run_jobs: Callable[..., int], work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TIMEOUT_S", 0.3)
    receiver.answers.append(None)
    one(webhook, 3)
    run_jobs()
    assert [error for _, error in tries(receiver.messages[0].id)] == ["The server did not answer in time."]
    assert len(receiver.messages) == 1
    # Whatever comes behind the head, the message has arrived.
    receiver.answers += [b"HTTP/1.1 200 OK\r\n\r\n" + b"\x00\xffso " * 100_000, b"HTTP/1.1 204 None\r\nContent-Length: 9\r\n\r\nhal"]
    work()
    assert all(row.state == "sent" for row in WebhookDelivery.select())
    assert max(len(row.said) for row in WebhookAttempt.select()) < 500


def test_a_worker_that_dies_over_a_message_sends_it_again_under_the_same_id(
    webhook: Webhook, mo: Actor, receiver: Receiver, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Nothing after this runs."""

    def die(*_: object) -> None:
        raise Killed

    (message,) = one(webhook)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(sending, "_record", die)
        sending.run(webhook.id)
    assert [each.id for each in receiver.messages] == [message] and tries(message) == [(None, None)]
    sending.run(webhook.id)
    assert len(receiver.messages) == 1  # it belongs to the dead worker for a minute
    assert seen(webhook, mo) == (True, 0)
    WebhookDelivery.update(next_at=db.now_ms() - 1).execute()
    assert seen(webhook, mo) == (False, 1)
    work()
    assert [each.id for each in receiver.messages] == [message, message] and state_of(message) == "sent"
    assert receiver.messages[0].body == receiver.messages[1].body and tries(message) == [(None, None), (200, None)]


def test_two_workers_send_each_message_once(webhook: Webhook, receiver: Receiver) -> None:
    ids = one(webhook, 20)

    def worker() -> None:
        db.connect()
        sending.run(webhook.id)
        db.close()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(message.id for message in receiver.messages) == sorted(ids)


def test_a_message_is_given_up_and_a_person_sends_it_again(webhook: Webhook, mo: Actor, receiver: Receiver, work: Work) -> None:
    receiver.answers += [status(400, body=b"no such \x00field")] * 9
    (message,) = one(webhook)
    waits = []
    for _ in range(9):
        work()
        waits.append((WebhookDelivery.get_by_id(message).next_at or 0) - db.now_ms())
    assert state_of(message) == "failed" and len(tries(message)) == 9 and waits[:8] == sorted(waits[:8])
    assert waits[0] < 7_000 and 69_000_000 < waits[7] < 104_000_000
    (view,), _ = deliveries.list_page(mo, webhook.id, limit=50)
    assert view.attempts[0].said == "no such field" and registry.list_all(mo)[0].failed == 1
    assert fresh(webhook).disabled_at is None
    deliveries.send_again(mo, message)
    work()
    assert state_of(message) == "sent" and receiver.messages[-1].id == message
    deliveries.send_again(mo, message)  # also what arrived
    work()
    assert len(receiver.messages) == 11 and len(tries(message)) == 11


def test_after_days_of_failure_it_is_switched_off_and_the_administrator_reads_why(
    webhook: Webhook, mo: Actor, receiver: Receiver, work: Work
) -> None:
    receiver.answers += [status(500)] * 20
    one(webhook, 3)
    Webhook.update(failing_since=db.now_ms() - 6 * db.DAY_MS, failures=8).execute()
    work()
    assert fresh(webhook).disabled_at is None  # days in which little was sent are no long failure
    work()
    off = fresh(webhook)
    assert off.disabled_reason == "It took no message for 5 days. The last try: It answered with status 500."
    assert {row.state for row in WebhookDelivery.select()} == {"failed"}
    assert Activity.select().where(Activity.verb == "webhook.disable").count() == 1
    work()
    assert len(receiver.messages) == 2
    for act in (lambda: deliveries.test(mo, webhook.id), lambda: deliveries.send_failed_again(mo, webhook.id)):
        with pytest.raises(Conflict):
            act()
    receiver.answers.clear()
    registry.update(mo, webhook.id, disabled=False)
    assert deliveries.send_failed_again(mo, webhook.id) == 3
    work()
    assert {row.state for row in WebhookDelivery.select()} == {"sent"} and fresh(webhook).disabled_reason is None


def test_a_receiver_that_is_gone_is_switched_off_at_once(webhook: Webhook, receiver: Receiver, work: Work) -> None:
    receiver.answers.append(status(410))
    one(webhook, 2)
    work()
    assert fresh(webhook).disabled_reason == "It says that it is gone (410)." and len(receiver.messages) == 1


def test_a_new_address_and_a_new_secret_are_tried_at_once(
    webhook: Webhook, mo: Actor, receiver: Receiver, run_jobs: Callable[..., int]
) -> None:
    receiver.answers += [status(500), status(401)]
    (message,) = one(webhook)
    run_jobs()
    WebhookDelivery.update(next_at=db.now_ms() + db.DAY_MS).execute()
    registry.update(mo, webhook.id, url=receiver.url + "&new=1")
    deliveries.wake_due()
    run_jobs()
    WebhookDelivery.update(next_at=db.now_ms() + db.DAY_MS).execute()
    registry.renew(mo, webhook.id)
    deliveries.wake_due()
    run_jobs()
    assert state_of(message) == "sent" and receiver.messages[-1].path.endswith("&new=1")


def test_under_another_secret_key_nothing_is_signed_and_the_sentence_says_what_to_do(
    webhook: Webhook, receiver: Receiver, work: Work
) -> None:
    Webhook.update(secret="gAAAAA-of-another-installation").execute()
    (message,) = one(webhook)
    work()
    assert receiver.messages == []
    assert tries(message) == [(None, "Its secret cannot be read, because SECRET_KEY has changed. Renew the secret.")]


def test_a_test_goes_first_and_the_log_is_read_in_three_statements_and_forgotten_in_time(
    webhook: Webhook, mo: Actor, olga: Actor, receiver: Receiver, run_jobs: Callable[..., int]
) -> None:
    Webhook.update(retry_at=db.now_ms() + db.DAY_MS, failures=3, failing_since=db.now_ms()).execute()
    one(webhook)
    WebhookDelivery.update(next_at=db.now_ms() + db.DAY_MS).execute()  # it failed while the receiver was away
    view = deliveries.test(mo, webhook.id)
    assert Job.get(Job.kind == "tell_program").lane == "now"
    run_jobs()
    assert receiver.messages[0].id == view.delivery.id and len(receiver.messages) == 2
    for count in (1, 30):
        one(webhook, count)
        with count_queries() as seen:
            found, _ = deliveries.list_page(mo, webhook.id, limit=20)
        assert len(seen) == 3
    seen_ids: list[str] = []
    after = None
    while True:
        found, after = deliveries.list_page(mo, webhook.id, limit=10, after=after)
        seen_ids += [each.delivery.id for each in found]
        if after is None:
            break
    assert seen_ids == sorted(seen_ids, reverse=True) and len(seen_ids) == 33
    for act in (lambda: deliveries.test(olga, webhook.id), lambda: registry.list_all(olga), lambda: registry.delete(olga, webhook.id)):
        with pytest.raises(Forbidden):
            act()
    WebhookDelivery.update(ended_at=db.now_ms() - 31 * db.DAY_MS).where(WebhookDelivery.id == view.delivery.id).execute()
    assert deliveries.sweep() == 1 and tries(view.delivery.id) == []
    registry.delete(mo, webhook.id)
    assert WebhookDelivery.select().count() == 0
    with pytest.raises(NotFound):
        deliveries.send_again(mo, view.delivery.id)


def test_a_receiver_that_starts_later_on_the_same_port_is_told(
    webhook: Webhook, receiver: Receiver, mo: Actor, work: Work, change_settings: Callable[..., object]
) -> None:
    with receiving() as gone:
        port = gone.port
    change_settings(fetch_allow_hosts=f"127.0.0.1:{port}")
    registry.update(mo, webhook.id, url=f"http://127.0.0.1:{port}/")
    (message,) = one(webhook)
    work()
    assert tries(message) == [(None, "The server cannot be reached.")]
    with receiving(port) as back:
        work()
        assert [each.id for each in back.messages] == [message]


def test_the_job_of_a_webhook_that_is_deleted_ends(webhook: Webhook, mo: Actor) -> None:
    one(webhook)
    registry.delete(mo, webhook.id)
    job = Job.get(Job.kind == "tell_program")
    for _ in range(2):
        jobs.run(job.id)
    assert Job.get_by_id(job.id).status == "completed"
