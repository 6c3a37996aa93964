"""Limits by number and time."""

import pytest

from pindeck import db
from pindeck.config import Settings
from pindeck.errors import TooMany
from pindeck.models import Attempt
from pindeck.services.accounts import throttle
from tests.factories import together


def check(subject: str = "a", rate: str = "2/hour", kind: str = "k") -> None:
    throttle.check(kind, subject, rate, "Try again {wait}.")


def test_a_number_of_tries_is_free_and_the_next_is_not(database: Settings) -> None:
    for _ in range(2):
        check()
        throttle.record("k", "a")
    with pytest.raises(TooMany) as caught:
        check()
    assert caught.value.message == "Try again in 60 minutes."
    assert 3590 <= caught.value.retry_after_s <= 3600


def test_the_wait_ends_with_the_oldest_try_that_counts(database: Settings) -> None:
    now = db.now_ms()
    for ago in (3_599_000, 600_000, 600_000):
        Attempt.insert(kind="k", subject="a", at=now - ago).execute()
    with pytest.raises(TooMany) as caught:
        check(rate="2/hour")
    assert 2990 <= caught.value.retry_after_s <= 3000
    with pytest.raises(TooMany) as caught:
        check(rate="3/hour")
    assert caught.value.retry_after_s <= 1
    assert caught.value.message == "Try again in a minute."


def test_others_and_other_kinds_are_counted_apart(database: Settings) -> None:
    for _ in range(5):
        throttle.record("k", "a")
    check("b")
    check(kind="other")
    with pytest.raises(TooMany):
        check()
    throttle.forget("k", "a")
    check()


def test_of_many_at_once_as_many_count_as_there_may_be(database: Settings) -> None:
    def one(_: int) -> None:
        with db.writing():
            throttle.take("k", "a", "3/hour", "Try again {wait}.")

    results = together(8, one)
    assert [type(result) for result in results].count(TooMany) == 5
    assert Attempt.select().count() == 3


@pytest.mark.plans
def test_counting_reads_the_index_alone(database: Settings) -> None:
    """However many rows there are, those of the subject within the window are all that is read."""
    query = (
        "SELECT count(id), max(at) FROM attempt WHERE kind = 'sign_in' AND subject = 'account:a@example.org' AND at > 5"
    )
    if db.is_postgres():
        db.database.execute_sql("INSERT INTO attempt (kind, subject, at) SELECT 'sign_in', n::text, n FROM generate_series(1, 5000) n")
        db.database.execute_sql("ANALYZE attempt")
        plan = "\n".join(row[0] for row in db.database.execute_sql(f"EXPLAIN {query}").fetchall())
        assert "attempt_subject" in plan and "Seq Scan" not in plan, plan
    else:
        plan = "\n".join(row[3] for row in db.database.execute_sql(f"EXPLAIN QUERY PLAN {query}").fetchall())
        assert "attempt_subject (kind=? AND subject=? AND at>?)" in plan, plan


def test_what_no_limit_counts_any_more_is_swept(database: Settings) -> None:
    now = db.now_ms()
    for ago in (86_400_001 + 1000, 86_300_000, 0):
        Attempt.insert(kind="k", subject="a", at=now - ago).execute()
    assert throttle.sweep() == 1
    assert Attempt.select().count() == 2


def test_zero_is_no_limit(database: Settings) -> None:
    for _ in range(50):
        throttle.record("k", "a")
    with pytest.raises(TooMany):
        check(rate="50/hour")
    check(rate="0")


@pytest.mark.parametrize(
    ("rate", "parsed"),
    [
        ("10/hour", (10, 3_600_000)),
        ("1/second", (1, 1000)),
        ("5/minute", (5, 60_000)),
        ("2/day", (2, 86_400_000)),
        ("0", (0, 0)),
    ],
)
def test_rates_are_read(rate: str, parsed: tuple[int, int]) -> None:
    assert throttle.parse(rate) == parsed
