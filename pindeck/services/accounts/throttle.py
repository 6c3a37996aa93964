"""Limits counted in the database: they hold across processes and machines, and without the queue.

An attempt is written down before it is looked at, and taken back when it was no failure. A hundred tries
at once therefore get no more answers than a hundred one by one, and what a dying process leaves behind counts.
"""

import math

from peewee import fn

from pindeck import db
from pindeck.errors import TooMany
from pindeck.models import Attempt

UNITS_MS = {"second": 1000, "minute": 60_000, "hour": db.HOUR_MS, "day": db.DAY_MS}


def parse(rate: str) -> tuple[int, int]:
    """`10/hour` → (10, 3600000): how many, within how many milliseconds. `0` is no limit."""
    count, _, unit = rate.partition("/")
    return int(count), UNITS_MS.get(unit, 0)


def check(kind: str, subject: str, rate: str, message: str) -> None:
    """Raises TooMany when the subject has used up its number; `message` may name `{wait}`."""
    most, window = parse(rate)
    if not most:
        return
    since = db.now_ms() - window
    mine = (Attempt.kind == kind) & (Attempt.subject == subject) & (Attempt.at > since)
    times = [row.at for row in Attempt.select(Attempt.at).where(mine).order_by(Attempt.at.desc()).limit(most)]
    if len(times) >= most:
        wait_s = max(1, (times[-1] + window - db.now_ms()) // 1000)
        raise TooMany(message.format(wait=spoken(wait_s)), retry_after_s=wait_s)


def spoken(wait_s: int) -> str:
    minutes = math.ceil(wait_s / 60)
    return "in a minute" if minutes <= 1 else f"in {minutes} minutes"


def standing(kind: str, subject: str, window_ms: int) -> tuple[int, int]:
    """How many within the window, and when the latest was (0 without one)."""
    mine = (Attempt.kind == kind) & (Attempt.subject == subject) & (Attempt.at > db.now_ms() - window_ms)
    count, latest = Attempt.select(fn.COUNT(Attempt.id), fn.MAX(Attempt.at)).where(mine).scalar(as_tuple=True)
    return count, latest or 0


def record(kind: str, subject: str) -> int:
    """Write one more down; the row's id."""
    return Attempt.insert(kind=kind, subject=subject, at=db.now_ms()).execute()


def lock(*names: str) -> None:
    """Inside a transaction: others that count the same wait until it ends."""
    for name in sorted(set(names)):
        db.take_turn(name)


def take(kind: str, subject: str, rate: str, message: str) -> None:
    """Inside a transaction: count one more. Raises TooMany; those that come at once wait for each other."""
    lock(f"{kind}:{subject}")
    check(kind, subject, rate, message)
    record(kind, subject)


def sweep() -> int:
    """Remove what no limit counts any more; how many."""
    return Attempt.delete().where(Attempt.at < db.now_ms() - UNITS_MS["day"]).execute()


def forget(kind: str, subject: str) -> None:
    Attempt.delete().where((Attempt.kind == kind) & (Attempt.subject == subject)).execute()
