"""The fields of an image that people correct: what each may hold, and what it is called."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from pindeck import terms, vocabulary
from pindeck.errors import Invalid, NotFound, invalid
from pindeck.imaging.shades import COLOURS, completed
from pindeck.states import UNKNOWN_RIGHTS, Rights
from pindeck.terms import TermField
from pindeck.text import clean_text, is_blank, without_invisible

Value = str | list[str] | None
Kept = Value | int
Kind = Literal["text", "textarea", "tags", "choice", "terms", "colours", "place"]

MAX_TAGS = 50
MAX_TAG = 60
MAX_TERMS = 20  # in one field
MAX_COLOURS = 100  # that may be sent; five are kept
COLOUR = re.compile(r"#[0-9a-f]{6}")
MOST = 2**31 - 1  # what the column of a place holds


@dataclass(frozen=True)
class FieldSpec:
    """`column` is the column of `image`; tags, project and the craft of the frame live elsewhere. `known` finds the one value that a text
    means, where there are no others than `suggestions`; `nothing` is a word that means none of them; `terms` know the standard
    spelling of a text and leave others."""

    name: str
    label: str
    kind: Kind = "text"
    max_length: int = 120
    column: str | None = None
    if_empty: str | None = None
    suggestions: tuple[str, ...] = ()
    placeholder: str = ""
    known: Callable[[str], str | None] | None = None
    nothing: str = ""
    terms: TermField | None = None

    @property
    def is_name(self) -> bool:
        """Whether equal values mean the same thing, so that two may not differ in what nobody sees."""
        return self.kind in ("choice", "terms") or self.name == "unique_tag"

    @property
    def is_list(self) -> bool:
        """Whether several words stand in it, to which more can be added."""
        return self.kind in ("tags", "terms")

    @property
    def most(self) -> int:
        """How many words it takes, where it is a list."""
        return MAX_TAGS if self.kind == "tags" else MAX_TERMS

    @property
    def is_craft(self) -> bool:
        return self.name in terms.CRAFT

    def clean(self, raw: object) -> Kept:
        """The value as it is stored. Raises Invalid naming this field."""
        if self.kind == "tags":
            return clean_tags(raw)
        if self.kind == "terms":
            return self._terms(raw)
        if self.kind == "colours":
            return clean_colours(raw)
        if self.kind == "place":
            return clean_place(raw)
        if raw is not None and not isinstance(raw, str):
            raise Invalid(f"{self.label} must be text.", fields={self.name: "This must be text."})
        if isinstance(raw, str) and self.is_name:
            raw = without_invisible(raw)
        text = clean_text(raw or "", field=self.name, max_length=self.max_length, multiline=self.kind == "textarea")
        if text and self.known is not None:
            return None if text.lower() == self.nothing else self._one_of(text)
        return self._standard(text) if text else self.if_empty

    def _standard(self, text: str) -> str:
        term = self.terms.read(text) if self.terms else None
        return term.name if term else text

    def _terms(self, raw: object) -> list[str]:
        """Comma or newline separated text, or a list of such, to distinct terms in their standard spelling, in order."""
        parts = [] if raw is None else [raw] if isinstance(raw, str) else raw
        if not isinstance(parts, (list, tuple)) or not all(isinstance(part, str) for part in parts):
            raise invalid(self.name, "This must be a list of words.")
        plain = [clean_text(part, field=self.name, max_length=10_000, multiline=True) for part in parts]
        words = [without_invisible(word).strip() for text in plain for word in re.split(r"[,\n]", text)]
        found = [
            self._standard(clean_text(word, field=self.name, max_length=self.max_length))
            for word in words
            if not is_blank(word)
        ]
        distinct: dict[str, str] = {}
        for word in found:
            distinct.setdefault(terms.key_of(word), word)
        if len(distinct) > MAX_TERMS:
            raise invalid(self.name, f"These are {len(distinct)} terms; {self.label} takes at most {MAX_TERMS}.")
        return list(distinct.values())

    def _one_of(self, text: str) -> str:
        found = self.known(text) if self.known else None
        if found is None:
            offered = (*self.suggestions, *([self.nothing] if self.nothing else []))
            raise invalid(self.name, f"Choose one of {', '.join(offered)}.")
        return found


def _of_terms(field: TermField, column: str | None = None) -> FieldSpec:
    return FieldSpec(
        field.name, field.label, "terms" if field.many else "choice", column=column, suggestions=field.names,
        max_length=120 if column else MAX_TAG, placeholder=field.says, terms=field,
    )  # fmt: skip


FIELDS: dict[str, FieldSpec] = {
    spec.name: spec
    for spec in (
        FieldSpec("title", "Title", max_length=200, column="title", if_empty="Untitled"),
        FieldSpec("description", "Description", "textarea", 5000, "description", placeholder="What is to be seen"),
        FieldSpec("tags", "Tags", "tags"),
        FieldSpec("project", "Project", "choice", placeholder="No project"),
        FieldSpec(
            "category", "Category", "choice", column="category", if_empty=vocabulary.DEFAULT_CATEGORY,
            suggestions=vocabulary.CATEGORIES,
        ),
        FieldSpec(
            "group", "Type", "choice", column="group", suggestions=vocabulary.GROUPS, known=vocabulary.group_of
        ),
        *(_of_terms(terms.FIELDS[name], column=name) for name in ("genre", "shot", "style")),
        FieldSpec("sref", "Style reference", max_length=500, column="sref", placeholder="--sref"),
        FieldSpec("moodboard", "Moodboard", column="moodboard"),
        FieldSpec("source", "Credit", max_length=500, column="attribution", placeholder="Whom it is owed to, or an address"),
        FieldSpec(
            "rights", "Rights", "choice", column="rights", suggestions=tuple(Rights), placeholder="Unknown", known=Rights.read,
            nothing=UNKNOWN_RIGHTS,
        ),
        FieldSpec("unique_tag", "Unique id", column="unique_tag"),
        *(_of_terms(field) for field in terms.CRAFT.values()),
    )
}  # fmt: skip

# In the ledger like the others, and in no form: programs write them, the history shows them and puts them back.
LEDGER: dict[str, FieldSpec] = {
    **FIELDS,
    "project_order": FieldSpec("project_order", "Place in the row", "place", column="project_order"),
    "colors": FieldSpec("colors", "Colours", "colours", column="colors"),
}


def spec_of(name: str) -> FieldSpec:
    """A field that people edit. Raises NotFound."""
    if name not in FIELDS:
        raise NotFound("There is no such field.")
    return FIELDS[name]


def kept_spec_of(name: str) -> FieldSpec:
    """A field that the ledger keeps. Raises NotFound."""
    if name not in LEDGER:
        raise NotFound("There is no such field.")
    return LEDGER[name]


def clean_tags(raw: object) -> list[str]:
    """Comma or newline separated text, or a list of such, to lower-case distinct tags in order."""
    if raw is None:
        return []
    parts = [raw] if isinstance(raw, str) else raw
    if not isinstance(parts, (list, tuple)):
        raise Invalid("Tags must be a list of words.", fields={"tags": "This must be a list of words."})
    if not all(isinstance(part, str) for part in parts):
        raise Invalid("Each tag must be text.", fields={"tags": "Each tag must be text."})
    cleaned = [clean_text(part, field="tags", max_length=10_000, multiline=True) for part in parts]
    tags = tags_in(cleaned)
    for tag in tags:
        if len(tag) > MAX_TAG:
            message = f"“{tag[:20]}…” is too long: a tag has at most {MAX_TAG} characters."
            raise invalid("tags", message)
    count = len(tags) - ("original" in tags)  # which is ours, and joins those that were sent
    if count > MAX_TAGS:
        message = f"These are {count} tags; an image has at most {MAX_TAGS}."
        raise invalid("tags", message)
    return tags


def tags_in(texts: Iterable[str]) -> list[str]:
    """The distinct tags that texts name, in order: a comma or a new line ends one, whichever door it came through."""
    named = (tag_of(part) for text in texts for part in re.split(r"[,\n]", unicodedata.normalize("NFKC", text)))
    return list(dict.fromkeys(tag for tag in named if tag))


def tag_of(text: str) -> str:
    """A tag as it is kept: NFKC, small letters, single spaces, no leading #, nothing that cannot be seen."""
    plain = unicodedata.normalize("NFKC", without_invisible(unicodedata.normalize("NFKC", text)).lower())
    return "" if is_blank(plain) else " ".join(plain.split()).strip("# ")


def clean_colours(raw: object) -> list[str]:
    """Five colours like #1a2b3c, in order: fewer are completed, of more the first five are kept. Nothing is none."""
    if raw is None:
        return []
    given = [each for each in raw if isinstance(each, str)] if isinstance(raw, (list, tuple)) else []
    if given != raw or len(given) > MAX_COLOURS or not all(COLOUR.fullmatch(code) for code in given):
        message = f"Give {COLOURS} colours like #1a2b3c."
        raise invalid("colors", message)
    return completed(given) if given else []


def clean_place(raw: object) -> int | None:
    """A place in a row, from 0; None is no place."""
    if raw is None:
        return None
    if not isinstance(raw, int) or isinstance(raw, bool) or not 0 <= raw <= MOST:
        message = "Give the place in the row, a whole number from 0."
        raise invalid("project_order", message)
    return raw
