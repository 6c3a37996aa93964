"""Pictures made on request: one maker at a time among all processes, and no failure repeated at once.

The lock spares work and nothing more; that there is one result is seen to by a unique index. It is a lock of the
database server, or of the operating system where the database is a file of this machine, so that it ends with
whoever holds it, and the queue may be away.

A stranger may ask for any number of pictures that nobody has made yet. So only some threads of a process may be
busy with such, each for a limited time, and there is always one left for everything else.
"""

import hashlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from pindeck import config, db, locks
from pindeck.errors import Busy, Damaged, Invalid, NotFound, PindeckError, Unavailable
from pindeck.imaging.errors import BadImage

log = logging.getLogger("pindeck.making")

STRIPES = 64
REST_S = 30  # what just failed is not tried again for so long, regardless of who asks
MOST_FAILURES = 1000
WAIT_S = 15.0  # for another maker, and for a turn to decode
JOIN_S = 5.0
BUSY_S = 3  # after which to ask again, where there was no thread to spare

T = TypeVar("T")
_failed: dict[str, float] = {}
_wanted: Counter[str] = Counter()
_counting = threading.Lock()


def _most() -> int:
    """Threads that may be busy with pictures: two stay free for everything else, if there are as many."""
    return max(1, config.current().web_threads - 2)


def once(name: str, find: Callable[[], T | None], make: Callable[[], T]) -> T:
    """What `make` makes, or what somebody else made while this one waited and `find` finds.

    Raises Unavailable when it cannot be made now; NotFound and Invalid pass through.
    """
    _check_failures(name)
    try:
        with _place(name) as wait_s, alone(name, wait_s):
            found = find()
            if found is not None:
                return found
            _check_failures(name)  # of whom it was waited for
            return _made(name, make)
    except Busy as error:
        raise Unavailable("Too many pictures are asked for at once. Try again.", retry_after_s=BUSY_S) from error


def _check_failures(name: str) -> None:
    if _failed.get(name, 0) > time.monotonic():
        raise Unavailable("This size could not be made a moment ago. Try again later.", retry_after_s=REST_S)


def _made(name: str, make: Callable[[], T]) -> T:
    try:
        return make()
    except (NotFound, Invalid, Busy, Damaged):
        raise
    except (BadImage, PindeckError, OSError) as error:
        log.warning("%s cannot be made: %s", name, error)
        if len(_failed) >= MOST_FAILURES:
            _failed.clear()
        _failed[name] = time.monotonic() + REST_S
        raise Unavailable("This size cannot be made now. Try again later.", retry_after_s=REST_S) from error


@contextmanager
def _place(name: str) -> Iterator[float]:
    """Count this thread among the busy ones; how long it may wait. Raises Busy when there are enough of them.

    Who wants what is being made already may join in spite of that, for a shorter time: it will be there at once.
    """
    with _counting:
        is_full = _wanted.total() >= _most()
        if is_full and name not in _wanted:
            raise Busy("Too many pictures are being made.")
        _wanted[name] += 1
    try:
        yield JOIN_S if is_full else WAIT_S
    finally:
        with _counting:
            _wanted[name] -= 1
            if not _wanted[name]:
                del _wanted[name]


@contextmanager
def alone(name: str, wait_s: float = WAIT_S) -> Iterator[None]:
    """Wait until nobody else is inside under this name. Not inside a transaction, and never twice in one thread.

    Raises Busy when that takes longer than `wait_s`.
    """
    stripe = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % STRIPES
    folder = config.current().data_dir / "making"
    with db.alone(locks.PICTURES + stripe, folder / f"{stripe:02}", wait_s):
        yield
