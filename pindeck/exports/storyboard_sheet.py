"""The storyboard sheet: the shots of each frame in boxes of the storyboard's mask, with what is said of them."""

from typing import Any

from pindeck.exports import pictures
from pindeck.exports.asking import GRIDS
from pindeck.exports.content import Content, Part, Shot
from pindeck.exports.filled import filled
from pindeck.exports.plans import Progress
from pindeck.paper.sheets import LEADING, LINE, QUIET, Sheets
from pindeck.services.boards.storyboards import shots

MARGIN, GAP, TOP, FOOT = 36.0, 16.0, 58.0, 40.0
LARGEST, LEAST = 9.0, 6.0  # letters of what is said of a shot, which shrink before they go on elsewhere
RATIOS = {"2.39": 2.39, "1.85": 1.85, "16:9": 16 / 9, "4:3": 4 / 3, "9:16": 9 / 16}


def drawn(content: Content, quality: str, options: dict[str, Any], progress: Progress) -> tuple[bytes, list[str], bool]:
    """The PDF, what is to be said of it, and whether a picture could not be read."""
    sheets = Sheets(options["paper"], title=content.title, author="Pindeck", dated_ms=content.dated_ms)
    return filled(sheets, _Sheet(sheets, content, quality, GRIDS[options["perPage"]], progress), content)


class _Sheet:
    """Each frame begins a page. What a shot has to say and has no room for goes on behind its frame."""

    def __init__(self, sheets: Sheets, content: Content, quality: str, grid: tuple[int, int], progress: Progress) -> None:
        self.sheets, self.content, self.quality, self.progress = sheets, content, quality, progress
        self.columns, self.rows = grid
        self.by = sheets.width / 841.89
        self.margin, self.gap = MARGIN * self.by, GAP * self.by
        self.cell = (sheets.width - 2 * self.margin - (self.columns - 1) * self.gap) / self.columns
        self.unread: list[str] = []
        self.count, self.done = max(1, sum(len(part.shots) for part in content.parts)), 0

    def part(self, part: Part) -> None:
        going_on: list[tuple[str, str]] = []
        top = self._page(part.name)
        self.sheets.section(part.name)
        if part.note:
            across = self.sheets.width - 2 * self.margin
            height, rest = self.sheets.block(part.note, self.margin, top, across, 60 * self.by, LARGEST * self.by, least=LEAST * self.by)
            top += height + 8 * self.by
            going_on += [(f"{part.name}: note", rest)] if rest else []
        per_page = self.columns * self.rows
        for number, shot in enumerate(part.shots):
            if number and number % per_page == 0:
                top = self._page(part.name, is_first=False)
            height = (self.sheets.height - top - FOOT * self.by - (self.rows - 1) * self.gap) / self.rows
            place = number % per_page
            x = self.margin + place % self.columns * (self.cell + self.gap)
            rest = self._shot(shot, x, top + place // self.columns * (height + self.gap), height)
            name = shot.number or str(number + 1)
            going_on += [(f"{part.name}, shot {name}", rest)] if rest else []
            self.done += 1
            self.progress(self.done / self.count)
        self._go_on(part.name, going_on)

    def _page(self, name: str, *, is_first: bool = True) -> float:
        """Begin one: where its first shot stands. `is_first` of those with this name."""
        page = self.sheets.page()
        across = self.sheets.width - 2 * self.margin
        total = f" · {shots.written(self.content.total_ms)} s" if self.content.total_ms else ""
        aspect = f" · {self.content.aspect}" if self.content.aspect else ""
        self.sheets.line(self.content.title, self.margin, 22 * self.by, across * 0.6, 13 * self.by, bold=True, tag="H1" if page == 1 else "Artifact")
        said = f"{name}{aspect}{total}"
        self.sheets.line(said, self.margin + across * 0.6, 25 * self.by, across * 0.4, 9 * self.by, colour=QUIET, align="R", tag="H2" if is_first else "Artifact")
        return TOP * self.by

    def _shot(self, shot: Shot, x: float, y: float, height: float) -> str:
        """What is left of its words."""
        ratio = RATIOS.get(self.content.aspect, 16 / 9)
        most = height * (0.84 if self.columns == 1 else 0.66)
        width, down = (self.cell, self.cell / ratio) if self.cell / ratio <= most else (most * ratio, most)
        at = x + (self.cell - width) / 2 if self.columns == 1 else x
        self._picture(shot, at, y, width, down)
        y_words, bottom = y + down + 4 * self.by, y + height
        size = LARGEST * self.by
        line = " · ".join(each for each in (shot.number, shot.line) if each)
        if line:
            self.sheets.line(line, x, y_words, self.cell, size, bold=True)
            y_words += size * LEADING
        words = "\n".join(each for each in (shot.action, f"“{shot.dialogue}”" if shot.dialogue else "") if each)
        _, rest = self.sheets.block(words, x, y_words, self.cell, max(0.0, bottom - y_words), size, least=LEAST * self.by)
        return rest

    def _picture(self, shot: Shot, x: float, y: float, width: float, height: float) -> None:
        still = shot.still
        if still is None:
            self.sheets.frame(x, y, width, height, LINE)
            return
        ratio = width / height if self.content.aspect else None
        placed = pictures.placed(still, width, height, self.quality, ratio=ratio, link=still.address)
        if placed is None:
            self.unread.append(still.title)
            self.sheets.frame(x, y, width, height, LINE)
        elif ratio:
            self.sheets.picture(placed, x, y, width, height)
        else:
            self.sheets.fit(placed, x, y, width, height)
            self.sheets.frame(x, y, width, height, LINE)

    def _go_on(self, name: str, texts: list[tuple[str, str]]) -> None:
        """The rest of what was too long, each under its name, on pages of text."""
        if not texts:
            return
        across, size = self.sheets.width - 2 * self.margin, LARGEST * self.by
        y, bottom = self._page(f"{name}, goes on"), self.sheets.height - FOOT * self.by
        for title, text in texts:
            rest = text
            while rest:
                if bottom - y < 4 * size:
                    y = self._page(f"{name}, goes on", is_first=False)
                self.sheets.line(title, self.margin, y, across, size, bold=True)
                y += size * LEADING
                height, rest = self.sheets.block(rest, self.margin, y, across, bottom - y, size)
                y += height + size
