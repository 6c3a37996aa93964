"""Which part of a file is asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from pindeck.http import ranges


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("", None),
        ("bytes=0-99", (0, 100)),
        ("bytes=0-0", (0, 1)),
        ("bytes=990-", (990, 1000)),
        ("bytes=990-5000", (990, 1000)),
        ("bytes=-10", (990, 1000)),
        ("bytes=-5000", (0, 1000)),
        (" BYTES = 1 - 2 ", (1, 3)),
        ("bytes=0-1,5-6", None),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes", None),
        ("bytes=1", None),
        ("bytes=+1-2", None),
        ("bytes=٣-4", None),
        ("items=0-1", None),
    ],
)
def test_one_range_is_a_part_and_everything_else_the_whole(header: str | None, part: tuple[int, int] | None) -> None:
    assert ranges.wanted(header, 1000) == part


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=" + "9" * 40 + "-"])
def test_a_range_that_holds_nothing_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(RequestedRangeNotSatisfiable) as caught:
        ranges.wanted(header, 1000)
    assert caught.value.length == 1000


@given(st.text(max_size=60) | st.from_regex(r"bytes=\d{0,50}-\d{0,50}", fullmatch=True), st.integers(0, 2**40))
def test_whatever_is_asked_lies_in_the_file(header: str, size: int) -> None:
    try:
        part = ranges.wanted(header, size)
    except RequestedRangeNotSatisfiable:
        return
    if part:
        assert 0 <= part[0] < part[1] <= size


@pytest.mark.parametrize(
    ("header", "current"),
    [(None, True), ('"ab"', True), (' "ab" ', True), ("ab", False), ('W/"ab"', False), ("", False)],
)
def test_a_range_is_for_exactly_one_version(header: str | None, current: bool) -> None:
    assert ranges.is_current(header, "ab") is current
