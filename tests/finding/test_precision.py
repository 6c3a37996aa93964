"""The right pictures come first, among near misses that the project draws."""

import pytest

from bench import colour_precision


def test_of_the_first_ten_nine_are_right_and_small_colours_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colour_precision, "QUESTIONS", 4)
    three, one = colour_precision.measure(3), colour_precision.measure(1)
    assert three["ours"] >= 0.9 and one["ours"] >= 0.9 and three["ours"] > max(three["rgb"], three["redmean"])
    assert colour_precision.accents() >= 0.9
