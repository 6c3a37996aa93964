"""A ZIP that is written while it is read: the same bytes each time, in little memory, however large it gets."""

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

WHEN = (1980, 1, 1, 0, 0, 0)  # the first day that a ZIP can tell


@dataclass(frozen=True)
class Packed:
    """What a ZIP holds under a name: its bytes in pieces, and how many they are. Words are packed, pictures are already."""

    name: str
    pieces: Iterable[bytes]
    size: int
    is_words: bool = False

    @classmethod
    def of(cls, name: str, data: bytes, *, is_words: bool = False) -> "Packed":
        return cls(name, [data], len(data), is_words)


def about(name: str, *, is_words: bool) -> zipfile.ZipInfo:
    """What a ZIP says of a file, without the time at which it was written."""
    told = zipfile.ZipInfo(name, WHEN)
    told.external_attr = 0o644 << 16
    told.compress_type = zipfile.ZIP_DEFLATED if is_words else zipfile.ZIP_STORED
    return told


def zipped(files: Iterable[Packed]) -> Iterator[bytes]:
    """The ZIP in pieces; each file is read when its turn comes."""
    out = _Out()
    with zipfile.ZipFile(out, "w") as whole:  # type: ignore[call-overload]
        for file in files:
            told = about(file.name, is_words=file.is_words)
            told.file_size = file.size  # so that a large one is written as such
            with whole.open(told, "w") as entry:
                for piece in file.pieces:
                    entry.write(piece)
                    yield from out.taken()
            yield from out.taken()
    yield from out.taken()


class _Out:
    """What `zipfile` writes to: it cannot be wound back, so that lengths and checksums follow the bytes."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._held.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def taken(self) -> list[bytes]:
        held, self._held = self._held, []
        return held
