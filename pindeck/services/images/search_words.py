"""One normaliser for what is searched and what is searched for: text to words, and words to what an index keeps.

A word between spaces is found by itself or its beginning. Scripts without spaces have no such words, so an index keeps
a piece at each of their letters: whatever is looked for begins one, or is covered by several.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from pindeck.text import is_blank, is_unspaced

MAX_TOKEN = 64
PIECE = 3  # letters: two would find much that only shares syllables, four would make a larger index of it
_PLAIN_WORD = re.compile("[0-9a-z]+")
# Pictures among the signs. Those of old typography, such as © or an arrow, separate words as they always did.
_EMOJI = re.compile("[\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff\u303d\U0001f000-\U0001faff]")
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff]")
_FLAG_LETTER = re.compile("[\U0001f1e6-\U0001f1ff]")
# Letters that no decomposition leads to the ones they are typed as.
_ALIKE = {"ı": "i", "ȷ": "j", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ŋ": "ng", "ĸ": "k"}
_SCRIPTS = ("LATIN ", "GREEK ", "CYRILLIC ")


def tokens(text: str) -> list[str]:
    """The words of a text in order: NFKD, without marks and invisible characters, casefolded, strokes taken off.

    Whatever is neither letter nor digit separates; an emoji is a word of its own, and so is each run of letters of a
    script without spaces, whose marks stay because they are its vowels.
    """
    if text.isascii():
        return [word[:MAX_TOKEN] for word in _PLAIN_WORD.findall(text.lower())]
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    words: list[str] = []
    last = ""  # the kind of the word that goes on
    for char in folded:
        kind, plain = _read(char)
        if kind == "mark":  # changes nothing, unless it is a vowel of the word that it stands in
            if last == "run" and plain:
                words[-1] += plain
            continue
        if kind == last and kind in ("word", "run", "half flag"):
            words[-1] += plain
            kind = "flag" if kind == "half flag" else kind
        elif kind:
            words.append(plain)
        last = kind
    return [_finished(word) for word in words]


def _finished(word: str) -> str:
    """Kana have their dots again, so that a letter is one; the words of others have an end."""
    return unicodedata.normalize("NFC", word) if is_unspaced(word[0]) else word[:MAX_TOKEN]


@lru_cache(maxsize=50_000)
def _read(char: str) -> tuple[str, str]:
    """What a sign is (`word`, `run`, `emoji`, `half flag`, `mark`, or nothing, which separates) and what is kept of it."""
    category = unicodedata.category(char)
    if category[0] == "M" or category == "Cf" or _SKIN.match(char) or (is_blank(char) and not char.isspace()):
        return "mark", char if category[0] == "M" and is_unspaced(char) else ""
    if char.isalnum():
        return ("run", char) if is_unspaced(char) else ("word", _without_stroke(char))
    if _FLAG_LETTER.match(char):
        return "half flag", char
    if category in ("So", "Cn") and _EMOJI.match(char):
        return "emoji", char
    return "", ""


def _without_stroke(char: str) -> str:
    """`ø` is LATIN SMALL LETTER O WITH STROKE: the letter that its name begins with."""
    name = unicodedata.name(char, "")
    stem, with_something, _ = name.partition(" WITH ")
    if with_something and name.startswith(_SCRIPTS):
        try:
            char = unicodedata.lookup(stem)
        except KeyError:
            return char
    return _ALIKE.get(char, char)


def indexed(parts: Iterable[str | None]) -> list[str]:
    """What an index keeps of some texts: each word, or the pieces of a run, once."""
    return list(dict.fromkeys(kept for part in parts if part for word in tokens(part) for kept in _kept_of(word)))


def _kept_of(word: str) -> list[str]:
    if not is_unspaced(word[0]):
        return [word]
    return [word[start : start + PIECE] for start in range(len(word))]


def wanted(words: list[str], *, is_start: bool = True) -> list[tuple[str, bool]]:
    """What an index is asked for, all of which it must have: each with whether it is a beginning.

    That is a short piece of a run, and the last word of all, while it may still be typed (`is_start`).
    """
    asked: list[tuple[str, bool]] = []
    for n, word in enumerate(words):
        if not is_unspaced(word[0]):
            asked.append((word, is_start and n == len(words) - 1 and len(word) > 1 and word[0].isalnum()))
        elif len(word) < PIECE:
            asked.append((word, True))
        else:
            asked += [(word[start : start + PIECE], False) for start in range(len(word) - PIECE + 1)]
    return asked


def share(asked: list[str], word: str) -> float:
    """How much of a title's word was asked for: all of it, a part of a run, or as good as half for its beginning."""
    if word in asked:
        return 1.0
    if is_unspaced(word[0]):
        return max((len(part) / len(word) for part in asked if part in word), default=0.0)
    return 0.5 if word.startswith(asked[-1]) else 0.0
