"""Where everything stands on the slides of a deck: what a file of slides draws, whatever its format.

A slide has 1920 by 1080 points from the top left, as the page of a deck has pixels on such a screen; `static/css/deckpages.css` and
`deckviews.css` say the same for pages. Words are placed line by line, because they shrink until they fit, and go on over further
slides when they are as small as they may be.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from pindeck.exports.content import Content, Credit, DeckPage, Look, Still
from pindeck.exports.slide_letters import LEAST, Letters, label, letters_of
from pindeck.paper import scripts

WIDTH, HEIGHT = 1920.0, 1080.0
UNIT = WIDTH / 100
MARGIN, GAP, BETWEEN, THIN = 4.4 * UNIT, 2.4 * UNIT, 1.2 * UNIT, 0.6 * UNIT
STEP = 0.03  # of its full size, by which a text shrinks
WHOLE_PAGE = ("hero", "closing")
LEAST_STILLS = 27 * UNIT  # how high the pictures of a grid stay, whatever is said above them


class Box(NamedTuple):
    """In points from the top left."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Text:
    """Words of one kind of letters, and the lines that they take in a box that is as high as they are. `from_right` tells which
    lines are read that way, as their paragraphs are."""

    box: Box
    lines: tuple[str, ...]
    letters: Letters
    from_right: tuple[bool, ...] = ()
    is_centred: bool = False
    is_title: bool = False
    link: str = ""
    words: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture that fills its box, cut around its focal point; None where there is none to be shown. `grey` is how much of its
    colour is taken away, 0 to 1; `shade` darkens it from one side, in percent."""

    box: Box
    still: Still | None
    grey: float = 0
    shade: tuple[str, int] | None = None


@dataclass(frozen=True)
class Field:
    """A box of one colour, over the pictures and under the words. `opacity` is 0 to 1."""

    box: Box
    colour: str
    opacity: float = 1


@dataclass(frozen=True)
class Slide:
    """`name` is what an outline calls it; `goes_on` tells that it holds the rest of the one before."""

    name: str
    ground: str
    pictures: tuple[Picture, ...]
    fields: tuple[Field, ...]
    texts: tuple[Text, ...]
    notes: str
    goes_on: bool


class Measure(Protocol):
    """Breaks a text into the lines that it takes in a width."""

    def lines(self, text: str, letters: Letters, width: float) -> list[str]: ...


def laid(content: Content, measure: Measure) -> Iterator[Slide]:
    """All slides of a deck, in order. Raises ValueError for content without a look."""
    if content.look is None:
        raise ValueError("this content is no deck")
    for page in content.pages:
        yield from _Page(page, content.look, measure).slides()


def cells(kind: str, is_dense: bool, count: int) -> list[Box]:
    """The boxes of the pictures of a kind of page below what is said above them; those of a grid begin at 0, 0 and are as high as 1."""
    if kind in WHOLE_PAGE:
        return [Box(0, 0, WIDTH, HEIGHT)]
    if kind == "logline":
        return [Box(0, 0, (WIDTH - MARGIN - GAP) / 3, HEIGHT)]
    if kind == "character":
        return [Box(0, 0, 45 * UNIT, HEIGHT)]
    if kind in ("story", "motif"):
        left = MARGIN + (WIDTH - 2 * MARGIN - GAP) * 5 / 12 + GAP
        where = Box(left, 0, WIDTH - left, HEIGHT)
        wide = {0, count - 1} if is_dense else set()
        return _grid(where, 2, (3, 2, 2) if is_dense else (1, 1), count, wide)
    return []


def _grid(where: Box, columns: int, rows: tuple[int, ...], count: int, wide: set[int]) -> list[Box]:
    """Boxes in rows of these shares of the height; wide ones take two columns."""
    across = (where.width - (columns - 1) * THIN) / columns
    share = (where.height - (len(rows) - 1) * THIN) / sum(rows)
    found: list[Box] = []
    row = column = 0
    for number in range(count):
        span = 2 if number in wide else 1
        if column + span > columns:
            row, column = row + 1, 0
        if row == len(rows):
            break
        top = where.y + sum(rows[:row]) * share + row * THIN
        left = where.x + column * (across + THIN)
        found.append(Box(left, top, span * across + (span - 1) * THIN, rows[row] * share))
        column += span
    return found


class _Page:
    """One page of a deck on its way to one slide or more."""

    def __init__(self, page: DeckPage, look: Look, measure: Measure) -> None:
        self.page, self.look, self.measure = page, look, measure
        self.kind = "text" if page.part > 1 and page.kind != "credits" else page.kind
        self.colour = look.colours
        self.texts: list[Text] = []
        self.fields: list[Field] = []

    def slides(self) -> Iterator[Slide]:
        ground = self.colour["surface" if self.kind == "stakes" else "background"]
        title = self.page.title if self.page.part == 1 else ""
        name = self.page.title.replace("\n", " ") or self.page.kind.capitalize()
        if self.kind == "credits":
            yield from self._credits(name, ground, title)
            return
        rest = self._words(title, self.page.text)
        pictures = self._pictures()
        yield Slide(name, ground, pictures, tuple(self.fields), tuple(self.texts), self.page.notes, self.page.part > 1)
        while rest:
            self.kind, self.texts, self.fields = "text", [], []
            rest = self._words("", rest)
            yield Slide(name, self.colour["background"], (), (), tuple(self.texts), "", True)

    # Words

    def _frame(self) -> tuple[Box, str]:
        """Where words stand, and whether from the top, in the middle or at the bottom."""
        inner = WIDTH - 2 * MARGIN
        if self.kind == "hero":
            return Box(MARGIN, MARGIN, inner * 0.76, HEIGHT - 2 * MARGIN), "bottom"
        if self.kind == "logline":
            width = (WIDTH - MARGIN - GAP) * 2 / 3
            return Box(WIDTH - MARGIN - width, MARGIN, width, HEIGHT - 2 * MARGIN), "middle"
        if self.kind in ("story", "motif"):
            return Box(MARGIN, MARGIN, (inner - GAP) * 5 / 12, HEIGHT - 2 * MARGIN), "middle"
        if self.kind in ("world", "tone"):
            margin = 3.2 * UNIT
            return Box(margin, margin, WIDTH - 2 * margin, HEIGHT - 2 * margin - 1.6 * UNIT - LEAST_STILLS), "top"
        if self.kind == "character":
            left = 45 * UNIT + MARGIN
            return Box(left, MARGIN, WIDTH - left - MARGIN, HEIGHT - 2 * MARGIN), "middle"
        if self.kind in ("theme", "stakes"):
            return Box(14 * UNIT, 6 * UNIT, 72 * UNIT, HEIGHT - 12 * UNIT), "middle"
        return Box(MARGIN, MARGIN, inner, HEIGHT - 2 * MARGIN), "middle"

    def _words(self, title: str, text: str) -> str:
        """Place title and text; what had no place."""
        frame, anchor = self._frame()
        title, text = (scripts.readable(each).replace("\xad", "").strip() for each in (title, text))
        head = letters_of(self.kind, "title", self.look).times(self.page.title_fit if self.kind not in ("theme", "stakes", "logline") else 1)
        body = letters_of(self.kind, "text", self.look)
        under = self._rule_height()
        heads = self._broken(title, head, self._title_width(frame))
        room = frame.height - len(heads) * head.line - (BETWEEN if heads else 0) - under
        fit, rest = 1.0 if self.kind == "text" else self.page.text_fit, ""
        lines = self._broken(text, body.times(fit), frame.width)
        while len(lines) * body.times(fit).line > room and fit > LEAST:
            fit = max(LEAST, fit - STEP)
            lines = self._broken(text, body.times(fit), frame.width)
        body = body.times(fit)
        if len(lines) * body.line > room:
            most = max(1, int(room / body.line))
            rest = _after(text, lines[:most])
            lines = lines[:most]
        width = frame.width
        if self.kind in ("theme", "stakes") and lines and not rest:
            width = self._balanced(text, body, frame.width, len(lines))
            lines = self._broken(text, body, width)
        total = len(heads) * head.line + len(lines) * body.line + (BETWEEN if heads and lines else 0) + under
        y = frame.y + {"top": 0.0, "middle": (frame.height - total) / 2, "bottom": frame.height - total}[anchor]
        self._place(frame, max(frame.y, y), (title, heads, head), (text[: len(text) - len(rest)].rstrip(), lines, body), width)
        return rest

    def _broken(self, text: str, letters: Letters, width: float) -> list[str]:
        return self.measure.lines(text, letters, width) if text else []

    def _title_width(self, frame: Box) -> float:
        return frame.width - (14 * UNIT if self.kind in ("world", "tone") else 0)  # beside the colours

    def _rule_height(self) -> float:
        return {"character": 1.4 * UNIT + 2, "theme": BETWEEN + 2, "stakes": BETWEEN + 2}.get(self.kind, 0.0)

    def _place(
        self, frame: Box, y: float, title: tuple[str, list[str], Letters], text: tuple[str, list[str], Letters], width: float
    ) -> None:
        is_centred, accent, top = self.kind in ("theme", "stakes"), self.colour["accent"], y
        for is_title, (whole, lines, letters), across in ((True, title, self._title_width(frame)), (False, text, width)):
            if not lines:
                continue
            if not is_title and y > top:
                y += BETWEEN
            box = Box(frame.x + (frame.width - across) / 2 if is_centred else frame.x, y, across, len(lines) * letters.line)
            self.texts.append(Text(box, tuple(lines), letters, _sides(whole, lines), is_centred, is_title, words=whole))
            y += box.height
            if self.kind == "character" and is_title:
                self.fields.append(Field(Box(frame.x, y + 1.4 * UNIT, frame.width, 2), accent))
                y += self._rule_height()
        if is_centred:
            self.fields.append(Field(Box(WIDTH / 2 - 4 * UNIT, y + BETWEEN, 8 * UNIT, 2), accent))
        self.bottom = y

    def _balanced(self, text: str, letters: Letters, width: float, count: int) -> float:
        """The least width in which the text takes no more lines, so that they are about as long as one another."""
        least, most = width / 3, width
        for _ in range(6 if count <= 6 else 0):
            middle = (least + most) / 2
            if len(self.measure.lines(text, letters, middle)) <= count:
                most = middle
            else:
                least = middle
        return most

    def _credits(self, name: str, ground: str, title: str) -> Iterator[Slide]:
        """In two columns that are about as long as one another, each credit with what is named for it."""
        frame, _ = self._frame()
        top, goes_on = frame.y, self.page.part > 1
        if title:
            head = letters_of("", "title", self.look)
            self.texts.append(Text(Box(frame.x, top, frame.width, head.line), (title,), head, is_title=True, words=title))
            top += head.line + BETWEEN
        across = (frame.width - 4 * UNIT) / 2
        waiting = [self._credit(credit, across) for credit in self.page.credits]
        while waiting:
            room = frame.y + frame.height - top
            half = sum(height for height, _ in waiting) / 2
            for column in (0, 1):
                x, y = frame.x + column * (across + 4 * UNIT), top
                while waiting and (y == top or y - top + waiting[0][0] <= room) and (column or y - top < half - 1):
                    height, texts = waiting.pop(0)
                    self.texts += [replace(text, box=text.box._replace(x=x, y=y + text.box.y)) for text in texts]
                    y += height
            yield Slide(name, ground, (), (), tuple(self.texts), "", goes_on)
            self.texts, goes_on, top = [], True, frame.y

    def _credit(self, credit: Credit, width: float) -> tuple[float, list[Text]]:
        """Its height with the gap below, and its texts in a box from 0."""
        named, said = letters_of("credits", "title", self.look), letters_of("credits", "text", self.look)
        shown = credit.address if len(credit.address) <= 60 else credit.address[:57] + "..."
        source = " · ".join(part for part in (credit.source, shown) if part) or "source unknown"
        found, y = [], 0.0
        for text, letters, link in ((credit.title, named, ""), (source, said, credit.address)):
            lines = self.measure.lines(text, letters, width)
            box = Box(0, y, width, len(lines) * letters.line)
            found.append(Text(box, tuple(lines), letters, _sides(text, lines), link=link, words=text))
            y += box.height
        return y + THIN, found

    # Pictures

    def _pictures(self) -> tuple[Picture, ...]:
        page, stills = self.page, self.page.stills
        boxes = cells(self.kind, page.is_dense, len(stills))
        if self.kind in ("world", "tone") and stills:
            boxes = self._numbered(len(stills))
        grey = {"character": 1.0, "logline": 0.25}.get(self.kind, 0.0)
        found = [
            Picture(box, still, grey, page.shade if still else None)
            for box, still in zip(boxes, stills, strict=False) if still or self.kind not in WHOLE_PAGE
        ]  # fmt: skip
        self._marks(bool(found and found[0].still))
        return tuple(found)

    def _numbered(self, count: int) -> list[Box]:
        """A grid under the words, with the colours of the deck above it and a number in each place."""
        margin, top = 3.2 * UNIT, self.bottom + 1.6 * UNIT
        whole = Box(margin, top, WIDTH - 2 * margin, HEIGHT - margin - top)
        is_dense = self.page.is_dense
        boxes = _grid(whole, 4 if is_dense else 3, (1, 1), count, {0, count - 1} if is_dense else set())
        small = label(11, "#fafafc")
        for number, box in enumerate(boxes, 1):
            where, words = Box(box.x + 8, box.y + box.height - 20, 40, 14), f"{number:02d}"
            self.texts.append(Text(where, (words,), replace(small, leading=14 / 11), words=words))
        side = 2 * UNIT
        for number, name in enumerate(("primary", "secondary", "accent", "tertiary", "muted")):
            left = WIDTH - margin - (5 - number) * side - (4 - number) * 4
            self.fields.append(Field(Box(left, 3.4 * UNIT, side, side), self.colour[name]))
        return boxes

    def _marks(self, has_picture: bool) -> None:
        accent = self.colour["accent"]
        if self.kind == "hero":
            edge, long = 2 * UNIT, 2 * UNIT
            for x in (edge, WIDTH - edge):
                for y in (edge, HEIGHT - edge):
                    left, top = x - (long if x > edge else 0), y - (long if y > edge else 0)
                    self.fields.append(Field(Box(left, y - (1 if y > edge else 0), long, 1), accent, 0.7))
                    self.fields.append(Field(Box(x - (1 if x > edge else 0), top, 1, long), accent, 0.7))
        elif self.kind == "logline" and has_picture:
            box = cells("logline", False, 1)[0]
            self.fields.append(Field(box, self.colour["primary"], 0.1))
            mark = letters_of("logline", "mark", self.look)
            self.texts.insert(0, Text(Box(3 * UNIT, UNIT, box.width - 6 * UNIT, mark.line), ("“",), mark, words="“"))
        elif self.kind == "closing" and has_picture:
            self.fields.insert(0, Field(Box(0, 0, WIDTH, HEIGHT), "#000000", 0.58))


def _after(text: str, lines: list[str]) -> str:
    """What of the text comes after these lines of it."""
    *_, (at, line) = _starts(text, lines)
    return text[at + len(line) :].strip()


def _sides(text: str, lines: list[str]) -> tuple[bool, ...]:
    """Which lines are read from the right, as the paragraph in which they stand."""
    text = scripts.readable(text)
    found = []
    for at, _ in _starts(text, lines):
        start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
        found.append(scripts.is_right_to_left(text[start : end if end >= 0 else len(text)]))
    return tuple(found)


def _starts(text: str, lines: list[str]) -> Iterator[tuple[int, str]]:
    """Where each line begins in the text that was broken into them."""
    at = 0
    for line in lines:
        while line and at < len(text) and text[at].isspace():
            at += 1
        yield at, line
        at += len(line)
