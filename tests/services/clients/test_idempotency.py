"""Requests that may be sent twice: one piece of work, one answer, and no state in between."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid
from pindeck.models import Activity, Idempotency
from pindeck.services.clients import idempotency
from pindeck.services.clients.idempotency import Repeated, Request
from pindeck.services.maintenance import sweeps
from tests.factories import together

HOUR_MS = 3_600_000
ONE, OTHER = Actor(client_id="one"), Actor(client_id="other")


def ask(actor: Actor = ONE, key: str = "key", *content: str) -> Request:
    found = idempotency.request(actor, key, *(content or ("same",)))
    assert found
    return found


def work(request: Request, answer: str) -> None:
    with db.writing():
        Activity.create(at=1, verb="worked", detail={})
        request.keep(answer)


def worked() -> int:
    return Activity.select().where(Activity.verb == "worked").count()


def test_the_answer_to_the_first_is_the_answer_to_the_second(database: object) -> None:
    assert ask().answer() is None
    work(ask(), "first")
    assert ask().answer() == "first"


def test_without_a_key_nothing_is_kept(database: object) -> None:
    assert idempotency.request(ONE, None, "content") is None


def test_a_key_is_the_callers_own(database: object) -> None:
    work(ask(ONE), "first")
    assert ask(OTHER).answer() is None
    assert ask(Actor(user_id="one"), "key").answer() == "first"  # a person has no client; ids of both never meet
    assert ask(ONE, "another key").answer() is None


def test_another_request_under_the_same_key_is_refused(database: object) -> None:
    work(ask(ONE, "key", "a", "b"), "first")
    for content in (("a", "c"), ("ab",), ("a",), ("a", "b", "c"), ("b", "a")):
        with pytest.raises(Conflict) as caught:
            ask(ONE, "key", *content).answer()
        assert caught.value.code == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\x00", "a\nb", "\ud800"])
def test_what_is_no_key(database: object, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        idempotency.request(ONE, key, "same")
    assert "Idempotency-Key" in caught.value.fields


@given(st.text(max_size=300))
def test_any_key_is_taken_or_refused(key: str) -> None:
    try:
        found = idempotency.request(ONE, key, "same", None, "\ud800")
    except Invalid:
        return
    assert found == idempotency.request(ONE, key, "same", None, "\ud800")


def test_after_a_day_it_is_new(database: object) -> None:
    work(ask(), "first")
    Idempotency.update(created_at=db.now_ms() - 24 * HOUR_MS).execute()
    assert ask().answer() is None
    work(ask(), "second")
    assert (ask().answer(), Idempotency.select().count(), worked()) == ("second", 1, 2)


def test_work_that_dies_leaves_no_answer(database: object) -> None:
    """There is nothing to take over: whoever asks again does the work."""
    with pytest.raises(ZeroDivisionError), db.writing():
        Activity.create(at=1, verb="worked", detail={})
        ask().keep("first")
        raise ZeroDivisionError
    assert (ask().answer(), Idempotency.select().count(), worked()) == (None, 0, 0)
    work(ask(), "second")
    assert ask().answer() == "second"


def test_of_many_at_once_one_works_and_the_others_hear_of_it(database: object) -> None:
    def one(number: int) -> str:
        request = ask()
        try:
            work(request, str(number))
            return "worked"
        except Repeated:
            return str(request.answer())

    answers = together(6, one)
    assert answers.count("worked") == 1 and worked() == 1
    (kept,) = {answer for answer in answers if answer != "worked"}
    assert kept == ask().answer() and answers[int(str(kept))] == "worked"


def test_one_that_is_still_at_work_is_waited_for(database: object) -> None:
    """Its end decides: when it is undone after all, the one that waited does the work."""
    inside, go_on = threading.Event(), threading.Event()

    def one(number: int) -> str:
        if number:
            assert inside.wait(30)
            threading.Timer(0.05, go_on.set).start()
            work(ask(), "second")
            return "second"
        try:
            with db.writing():
                ask().keep("first")
                inside.set()
                assert go_on.wait(30)
                raise ZeroDivisionError
        except ZeroDivisionError:
            return "undone"

    assert together(2, one) == ["undone", "second"]
    assert (ask().answer(), worked()) == ("second", 1)


def test_the_sweep_forgets_what_is_older_than_a_day(database: object) -> None:
    work(ask(ONE, "old"), "old")
    Idempotency.update(created_at=db.now_ms() - 24 * HOUR_MS - 1000).execute()
    work(ask(ONE, "new"), "new")
    assert sweeps.sweep().found["idempotency"] == 1
    assert (ask(ONE, "old").answer(), ask(ONE, "new").answer()) == (None, "new")
