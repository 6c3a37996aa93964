"""What a model is asked. Whoever changes a word of it changes `VERSION`: answers are kept with the version."""

import hashlib
import json
from typing import Any

from pindeck import terms
from pindeck.vision.base import Subject
from pindeck.vocabulary import CATEGORIES, GROUPS

VERSION = "2"

_TEXT = {"type": ["string", "null"]}
_TEXTS = {"type": "array", "items": {"type": "string"}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "title": _TEXT,
        "description": _TEXT,
        "tags": _TEXTS,
        "category": _TEXT,
        "group": _TEXT,
        "genre": _TEXT,
        "shot": _TEXT,
        "visual_style": _TEXT,
        "project_name": _TEXT,
        "moodboard_name": _TEXT,
        **{name: _TEXTS if field.many else _TEXT for name, field in terms.CRAFT.items()},
    },
}
SCHEMA["required"] = list(SCHEMA["properties"])

_INSTRUCTION = """\
You describe a still for a library of film references. Look at the picture and answer with one JSON object and nothing
else. Its keys:
"title": a short, catchy title.
"description": two sentences at most on what is to be seen.
"tags": five to ten specific words in lower case.
"category": one of {categories}.
"group": the type of production that fits best, one of {groups}.
"genre": one of {genres}, or null.
"shot": the framing in a short Title Case label, such as {shots}.
"visual_style": what it is, or looks, taken on, such as {styles}.
"project_name": the name of the work if you recognise it without doubt, else null.
"moodboard_name": a name for the mood if one clearly applies, else null.
{craft}
Use null, or an empty list, for what you cannot tell. Never invent."""


def _of_craft(name: str, field: terms.TermField) -> str:
    how_many = "a list of those that are true" if field.many else "one"
    return f'"{name}": {field.says[0].lower()}{field.says[1:]}, {how_many} of: {", ".join(field.names)}.'


def version(rules: str) -> str:
    """The version of the prompt; rules of the house are a part of it."""
    return f"{VERSION}-{hashlib.sha256(rules.encode()).hexdigest()[:6]}" if rules else VERSION


def text(subject: Subject) -> str:
    """The whole instruction for one picture."""
    asked = _INSTRUCTION.format(
        categories=", ".join(CATEGORIES),
        groups=", ".join(GROUPS),
        genres=", ".join(terms.FIELDS["genre"].names),
        shots=", ".join(terms.FIELDS["shot"].names),
        styles=", ".join(terms.FIELDS["style"].names),
        craft="\n".join(_of_craft(name, field) for name, field in terms.CRAFT.items()),
    )
    context = subject.context
    told: dict[str, Any] = {"file name": subject.filename[:200], **context.words}
    if context.project:
        told["project"] = context.project
    if context.tags:
        asked += f"\nPrefer these tags of the library where they are true: {', '.join(context.tags)}."
    if context.rules:
        asked += f"\nRules of this library, which come first:\n{context.rules}"
    # As JSON, so that what somebody wrote about a picture reads as what it is, and not as an instruction.
    return f"{asked}\nWhat is known of the picture already: {json.dumps(told, ensure_ascii=False)}"
