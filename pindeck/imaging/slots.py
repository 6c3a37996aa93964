"""Whose turn it is to decode in a web process."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from pindeck.errors import Busy

WAIT_S = 60.0
_BIG_PX = 24_000_000
# Two decodes at a time keep the web process small; only one of them may be a big one.
_SLOTS = threading.BoundedSemaphore(2)
_BIG_SLOT = threading.Lock()


@contextmanager
def turn(pixels: int = 0, *, wait_s: float = WAIT_S) -> Iterator[None]:
    """Wait until a picture of so many pixels may be decoded. Raises Busy when that takes longer than `wait_s`."""
    until = time.monotonic() + wait_s
    # The order matters: who waits for the turn of the big ones must not hold one of the two slots.
    with _held(_BIG_SLOT, until) if pixels > _BIG_PX else nullcontext(), _held(_SLOTS, until):
        yield


@contextmanager
def _held(slot: "threading.Lock | threading.BoundedSemaphore", until: float) -> Iterator[None]:
    if not slot.acquire(timeout=max(0.0, until - time.monotonic())):
        raise Busy("Too many pictures are being read at once. Nothing was kept; try again.")
    try:
        yield
    finally:
        slot.release()
