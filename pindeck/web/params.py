"""What a page sends: whatever stands in an address is something to look for, never an error."""

import unicodedata

from flask import request

from pindeck.errors import Invalid

MAX, MAX_QUERY = 200, 20_000


def clean_query(text: str, *, most: int = MAX) -> str:
    """Without control characters, lone surrogates and outer space; at most so many characters."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") else c for c in text[: most * 2])
    return " ".join(kept.split())[:most]


def query_of_gallery() -> str:
    """What says which pictures are meant, whole: one that is cut would mean more of them. Raises Invalid."""
    text: str = request.values.get("query", "").strip()
    if len(text) > MAX_QUERY:
        raise Invalid("This search is too long. Use fewer words.", fields={"query": "This search is too long. Use fewer words."})
    return text


def chosen_ids() -> list[str] | None:
    """The ids that were chosen in a list with check boxes; None stands for all that it shows."""
    return None if request.form.get("all") == "1" else request.form.getlist("ids")
