"""A place in an order, as text: what a picture is ordered by, and its id, so that the place stays when the picture changes or goes."""

import json
import re
from typing import Any

from pindeck import cursors

LAST = 2**31 - 1  # the place in the row of a project of what has none
_NEVER_KEPT = re.compile("[\x00\ud800-\udfff]")  # no title has them; spaces of other scripts and joiners it may have


def write(values: list[Any]) -> str:
    return cursors.packed(json.dumps(values, ensure_ascii=False, separators=(",", ":")))


def read(text: str, kinds: tuple[type, ...]) -> list[Any] | None:
    """None for what no page gave."""
    try:
        found = json.loads(cursors.unpacked(text))
    except (ValueError, RecursionError):
        return None
    fits = isinstance(found, list) and len(found) == len(kinds) and all(type(each) is kind for each, kind in zip(found, kinds, strict=True))
    is_kept = fits and all(abs(each) <= LAST if isinstance(each, int) else _NEVER_KEPT.search(each) is None for each in found)
    return found if is_kept else None
