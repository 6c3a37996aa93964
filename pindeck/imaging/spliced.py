"""A file that is read without some of its parts, and with an end that it lacks. Nothing is copied."""

import io
from collections.abc import Sequence
from typing import BinaryIO

Range = tuple[int, int]


class Spliced(io.RawIOBase):
    """The ranges of `file` (first byte, and the one behind the last) one after the other, and then `tail`.

    `is_short` tells whether anybody wanted the tail: no read goes across its beginning.
    """

    def __init__(self, file: BinaryIO, kept: Sequence[Range], tail: bytes = b"") -> None:
        self._file = file
        self._starts: list[tuple[int, int, int]] = []  # position here, position in the file, length
        self._length = 0
        for first, behind in kept:
            if behind > first:
                self._starts.append((self._length, first, behind - first))
                self._length += behind - first
        self._tail = tail
        self._at = 0
        self.is_short = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        from_where = (0, self._at, self._length + len(self._tail))[whence]
        if from_where + offset < 0:
            raise ValueError("negative seek position")
        self._at = from_where + offset
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Up to `size` bytes; fewer at the end of what the file has."""
        if size is None or size < 0:
            return self.readall()
        parts, wanted = [], size
        while wanted and self._at < self._length:
            here, there, length = self._range_of(self._at)
            self._file.seek(there + self._at - here)
            data = self._file.read(min(wanted, here + length - self._at))
            if not data:
                break
            parts.append(data)
            wanted -= len(data)
            self._at += len(data)
        if not parts and wanted and self._at >= self._length:
            data = self._tail[self._at - self._length :][:wanted]
            self.is_short = self.is_short or bool(data)
            self._at += len(data)
            return data
        return b"".join(parts)

    def readall(self) -> bytes:
        parts = []
        while data := self.read(1024 * 1024):
            parts.append(data)
        return b"".join(parts)

    def _range_of(self, position: int) -> tuple[int, int, int]:
        low, high = 0, len(self._starts) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._starts[middle][0] <= position:
                low = middle
            else:
                high = middle - 1
        return self._starts[low]
