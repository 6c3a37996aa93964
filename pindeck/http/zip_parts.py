"""A ZIP in pieces, in which nothing is packed: its length is known before a byte of its files is read.

A file whose checksum is known is not read here at all: it is handed on whole, and the system sends it.
"""

import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

FIRST = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP can tell
_CHECKSUM_FOLLOWS = 0x08  # in the flags of a file
_MARK = 0x08074B50  # of the checksum that follows


class Whole(NamedTuple):
    """The bytes of a file of so many."""

    path: Path
    size: int


@dataclass(frozen=True)
class Part:
    """A file of the ZIP. `path` finds it on the disk, if the store has it there."""

    name: str
    size: int
    crc32: int | None
    read: Callable[[], Iterable[bytes]]
    path: Callable[[], Path | None] = lambda: None

    @classmethod
    def of(cls, name: str, data: bytes) -> "Part":
        return cls(name, len(data), zlib.crc32(data), lambda: [data])


class Zip:
    """Its parts in order; the checksums that are not known are those of `reckoned` when all was read, by the names of the parts."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self.reckoned: dict[str, int] = {}
        now, at = max(time.localtime()[:6], FIRST), 0  # a clock that was never set says 1970
        self._files: list[tuple[Part, zipfile.ZipInfo]] = []
        for part in parts:
            info = zipfile.ZipInfo(part.name, now)
            info.external_attr = 0o644 << 16
            info.file_size = info.compress_size = part.size
            info.CRC, info.header_offset = part.crc32 or 0, at
            info.flag_bits |= _CHECKSUM_FOLLOWS if part.crc32 is None else 0
            self._files.append((part, info))
            at += len(_head(info)) + part.size + len(_tail(info))
        self._end = at
        self._ending = self._directory()  # with no checksums yet where they follow

    def __len__(self) -> int:
        return self._end + len(self._ending)

    def pieces(self, *, sends_files: bool) -> Iterator[bytes | Whole]:
        """Files come whole where `sends_files` and their checksums are known. Raises what reading raises, and ValueError for a file
        that has another length than was told."""
        for part, info in self._files:
            yield _head(info)
            path = part.path() if sends_files and part.crc32 is not None and part.size else None
            if path is not None:
                yield Whole(path, part.size)
                continue
            left = part.size
            for piece in part.read():
                left -= len(piece)
                if part.crc32 is None:
                    info.CRC = zlib.crc32(piece, info.CRC)
                yield piece
            if left:
                raise ValueError(f"“{part.name}” has another length than was told.")
            if part.crc32 is None:
                self.reckoned[part.name] = info.CRC
                yield _tail(info)
        yield self._directory() if self.reckoned else self._ending

    def _directory(self) -> bytes:
        out = _Out(self._end)
        with zipfile.ZipFile(out, "w") as whole:  # type: ignore[call-overload]
            whole.start_dir = self._end
            whole.filelist = [info for _, info in self._files]
        return b"".join(out.held)


def _is_large(info: zipfile.ZipInfo) -> bool:
    return info.file_size > zipfile.ZIP64_LIMIT


def _head(info: zipfile.ZipInfo) -> bytes:
    return info.FileHeader(zip64=_is_large(info))


def _tail(info: zipfile.ZipInfo) -> bytes:
    """What follows a file whose checksum was not known before it."""
    if not info.flag_bits & _CHECKSUM_FOLLOWS:
        return b""
    return struct.pack("<LLQQ" if _is_large(info) else "<LLLL", _MARK, info.CRC, info.compress_size, info.file_size)


class _Out:
    """What `zipfile` writes the directory to, as if all files lay before it."""

    def __init__(self, at: int) -> None:
        self.held: list[bytes] = []
        self._at = at

    def write(self, data: bytes) -> int:
        self.held.append(data)
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Nothing waits here."""
