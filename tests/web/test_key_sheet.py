"""The sheet of keys has each key that a script listens to, on the pages that know it."""

import re
from pathlib import Path

import pytest

from pindeck.web.key_sheet import keys_on

SCRIPTS = Path(__file__).parents[2] / "static/js"
SHOWN = {" ": "Space", "Escape": "Esc", "ArrowLeft": "←", "ArrowRight": "→", "ArrowUp": "↑", "ArrowDown": "↓", "=": "+"}
WALLS = ("gallery", "places", "review", "boards", "colours")
HANDLERS = {
    "keys.js": ("gallery", "review"), "lightbox.js": WALLS, "choose.js": ("gallery",), "picking.js": ("gallery", "review"),
    "cells.js": ("gallery",), "sheet.js": ("review",), "boards.js": ("boards",), "quiet.js": ("gallery", "places", "colours", "boards"),
    "rail.js": ("images",),
}  # fmt: skip


def listens_to(script: str) -> set[str]:
    """What its handlers compare a key with, and the keys that they have in a row, as the sheet writes them."""
    text = (SCRIPTS / script).read_text()
    alone = re.findall(r'key(?:\.toLowerCase\(\))? [=!]== "([^"]+)"', text)
    rows = re.findall(r'(?:ACTS|KEYS) = "([^"]+)"|"([^"]+)"\.includes\((?:event\.)?key\)', text)
    found = {*alone, *(each for row in rows for each in "".join(row))}
    return {SHOWN.get(each, each.upper() if len(each) == 1 else each) for each in found}


@pytest.mark.parametrize("script", HANDLERS)
def test_a_key_that_a_script_listens_to_is_on_the_sheet(script: str) -> None:
    heard = listens_to(script)
    assert heard
    for page in HANDLERS[script]:
        shown = {re.sub(r"^(⌘|⇧|Alt)+(?=.)", "", each) for key in keys_on(page) for each in key.keys.split()}
        assert heard <= shown, (page, heard - shown)


def test_more_like_this_has_the_keys_of_its_tiles() -> None:
    shown = {each for key in keys_on("colours") for each in key.keys.split()}
    assert {"←", "→", "Enter", "Space", "L", "B", "F", "+", "0"} <= shown and "E" not in shown
