"""Finds the description in what a model answered, which may be wrapped, chatty, broken or anything else."""

import itertools
import json
import re
from typing import Any

import json_repair

MOST = 64 * 1024  # characters; a description has some hundred
DEPTH = 4
TRIES = 20
WRAPPERS = ("response", "output", "result", "data", "analysis", "message", "content")
MOST_BRACKETS = 100  # a description opens a dozen; models that repeat themselves open thousands, which would take minutes
_THOUGHT = re.compile(r"<(/?)think(?:ing)?>", re.IGNORECASE)
_FENCE = re.compile(r"```[\w-]*")


def text_of(content: object) -> str:
    """The text of `content`, which is a text or a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        return text_of(content.get("text") or content.get("content") or "")
    if isinstance(content, list):
        return "\n".join(text_of(part) for part in content if isinstance(part, (str, dict)))
    return ""


def description_in(text: str, known: frozenset[str]) -> dict[str, Any] | None:
    """The object in `text` that has most of the `known` keys; None where none has any, or the text is too long."""
    if len(text) > MOST:
        return None
    plain = _FENCE.sub("", _without_thoughts(text)).strip()
    # All of it was a thought, which some models end with what was asked for.
    return _best(plain or _FENCE.sub("", text), known)


def _without_thoughts(text: str) -> str:
    """From each opening mark to the next closing one. A mark without the other stays, and so does what follows it."""
    kept, at, opened = [], 0, None
    for mark in _THOUGHT.finditer(text):
        if not mark[1] and opened is None:
            opened = mark.start()
        elif mark[1] and opened is not None:
            kept.append(text[at:opened])
            at, opened = mark.end(), None
    return "".join([*kept, text[at:]])


def _best(text: str, known: frozenset[str]) -> dict[str, Any] | None:
    """All of the text, or else what begins at one of its braces: chat before an answer may hold braces too."""
    found: list[dict[str, Any]] = []
    starts = [0, *(brace.start() for brace in itertools.islice(re.finditer(r"\{", text), TRIES))]
    for start in starts:
        _gather(_loaded(text[start:]), known, DEPTH, found)
        if found:
            break
    return max(found, key=lambda each: len(known & each.keys()), default=None)


def _loaded(text: str) -> Any:
    """What the text says as JSON, put right where that can be done; None where it cannot."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    if text.count("{") + text.count("[") > MOST_BRACKETS:
        return None
    try:
        return json_repair.loads(text)
    except (ValueError, RecursionError, IndexError, TypeError):
        return None


def _gather(value: Any, known: frozenset[str], depth: int, found: list[dict[str, Any]]) -> None:
    """Descend through lists, wrappers and texts that hold JSON; no deeper than `depth`."""
    if isinstance(value, dict) and known & value.keys():
        found.append(value)
    elif depth and isinstance(value, dict):
        for name in WRAPPERS:
            _gather(value.get(name), known, depth - 1, found)
    elif depth and isinstance(value, list):
        for each in value[:50]:
            _gather(each, known, depth - 1, found)
    elif depth and isinstance(value, str) and "{" in value:
        _gather(_loaded(value), known, depth - 1, found)
