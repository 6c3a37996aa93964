"""What a server says of the version of a file, and how it is asked for another one."""

import re
from dataclasses import dataclass

LONGEST = 500
_SENDABLE = re.compile(r"[\x20-\x7e\x80-\xff]+")


@dataclass(frozen=True)
class Version:
    """The headers `ETag` and `Last-Modified` of an answer, word for word; None where there was none."""

    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def told(cls, etag: bytes | None, last_modified: bytes | None) -> "Version":
        """What an answer said. Leaves out what is too long to keep or cannot be sent back."""
        return cls(_kept(etag), _kept(last_modified))

    def conditions(self) -> list[tuple[str, str]]:
        """The headers that ask for the file only if it is another version."""
        wanted = (("If-None-Match", self.etag), ("If-Modified-Since", self.last_modified))
        return [(name, value) for name, value in wanted if value]


NO_VERSION = Version()


def _kept(header: bytes | None) -> str | None:
    text = (header or b"").decode("latin-1").strip()
    return text if len(text) <= LONGEST and _SENDABLE.fullmatch(text) else None
