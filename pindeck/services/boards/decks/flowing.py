"""Long text goes on over further pages, cut where a reader would pause, and nothing of it is lost."""

import math
import re

_PAUSES = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…。！？])\s*(?=\S)"), re.compile(r"\s+"))  # noqa: RUF001


def parts(text: str, room: int) -> list[str]:
    """The text in parts of at most `room` letters: at least one, which is empty for no text."""
    found, rest = [], text.strip()
    while len(rest) > room:
        at = _pause(rest, room)
        found.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*found, rest]


def _pause(text: str, room: int) -> int:
    """Where the first part ends: at the last paragraph, line, sentence or word that leaves it more than half full."""
    for pause in _PAUSES:
        ends = [each.end() for each in pause.finditer(text[: room + 1]) if room / 2 < each.end() <= room]
        if ends:
            return ends[-1]
    return room


def fit(text: str, easy: int) -> int:
    """How large a text is set, in percent: all of it up to so many letters, and less in steps of 3 down to 35."""
    if len(text) <= easy:
        return 100
    steps = math.ceil((100 - 100 * math.sqrt(easy / len(text))) / 3)
    return max(35, 100 - 3 * steps)
