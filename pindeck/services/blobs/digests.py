"""What a caller announces of a file: its SHA-256 in any of five spellings, and its type.

Sources: RFC 3230 (`Digest`), RFC 9530 (`Repr-Digest`, `Content-Digest`).
"""

import base64
import binascii
import re
from typing import Protocol

from pindeck.errors import Invalid, invalid

HEADERS = ("Digest", "Repr-Digest", "Content-Digest", "X-Content-SHA256")

LONGEST_TYPE = 255
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_VALUE = rf"(?:{_TOKEN}|\"(?:[\t !#-\[\]-~]|\\[\t -~])*\")"
# Each blank can be taken in one way only, so that a hostile value is refused in linear time.
_MEDIA_TYPE = re.compile(rf"{_TOKEN}/{_TOKEN}[ \t]*(?:;[ \t]*(?:{_TOKEN}={_VALUE}[ \t]*)?)*")


class Headers(Protocol):
    """Headers by name, whatever keeps them."""

    def get(self, name: str, /) -> str | None: ...


def announced(headers: Headers, sha256: str | None = None) -> str | None:
    """The SHA-256 as lower-case hex that headers and the parameter `sha256` agree on; None if nothing is said.

    Raises Invalid `BAD_HEADER` naming what is malformed, and when two of them disagree.
    """
    found: dict[str, str] = {}
    for name in HEADERS:
        value = headers.get(name)
        if value is not None:
            found.update((digest, name) for digest in _of_header(name, value))
    if sha256 is not None:
        found[from_text(sha256)] = "sha256"
    if len(found) > 1:
        raise bad(next(iter(found.values())), "Two different digests were given.")
    return next(iter(found), None)


def _of_header(name: str, value: str) -> list[str]:
    if name == "X-Content-SHA256":
        return [_from_hex(name, part.strip()) for part in value.split(",")]
    return _from_list(value) if name == "Digest" else _from_dictionary(name, value)


def _from_list(value: str) -> list[str]:
    """`sha-256=<base64>`; another algorithm is refused, because it would not be checked."""
    digests = []
    for part in value.split(","):
        algorithm, _, encoded = part.strip().partition("=")
        if algorithm.lower() != "sha-256":
            raise bad("Digest", "Only sha-256 is checked here: send sha-256=<base64>.")
        digests.append(_from_base64("Digest", encoded))
    return digests


def _from_dictionary(name: str, value: str) -> list[str]:
    """`sha-256=:<base64>:`, a dictionary of RFC 8941. Algorithms beside it are passed over, as RFC 9530 says."""
    digests = []
    for part in value.split(","):
        algorithm, _, encoded = part.strip().partition("=")
        if not re.fullmatch(r":[A-Za-z0-9+/]*={0,2}:", encoded):
            raise bad(name, "Send sha-256=:<base64>:.")
        if algorithm == "sha-256":
            digests.append(_from_base64(name, encoded[1:-1]))
    if not digests:
        raise bad(name, "Only sha-256 is checked here: send sha-256=:<base64>:.")
    return digests


def from_text(text: str) -> str:
    """The parameter `sha256`: 64 hex digits in any case, or base64 of 32 bytes. A `+` may have become a space."""
    if re.fullmatch(r"[0-9A-Fa-f]{64}", text):
        return text.lower()
    return _from_base64("sha256", text.replace(" ", "+"), "Give 64 hex digits, or base64 of 32 bytes.")


def _from_hex(name: str, text: str) -> str:
    if not re.fullmatch(r"[0-9A-Fa-f]{64}", text):
        raise bad(name, "Send 64 hex digits.")
    return text.lower()


def _from_base64(name: str, text: str, wanted: str = "Send base64 of the 32 bytes of a SHA-256.") -> str:
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise bad(name, wanted) from error
    if len(raw) != 32 or base64.b64encode(raw).decode() != text:
        raise bad(name, wanted)
    return raw.hex()


def to_base64(sha256_hex: str) -> str:
    """As HTTP headers spell it."""
    return base64.b64encode(bytes.fromhex(sha256_hex)).decode()


def media_type(value: str | None) -> str | None:
    """A `Content-Type` word for word; None if nothing was declared. Raises Invalid `BAD_HEADER`."""
    if not value:
        return None
    if len(value) > LONGEST_TYPE or not value.isascii() or not _MEDIA_TYPE.fullmatch(value):
        raise bad("Content-Type", f"This is not a media type of at most {LONGEST_TYPE} plain characters.")
    return value


def essence(value: str | None) -> str:
    """`text/plain; charset=utf-8` → `text/plain`: what counts when types are compared."""
    return (value or "").partition(";")[0].strip().lower()


def bad(name: str, sentence: str) -> Invalid:
    return invalid(name, sentence, named=True, code="BAD_HEADER", status=400)
