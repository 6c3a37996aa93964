"""Limits counted in the database: they hold across processes and machines, and without the queue."""

from pindeck import db
from pindeck.errors import TooMany
from pindeck.models import Attempt

UNITS_MS = {"second": 1000, "minute": 60_000, "hour": 3_600_000, "day": 86_400_000}


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
        minutes = -(-wait_s // 60)
        spoken = "in a minute" if minutes <= 1 else f"in {minutes} minutes"
        raise TooMany(message.format(wait=spoken), retry_after_s=wait_s)


def record(kind: str, subject: str) -> None:
    Attempt.insert(kind=kind, subject=subject, at=db.now_ms()).execute()


def take(kind: str, subject: str, rate: str, message: str) -> None:
    """Inside a transaction: count one more. Raises TooMany; those that come at once wait for each other."""
    if db.is_postgres():
        db.database.execute_sql("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"{kind}:{subject}",))
    check(kind, subject, rate, message)
    record(kind, subject)


def fail(kind: str, subject: str, rate: str, message: str) -> None:
    """Note a failure before it is told. Raises TooMany when others that ran at the same time used up the number.

    Whoever asks a hundred times at once therefore hears no more answers than whoever asks one by one.
    """
    most, window = parse(rate)
    record(kind, subject)
    since = db.now_ms() - window
    mine = (Attempt.kind == kind) & (Attempt.subject == subject) & (Attempt.at > since)
    if most and Attempt.select().where(mine).count() > most:
        check(kind, subject, rate, message)


def sweep() -> int:
    """Remove what no limit counts any more; how many."""
    return Attempt.delete().where(Attempt.at < db.now_ms() - UNITS_MS["day"]).execute()


def forget(kind: str, subject: str) -> None:
    Attempt.delete().where((Attempt.kind == kind) & (Attempt.subject == subject)).execute()
