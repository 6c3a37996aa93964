"""What is presented: the pictures of a board, or the shots of a storyboard, one after another. Reads only.

Each is read for whoever looks: a person with an account, or a stranger with a link (`shown`). What the reader does not see is left
out, so that no empty slide tells of it.
"""

from dataclasses import dataclass

from pindeck.access import Condition
from pindeck.models import Board, BoardSection, Image, Storyboard
from pindeck.services.boards import reading
from pindeck.services.boards.reading import BoardPage
from pindeck.services.boards.storyboards import reading as frames_reading

PAGE = 200  # slides at once
MASKS = {"2.39": "2.39", "1.85": "1.85", "16:9": "16 / 9", "4:3": "4 / 3", "9:16": "9 / 16"}  # as CSS divides them


@dataclass(frozen=True)
class Slide:
    """A picture and its words. `number` counts from 1, `label` says where it stands, `line` names it and `notes` are for who speaks.

    `aspect` is the mask that cuts it (width through height, as the storyboard names it), empty for a picture that is whole.
    """

    number: int
    image: Image
    label: str = ""
    line: str = ""
    text: str = ""
    dialogue: str = ""
    notes: str = ""
    aspect: str = ""

    @property
    def aim(self) -> str:
        """What a cut keeps in sight, as CSS says it."""
        return frames_reading.aim_of(self.image)


@dataclass(frozen=True)
class Slides:
    """Some of them. `count` is that of all, 1,001 for more than 1,000; `following` names where the next ones begin, for an address."""

    slides: list[Slide]
    count: int
    following: dict[str, str]


def of_board(board: Board, shown: Condition, after: str | None = None, *, before: int = 0) -> Slides:
    """Those of a board in its order, its notes under them. `before` slides come earlier. Three statements."""
    sections = reading.sections_of(board.id)
    page = reading.page(shown, board.id, sections, after=reading.after_of(after), limit=PAGE)
    return of_page(page, sections, reading.counts(shown, [board])[board.id], before=before)


def of_page(page: BoardPage, sections: list[BoardSection], count: int, *, before: int = 0) -> Slides:
    """The same of pictures that were read, such as those of a smart board."""
    names = {section.id: section.name for section in sections}
    slides = [
        Slide(n, pinned.image, label=names.get(pinned.section, ""), line=pinned.image.title, text=pinned.note or "")
        for n, pinned in enumerate(page.pinned, before + 1)
    ]
    more = {"after": page.next_after, "from": str(before + len(slides))} if page.next_after else {}
    return Slides(slides, count, more)


def of_storyboard(storyboard: Storyboard, shown: Condition, *, before: int = 0) -> Slides:
    """Those of a storyboard in the order in which its frames are read; what is written under a frame is for who speaks."""
    every = [
        (view, slot, slot.image)
        for view in frames_reading.views_of(storyboard.id, shown)
        for slot in view.slots
        if slot.image is not None
    ]
    slides = [
        Slide(
            n, image, label=f"Frame {view.number:02d}", line=slot.line or image.title, text=(slot.told and slot.told.action) or "",
            dialogue=(slot.told and slot.told.dialogue) or "", notes=view.frame.note or "", aspect=storyboard.aspect,
        )
        for n, (view, slot, image) in enumerate(every[before : before + PAGE], before + 1)
    ]  # fmt: skip
    here = before + len(slides)
    return Slides(slides, len(every), {"from": str(here)} if here < len(every) else {})
