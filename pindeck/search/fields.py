"""The fields of the grammar, each with what may stand after it. A new one is a line here and its meaning among the conditions."""

from dataclasses import dataclass
from enum import StrEnum

from pindeck.terms import CRAFT

MOST_LIKE = 600  # pictures that a search for the like of one finds


class Kind(StrEnum):
    TEXT = "text"
    TERM = "term"  # of the craft: any spelling that the vocabulary knows
    WORD = "word"  # one of a few
    BARE = "bare"  # nothing follows: the field is the condition
    COLOUR = "colour"
    NUMBER = "number"
    RATIO = "ratio"
    DAY = "day"
    AGE = "age"  # a day, or how long ago


@dataclass(frozen=True)
class Field:
    """`words` are the values of a WORD; `means` is the field and the value that a BARE one stands for."""

    name: str
    kind: Kind
    label: str
    says: str
    example: str
    words: tuple[str, ...] = ()
    means: tuple[str, str] = ("", "")


IS = ("variation", "original", "liked", "draft", "mine", "new")
HAS = ("palette", "sref", "alias", "memo", "project", "words")
ORIENTATIONS = ("landscape", "portrait", "square")
RIGHTS = ("reference", "cleared", "own", "generated", "unknown")

_PLAIN = (
    Field("tag", Kind.TEXT, "Tag", "exactly this tag", "tag:rain"),
    Field("type", Kind.TEXT, "Type", "the kind of production", 'type:"music video"'),
    Field("genre", Kind.TEXT, "Genre", "this genre", "genre:noir"),
    Field("shot", Kind.TEXT, "Shot", "this kind of shot", "shot:wide"),
    Field("style", Kind.TEXT, "Style", "this style", "style:anamorphic"),
    Field("category", Kind.TEXT, "Category", "this category", "category:cinematic"),
    Field("project", Kind.TEXT, "Project", "the project of this name", 'project:"Night Ride"'),
    Field("board", Kind.TEXT, "Board", "on the board of this name", "board:moodboard"),
    Field("sref", Kind.TEXT, "Style reference", "this style reference: its number, or the whole text", "sref:123456"),
    Field("by", Kind.TEXT, "By", "added by this person, by a name or `me`", "by:olga"),
    Field("from", Kind.TEXT, "From", "brought by this source, or `upload`, `discord`, `pinterest`, `ai`", "from:pinterest"),
    Field("is", Kind.WORD, "Is", "what a picture is", "is:variation", IS),
    Field("has", Kind.WORD, "Has", "what a picture has", "has:memo", HAS),
    Field("rights", Kind.WORD, "Rights", "what is known of the right to show it outside", "rights:cleared", RIGHTS),
    Field("color", Kind.COLOUR, "Colour", "a colour by name or code, how far it may be off, its share", "color:#c8102e~20"),
    Field("ratio", Kind.RATIO, "Ratio", "width by height, give or take 2 %", "ratio:2.39"),
    Field("orientation", Kind.WORD, "Orientation", "wider than high, higher than wide, or neither by 2 %", "orientation:landscape", ORIENTATIONS),
    Field("width", Kind.NUMBER, "Width", "in pixels", "width:>3000"),
    Field("height", Kind.NUMBER, "Height", "in pixels", "height:>=2160"),
    Field("likes", Kind.NUMBER, "Likes", "how many people like it", "likes:>3"),
    Field("date", Kind.DAY, "Taken", "when it was taken", "date:2026-05.."),
    Field("added", Kind.AGE, "Added", "when it arrived", "added:<7d"),
    Field("like", Kind.TEXT, "Like", f"is one of the {MOST_LIKE} most like the picture with this id", "like:0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a55"),
    Field("int", Kind.BARE, "Interior", "inside", "int:", means=("setting", "Interior")),
    Field("ext", Kind.BARE, "Exterior", "outside", "ext:", means=("setting", "Exterior")),
)  # fmt: skip
FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        *_PLAIN,
        *(
            Field(name, Kind.TERM, craft.label, craft.says[0].lower() + craft.says[1:], f'{name}:"{craft.names[0].lower()}"')
            for name, craft in CRAFT.items()
        ),
    )
}
# What people write as well. A space cannot stand in the name of a field.
_ALSO = {"colour": "color", "group": "type", "person": "by", "source": "from"} | {
    name.replace("_", joined): name for name in FIELDS for joined in ("", "-") if "_" in name
}
# A craft that has several fields: a word that one of them does not know may be known to the others.
BESIDE = {"light": ("light_source", "light_from")}


def named(text: str) -> Field | None:
    """The field that is meant, in any case."""
    name = text.lower()
    return FIELDS.get(_ALSO.get(name, name))
