"""One PDF: pages in points from the top left, text that is cut, shrunk or flows on, pictures with words for those who do not see
them, an outline, and headings that a screen reader steps through. The same calls give the same bytes."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Literal

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, WrapMode, XPos, YPos

from pindeck.paper import scripts

logging.getLogger("fpdf").setLevel(logging.ERROR)  # it tells each letter that it misses; `missing` has them
logging.getLogger("fontTools").setLevel(logging.ERROR)

INK, QUIET, LINE, WHITE = (20, 20, 22), (105, 105, 112), (215, 215, 220), (255, 255, 255)
LEADING = 1.25  # of a line, in sizes of its letters
PAGES = {"a4": (841.89, 595.28), "letter": (792.0, 612.0), "screen": (1920.0, 1080.0)}  # width and height in points, lying
Colour = tuple[int, int, int]
Tag = Literal["H1", "H2", "P", "Artifact"]  # a heading, a paragraph, or what is not read aloud, such as the number of a page and a frame


def rgb(code: str) -> Colour:
    """`#1a2b3c` as three numbers."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


@dataclass(frozen=True)
class Placed:
    """A picture as it is put on a page: a JPEG of `width` by `height` pixels, what it shows in words, and a sign that stands on it."""

    data: bytes
    width: int
    height: int
    words: str = ""
    link: str = ""
    sign: str = ""


class Sheets:
    """`missing` are the letters for which no font has a form."""

    def __init__(self, page: str, *, title: str, author: str, dated_ms: int, language: str = "en") -> None:
        self.width, self.height = PAGES[page]
        pdf = self._pdf = FPDF(orientation="L", unit="pt", format=(self.height, self.width))
        pdf.set_auto_page_break(False)
        pdf.set_margin(0)
        pdf.c_margin = 0
        pdf.set_creation_date(datetime.fromtimestamp(dated_ms // 1000, UTC))
        pdf.set_title(scripts.readable(title))
        pdf.set_author(scripts.readable(author))
        pdf.set_creator("Pindeck")
        pdf.set_lang(language)
        pdf.add_font("sans", "", scripts.FONTS / f"{scripts.MAIN}.ttf")
        pdf.add_font("sans", "B", scripts.FONTS / f"{scripts.BOLD}.ttf")
        pdf.set_text_shaping(True)
        self.missing: set[str] = set()
        self._marks: Counter[int] = Counter()  # how many parts of each page are tagged; the library would count them for each
        pdf.struct_builder.next_mcid_for_page = self._next_mark  # type: ignore[method-assign]
        self._is_within = False

    def _next_mark(self, page_number: int) -> int:
        self._marks[page_number] += 1
        return self._marks[page_number] - 1

    @contextmanager
    def tagged(self, tag: Tag, *, is_first: bool = False) -> Iterator[None]:
        """What is written within is this to a screen reader, whatever it is within that. With `is_first` it is read before all
        else of its page, also what is drawn under it."""
        if self._is_within:
            yield
            return
        pdf, of = self._pdf, self._pdf.struct_builder.doc_struct_elem.k
        if tag == "Artifact":
            pdf._out("/Artifact BMC")
        else:
            mark = self._next_mark(pdf.page)
            element = pdf._add_marked_content(struct_type=f"/{tag}", mcid=mark)
            if is_first:
                of.remove(element)
                of.insert(self._begins, element)
                self._begins += 1
            pdf._out(f"/{tag} <</MCID {mark}>> BDC")
        self._is_within = True
        yield
        self._is_within = False
        pdf._out("EMC")

    def page(self) -> int:
        """Begin a page; its number, from 1."""
        self._pdf.add_page()
        self._begins = len(self._pdf.struct_builder.doc_struct_elem.k)
        return self._pdf.page

    def section(self, name: str, level: int = 0) -> None:
        """The page of now is in the outline under this name."""
        self._pdf.start_section(scripts.readable(name).replace("\n", " ")[:200] or "–", level, strict=False)

    def line(
        self, text: str, x: float, y: float, width: float, size: float, *, bold: bool = False, colour: Colour = INK,
        align: str = "", link: str = "", tag: Tag = "P",
    ) -> None:  # fmt: skip
        """One line; what does not fit is cut with an ellipsis."""
        text = " ".join(scripts.readable(text).split())
        if not text:
            return
        text = self._choose(text, size, bold)
        if self._pdf.get_string_width(text) > width:
            text = self._cut(text, width)
        with self.tagged(tag):
            self._write(text, x, y, width, size, colour, align or ("R" if scripts.is_right_to_left(text) else "L"), link)

    def _cut(self, text: str, width: float) -> str:
        least, most = 0, min(len(text), int(width * 2) + 1)
        while least < most:
            middle = (least + most + 1) // 2
            if self._pdf.get_string_width(text[:middle].rstrip() + "…") <= width:
                least = middle
            else:
                most = middle - 1
        return text[:least].rstrip() + "…"

    def block(
        self, text: str, x: float, y: float, width: float, height: float, size: float, *, least: float | None = None,
        bold: bool = False, colour: Colour = INK,
    ) -> tuple[float, str]:  # fmt: skip
        """Lines within a height, in letters that shrink down to `least`: the height they take, and what had no place."""
        text = scripts.readable(text).strip()
        if not text:
            return 0.0, ""
        while True:
            text = self._choose(text, size, bold)
            lines = self._lines(text, width, size)
            room = max(0, int(height / (size * LEADING) + 0.01))
            if len(lines) <= room or least is None or size <= least:
                break
            size = max(least, min(size - 0.5, size * (room / len(lines)) ** 0.5))
        with self.tagged("P" if any(lines[:room]) else "Artifact"):
            for number, each in enumerate(lines[:room]):
                if each:
                    align = "R" if scripts.is_right_to_left(each) else "L"
                    self._write(each, x, y + number * size * LEADING, width, size, colour, align, "")
        return min(room, len(lines)) * size * LEADING, "\n".join(lines[room:])

    def _lines(self, text: str, width: float, size: float) -> list[str]:
        found: list[str] = []
        for paragraph in text.split("\n"):
            if not paragraph.strip():
                found.append("")
                continue
            # Where nothing parts the words, as in Chinese or in an address, any letter may end a line.
            longest = max((len(word) for word in paragraph.split()), default=0)
            mode = WrapMode.CHAR if longest * size * 0.6 > width else WrapMode.WORD
            found += self._pdf.multi_cell(
                width, size * LEADING, paragraph, dry_run=True, output=MethodReturnValue.LINES, align="L", wrapmode=mode
            )  # type: ignore[arg-type]
        return [each.rstrip() for each in found]

    def _choose(self, text: str, size: float, bold: bool, font: str = scripts.MAIN) -> str:
        """Take the fonts of a text: its own one, and those that have what it lacks. A mark stands for what none of them has."""
        style = "B" if bold else ""
        lacking = {ord(each) for each in text if not each.isspace()} - self._pdf.fonts[font + style].cmap.keys()  # type: ignore[union-attr]
        chosen: list[str] = []
        if lacking:
            for name in ((scripts.MAIN,) if font != scripts.MAIN else ()) + tuple(scripts.candidates(text)):
                if not lacking:
                    break
                if name not in self._pdf.fonts:
                    self._pdf.add_font(name, "", scripts.FONTS / f"{name}.ttf")
                if has := lacking & self._pdf.fonts[name].cmap.keys():  # type: ignore[union-attr]
                    chosen.append(name)
                    lacking -= has
            self.missing |= {chr(code) for code in lacking}
            text = text.translate(dict.fromkeys(lacking, "\ufffd"))
        self._pdf.set_fallback_fonts(chosen, exact_match=False)
        self._pdf.set_font(font, style, size)
        return text

    def _write(self, text: str, x: float, y: float, width: float, size: float, colour: Colour, align: str, link: str) -> None:
        self._pdf.x, self._pdf.y = x, y  # `set_xy` takes what is above the page as counted from its foot
        self._pdf.set_text_color(*colour)
        # A line that begins in a fallback font sets the main one within itself, and the library takes it as set from then on.
        self._pdf.current_font_is_set_on_page = False
        self._pdf.cell(width, size * LEADING, text, align=align, link=link, new_x=XPos.LEFT, new_y=YPos.TOP)

    def picture(self, placed: Placed, x: float, y: float, width: float, height: float) -> None:
        """The picture fills this box, whose proportions are its own."""
        words = scripts.readable(placed.words)[:500]
        with nullcontext() if words else self.tagged("Artifact"):
            self._pdf.image(BytesIO(placed.data), x, y, width, height, link=placed.link, alt_text=words or None)
        if placed.sign:
            self._sign(placed.sign, x, y, min(8.0 * self.width / 841.89, width / 4, height / 3))

    def _sign(self, text: str, x: float, y: float, size: float) -> None:
        """In the upper left corner of a picture, dark on white."""
        text = self._choose(text, size, True)
        self.fill(WHITE, x, y, self._pdf.get_string_width(text) + size * 0.6, size * LEADING)
        with self.tagged("P"):
            self._write(text, x + size * 0.3, y, self._pdf.get_string_width(text) + 1, size, INK, "L", "")

    def fit(self, placed: Placed, x: float, y: float, width: float, height: float) -> None:
        """The whole picture in the middle of a box, no larger than it."""
        scale = min(width / placed.width, height / placed.height)
        across, down = placed.width * scale, placed.height * scale
        self.picture(placed, x + (width - across) / 2, y + (height - down) / 2, across, down)

    def fill(self, colour: Colour, x: float, y: float, width: float, height: float) -> None:
        self._pdf.set_fill_color(*colour)
        with self.tagged("Artifact"):
            self._pdf.rect(x, y, width, height, style="F")

    def frame(self, x: float, y: float, width: float, height: float, colour: Colour = LINE) -> None:
        self._pdf.set_draw_color(*colour)
        self._pdf.set_line_width(0.5)
        with self.tagged("Artifact"):
            self._pdf.rect(x, y, width, height, style="D")

    def swatches(self, colours: Iterable[Colour], x: float, y: float, width: float, height: float) -> None:
        """A row of equal fields."""
        fields = list(colours)
        for number, colour in enumerate(fields):
            self.fill(colour, x + number * width / len(fields), y, width / len(fields), height)

    def number_pages(self, text: str) -> None:
        """On each page at its foot: the text, and which page of how many it is."""
        for page in range(1, self._pdf.pages_count + 1):
            self._pdf.page = page
            self.line(text, 36, self.height - 26, self.width - 172, 8, colour=QUIET, tag="Artifact")
            number = f"{page} / {self._pdf.pages_count}"
            self.line(number, self.width - 136, self.height - 26, 100, 8, colour=QUIET, align="R", tag="Artifact")

    @property
    def page_count(self) -> int:
        return self._pdf.pages_count

    def finished(self) -> bytes:
        return bytes(self._pdf.output())
