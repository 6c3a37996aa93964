"""What a model's words become: texts that fit, in the spelling of the vocabulary. Nothing in an answer is believed."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from pindeck import terms
from pindeck.errors import Invalid
from pindeck.text import clean_text
from pindeck.vocabulary import CATEGORIES, SYSTEM_TAGS, group_of

MOST_TAGS = 10
_NOTHING = frozenset(
    {"", "null", "none", "n/a", "na", "nil", "unknown", "undefined", "untitled", "not applicable", "-"}
)
_CATEGORIES = {name.casefold(): name for name in CATEGORIES}


def _text(raw: Any, length: int, *, multiline: bool = False) -> str | None:
    """The text without what cannot be stored, cut to `length`; None for what is no text or says nothing."""
    if not isinstance(raw, str):
        return None
    storable = "".join(c for c in raw[: length * 4] if c != "\x00" and not 0xD800 <= ord(c) <= 0xDFFF)
    try:
        text = clean_text(storable, field="answer", max_length=len(storable) * 4, multiline=multiline)
    except Invalid:
        return None
    text = text[:length].strip()
    return None if text.casefold().strip(" .") in _NOTHING else text


def _title(raw: Any) -> str | None:
    return _text(raw, 200)


def _description(raw: Any) -> str | None:
    return _text(raw, 5000, multiline=True)


def _name(raw: Any) -> str | None:
    return _text(raw, 120)


def _category(raw: Any) -> str | None:
    text = _name(raw)
    return _CATEGORIES.get(text.casefold(), text) if text else None


def _group(raw: Any) -> str | None:
    """One of the types; another word is none."""
    text = _name(raw)
    return group_of(text) if text else None


def _term(field: str) -> BeforeValidator:
    def read(raw: Any) -> str | None:
        text = _name(raw)
        term = terms.FIELDS[field].read(text) if text else None
        return term.name if term else text

    return BeforeValidator(read)


def _craft(said: dict[str, Any]) -> dict[str, list[str]]:
    """Words by field, terms in their standard spelling; another word is left as it is, to be counted."""
    found = {}
    for name, field in terms.CRAFT.items():
        raw = said.get(name)
        texts = (_text(part, 60) for part in (raw if isinstance(raw, list) else [raw])[:20])
        words = [term.name if (term := field.read(text)) else text for text in texts if text]
        if words:
            found[name] = list(dict.fromkeys(words))
    return found


def _tags(raw: Any) -> list[str]:
    """A list, or one text with commas or lines; small letters, each once."""
    parts: Iterable[Any] = (
        raw.replace("\n", ",").split(",") if isinstance(raw, str) else raw if isinstance(raw, list) else []
    )
    texts = (_text(part, 60) for part in list(parts)[:200])
    tags = (" ".join(text.lower().replace(",", " ").split()).strip("# ") for text in texts if text)
    return list(dict.fromkeys(tag for tag in tags if tag and tag not in SYSTEM_TAGS and not tag.startswith("sref:")))


def _said(*names: str) -> Any:
    return Field(default=None, validation_alias=AliasChoices(*names))


class Answer(BaseModel):
    """The words of an answer, each of them checked or absent. The names are those of an analysis."""

    model_config = ConfigDict(extra="ignore")

    title: Annotated[str | None, BeforeValidator(_title)] = None
    description: Annotated[str | None, BeforeValidator(_description)] = None
    tags: Annotated[list[str], BeforeValidator(_tags)] = Field(default_factory=list)
    category: Annotated[str | None, BeforeValidator(_category)] = None
    group: Annotated[str | None, BeforeValidator(_group)] = None
    genre: Annotated[str | None, _term("genre")] = None
    shot: Annotated[str | None, _term("shot")] = _said("shot", "shot_framing")
    style: Annotated[str | None, _term("style")] = _said("visual_style", "style")
    project: Annotated[str | None, BeforeValidator(_name)] = _said("project_name", "projectName", "project")
    moodboard: Annotated[str | None, BeforeValidator(_name)] = _said("moodboard_name", "moodboardName", "moodboard")


KEYS = frozenset(
    {
        "title", "description", "tags", "category", "group", "genre", "shot", "shot_framing", "visual_style", "style",
        "project_name", "projectName", "project", "moodboard_name", "moodboardName", "moodboard",
    }
)  # fmt: skip


def checked(said: dict[str, Any], known_tags: tuple[str, ...] = ()) -> dict[str, Any]:
    """The words that an answer is worth, by field: tags that the library has come first, and there are ten at most."""
    words = Answer.model_validate({name: value for name, value in said.items() if name in KEYS}).model_dump()
    words["craft"] = _craft(said)
    words["tags"] = sorted(words["tags"], key=lambda tag: tag not in known_tags)[:MOST_TAGS]
    return words
