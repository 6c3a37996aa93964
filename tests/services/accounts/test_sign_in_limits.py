"""Limits of sign-in: nobody guesses on and on, and nobody is locked out by somebody else."""

import pytest

from pindeck import db
from pindeck.config import Settings
from pindeck.errors import Invalid, TooMany
from pindeck.models import Attempt, User
from pindeck.services.accounts import accounts, invitations, known_browsers, passwords, sign_in_limits, throttle
from pindeck.services.accounts.accounts import Visit
from tests.conftest import ChangeSettings
from tests.factories import together

PASSWORD = "correct horse battery"
EMAIL = "first@example.org"
HERE = "192.0.2.1"
FAR = "198.51.100.7"


@pytest.fixture
def first(database: Settings) -> User:
    return accounts.create(EMAIL, PASSWORD)


def fail(address: str, *, email: str = EMAIL, known: str = "", times: int = 1) -> None:
    for number in range(times):
        with pytest.raises(Invalid):
            accounts.sign_in(email, f"wrong {number}", Visit(address, known=known))


def refusal(address: str, *, email: str = EMAIL, known: str = "") -> TooMany:
    with pytest.raises(TooMany) as caught:
        accounts.sign_in(email, PASSWORD, Visit(address, known=known))
    return caught.value


def enter(address: str, known: str = "") -> User:
    return accounts.sign_in(EMAIL, PASSWORD, Visit(address, known=known))[0]


def failures(count: int, *subjects: str, ago_ms: int = 0) -> None:
    """As if so many had failed, the latest so long ago."""
    at = db.now_ms() - ago_ms
    Attempt.insert_many(
        {"kind": sign_in_limits.KIND, "subject": subject, "at": at} for subject in subjects for _ in range(count)
    ).execute()


def later(milliseconds: int) -> None:
    """Let time go by."""
    Attempt.update(at=Attempt.at - milliseconds).execute()


def remembered() -> str:
    return known_browsers.remember("", User.get(User.email == EMAIL))


# An account from one network


def test_ten_failures_lock_the_network_they_came_from_and_nobody_else(first: User, database: Settings) -> None:
    fail(HERE, times=10)
    refused = refusal(HERE)
    assert 3500 < refused.retry_after_s <= 3600
    assert refused.message.startswith("Too many failed sign-ins. Try again in 60 minutes, or ask an administrator")
    assert enter(FAR) == first
    accounts.create("colleague@example.org", PASSWORD)
    assert accounts.sign_in("colleague@example.org", PASSWORD, Visit(HERE))
    later(3_600_001)
    assert enter(HERE) == first


def test_addresses_of_one_household_are_one_network(first: User, database: Settings) -> None:
    for number in range(10):
        fail(f"2001:db8:0:1::{number}")
    refusal("2001:db8:0:1:ffff::1")
    assert enter("2001:db8:0:2::1") == first


def test_asking_many_times_at_once_gives_no_more_answers(first: User, database: Settings, change_settings: ChangeSettings) -> None:
    change_settings(sign_in_rate="3/hour")
    results: list[object] = []
    for _ in range(2):
        results += together(6, lambda n: accounts.sign_in(EMAIL, f"wrong {n}", Visit(HERE)))
    kinds = [type(result) for result in results]
    assert sorted(kind.__name__ for kind in kinds) == ["Invalid"] * 3 + ["TooMany"] * 9
    refusal(HERE)


def test_a_try_that_a_process_died_in_counts(first: User, database: Settings, monkeypatch: pytest.MonkeyPatch, change_settings: ChangeSettings) -> None:
    class Died(BaseException):
        pass

    def die(*_: object) -> bool:
        raise Died

    change_settings(sign_in_rate="1/hour")
    monkeypatch.setattr(passwords, "fits", die)
    with pytest.raises(Died):
        accounts.sign_in(EMAIL, PASSWORD, Visit(HERE))
    refusal(HERE)


def test_a_success_forgets_the_failures_of_its_own_network_alone(first: User, database: Settings) -> None:
    for _ in range(3):
        fail(HERE, times=9)
        enter(HERE)
    fail(FAR, times=9)
    enter(HERE)
    fail(FAR)
    refusal(FAR)


def test_without_a_limit_nothing_is_counted(first: User, database: Settings, change_settings: ChangeSettings) -> None:
    change_settings(sign_in_rate="0")
    fail(HERE, times=12)
    assert Attempt.select().count() == 0


# An account from everywhere: answers wait


def waits(refused: TooMany, seconds: int) -> bool:
    """Whether it says so, give or take what the test itself took."""
    return seconds - 15 < refused.retry_after_s <= seconds


def test_an_account_that_many_guess_at_lets_its_owner_in_after_a_wait(first: User, database: Settings) -> None:
    failures(99, f"account:{EMAIL}")
    enter(FAR)
    failures(401, f"account:{EMAIL}")
    refused = refusal(FAR)
    assert waits(refused, 41)
    assert refused.message == (
        f"Many sign-ins have failed here, so this one was not checked. Try again in {refused.retry_after_s} seconds."
    )
    later(41_000)
    assert enter(FAR) == first


def test_the_wait_grows_to_a_minute_and_no_further(first: User, database: Settings) -> None:
    for more, seconds in ((300, 21), (300, 51), (5000, 60)):
        failures(more, f"account:{EMAIL}")
        assert waits(refusal(FAR), seconds)
    later(60_000)
    assert enter(FAR) == first


def test_guesses_from_many_networks_are_spaced(first: User, database: Settings) -> None:
    """Each network has failed before, so all of them share one turn."""
    networks = [f"10.0.{number}.1" for number in range(6)]
    failures(1, *(f"near:10.0.{number}.0/24:{EMAIL}" for number in range(6)))
    failures(700, f"account:{EMAIL}", ago_ms=62_000)
    results = together(6, lambda n: accounts.sign_in(EMAIL, "wrong", Visit(networks[n])))
    assert sorted(type(result).__name__ for result in results) == ["Invalid"] + ["TooMany"] * 5


def test_who_comes_again_and_again_cannot_take_the_turn_of_who_waits(first: User, database: Settings) -> None:
    failures(500, f"account:{EMAIL}")
    failures(1, f"near:10.0.0.0/24:{EMAIL}")
    assert waits(refusal(FAR), 41)
    later(41_000)
    fail("10.0.0.1")  # takes the turn of everybody in this very moment
    assert waits(refusal("10.0.0.1"), 41)
    assert waits(refusal("203.0.113.1"), 41)
    assert enter(FAR) == first
    assert waits(refusal(FAR), 41)  # the knock was used


# A network, whatever the account


def test_an_office_is_slowed_and_not_refused(first: User, database: Settings) -> None:
    for number in range(60):
        failures(10, f"from:{HERE}:p{number}@example.org", f"network:{HERE}")
    assert waits(refusal(HERE), 41)
    later(41_000)
    fail(HERE, email="nobody@example.org")
    assert waits(refusal(HERE), 41)
    assert enter(FAR) == first
    later(41_000)
    assert enter(HERE) == first


def test_what_is_no_address_is_counted_for_its_network(first: User, database: Settings) -> None:
    fail(HERE, email="nonsense", times=3)
    assert {row.subject for row in Attempt.select()} == {f"network:{HERE}"}


# A browser that was here before


def test_a_known_browser_is_not_counted_with_strangers(first: User, database: Settings) -> None:
    known = remembered()
    failures(1000, f"from:{HERE}:{EMAIL}", f"account:{EMAIL}", f"network:{HERE}")
    refusal(HERE)
    assert enter(HERE, known) == first
    fail(HERE, known=known, times=9)
    assert enter(HERE, known) == first


def test_a_stolen_cookie_gives_ten_guesses(first: User, database: Settings) -> None:
    known, other = remembered(), remembered()
    for number in range(10):
        fail(f"10.0.{number}.1", known=known)
    assert refusal(FAR, known=known).retry_after_s > 3500
    assert enter(FAR, other) == first
    assert enter(FAR) == first


def test_a_known_browser_is_a_stranger_to_other_accounts(first: User, database: Settings) -> None:
    second = accounts.create("second@example.org", PASSWORD)
    assert known_browsers.recognise(remembered(), second) is None
    both = known_browsers.remember(remembered(), second)
    assert known_browsers.recognise(both, first) and known_browsers.recognise(both, second)


def test_a_new_password_forgets_the_browsers(first: User, database: Settings) -> None:
    known = remembered()
    invitations.reset(invitations.make_reset_for_email(EMAIL), PASSWORD)
    failures(10, f"from:{HERE}:{EMAIL}")
    refusal(HERE, known=known)


def test_the_cookie_tells_nothing_and_cannot_be_made_up(first: User, database: Settings, change_settings: ChangeSettings) -> None:
    known = remembered()
    assert first.id not in known and EMAIL not in known
    assert known_browsers.recognise(known, None) is None
    for forged in (known[:-1] + ("0" if known[-1] != "0" else "1"), known[1:], "", ".", "x" * 5000, "\ud800", known.upper()):
        assert known_browsers.recognise(forged, first) is None
    change_settings(secret_key="another secret of these tests")
    assert known_browsers.recognise(known, first) is None


def test_a_browser_remembers_its_latest_accounts(first: User, database: Settings) -> None:
    people = [accounts.create(f"p{number}@example.org", PASSWORD) for number in range(6)]
    cookie = ""
    for user in people:
        cookie = known_browsers.remember(cookie, user)
    again = known_browsers.remember(cookie, people[-1])
    assert again == cookie
    assert [bool(known_browsers.recognise(cookie, user)) for user in people] == [False] * 2 + [True] * 4


def test_old_counts_and_knocks_are_swept(first: User, database: Settings) -> None:
    failures(100, f"account:{EMAIL}")
    refusal(FAR)
    refusal(FAR)
    assert Attempt.select().where(Attempt.kind == sign_in_limits.KNOCK).count() == 1
    later(86_400_001)
    assert throttle.sweep() == 101
