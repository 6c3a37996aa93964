"""The library's own colours: those that fill most of its newest pictures, by hue. Reads only."""

import json
import time
from collections import Counter
from typing import Any

from pindeck import access, db
from pindeck.access import Actor, Condition
from pindeck.imaging import oklab
from pindeck.imaging.lab import hex_to_rgb
from pindeck.services.images.colours import is_colour

READ = 2000
SHOWN = 24
APART = 0.08  # in OKLab: nearer ones look the same in a small square
KEPT_S, MOST_KEPT = 30, 100
_kept: dict[Condition, tuple[float, list[str]]] = {}


def of(actor: Actor) -> list[str]:
    """As `#rrggbb`, those that are nearly grey last. One statement, of a large library at most once in half a minute."""
    shown = access.hung(actor)
    kept = _kept.get(shown)
    if kept and time.monotonic() - kept[0] < KEPT_S:
        return kept[1]
    rows = _palettes(shown)
    found = _by_hue(_apart(Counter(code for (text,) in rows for code in json.loads(text) if is_colour(code))))
    _kept.pop(shown, None)
    if len(rows) == READ:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[shown] = time.monotonic(), found
    return found


def _palettes(shown: Condition) -> list[tuple[Any, ...]]:
    sql = f"SELECT i.colors FROM image i WHERE {shown.text('i')} ORDER BY i.seq DESC LIMIT :most"
    return list(db.sql(sql, most=READ, **shown.values).fetchall())


def _apart(number: Counter[str]) -> list[str]:
    """The most frequent ones that do not look the same."""
    chosen: list[tuple[str, oklab.Oklab]] = []
    for code, _ in sorted(number.items(), key=lambda each: (-each[1], each[0]))[: 20 * SHOWN]:
        place = oklab.of_hex(code)
        if all(oklab.distance(place, other) > APART for _, other in chosen):
            chosen.append((code, place))
        if len(chosen) == SHOWN:
            break
    return [code for code, _ in chosen]


def _by_hue(codes: list[str]) -> list[str]:
    return sorted(codes, key=_hue)


def _hue(code: str) -> tuple[bool, float, float]:
    """Greys last, then by hue in twelve steps, then the light ones first."""
    high, low = max(rgb := hex_to_rgb(code)), min(rgb)
    red, green, blue = rgb
    if high - low < 24:
        return True, 0, -high
    turn = (green - blue if high == red else 2 * (high - low) + blue - red if high == green else 4 * (high - low) + red - green) / (high - low)
    return False, round(turn % 6 * 2), -high
