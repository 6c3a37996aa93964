"""Bytes on their way in: what was staged and is not wanted, and the name it came with."""

import re
import unicodedata
from contextlib import suppress

from pindeck import storage
from pindeck.errors import PindeckError
from pindeck.text import is_blank


def drop(key: str) -> None:
    """Remove a staging object nobody names. If the store is away the sweep does it later."""
    with suppress(PindeckError):
        storage.current().delete(key)


def clean_filename(name: str, *, default: str = "image") -> str:
    """The last part of a name that came from outside, without control characters, at most 255 characters.

    `default` stands for a name of which nothing is left, or dots alone.
    """
    last = re.split(r"[/\\]", name or "")[-1]
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip()[:255].strip()
    return default if is_blank(kept.strip(" .")) else kept
