"""Pictures made on request keep no more threads waiting than a process can spare, and none for long."""

import threading
import time
from collections.abc import Iterator

import pytest

from pindeck import db
from pindeck.config import Settings
from pindeck.errors import Busy, Unavailable, Upstream
from pindeck.imaging import slots
from pindeck.services.derivatives import single_flight
from tests.conftest import ChangeSettings
from tests.factories import together


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def small(database: Settings, change_settings: ChangeSettings) -> Iterator[None]:
    """A process of four threads, two of which may be busy with pictures."""
    single_flight._failed.clear()
    change_settings(web_threads=4)
    yield
    single_flight._failed.clear()


class Held:
    """A thread that makes something until it is let go."""

    def __init__(self, name: str) -> None:
        self.inside, self.go = threading.Event(), threading.Event()
        self.result: list[object] = []
        self._thread = threading.Thread(target=self._run, args=(name,))
        self._thread.start()

    def _run(self, name: str) -> None:
        db.connect()
        try:
            self.result.append(single_flight.once(name, lambda: None, self._make))
        finally:
            db.close()

    def _make(self) -> str:
        self.inside.set()
        self.go.wait(30)
        return "made"

    def end(self) -> None:
        self.go.set()
        self._thread.join(30)


@pytest.fixture
def busy() -> Iterator[list[Held]]:
    """The two threads that may be busy are."""
    held = [Held("one"), Held("two")]
    assert all(each.inside.wait(30) for each in held)
    yield held
    for each in held:
        each.end()
    assert not single_flight._wanted


def test_beyond_what_a_process_can_spare_nobody_waits(busy: list[Held]) -> None:
    before = time.monotonic()
    with pytest.raises(Unavailable) as caught:
        single_flight.once("three", lambda: None, lambda: "made")
    assert time.monotonic() - before < single_flight.JOIN_S
    assert (caught.value.status, caught.value.code) == (503, "DERIVATIVE_UNAVAILABLE")
    assert caught.value.retry_after_s == single_flight.BUSY_S
    for each in busy:
        each.end()
        assert each.result == ["made"]
    assert single_flight.once("three", lambda: None, lambda: "made") == "made", "a refusal is no failure"


def test_who_wants_the_same_picture_joins(busy: list[Held]) -> None:
    threading.Timer(0.3, busy[0].go.set).start()
    assert single_flight.once("one", lambda: "found", lambda: "made") == "found"


def test_nobody_waits_for_another_maker_for_ever(busy: list[Held], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_flight, "JOIN_S", 0.2)
    with pytest.raises(Unavailable):
        single_flight.once("one", lambda: None, lambda: "made")
    with pytest.raises(Busy), single_flight.alone("two", 0.1):
        raise AssertionError("two are inside")


def test_who_waited_for_a_failure_does_not_repeat_it() -> None:
    calls = []

    def fail() -> str:
        calls.append(1)
        time.sleep(0.3)
        raise Upstream("The store is away.")

    results = together(4, lambda _: single_flight.once("four", lambda: None, fail))
    assert all(isinstance(result, Unavailable) for result in results)
    assert len(calls) == 1


def test_a_small_process_spares_one_thread_at_least(change_settings: ChangeSettings) -> None:
    for threads, most in ((1, 1), (2, 1), (3, 1), (4, 2), (8, 6)):
        change_settings(web_threads=threads)
        assert single_flight._most() == most


def test_nobody_waits_for_a_turn_to_decode_for_ever() -> None:
    with slots.turn(), slots.turn():
        with pytest.raises(Busy) as caught, slots.turn(wait_s=0.1):
            pass
        assert (caught.value.status, caught.value.code) == (503, "SERVER_BUSY")
    with slots.turn(1_000_000_000):
        with pytest.raises(Busy), slots.turn(1_000_000_000, wait_s=0.1):
            pass
        with slots.turn(wait_s=0.1):  # a small one goes past those who wait for a big one
            pass
    with slots.turn(alone=True), pytest.raises(Busy), slots.turn(alone=True, wait_s=0.1):
        pass
    with slots.turn(1_000_000_000, wait_s=0), slots.turn(wait_s=0):  # and nobody kept what was not had in time
        pass
