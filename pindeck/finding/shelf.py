"""All pictures by their looks, in memory: rows come and go, and the nearest are found by reading all of them once.

For each asked colour a table says how far every cell of OKLab is from it, so a picture costs a look-up for each of its colours;
the best are measured exactly. `docs/decisions/0021-index-process.md` has the figures.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pindeck.finding import features
from pindeck.finding.features import COLOURS, NO_CELL, PART, WIDTH, Array, Features, Row
from pindeck.finding.meanings import Meanings

CHUNK = 65_536
_STEP = 0.8 / 255  # of the tables: no two colours that a screen shows are farther apart than 0.8 × 1.4
_SHARE = 1.5  # how much a share that is wrong by 1 counts beside a colour at the edge of its tolerance
_MORE = 0.2  # without shares: how much it counts that a colour fills all


class WantedRgb(NamedTuple):
    """A colour of channels 0–255; `share` of the area if that matters; `tolerance` as a distance in OKLab."""

    rgb: tuple[int, int, int]
    share: float | None
    tolerance: float


class Liked(NamedTuple):
    """A picture, how much it is like another one, from about -1 to 1, and how much the dials weigh together by which that was judged."""

    seq: int
    score: float
    weight: float


class Shelf:
    def __init__(self) -> None:
        self._place: dict[int, int] = {}
        self._count = 0
        self._all: Features
        self._meanings = Meanings()
        self._make(1024)

    def __len__(self) -> int:
        return len(self._place)

    def put(self, rows: Sequence[Row]) -> None:
        """Rows that are there already are replaced."""
        if not rows:
            return
        rows = list({row.seq: row for row in rows}.values())
        found = features.of(rows)
        fresh = [row.seq for row in rows if row.seq not in self._place]
        if self._count + len(fresh) > len(self._all.seqs):
            self._make(2 * (self._count + len(fresh)))
        for seq in fresh:
            self._place[seq] = self._count
            self._count += 1
        at = np.array([self._place[row.seq] for row in rows])
        kept = self._all
        kept.seqs[at], kept.rgb[at], kept.looks[at] = found.seqs, found.rgb, found.looks
        kept.parts[:, at], kept.cells[:, at] = found.parts, found.cells
        self._meanings.put(at.tolist(), [row.meaning for row in rows])

    def drop(self, seqs: Sequence[int]) -> None:
        for seq in seqs:
            at = self._place.pop(seq, None)
            if at is None:
                continue
            self._count -= 1
            last, kept = self._count, self._all
            if at != last:  # the last one takes its place
                kept.seqs[at], kept.rgb[at], kept.looks[at] = kept.seqs[last], kept.rgb[last], kept.looks[last]
                kept.parts[:, at], kept.cells[:, at] = kept.parts[:, last], kept.cells[:, last]
                self._meanings.move(last, at)
                self._place[int(kept.seqs[at])] = at

    def _make(self, room: int) -> None:
        made = Features(
            np.zeros(room, np.int32), np.zeros((room, COLOURS, 3), np.uint8), np.zeros((COLOURS, room), np.uint8),
            np.full((COLOURS, room), NO_CELL, np.uint16), np.zeros((room, WIDTH), np.int8),
        )  # fmt: skip
        if self._count:
            n, old = self._count, self._all
            made.seqs[:n], made.rgb[:n], made.looks[:n] = old.seqs[:n], old.rgb[:n], old.looks[:n]
            made.parts[:, :n], made.cells[:, :n] = old.parts[:, :n], old.cells[:, :n]
        self._all = made

    def by_colours(self, asked: Sequence[WantedRgb], without: Sequence[WantedRgb] = (), *, most: int) -> list[int]:
        """The pictures that have all of these colours and none of those, the nearest first."""
        tables = [(one, _table(one)) for one in asked]
        banned = [(one, _table(one)) for one in without]
        places, costs = [], []
        for start in range(0, self._count, CHUNK):
            end = min(self._count, start + CHUNK)
            cost, fine = np.zeros(end - start, np.float32), np.ones(end - start, bool)
            for one, table in banned:
                fine &= self._nearest(table, start, end) > round(one.tolerance / _STEP)
            for one, table in tables:
                near, mass = self._measured(one, table, start, end)
                fine &= near <= round((one.tolerance + 0.026) / _STEP)  # so far may a colour lie from the middle of its cell
                cost += near * np.float32(_STEP / one.tolerance) + _off(one, mass)
            at = np.flatnonzero(fine)
            places.append(at + start)
            costs.append(cost[at])
        return self._ranked(np.concatenate(places), np.concatenate(costs), asked, most) if places else []

    def _nearest(self, table: Array, start: int, end: int) -> Array:
        near = np.full(end - start, 255, np.uint8)
        for n in range(COLOURS):
            np.minimum(near, table[self._all.cells[n, start:end]], out=near)
        return near

    def _measured(self, one: WantedRgb, table: Array, start: int, end: int) -> tuple[Array, Array]:
        near, mass = np.full(end - start, 255, np.uint8), np.zeros(end - start, np.uint16)
        reach = round(one.tolerance / _STEP)
        for n in range(COLOURS):
            far = table[self._all.cells[n, start:end]]
            np.minimum(near, far, out=near)
            mass += self._all.parts[n, start:end] * (far <= reach)
        return near, mass.astype(np.float32) / 255

    def _ranked(self, places: Array, costs: Array, asked: Sequence[WantedRgb], most: int) -> list[int]:
        """The best, measured exactly."""
        if len(places) > most:
            chosen = np.argpartition(costs, most)[:most]
            places, costs = places[chosen], costs[chosen]
        lab, part = features.oklab(self._all.rgb[places]), self._all.parts[:, places].T / np.float32(255)
        cost, fine = np.zeros(len(places), np.float32), np.ones(len(places), bool)
        for one in asked:
            far = np.sqrt(((lab - features.oklab(np.array(one.rgb, np.uint8))) ** 2).sum(axis=-1))
            far[part == 0] = 9
            mass = (part * (far <= one.tolerance)).sum(axis=1)
            fine &= far.min(axis=1) <= one.tolerance
            cost += far.min(axis=1) / one.tolerance + _off(one, mass)
        seqs = self._all.seqs[places]
        return [int(seqs[at]) for at in np.lexsort((seqs, cost)) if fine[at]]

    def like(
        self, wanted: Row, dials: Sequence[float], *, most: int, also: Sequence[int] = (), meaning: float = 0
    ) -> list[Liked]:
        """The pictures that are most like one, and those named `also`: palette, light and edges by their dials, and by that of
        `meaning` if what the words of the one mean is known. Those of which it is not are judged by the other dials, and come last where
        these are at nothing. It may be no picture of ours."""
        scores = self._looks(features.of([wanted]).looks[0], dials)
        weights = np.full(self._count, sum(dials), np.float32)
        if meaning and wanted.meaning and (near := self._meanings.near(wanted.meaning, self._count)) is not None:
            known, total = ~np.isnan(near), sum(dials)
            scores[~known] = scores[~known] if total else -1
            scores[known] = (total * scores[known] + meaning * near[known]) / (total + meaning)
            weights[known] += meaning
        at = np.argpartition(-scores, most)[:most] if len(scores) > most else np.arange(len(scores))
        at = np.union1d(at, np.array([self._place[seq] for seq in also if seq in self._place], int))
        at = at[np.argsort(-scores[at], kind="stable")]
        return [Liked(int(self._all.seqs[n]), float(scores[n]), float(weights[n])) for n in at]

    def _looks(self, look: Array, dials: Sequence[float]) -> Array:
        target, total = look.astype(np.float32) / 127, sum(dials) or 1
        for n, dial in enumerate(dials):
            target[n * PART : (n + 1) * PART] *= dial / total
        scores = np.empty(self._count, np.float32)
        for start in range(0, self._count, CHUNK):
            end = min(self._count, start + CHUNK)
            np.dot(self._all.looks[start:end].astype(np.float32), target, out=scores[start:end])
        return scores / 127


def _table(one: WantedRgb) -> Array:
    """How far each cell is from a colour, in 255ths of 0.8; the last stands for no colour."""
    far = np.sqrt(((features.middles() - features.oklab(np.array(one.rgb, np.uint8))) ** 2).sum(axis=-1))
    return np.append(np.clip(np.rint(far / _STEP), 0, 255), 255).astype(np.uint8)


def _off(one: WantedRgb, mass: Array) -> Array:
    return _SHARE * np.abs(mass - one.share) if one.share is not None else -_MORE * np.minimum(mass, 1)
