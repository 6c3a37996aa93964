"""Pictures made on request: one maker at a time among all processes, and no failure repeated at once.

The lock spares work and nothing more; that there is one result is seen to by a unique index. It is a lock of the
database server, or of the operating system where the database is a file of this machine, so that it ends with
whoever holds it, and the queue may be away.
"""

import fcntl
import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pindeck import db
from pindeck.errors import Invalid, NotFound, PindeckError, Unavailable
from pindeck.imaging.errors import BadImage

log = logging.getLogger("pindeck.making")

STRIPES = 64
LOCK_CLASS = 0x70696E  # tells these locks from those of other users of the same database
REST_S = 30  # what just failed is not tried again for so long, whoever asks
MOST_FAILURES = 1000

T = TypeVar("T")
_failed: dict[str, float] = {}


def once(name: str, find: Callable[[], T | None], make: Callable[[], T]) -> T:
    """What `make` makes, or what somebody else made while this one waited and `find` finds.

    Raises Unavailable when it cannot be made now; NotFound and Invalid pass through.
    """
    if _failed.get(name, 0) > time.monotonic():
        raise Unavailable("This size could not be made a moment ago.", retry_after_s=REST_S)
    with alone(name):
        found = find()
        if found is not None:
            return found
        try:
            return make()
        except (NotFound, Invalid):
            raise
        except (BadImage, PindeckError, OSError) as error:
            log.warning("%s cannot be made: %s", name, error)
            if len(_failed) >= MOST_FAILURES:
                _failed.clear()
            _failed[name] = time.monotonic() + REST_S
            raise Unavailable("This size cannot be made now.", retry_after_s=REST_S) from error


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Wait until nobody else is inside under this name. Not inside a transaction, and never twice in one thread."""
    stripe = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % STRIPES
    if db.is_postgres():
        ask = db.database.execute_sql
        ask("SELECT pg_advisory_lock(%s, %s)", (LOCK_CLASS, stripe))
        try:
            yield
        finally:
            ask("SELECT pg_advisory_unlock(%s, %s)", (LOCK_CLASS, stripe))
        return
    folder = Path(db.database.database).parent / "making"
    folder.mkdir(exist_ok=True)
    with open(folder / f"{stripe:02}", "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
