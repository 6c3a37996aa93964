"""The one door for text from outside: no NUL, no lone surrogate, no control character, no more than fits."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

from pindeck.errors import invalid

# What Unicode calls "default ignorable": soft hyphens, zero-width spaces and joiners, marks of direction, fillers,
# variation selectors, tags.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_UNSEEN = re.compile(f"[{_INVISIBLE}]+")
_BLANK = re.compile(rf"[\s\u2800{_INVISIBLE}]*")  # and Braille's empty cell
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")  # of England and others: a flag and its letters
_JOINERS = "\u200c\u200d"
# Where a joiner can be seen: it shapes letters (of scripts that join them) and makes one sign of several.
_JOINED = ("So", "Sk", "Lo", "Mn", "Mc")


def clean_text(value: object, *, field: str, max_length: int, required: bool = False, multiline: bool = False) -> str:
    """The text without outer space, in NFC, with plain line ends; empty where nothing of it can be seen.

    Raises Invalid naming the field when it is not text, holds characters nobody can type, is longer than
    `max_length` characters, or is empty though required.
    """
    if not isinstance(value, str):
        raise invalid(field, "This must be text.")
    if "\x00" in value or any(0xD800 <= ord(c) <= 0xDFFF for c in value):
        raise invalid(field, "This contains characters that cannot be stored. Type it again.")
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    if not multiline:
        text = " ".join(text.split("\n"))
    kept = "".join(c for c in text if c == "\n" or c == "\t" or unicodedata.category(c) != "Cc")
    text = unicodedata.normalize("NFC", kept).strip()
    if is_blank(text):
        text = ""
    if len(text) > max_length:
        raise invalid(field, f"This has {len(text)} characters; at most {max_length} are allowed.")
    if required and not text:
        raise invalid(field, "This cannot be empty.")
    return text


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen."""
    return _BLANK.fullmatch(text) is not None


def name_of_file(filename: str) -> str:
    """`blade_runner-alley.jpg` → `blade runner-alley`: in NFC, without the ending, `_` as a space, all else as it is.

    At most 200 letters; empty where nothing that can be seen is left.
    """
    name = unicodedata.normalize("NFC", filename)  # some systems keep names decomposed
    stem = re.sub(r"(?<=.)\.[A-Za-z0-9]{1,5}$", "", name)
    text = stem.replace("_", " ").strip()[:200].strip()
    return "" if is_blank(text) else text


def without_invisible(text: str) -> str:
    """The text without characters that nobody sees, so that two texts that look the same are the same.

    What shapes its neighbours stays: joiners within a word of a joining script or within an emoji, letters of a flag.
    """
    if text.isascii():
        return text
    kept, start = [], 0
    for flag in _FLAG.finditer(text):
        kept += [_without_invisible(text[start : flag.start()]), flag[0]]
        start = flag.end()
    return "".join(kept) + _without_invisible(text[start:])


def _without_invisible(text: str) -> str:
    def joined(found: re.Match[str]) -> str:
        joiners = "".join(dict.fromkeys(c for c in found[0] if c in _JOINERS))
        before, after = text[: found.start()][-1:], text[found.end() :][:1]
        return joiners if joiners and _joins(before) and _joins(after) else ""

    return _UNSEEN.sub(joined, text)


def _joins(char: str) -> bool:
    return bool(char) and unicodedata.category(char) in _JOINED and not is_unspaced(char)


def is_unspaced(char: str) -> bool:
    """Whether a letter or mark is of a script that puts no spaces between words."""
    return _UNSPACED.match(char) is not None


_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f"  # Thai to Balinese
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"  # kana, Han
    "\ua000-\ua4cf\ua980-\ua9ff\uaa60-\uaadf\uf900-\ufaff\U0001aff0-\U0001b16f\U00020000-\U0003ffff]"
)


def can_be_id(value: str) -> bool:
    """Whether a text from outside can name anything of ours: all names are plain ASCII, and databases refuse some others."""
    return value.isascii() and value.isprintable()


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table_of(rows: Iterable[Sequence[str]]) -> bytes:
    """CSV in UTF-8 with the mark by which tables know it. No cell is taken for a formula."""
    out = io.StringIO()
    table = csv.writer(out)
    for row in rows:
        table.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")
