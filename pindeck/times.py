"""Milliseconds since the epoch in words, UTC."""

from datetime import UTC, datetime


def day(ms: int | None) -> str:
    """`7 Nov 2026`; nothing where there is no time."""
    return "" if ms is None else f"{_moment(ms):%-d %b %Y}"


def minute(ms: int) -> str:
    """`7 Nov, 14:05`."""
    return f"{_moment(ms):%-d %b, %H:%M}"


def iso_day(ms: int) -> str:
    """`2026-11-07`."""
    return f"{_moment(ms):%Y-%m-%d}"


def iso(ms: int | None) -> str:
    """To the second, with its offset; nothing where there is no time."""
    return "" if ms is None else _moment(ms).isoformat(timespec="seconds")


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
