"""The PDF of a deck: a page for each slide, in its own proportions or in the middle of a sheet of paper."""

from typing import Any

from pindeck.exports import pictures, slides
from pindeck.exports.content import Content
from pindeck.exports.filled import ended, list_rights
from pindeck.exports.plans import Progress
from pindeck.exports.slide_letters import FONTS
from pindeck.exports.slide_lines import Measured
from pindeck.exports.slides import Picture, Slide, Text
from pindeck.paper.lettering import LetteredSheets
from pindeck.paper.sheets import Sheets, Tag, rgb

ACROSS = 960.0  # points for which pictures of a slide are sharp that is no sheet of paper: 13.3 inches


def drawn(content: Content, quality: str, options: dict[str, Any], progress: Progress) -> tuple[bytes, list[str], bool]:
    """The PDF, what is to be said of it, and whether a picture could not be read."""
    sheets = LetteredSheets(options["paper"], fonts=FONTS, title=content.title, author="Pindeck", dated_ms=content.dated_ms)
    drawing = _Drawing(sheets, content, quality)
    for number, slide in enumerate(slides.laid(content, Measured()), 1):
        drawing.slide(slide)
        progress(min(1.0, number / len(content.pages)))
    list_rights(sheets, content)
    return ended(sheets, content, drawing.unread)


class _Drawing:
    """Slides on sheets; `unread` are the titles of pictures that could not be read."""

    def __init__(self, sheets: LetteredSheets, content: Content, quality: str) -> None:
        self.sheets, self.content, self.quality = sheets, content, quality
        self.by = sheets.width / slides.WIDTH
        self.top = (sheets.height - slides.HEIGHT * self.by) / 2
        self.unread: list[str] = []
        self.heading: Tag = "H1"  # of the first title; those after it are below it

    def slide(self, slide: Slide) -> None:
        sheets: Sheets = self.sheets
        sheets.page()
        if not slide.goes_on:
            sheets.section(slide.name)
        sheets.fill(rgb(slide.ground), 0, 0, sheets.width, sheets.height)
        for picture in slide.pictures:
            self._picture(picture)
        for field in slide.fields:
            self.sheets.veil(rgb(field.colour), field.opacity, *self._box(field.box))
        for text in slide.texts:
            self._text(text)

    def _box(self, box: slides.Box) -> tuple[float, float, float, float]:
        return box.x * self.by, self.top + box.y * self.by, box.width * self.by, box.height * self.by

    def _picture(self, picture: Picture) -> None:
        x, y, width, height = self._box(picture.box)
        colours = self.content.look.colours if self.content.look else {}
        still = picture.still
        sharp = min(1.0, ACROSS / self.sheets.width)
        placed = None
        if still is not None:
            placed = pictures.placed(still, width * sharp, height * sharp, self.quality, ratio=width / height, grey=picture.grey)
        if placed is None:
            if still is not None:
                self.unread.append(still.title)
            self.sheets.fill(rgb(colours["surface"]), x, y, width, height)
            return
        self.sheets.picture(placed, x, y, width, height)
        if picture.shade:
            side, strength = picture.shade
            self.sheets.shade(rgb(colours["background"]), side, strength / 100, x, y, width, height)

    def _text(self, text: Text) -> None:
        if not any(text.lines):
            return
        tag: Tag = self.heading if text.is_title else "P"
        with self.sheets.tagged(tag, is_first=text.is_title):
            self._lines(text)
        self.heading = "H2" if text.is_title else self.heading

    def _lines(self, text: Text) -> None:
        letters = text.letters
        x, y, width, _ = self._box(text.box)
        for number, line in enumerate(text.lines):
            if line:
                self.sheets.letter(
                    line, x, y + number * letters.line * self.by, width, letters.face, letters.is_bold, letters.size * self.by,
                    letters.leading, rgb(letters.colour), spacing=letters.spacing, is_centred=text.is_centred,
                    is_italic=letters.is_italic, from_right=number < len(text.from_right) and text.from_right[number], link=text.link,
                )  # fmt: skip
