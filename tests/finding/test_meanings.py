"""What words mean, in memory: with the dial of meaning alone the order is that of the cosines, whatever came, changed and went."""

import math
import random

import pytest

from pindeck.finding import meanings
from pindeck.finding.features import Row
from pindeck.finding.shelf import Shelf


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True)) / math.hypot(*one) / math.hypot(*other)


def packed(numbers: list[float]) -> bytes:
    most = max(map(abs, numbers))
    return bytes(round(number / most * 127) & 255 for number in numbers)


def row(seq: int, meant: list[float] | None) -> Row:
    return Row(seq, bytes(40), random.Random(seq).randbytes(256), packed(meant) if meant else b"")


@pytest.mark.parametrize("seed", range(6))
def test_the_order_is_that_of_the_cosines(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(meanings, "BLOCK", 8)
    chance, shelf = random.Random(seed), Shelf()
    width, meant = chance.choice([3, 64, 300]), dict[int, list[float] | None]()
    for _ in range(12):
        for seq in chance.sample(range(1, 90), 15):
            meant[seq] = [chance.gauss(0, 1) for _ in range(width)] if chance.random() < 0.7 else None
            shelf.put([row(seq, meant[seq])])
        gone = chance.sample(sorted(meant), 7)
        shelf.drop(gone)
        for seq in gone:
            del meant[seq]
    wanted = [chance.gauss(0, 1) for _ in range(width)]
    found = shelf.like(row(0, wanted), [0, 0, 0], most=99, meaning=3)
    assert sorted(one.seq for one in found) == sorted(meant)
    known = [one for one in found if meant[one.seq]]
    assert found[: len(known)] == known and {(one.score, one.weight) for one in found[len(known) :]} <= {(-1, 0)}
    exact = [cosine(wanted, meant[one.seq] or []) for one in known]
    assert max(abs(one.score - true) for one, true in zip(known, exact, strict=True)) < 0.02
    assert all(true > later - 0.02 for at, true in enumerate(exact) for later in exact[at + 1 :]) and all(one.weight == 3 for one in known)
    both, looks = (shelf.like(row(0, wanted), [1, 2, 1], most=99, meaning=dial) for dial in (2, 0))
    of = {one.seq: one for one in looks}
    for one in both:
        near = cosine(wanted, meant[one.seq] or wanted)
        assert one.weight == (6 if meant[one.seq] else 4)
        assert one.score == pytest.approx((4 * of[one.seq].score + 2 * near) / 6 if meant[one.seq] else of[one.seq].score, abs=0.01)


def test_a_model_that_gives_another_number_of_numbers_is_another_one() -> None:
    shelf = Shelf()
    shelf.put([row(1, [1, 0]), row(2, [0, 1])])
    shelf.put([row(3, [1, 0, 0])])
    assert [one.seq for one in shelf.like(row(0, [1, 0, 0]), [0, 0, 0], most=9, meaning=1) if one.weight] == [3]
    assert {one.weight for one in shelf.like(row(0, [1, 0]), [1, 0, 0], most=9, meaning=1)} == {1}
