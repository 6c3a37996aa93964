"""The terms of a picture's fields, in their standard spelling, with other words for them and what follows from one.

They stand in `vocabularies/*.toml` and nowhere else: whoever asks a machine, checks an answer, completes what is typed or
offers a filter reads them here.
"""

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Named = tuple[str, str]  # a field, and one of its terms


@dataclass(frozen=True)
class Term:
    """`implies` is what follows from the term itself."""

    field: str
    name: str
    synonyms: tuple[str, ...]
    implies: tuple[Named, ...]


@dataclass(frozen=True)
class TermField:
    """A field that has terms. `says` tells in a few words what it is about; several terms can stand in it if it is `many`."""

    name: str
    label: str
    says: str
    many: bool
    terms: tuple[Term, ...]
    _by_key: Mapping[str, Term]

    @property
    def member(self) -> str:
        """Its name among programs: `lightFrom`."""
        first, *rest = self.name.split("_")
        return first + "".join(word.capitalize() for word in rest)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(term.name for term in self.terms)

    def read(self, text: str) -> Term | None:
        """The term that is meant, whatever its case, hyphens, accents and spaces; None where no term is."""
        return self._by_key.get(key_of(text))


def key_of(text: str) -> str:
    """What spellings of one term have in common: its letters and digits. A text without any is its own key."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in plain if letter.isalnum()) or plain.strip()


def _loaded(name: str) -> dict[str, TermField]:
    """The fields of one file. Raises ValueError for a word that means two terms of a field."""
    said = tomllib.loads((Path(__file__).with_name("vocabularies") / name).read_text(encoding="utf-8"))
    return {field: _field(field, entry) for field, entry in said.items()}


def _field(name: str, said: dict[str, Any]) -> TermField:
    terms = tuple(
        Term(name, term, tuple(synonyms), _implied(said.get("implies", {}).get(term, {})))
        for term, synonyms in said["terms"].items()
    )
    by_key: dict[str, Term] = {}
    for term in terms:
        for word in (term.name, *term.synonyms):
            if by_key.setdefault(key_of(word), term) is not term:
                raise ValueError(f"{word!r} means two terms of {name}")
    return TermField(name, said["label"], said["says"], said.get("many", False), terms, by_key)


def _implied(said: Mapping[str, str | list[str]]) -> tuple[Named, ...]:
    return tuple((field, term) for field, of in said.items() for term in ([of] if isinstance(of, str) else of))


CRAFT: Mapping[str, TermField] = _loaded("craft.toml")
FIELDS: Mapping[str, TermField] = {**_loaded("words.toml"), **CRAFT}


def implied_by(stated: Iterable[Named]) -> list[Named]:
    """What follows from these terms, each once, without what is among them."""
    stated = list(stated)
    found: dict[Named, None] = {}
    ahead = [each for named in stated for each in _directly(named)]
    while ahead:
        named = ahead.pop(0)
        if named not in found and named not in stated:
            found[named] = None
            ahead += _directly(named)
    return list(found)


def _directly(named: Named) -> tuple[Named, ...]:
    field, name = named
    term = FIELDS[field].read(name) if field in FIELDS else None
    return term.implies if term else ()
