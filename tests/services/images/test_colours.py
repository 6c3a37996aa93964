"""A swatch says what it is."""

import pytest

from pindeck.services.images.colours import name_of


@pytest.fixture
def engine() -> str:
    """A name needs no database."""
    return "sqlite"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("#000000", "black"), ("#ffffff", "white"), ("#808080", "grey"), ("#303030", "dark grey"), ("#ff0000", "red"),
        ("#0000ff", "blue"), ("#004400", "dark green"), ("#ffd0d0", "light pink"), ("#ff8800", "orange"),
        ("#786a5a", "warm grey"), ("#404549", "dark grey"), ("#a3502b", "brown"), ("#3d2218", "dark brown"), ("#b19c81", "beige"),
        ("#1f6f78", "teal"), ("#10343a", "dark teal"), ("#1d2339", "dark blue"), ("#648e78", "green"), ("#f5d020", "yellow"),
        ("#63686c", "grey"), ("#5a6a78", "cool grey"), ("#7f1b4e", "magenta"), ("#55a3be", "blue"),
    ],
)  # fmt: skip
def test_a_colour_has_a_plain_name(code: str, name: str) -> None:
    assert name_of(code) == name


def test_every_colour_has_a_name() -> None:
    for red in range(0, 256, 15):
        for green in range(0, 256, 15):
            for blue in range(0, 256, 15):
                assert name_of(f"#{red:02x}{green:02x}{blue:02x}").replace(" ", "").isalpha()
