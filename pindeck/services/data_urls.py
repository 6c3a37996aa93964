"""Data URLs: a picture inside a text (extension-images-api §4.4)."""

import base64
import re
from dataclasses import dataclass

from pindeck.errors import Invalid

# Parameters before `;base64` are accepted; the type is a claim and not believed.
_HEAD = re.compile(r"data:([a-z0-9.+-]+/[a-z0-9.+-]+)?((?:;[a-z0-9.+_-]+=[^;,\s]*)*);base64\Z", re.IGNORECASE)


@dataclass(frozen=True)
class DataUrl:
    mime: str
    data: bytes


def parse(text: str) -> DataUrl:
    """Raises Invalid `INVALID_DATA_URL` for what is no base64 data URL, down to the last character of its payload."""
    head, comma, payload = text.strip().partition(",")
    found = _HEAD.match(head) if comma and len(head) <= 1000 else None
    if found is None:
        raise _wrong("This is not a base64 data URL, such as data:image/png;base64,iVBOR….")
    try:
        if len(payload) % 4 or payload.endswith("==="):  # which the decoder would let pass in places
            raise ValueError("padding")
        return DataUrl((found.group(1) or "text/plain").lower(), base64.b64decode(payload, validate=True))
    except ValueError as error:
        raise _wrong("What follows the comma is not valid base64.") from error


def _wrong(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"dataUrl": sentence}, code="INVALID_DATA_URL")
