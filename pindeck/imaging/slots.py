"""Whose turn it is to decode in a web process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

_BIG_PX = 24_000_000
# Two decodes at a time keep the web process small; only one of them may be a big one.
_SLOTS = threading.BoundedSemaphore(2)
_BIG_SLOT = threading.Lock()


@contextmanager
def turn(pixels: int = 0) -> Iterator[None]:
    """Wait until a picture of so many pixels may be decoded."""
    # The order matters: who waits for the turn of the big ones must not hold one of the two slots.
    with _BIG_SLOT if pixels > _BIG_PX else nullcontext(), _SLOTS:
        yield
