"""The fields of an image that people correct: what each may hold, and what it is called."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pindeck import states
from pindeck.errors import Invalid, NotFound
from pindeck.text import clean_text

Value = str | list[str] | None
Kind = Literal["text", "textarea", "tags", "choice"]

MAX_TAGS = 50
MAX_TAG = 60


@dataclass(frozen=True)
class FieldSpec:
    """`column` is the column of `image`; tags and project live elsewhere. Limits are those of pindeck §4.9."""

    name: str
    label: str
    kind: Kind = "text"
    max_length: int = 120
    column: str | None = None
    if_empty: str | None = None
    suggestions: tuple[str, ...] = ()
    placeholder: str = ""

    def clean(self, raw: object) -> Value:
        """The value as it is stored. Raises Invalid naming this field."""
        if self.kind == "tags":
            return clean_tags(raw)
        if raw is not None and not isinstance(raw, str):
            raise Invalid(f"{self.label} must be text.", fields={self.name: "This must be text."})
        text = clean_text(raw or "", field=self.name, max_length=self.max_length, multiline=self.kind == "textarea")
        return text or self.if_empty


FIELDS: dict[str, FieldSpec] = {
    spec.name: spec
    for spec in (
        FieldSpec("title", "Title", max_length=200, column="title", if_empty="Untitled"),
        FieldSpec("description", "Description", "textarea", 5000, "description", placeholder="What is to be seen"),
        FieldSpec("tags", "Tags", "tags"),
        FieldSpec("project", "Project", "choice", placeholder="No project"),
        FieldSpec(
            "category", "Category", "choice", column="category", if_empty=states.DEFAULT_CATEGORY,
            suggestions=states.CATEGORIES,
        ),
        FieldSpec("group", "Type", "choice", column="group", suggestions=states.GROUPS),
        FieldSpec("genre", "Genre", "choice", column="genre", suggestions=states.GENRES),
        FieldSpec("shot", "Shot", "choice", column="shot", suggestions=states.SHOTS),
        FieldSpec("style", "Style", "choice", column="style", suggestions=states.STYLES),
        FieldSpec("sref", "Style reference", max_length=500, column="sref", placeholder="--sref"),
        FieldSpec("moodboard", "Moodboard", column="moodboard"),
        FieldSpec("source", "Source", max_length=500, column="attribution", placeholder="Credit or address"),
        FieldSpec("unique_tag", "Unique id", column="unique_tag"),
    )
}  # fmt: skip


def spec_of(name: str) -> FieldSpec:
    if name not in FIELDS:
        raise NotFound("There is no such field.")
    return FIELDS[name]


def clean_tags(raw: object) -> list[str]:
    """Comma or newline separated text, or a list, to lower-case distinct tags in order (pindeck 2.13)."""
    if raw is None:
        return []
    parts: Iterable[object] = re.split(r"[,\n]", raw) if isinstance(raw, str) else raw  # type: ignore[assignment]
    if not isinstance(parts, (list, tuple)):
        raise Invalid("Tags must be a list of words.", fields={"tags": "This must be a list of words."})
    tags = []
    for part in parts:
        if not isinstance(part, str):
            raise Invalid("Each tag must be text.", fields={"tags": "Each tag must be text."})
        tag = " ".join(clean_text(part, field="tags", max_length=10_000).split()).lower().strip("#").strip()
        if len(tag) > MAX_TAG:
            message = f"“{tag[:20]}…” is too long: a tag has at most {MAX_TAG} characters."
            raise Invalid(message, fields={"tags": message})
        if tag:
            tags.append(tag)
    tags = list(dict.fromkeys(tags))
    count = len(tags) - ("original" in tags)  # which is ours, and joins those that were sent
    if count > MAX_TAGS:
        message = f"That are {count} tags; the most is {MAX_TAGS}."
        raise Invalid(message, fields={"tags": message})
    return tags
