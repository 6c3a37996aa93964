"""Passwords and their hashes: the one place where they are hashed, two at a time in a process.

Hashing takes 19 MiB and some tens of milliseconds by design, and every stranger at the sign-in page asks for it. So
two threads of each process do all of it, a few callers wait for them briefly, and all others are sent away.
"""

import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from pindeck import db
from pindeck.errors import Busy, invalid

MIN_LENGTH = 10
MAX_LENGTH = 200

AT_ONCE = 2
WAITING = 4  # more would hold the threads that others need for pages
WAIT_S = 3.0
BUSY = "Many people are signing in at this moment, so this sign-in was not checked. Try again in a few seconds."

# Argon2id as OWASP advises for servers; the memory is in KiB.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

_free = threading.BoundedSemaphore(AT_ONCE)
_waiting = threading.BoundedSemaphore(WAITING)
_large = threading.Lock()
_mine = threading.local()
_starting = threading.Lock()
_threads: ThreadPoolExecutor | None = None

T = TypeVar("T")


@contextmanager
def place() -> Iterator[None]:
    """Hold a place for all the hashing of one request; within it, asking again costs nothing.

    Raises Busy when too many wait already, or when it takes longer than `WAIT_S`. Ask for it before a transaction
    begins, which would make others wait as well.
    """
    if getattr(_mine, "held", False):
        yield
        return
    if db.database.in_transaction():
        raise RuntimeError("Passwords are hashed before a transaction begins.")
    if not _free.acquire(blocking=False):
        if not _waiting.acquire(blocking=False):
            raise Busy(BUSY)
        try:
            if not _free.acquire(timeout=WAIT_S):
                raise Busy(BUSY)
        finally:
            _waiting.release()
    _mine.held = True
    try:
        yield
    finally:
        _mine.held = False
        _free.release()


def _run(work: Callable[[], T]) -> T:
    """Do it in one of the two threads that hash.

    The C library keeps what was freed for the thread that had asked for it, so hashing in whichever thread a request
    has would cost its 19 MiB once for each.
    """
    global _threads
    if db.database.in_transaction():
        raise RuntimeError("Passwords are hashed before a transaction begins.")
    with place():
        with _starting:  # not earlier: threads do not live through a fork
            if _threads is None:
                _threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
        return _threads.submit(work).result()


def cleaned(raw: object, *, field: str = "password") -> str:
    """Raises Invalid for one that is too short or too long."""
    if not isinstance(raw, str) or len(raw) < MIN_LENGTH:
        sentence = f"A password has at least {MIN_LENGTH} characters."
        raise invalid(field, sentence)
    if len(raw) > MAX_LENGTH or "\x00" in raw or any(0xD800 <= ord(c) <= 0xDFFF for c in raw):
        sentence = f"A password has at most {MAX_LENGTH} characters that can be typed."
        raise invalid(field, sentence)
    return raw


def hashed(raw: object, *, field: str = "password") -> str:
    """The hash of a new password. Raises Invalid, or Busy without a place."""
    password = cleaned(raw, field=field)
    return _run(lambda: _hasher.hash(password))


def fits(password: str, known: str | None) -> bool:
    """Whether this is the password of that hash. Without a hash the answer is no, after the same work.

    Raises Busy without a place.
    """
    against = known or _nobody()
    # What is longer than a password can be is not cut to one that fits.
    given = (password if len(password) <= MAX_LENGTH else "").encode("utf-8", "replace")
    # A hash of an earlier version may take 64 MiB: one such at a time.
    with place(), _large if _takes_more(against) else nullcontext():
        return _run(lambda: _verify(against, given)) and known is not None


def _verify(known: str, given: bytes) -> bool:
    try:
        return _hasher.verify(known, given)
    except (VerificationError, InvalidHashError):
        return False


def _takes_more(known: str) -> bool:
    try:
        return extract_parameters(known).memory_cost > _hasher.memory_cost
    except InvalidHashError:
        return False


@cache
def _nobody() -> str:
    """A hash to check against when there is no account, so that time tells nothing."""
    return _run(lambda: _hasher.hash(secrets.token_hex(16)))


def is_outdated(known: str) -> bool:
    """Whether a hash was made with other parameters than new ones are."""
    return _hasher.check_needs_rehash(known)
