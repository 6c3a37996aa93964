"""Hashing: a place first, two at once, and never inside a transaction."""

import threading

import pytest
from argon2 import PasswordHasher

from pindeck import db
from pindeck.config import Settings
from pindeck.errors import Busy, Invalid
from pindeck.models import Attempt, User
from pindeck.services.accounts import accounts, invitations, passwords
from pindeck.services.accounts.accounts import Visit
from tests.factories import together

PASSWORD = "correct horse battery"


@pytest.fixture
def first(database: Settings) -> User:
    return accounts.create("first@example.org", PASSWORD)


@pytest.fixture
def engine() -> str:
    return "sqlite"


class Gate:
    """Hashing that goes on when it is told to, and counts how many there were at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = threading.Event()
        self.entered = threading.Semaphore(0)
        self.counting = threading.Lock()
        self.now = self.most = 0
        self.original = passwords._verify
        monkeypatch.setattr(passwords, "_verify", self.verify)

    def verify(self, known: str, given: bytes) -> bool:
        with self.counting:
            self.now += 1
            self.most = max(self.most, self.now)
        self.entered.release()
        assert self.open.wait(60)
        with self.counting:
            self.now -= 1
        return self.original(known, given)


def test_two_hash_four_wait_and_the_others_are_sent_away(
    first: User, database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "WAIT_S", 60.0)
    gate = Gate(monkeypatch)
    results: list[object] = []
    told = threading.Semaphore(0)

    def one(number: int) -> None:
        db.connect()
        try:
            results.append(accounts.sign_in("first@example.org", PASSWORD, Visit(str(number))))
        except Exception as error:
            results.append(error)
        finally:
            db.close()
            told.release()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for _ in range(6):  # those for whom there is neither a place nor room to wait
        assert told.acquire(timeout=60)
    assert [type(result) for result in results] == [Busy] * 6
    assert all(error.retry_after_s > 0 for error in results if isinstance(error, Busy))
    for _ in range(2):
        assert gate.entered.acquire(timeout=60)
    assert {row.subject for row in Attempt.select()} >= {"account:first@example.org"}  # the running ones are counted
    gate.open.set()
    for thread in threads:
        thread.join(60)
    assert [type(result) for result in results[6:]] == [tuple] * 6
    assert gate.most == 2
    assert Attempt.select().count() == 0


def test_who_waits_too_long_is_sent_away_and_nothing_is_counted(
    first: User, database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "WAIT_S", 0.01)
    holding, done = [threading.Event() for _ in range(2)], threading.Event()

    def hold(number: int) -> None:
        with passwords.place():
            holding[number].set()
            done.wait(60)

    threads = [threading.Thread(target=hold, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    try:
        assert all(event.wait(60) for event in holding)
        token = invitations.make_reset_for_email("first@example.org")
        for attempt in (
            lambda: accounts.sign_in("first@example.org", PASSWORD, Visit("a")),
            lambda: accounts.create("second@example.org", PASSWORD),
            lambda: invitations.reset(token, "another password"),
        ):
            with pytest.raises(Busy):
                attempt()
        assert Attempt.select().count() == 0
    finally:
        done.set()
        for thread in threads:
            thread.join(60)
    assert invitations.reset(token, "another password")  # the link was not used up


def test_a_place_is_given_back_whatever_happens(database: Settings) -> None:
    for _ in range(5):
        with pytest.raises(ValueError), passwords.place(), passwords.place():
            raise ValueError
    assert len(together(4, lambda _: passwords.hashed(PASSWORD))) == 4


def test_nobody_hashes_inside_a_transaction(database: Settings) -> None:
    """A writer would keep out all others meanwhile."""
    for work in (lambda: passwords.hashed(PASSWORD), lambda: passwords.fits(PASSWORD, None)):
        with pytest.raises(RuntimeError), db.writing():
            work()
    with pytest.raises(RuntimeError), passwords.place(), db.writing():
        passwords.hashed(PASSWORD)


def test_hashes_that_take_more_memory_are_checked_one_at_a_time(
    first: User, database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    dear = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    gate = Gate(monkeypatch)
    gate.open.set()
    assert together(4, lambda _: passwords.fits(PASSWORD, dear)) == [True] * 4
    assert gate.most == 1
    assert passwords.is_outdated(dear)


def test_without_an_account_the_same_work_is_done(first: User, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    gate.open.set()
    assert passwords.fits(PASSWORD, str(first.password_hash))
    assert not passwords.fits(PASSWORD, None)
    assert not passwords.fits("x" * 201, str(first.password_hash))
    assert not passwords.fits(PASSWORD, "no hash")
    for _ in range(4):
        assert gate.entered.acquire(blocking=False)


def test_an_address_that_is_taken_costs_no_hash(first: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "hashed", lambda *_: pytest.fail("hashed"))
    with pytest.raises(Invalid):
        accounts.create("first@example.org", PASSWORD)
