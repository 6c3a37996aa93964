"""What somebody is typing at the end of a search: a value of a field, or a plain word."""

from dataclasses import dataclass

from pindeck.search.fields import Field
from pindeck.search.tokens import QUOTES, Sign, tokens


@dataclass(frozen=True)
class Typed:
    """`before` is the search without what is `begun`; with a `field` it ends where that field's value begins."""

    before: str
    begun: str
    field: Field | None = None


def typed(text: str) -> Typed | None:
    """None where nothing is being typed: at the beginning, after a space, and behind a closed quotation."""
    found, _ = tokens(text)
    if not found or found[-1].end < len(text):
        return None
    last = found[-1]
    if last.sign in (Sign.WORD, Sign.OR):
        return Typed(text[: last.at], last.text)
    if last.sign == Sign.PHRASE:
        return None if _is_closed(text, last.at) else Typed(text[: last.at], last.text)
    if last.field is None:
        return None
    begun, at = last.values[-1] if last.values and text[-1] != "," else ("", len(text))
    if not begun and QUOTES.get(text[-2]) == text[-1]:
        return None
    if not begun and text[-1] in QUOTES:
        at = len(text) - 1
    return None if _is_closed(text, at) else Typed(text[:at], begun, last.field)


def _is_closed(text: str, at: int) -> bool:
    """Whether a quotation begins there and ends."""
    close = QUOTES.get(text[at : at + 1])
    return close is not None and len(text) > at + 1 and text.endswith(close)
