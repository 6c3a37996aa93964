"""The contact sheet: all pictures in columns, each with its words, on as many pages as it takes."""

from typing import Any

from pindeck.exports import pictures
from pindeck.exports.content import Content, Part, Still
from pindeck.exports.filled import filled
from pindeck.exports.plans import Progress
from pindeck.paper.sheets import INK, LEADING, LINE, QUIET, Sheets, rgb

MARGIN, GAP, HEAD, FOOT = 36.0, 12.0, 34.0, 40.0


def drawn(content: Content, quality: str, options: dict[str, Any], progress: Progress) -> tuple[bytes, list[str], bool]:
    """The PDF, what is to be said of it, and whether a picture could not be read."""
    sheets = Sheets(options["paper"], title=content.title, author="Pindeck", dated_ms=content.dated_ms)
    return filled(sheets, _Sheet(sheets, content, quality, options, progress), content)


class _Sheet:
    """Where the next picture goes. Each part begins a row of its own, under its name."""

    def __init__(self, sheets: Sheets, content: Content, quality: str, options: dict[str, Any], progress: Progress) -> None:
        self.sheets, self.content, self.quality, self.progress = sheets, content, quality, progress
        self.captions, self.columns = options["captions"], options["columns"]
        # The screen's page is more than twice as wide, and is looked at whole.
        self.by = sheets.width / 841.89
        self.margin, self.gap = MARGIN * self.by, GAP * self.by
        self.cell = (sheets.width - 2 * self.margin - (self.columns - 1) * self.gap) / self.columns
        self.letters = min(9.0, max(5.5, self.cell / 22 / self.by)) * self.by
        # One row more where pictures that are a little lower make room for it.
        room, usual = sheets.height - (24 + HEAD + FOOT) * self.by, self.cell * 2 / 3
        rows = max(1, int((room + self.gap) / (usual * 0.85 + self.words + self.gap)))
        self.height = min(usual, (room + self.gap) / rows - self.words - self.gap)
        self.unread: list[str] = []
        self.count, self.done, self.at, self.y = sum(1 for _ in content.stills), 0, 0, 0.0

    @property
    def words(self) -> float:
        """The height of what stands under a picture."""
        lines = sum(1 for name in self.captions if name != "palette")
        return lines * self.letters * LEADING + (self.letters * 1.1 if "palette" in self.captions else 0) + 4 * self.by

    def part(self, part: Part) -> None:
        stills = [*part.stills, *(shot.still for shot in part.shots if shot.still is not None)]
        if not stills:
            return
        self.at = 0
        head = 24 * self.by if part.name else 0
        if not self.y or self.y + head + self.height + self.words > self._bottom:
            self._page()
        if part.name:
            self.sheets.section(part.name, 0)
            self.sheets.line(part.name, self.margin, self.y, self.sheets.width - 2 * self.margin, 11 * self.by, bold=True, tag="H2")
            self.y += head
        for still in stills:
            self._put(still)
            self.done += 1
            if self.done % 5 == 0 or self.done == self.count:
                self.progress(self.done / self.count)
        self.y += self.height + self.words + self.gap

    @property
    def _bottom(self) -> float:
        return self.sheets.height - FOOT * self.by

    def _page(self) -> None:
        number = self.sheets.page()
        if not any(part.name for part in self.content.parts):
            self.sheets.section(f"Page {number}")
        count = f"{self.count:,} {'picture' if self.count == 1 else 'pictures'}"
        across = self.sheets.width - 2 * self.margin
        self.sheets.line(self.content.title, self.margin, 24 * self.by, across - 120 * self.by, 13 * self.by, bold=True, tag="H1" if number == 1 else "Artifact")
        self.sheets.line(count, self.margin + across - 110 * self.by, 27 * self.by, 110 * self.by, 8 * self.by, colour=QUIET, align="R")
        self.y = (24 + HEAD) * self.by

    def _put(self, still: Still) -> None:
        if self.at == self.columns:
            self.at, self.y = 0, self.y + self.height + self.words + self.gap
            if self.y + self.height + self.words > self._bottom:
                self._page()
        x = self.margin + self.at * (self.cell + self.gap)
        self.at += 1
        placed = pictures.placed(still, self.cell, self.height, self.quality, link=still.address)
        if placed is None:
            self.unread.append(still.title)
            self.sheets.frame(x, self.y, self.cell, self.height, LINE)
        else:
            self.sheets.fit(placed, x, self.y, self.cell, self.height)
        self._caption(still, x, self.y + self.height + 4 * self.by)

    def _caption(self, still: Still, x: float, y: float) -> None:
        for name in self.captions:
            if name == "palette":
                self.sheets.swatches(map(rgb, still.palette), x, y + self.letters * 0.25, self.cell * 0.6, self.letters * 0.7)
                continue
            is_title = name == "title"
            text = {"title": still.title, "file": still.file, "credit": still.credit}[name]
            link = still.address if name == "credit" else ""
            self.sheets.line(text, x, y, self.cell, self.letters, bold=is_title, colour=INK if is_title else QUIET, link=link)
            y += self.letters * LEADING
