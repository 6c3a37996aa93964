"""The one door for text from outside: no NUL, no lone surrogate, no control character, no more than fits."""

import unicodedata

from pindeck.errors import invalid


def clean_text(value: object, *, field: str, max_length: int, required: bool = False, multiline: bool = False) -> str:
    """The text without outer space, in NFC, with plain line ends.

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
    if len(text) > max_length:
        raise invalid(field, f"This has {len(text)} characters; at most {max_length} are allowed.")
    if required and not text:
        raise invalid(field, "This cannot be empty.")
    return text


def can_be_id(value: str) -> bool:
    """Whether a text from outside can name anything of ours: all names are plain ASCII, and databases refuse some others."""
    return value.isascii() and value.isprintable()
