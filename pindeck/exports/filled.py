"""A PDF of all parts, and what is to be said of it."""

from typing import Protocol

from pindeck.exports.content import Content, Part, Still
from pindeck.paper.sheets import LEADING, QUIET, Sheets
from pindeck.services.images import rights

MARGIN, TOP, FOOT, LETTERS = 36.0, 24.0, 40.0, 9.0  # in points of an A4 page


class Filling(Protocol):
    """Draws the parts one after another; `unread` are the titles of pictures that could not be read."""

    unread: list[str]

    def part(self, part: Part) -> None: ...


def filled(sheets: Sheets, filling: Filling, content: Content) -> tuple[bytes, list[str], bool]:
    """The PDF, its notes as sentences, and whether a picture could not be read."""
    for part in content.parts:
        filling.part(part)
    list_rights(sheets, content)
    sheets.number_pages(content.title)
    return ended(sheets, content, filling.unread)


def list_rights(sheets: Sheets, content: Content) -> None:
    """On pages of their own: which pictures are not cleared."""
    if listed := rights.not_cleared(content.stills):
        _list(sheets, listed)


def ended(sheets: Sheets, content: Content, unread: list[str]) -> tuple[bytes, list[str], bool]:
    """The same of sheets on which all is drawn; `unread` are the titles of pictures that could not be read."""
    return sheets.finished(), notes_of(content, unread, sheets.missing), bool(unread)


def notes_of(content: Content, unread: list[str], missing: set[str]) -> list[str]:
    """What is to be said of a file; `missing` are letters that no font has."""
    listed = rights.not_cleared(content.stills)
    notes = [rights.noted(listed)] if listed else []
    notes += [f"“{title}” could not be read and is not in this file." for title in dict.fromkeys(unread)]
    if content.hidden:
        are = "1 picture is" if content.hidden == 1 else f"{content.hidden} pictures are"
        notes.append(f"{are} private or in the trash; the place is empty.")
    if missing:
        notes.append(f"There is no letter form for {' '.join(sorted(missing)[:20])}; a mark stands in its place.")
    return notes


def _list(sheets: Sheets, listed: list[Still]) -> None:
    """Each with the reason and its credit."""
    by = sheets.width / 841.89
    across, step = sheets.width - 2 * MARGIN * by, LETTERS * LEADING * 1.3 * by
    y = sheets.height
    for still in listed:
        if y + step > sheets.height - FOOT * by:
            sheets.page()
            is_first = y == sheets.height
            if is_first:
                sheets.section(rights.TITLE)
            sheets.line(rights.TITLE, MARGIN * by, TOP * by, across, 13 * by, bold=True, tag="H2" if is_first else "Artifact")
            y = (TOP + 30) * by
        told = " · ".join(each for each in (still.file, still.credit) if each)
        sheets.line(still.title, MARGIN * by, y, across * 0.4, LETTERS * by, bold=True)
        sheets.line(rights.why(still), MARGIN * by + across * 0.42, y, across * 0.16, LETTERS * by)
        sheets.line(told, MARGIN * by + across * 0.6, y, across * 0.4, LETTERS * by, colour=QUIET, link=still.address)
        y += step
