"""What a page sends: whatever stands in an address is something to look for, never an error."""

import unicodedata

from flask import request

MAX = 200


def clean_query(text: str, *, most: int = MAX) -> str:
    """Without control characters, lone surrogates and outer space; at most so many characters."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") else c for c in text[: most * 2])
    return " ".join(kept.split())[:most]


def chosen_ids() -> list[str] | None:
    """The ids that were chosen in a list with check boxes; None stands for all that it shows."""
    return None if request.form.get("all") == "1" else request.form.getlist("ids")
