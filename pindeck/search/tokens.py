"""Text to tokens. Every text has some: what is wrong is a problem beside them."""

import re
from dataclasses import dataclass
from enum import StrEnum

from pindeck.search.fields import Field, Kind, named
from pindeck.search.tree import Problem


class Sign(StrEnum):
    OPEN = "("
    CLOSE = ")"
    NOT = "-"
    OR = "or"
    WORD = "word"
    PHRASE = "phrase"
    FIELD = "field"


@dataclass(frozen=True)
class Token:
    """`values` are the texts after a field, each with its place."""

    sign: Sign
    at: int
    end: int
    text: str = ""
    field: Field | None = None
    values: tuple[tuple[str, int], ...] = ()


QUOTES = {'"': '"', "“": "”", "„": "”", "«": "»"}
_WORD = re.compile(r"[^\s()\"“”„«»]+")
_FIELD = re.compile(r"([A-Za-z]+(?:[-_][A-Za-z]+)?)(?::|(?=[<>]=?\d))")
_VALUE = re.compile(r"[^\s,()\"“”„«»]+")
_SPACE = re.compile(r"\s+")


def tokens(text: str) -> tuple[list[Token], list[Problem]]:
    found: list[Token] = []
    problems: list[Problem] = []
    at = 0
    while at < len(text):
        if space := _SPACE.match(text, at):
            at = space.end()
            continue
        token = _next(text, at, problems)
        if token.text or token.sign not in (Sign.WORD, Sign.PHRASE):
            found.append(token)
        at = token.end
    return found, problems


def _next(text: str, at: int, problems: list[Problem]) -> Token:
    char = text[at]
    if char in "()":
        return Token(Sign(char), at, at + 1)
    if char in "”»":  # the end of what nobody began
        return Token(Sign.WORD, at, at + 1)
    if char in QUOTES:
        inside, end = _quoted(text, at, problems)
        return Token(Sign.PHRASE, at, end, inside)
    if char in "-−" and (at == 0 or text[at - 1].isspace() or text[at - 1] in "(-−"):
        bare = at + 1 == len(text) or text[at + 1].isspace() or text[at + 1] == ")"
        return Token(Sign.WORD if bare else Sign.NOT, at, at + 1)
    if (start := _FIELD.match(text, at)) and (field := named(start[1])):
        return _field(text, at, start.end(), field, problems)
    found = _WORD.match(text, at)
    assert found is not None  # whatever is none of the above is part of a word
    word = found[0]
    if start and start[0].endswith(":") and not word.endswith(":") and "//" not in word:
        says = f"“{start[1][:30]}:” at character {at + 1} is not a field, so its words are looked for."
        problems.append(Problem(at, start.end(), says))
    return Token(Sign.OR if word.lower() in ("or", "|") else Sign.WORD, at, found.end(), word)


def _quoted(text: str, at: int, problems: list[Problem]) -> tuple[str, int]:
    close = QUOTES[text[at]]
    end = text.find(close, at + 1)
    if end < 0:
        problems.append(Problem(at, at + 1, f"The quotation that begins at character {at + 1} is never closed."))
        return text[at + 1 :].strip(), len(text)
    return text[at + 1 : end].strip(), end + 1


def _field(text: str, at: int, end: int, field: Field, problems: list[Problem]) -> Token:
    values: list[tuple[str, int]] = []
    while field.kind != Kind.BARE and end < len(text):
        if text[end] in QUOTES:
            start = end
            value, end = _quoted(text, end, problems)
        elif found := _VALUE.match(text, end):
            start, value, end = end, found[0], found.end()
        elif text[end] == ",":
            end += 1
            continue
        else:
            break
        if value:
            values.append((value, start))
    return Token(Sign.FIELD, at, end, field.name, field, tuple(values))
