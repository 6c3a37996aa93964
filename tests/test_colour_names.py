"""A swatch says what it is."""

import pytest

from pindeck.vision.offline import colour_name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("#000000", "black"), ("#ffffff", "white"), ("#808080", "grey"), ("#303030", "dark grey"), ("#ff0000", "red"),
        ("#0000ff", "blue"), ("#004400", "dark green"), ("#ffd0d0", "light red"), ("#ff8800", "orange"),
    ],
)  # fmt: skip
def test_a_colour_has_a_plain_name(code, name):
    assert colour_name(code) == name
