"""Which work goes first: what a person waits for, before what nobody waits for.

A queue has two lanes. What one job asks for goes in the lane of that job, so that all of an import stays behind an upload.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from pindeck.states import Lane

_lane: ContextVar[Lane | None] = ContextVar("lane", default=None)


@contextmanager
def in_lane(lane: Lane) -> Iterator[None]:
    """What is asked for inside the block goes in this lane, unless its kind can always wait."""
    token = _lane.set(lane)
    try:
        yield
    finally:
        _lane.reset(token)


def current() -> Lane:
    return _lane.get() or Lane.NOW


def name_of(queue: str, lane: Lane) -> str:
    """What the lane of a queue is called where RQ keeps it. That of what is waited for keeps the queue's name."""
    return queue if lane == Lane.NOW else f"{queue}-later"


def queue_of(name: str) -> str:
    """The queue whose lane RQ keeps under this name."""
    return name.removesuffix("-later")


class Turns:
    """In which order one worker looks into the lanes of its queues.

    The lanes that somebody waits for come first, in the order of the queues. Of the others each has its turn: a picture
    of a large import is sized, described and published before all of the import is sized.
    """

    def __init__(self, queues: Sequence[str]) -> None:
        self._now = [(name, Lane.NOW) for name in queues]
        self._later = [(name, Lane.LATER) for name in queues]

    @property
    def order(self) -> list[tuple[str, Lane]]:
        """Queues and their lanes, the first to look into first."""
        return [*self._now, *self._later]

    def before(self, queue: str, lane: Lane) -> list[tuple[str, Lane]]:
        """The lanes whose jobs go before one of this lane. What nobody waits for is in no such order: its lanes take turns."""
        return self._now if lane == Lane.LATER else self._now[: self._now.index((queue, lane)) + 1]

    def took(self, queue: str, lane: Lane) -> None:
        """A job came from there: among those that can wait it is the last one now."""
        if (queue, lane) in self._later:
            after = self._later.index((queue, lane)) + 1
            self._later = [*self._later[after:], *self._later[:after]]
