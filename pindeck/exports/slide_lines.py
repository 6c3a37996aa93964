"""Words of slides broken into lines, measured by the fonts that they are set in."""

from pindeck.exports.slide_letters import FONTS, Letters
from pindeck.paper import scripts
from pindeck.paper.lettering import LetteredSheets


class Measured:
    """On a sheet of its own, so that measuring leaves no mark on a page."""

    def __init__(self) -> None:
        self.sheets = LetteredSheets("screen", fonts=FONTS, title="", author="", dated_ms=0)
        self.sheets.page()

    def lines(self, text: str, letters: Letters, width: float) -> list[str]:
        text = scripts.readable(text)
        text = text.upper() if letters.is_upper else text
        return self.sheets.broken(text, letters.face, letters.is_bold, letters.size, width, letters.spacing)
