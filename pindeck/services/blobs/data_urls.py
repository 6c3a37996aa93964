"""Data URLs: a picture inside a text."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pindeck.errors import Invalid, invalid

# Parameters before `;base64` are accepted; the type is a claim and not believed.
_HEAD = re.compile(r"data:([a-z0-9.+-]+/[a-z0-9.+-]+)?((?:;[a-z0-9.+_-]+=[^;,\s]*)*);base64\Z", re.IGNORECASE)
HEAD_MOST = 1000
SLICE = 2**20  # characters that are decoded at a time; four of them are three bytes


@dataclass(frozen=True)
class DataUrl:
    """`text` as it was sent, which may be as large as a picture, so nothing of it is copied but slices."""

    mime: str
    text: str
    start: int
    end: int

    def pieces(self) -> Iterator[bytes]:
        """The bytes. Raises ValueError for what is not valid base64."""
        if (self.end - self.start) % 4 or self.text.endswith("===", self.start, self.end):
            raise ValueError("padding")  # which the decoder would let pass in places
        for start in range(self.start, self.end, SLICE):
            piece = self.text[start : min(start + SLICE, self.end)]
            if "=" in piece and start + SLICE < self.end:
                raise ValueError("padding before the end")
            yield base64.b64decode(piece, validate=True)


def parse(text: str) -> DataUrl:
    """Raises Invalid `INVALID_DATA_URL` for what is no base64 data URL, down to the last character of its payload."""
    begin = len(text) - len(text.lstrip()) if text[:1].isspace() else 0
    end = len(text.rstrip()) if text[-1:].isspace() else len(text)
    comma = text.find(",", begin, begin + HEAD_MOST + 1)
    found = _HEAD.match(text[begin:comma]) if comma >= 0 else None
    if found is None:
        raise _wrong("This is not a base64 data URL, such as data:image/png;base64,iVBOR….")
    url = DataUrl((found.group(1) or "text/plain").lower(), text, comma + 1, max(comma + 1, end))
    try:
        for _ in url.pieces():  # all of it is right before any of it is kept
            pass
    except ValueError as error:
        raise _wrong("The text after the comma is not valid base64.") from error
    return url


def _wrong(sentence: str) -> Invalid:
    return invalid("dataUrl", sentence, code="INVALID_DATA_URL")
