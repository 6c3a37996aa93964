"""A PDF of all parts, and what is to be said of it."""

from typing import Protocol

from pindeck.exports.sources import Content, Part
from pindeck.paper.sheets import Sheets


class Filling(Protocol):
    """Draws the parts one after another; `unread` are the titles of pictures that could not be read."""

    unread: list[str]

    def part(self, part: Part) -> None: ...


def filled(sheets: Sheets, filling: Filling, content: Content) -> tuple[bytes, list[str], bool]:
    """The PDF, its notes as sentences, and whether a picture could not be read."""
    for part in content.parts:
        filling.part(part)
    sheets.number_pages(content.title)
    notes = [f"“{title}” could not be read and is not in this file." for title in filling.unread]
    if sheets.missing:
        notes.append(f"There is no letter form for {' '.join(sorted(sheets.missing)[:20])}; a mark stands in its place.")
    return sheets.finished(), notes, bool(filling.unread)
