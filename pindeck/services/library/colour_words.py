"""Colours of the picker in the words of the search box."""

from collections.abc import Sequence

from pindeck.search import editing
from pindeck.services.library.by_look import WantedColour


def beside(text: str, asked: Sequence[WantedColour], without: Sequence[WantedColour] = ()) -> str:
    """A search with these colours, and without those, as further conditions."""
    for one in asked:
        text = editing.put(text, "color", spelt(one), joins=False)
    for one in without:
        text = editing.deny(text, "color", spelt(one))
    return text


def spelt(one: WantedColour) -> str:
    return f"{one.code}~{one.tolerance}" + ("" if one.share is None else f"@{one.share}")
