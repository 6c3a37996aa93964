"""Sheets that are set in fonts of their own, whose letters fall back to those of `scripts`, and that lay colours over pictures."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from fpdf.drawing import GradientPaint, PaintedPath
from fpdf.drawing_primitives import DeviceRGB
from fpdf.enums import GradientUnits
from fpdf.pattern import LinearGradient

from pindeck.paper import scripts
from pindeck.paper.sheets import Colour, Sheets

_SLANT = 14.0  # degrees, as browsers slant letters of a font that has no italics
_TO = {"bottom": (0, 0, 0, 1), "top": (0, 1, 0, 0), "right": (0, 0, 1, 0), "left": (1, 0, 0, 0)}
CLEAR = 0.24  # of the way a shade is clear


class LetteredSheets(Sheets):
    """`face` names a font by its file, which is loaded when it is first used."""

    def __init__(self, page: str, *, fonts: Path, **told: Any) -> None:
        super().__init__(page, **told)
        self._fonts = fonts

    def _face(self, face: str, bold: bool) -> None:
        # Under the style of its weight: what it lacks is then taken from a font as bold as it is.
        if face + ("B" if bold else "") not in self._pdf.fonts:
            self._pdf.add_font(face, "B" if bold else "", self._fonts / f"{face}.ttf")

    def broken(self, text: str, face: str, bold: bool, size: float, width: float, spacing: float) -> list[str]:
        """The lines that a text takes in a width."""
        return self._as(face, bold, size, spacing, text, lambda ready: self._lines(ready, width, size))  # type: ignore[no-any-return]

    def letter(
        self, line: str, x: float, y: float, width: float, face: str, bold: bool, size: float, leading: float, colour: Colour, *,
        spacing: float = 0, is_centred: bool = False, is_italic: bool = False, from_right: bool = False, link: str = "",
    ) -> None:  # fmt: skip
        """One line that fits, in the middle of a height of `leading` sizes as browsers set it."""

        def write(ready: str) -> None:
            font = self._pdf.fonts[face + ("B" if bold else "")]
            middle = (font.desc.ascent + font.desc.descent) / 2000  # type: ignore[union-attr]
            top = y + ((leading - 1.25) / 2 + middle - 0.3) * size
            base = top + (1.25 / 2 + 0.3) * size
            align = "C" if is_centred else "R" if from_right else "L"
            self._pdf.set_text_shaping(True, direction="rtl" if from_right else "ltr")
            with self._pdf.skew(ax=_SLANT, x=x, y=base) if is_italic else nullcontext():
                self._write(ready, x, top, width, size, colour, align, link)

        self._as(face, bold, size, spacing, line, write)

    def _as(self, face: str, bold: bool, size: float, spacing: float, text: str, do: Callable[[str], Any]) -> Any:
        self._face(face, bold)
        ready = self._choose(text, size, bold, face)
        # Letters that are joined stay joined.
        is_spaced = spacing and not any(scripts.is_right_to_left(each) for each in text)
        self._pdf.set_char_spacing(spacing * size if is_spaced else 0)
        try:
            return do(ready)
        finally:
            self._pdf.set_char_spacing(0)

    def veil(self, colour: Colour, opacity: float, x: float, y: float, width: float, height: float) -> None:
        """A colour through which one sees."""
        with self._pdf.local_context(fill_opacity=opacity) if opacity < 1 else nullcontext():
            self.fill(colour, x, y, width, height)

    def shade(self, colour: Colour, side: str, strength: float, x: float, y: float, width: float, height: float) -> None:
        """A colour that grows from nothing to `strength` (0 to 1) towards one side."""
        red, green, blue = (part / 255 for part in colour)
        clear, full = DeviceRGB(red, green, blue, 0), DeviceRGB(red, green, blue, strength)
        gradient = LinearGradient(*_TO[side], [clear, clear, full], bounds=[CLEAR])
        path = PaintedPath()
        path.rectangle(x, y, width, height)
        path.style.fill_color = GradientPaint(gradient, GradientUnits.OBJECT_BOUNDING_BOX)
        path.style.stroke_color = None
        with self.tagged("Artifact"):
            self._pdf.draw_path(path)  # type: ignore[arg-type]
