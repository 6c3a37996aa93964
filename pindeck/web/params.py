"""Query parameters: whatever stands in an address is something to look for, never an error."""

import unicodedata

MAX = 200


def clean_query(text: str) -> str:
    """Without control characters, lone surrogates and outer space; at most 200 characters."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") else c for c in text[: MAX * 2])
    return " ".join(kept.split())[:MAX]
