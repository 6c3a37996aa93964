"""Ids of rows: of the standard's form, and in the order in which they were made."""

import time
import uuid

import pytest

from pindeck import db

NOW_NS = 1_800_000_000_123_456_789


def test_an_id_is_a_uuid_of_version_seven_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: NOW_NS)
    for text in (db.new_id(), db.new_id()):
        found = uuid.UUID(text)
        assert (str(found), found.version, found.variant) == (text, 7, uuid.RFC_4122)
        assert found.int >> 80 == NOW_NS // 1_000_000


def test_ids_of_one_millisecond_sort_as_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: NOW_NS)
    made = [db.new_id() for _ in range(3000)]
    assert made == sorted(made) and len(set(made)) == 3000
    gaps = {int(b.replace("-", ""), 16) - int(a.replace("-", ""), 16) for a, b in zip(made, made[1:], strict=False)}
    assert len(gaps) == 2999 and sorted(gaps)[1000] > 1 << 50  # nobody walks from one to the next


def test_a_clock_that_is_set_back_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    for at in (NOW_NS, NOW_NS - 10**15):
        monkeypatch.setattr(time, "time_ns", lambda at=at: at)
        assert uuid.UUID(db.new_id()).int >> 80 == at // 1_000_000
