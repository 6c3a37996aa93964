"""What the words of pictures mean to a model, in memory: a byte for each number, and how near all are to one is the cosine."""

from collections.abc import Sequence

import numpy as np

from pindeck.finding.features import Array

BLOCK = 128  # pictures: a block is made when the first of them has a meaning, and stays in the cache while it is read


class Meanings:
    """By place, as the shelf counts them. All have as many numbers as the one that came last: a model that gives another number is
    another one, and what was there before says nothing to it."""

    def __init__(self) -> None:
        self._numbers = 0
        self._blocks: list[Array | None] = []
        self._lengths = np.zeros(0, np.float32)  # 0 where it is not known

    def put(self, places: Sequence[int], meanings: Sequence[bytes]) -> None:
        for place, meaning in zip(places, meanings, strict=True):
            block, row = divmod(int(place), BLOCK)
            if meaning and len(meaning) != self._numbers:
                self._numbers, self._blocks, self._lengths = len(meaning), [], np.zeros(0, np.float32)
            self._blocks += [None] * (block + 1 - len(self._blocks))
            if place >= len(self._lengths):
                self._lengths = np.append(self._lengths, np.zeros(2 * place + BLOCK - len(self._lengths), np.float32))
            if not meaning:
                self._lengths[place] = 0
                continue
            kept = self._blocks[block]
            if kept is None:
                kept = self._blocks[block] = np.zeros((BLOCK, self._numbers), np.int8)
            kept[row] = np.frombuffer(meaning, np.int8)
            self._lengths[place] = np.sqrt((kept[row].astype(np.float32) ** 2).sum())

    def move(self, source: int, target: int) -> None:
        block, row = divmod(source, BLOCK)
        kept = self._blocks[block] if block < len(self._blocks) else None
        known = kept is not None and self._lengths[source] > 0
        self.put([target], [kept[row].tobytes() if kept is not None and known else b""])
        self.put([source], [b""])

    def near(self, meaning: bytes, count: int) -> Array | None:
        """The cosine of each of the first `count` places with one, NaN where it is not known; None where it has another number of numbers."""
        if len(meaning) != self._numbers:
            return None
        target = np.frombuffer(meaning, np.int8).astype(np.float32)
        target /= np.sqrt((target**2).sum())
        found, known = np.full(count, np.nan, np.float32), self._lengths[:count] > 0
        for n, block in enumerate(self._blocks[: -(-count // BLOCK)]):
            if block is not None:
                rest = found[n * BLOCK : (n + 1) * BLOCK]
                np.dot(block[: len(rest)].astype(np.float32), target, out=rest)
        found[: len(known)] /= np.where(known, self._lengths[:count], np.nan)
        found[len(known) :] = np.nan
        return found
