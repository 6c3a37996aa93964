"""Readiness: what a stranger may ask a thousand times without making us work."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask

from pindeck import storage
from pindeck.errors import Upstream
from pindeck.web import health
from tests.conftest import ClientFor
from tests.factories import objects, together


@pytest.fixture(autouse=True)
def queue_answers(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.extensions["pindeck_queue"], "ping", lambda: True)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    now = [1000.0]
    monkeypatch.setattr(health.time, "monotonic", lambda: now[0])
    yield now


def test_a_look_is_kept_for_five_seconds(
    client_for: ClientFor, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    monkeypatch.setattr(storage.current(), "answer", lambda: looks.append(1))
    browser = client_for()
    for passed in (0.0, 1.0, 3.9):
        clock[0] += passed
        assert browser.get("/readyz").json == {"status": "ok", "database": "ok", "queue": "ok", "store": "ok"}
    assert len(looks) == 1
    clock[0] += 0.1
    browser.get("/readyz")
    assert len(looks) == 2


def test_what_is_away_is_named_and_looked_for_again(
    client_for: ClientFor, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise Upstream("The bucket secret-bucket does not exist.")

    with monkeypatch.context() as patched:
        patched.setattr(storage.current(), "answer", away)
        answer = client_for().get("/readyz")
    assert (answer.status_code, answer.json["store"], answer.json["status"]) == (503, "away", "away")
    assert "bucket" not in answer.text
    clock[0] += 5
    assert client_for().get("/readyz").status_code == 200


def test_many_who_ask_at_once_share_one_look(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, asked = [], threading.Barrier(8)

    def look() -> None:
        looks.append(1)

    monkeypatch.setattr(storage.current(), "answer", look)

    def one(_: int) -> int:
        asked.wait(30)
        return app.test_client().get("/readyz").status_code

    assert together(8, one) == [200] * 8
    assert len(looks) == 1


def test_looking_writes_nothing(client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    def written(*_: object, **__: object) -> None:
        raise AssertionError("A stranger made us write.")

    for name in ("put", "delete", "copy", "publish", "unpublish"):
        monkeypatch.setattr(storage.current(), name, written)
    before = objects()
    assert client_for().get("/readyz").status_code == 200
    assert objects() == before
