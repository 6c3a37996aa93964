"""Whose turn it is to have a picture read or drawn, among the threads of a web process."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from pindeck.errors import Busy

WAIT_S = 15.0
_BIG = 256_000_000  # bytes
# Two at a time leave processors and memory to everything else; only one of them may take much memory.
_SLOTS = threading.BoundedSemaphore(2)
_BIG_SLOT = threading.Lock()


@contextmanager
def turn(memory: int = 0, *, alone: bool = False, wait_s: float = WAIT_S) -> Iterator[None]:
    """Wait until a picture that takes so many bytes may be decoded; `alone` counts it among the big ones whatever it takes.

    Raises Busy when that takes longer than `wait_s`.
    """
    until = time.monotonic() + wait_s
    # The order matters: who waits for the turn of the big ones must not hold one of the two slots.
    with _held(_BIG_SLOT, until) if alone or memory > _BIG else nullcontext(), _held(_SLOTS, until):
        yield


@contextmanager
def _held(slot: "threading.Lock | threading.BoundedSemaphore", until: float) -> Iterator[None]:
    if not slot.acquire(timeout=max(0.0, until - time.monotonic())):
        raise Busy("Too many pictures are being read at once. Nothing was kept; try again.")
    try:
        yield
    finally:
        slot.release()
