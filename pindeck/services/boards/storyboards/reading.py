"""What the page of a storyboard shows: its frames with their pictures, and the pictures of the board beside them. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass

from peewee import chunked

from pindeck.access import Actor, Condition
from pindeck.models import Board, Image, Storyboard, StoryboardShot
from pindeck.services.boards import reading
from pindeck.services.boards.storyboards import frames, layout, shots
from pindeck.services.boards.storyboards.layout import Frame

RAIL = 120  # pictures of the board beside the frames, at once


@dataclass(frozen=True)
class Slot:
    """`shot` is the id of what stands there, `image` the picture where the reader sees it, `told` what is said of the shot."""

    number: int
    shot: str | None
    image: Image | None
    told: StoryboardShot | None

    @property
    def line(self) -> str:
        """The shot in one line: `12A · MCU · 35 mm · 3 s`."""
        row = self.told
        parts = [row.number, row.shot_size, row.lens, row.movement, f"{shots.written(row.duration_ms)} s" if row.duration_ms else None] if row else []
        return " · ".join(part for part in parts if part)

    @property
    def aim(self) -> str:
        """What a cut keeps in sight, as CSS says it."""
        return aim_of(self.image)


def aim_of(image: Image | None) -> str:
    """What a cut of a picture keeps in sight, as CSS says it: its focal point, or its middle."""
    x, y = (getattr(image, name, None) for name in ("focal_x", "focal_y"))
    return " ".join(f"{100 * (0.5 if part is None else part):.1f}%" for part in (x, y))


@dataclass(frozen=True)
class FrameView:
    """`number` counts from 1."""

    frame: Frame
    number: int
    slots: list[Slot]

    @property
    def cover(self) -> Image | None:
        return next((slot.image for slot in self.slots if slot.image is not None), None)


@dataclass(frozen=True)
class Opened:
    """`rail` has the next pictures of the board, `used` the ids of all shots, `next_after` where the rail goes on,
    `total_ms` how long the shots last that say so."""

    storyboard: Storyboard
    frames: list[FrameView]
    rail: list[Image]
    used: frozenset[str]
    next_after: str | None
    total_ms: int


def open_one(actor: Actor, storyboard: Storyboard, board: Board, *, after: str | None = None) -> Opened:
    """As many statements for many frames as for few, and one more for each 500 shots."""
    shown = reading.shown_to(actor)
    views = views_of(storyboard.id, shown)
    page = reading.page(shown, board.id, reading.sections_of(board.id), after=reading.after_of(after), limit=RAIL)
    used = frozenset(slot.shot for view in views for slot in view.slots if slot.shot is not None)
    total = shots.total_ms([slot.told for view in views for slot in view.slots if slot.told is not None])
    return Opened(storyboard, views, [pinned.image for pinned in page.pinned], used, page.next_after, total)


def seen(actor: Actor, image_ids: Iterable[str]) -> set[str]:
    """Those of the pictures that the actor sees in the library. One statement for each 500."""
    known: set[str] = set()
    for part in chunked(image_ids, 500):
        found = Image.select(Image.id).where(Image.id.in_(list(part)) & reading.shown_to(actor).expression())
        known |= {image.id for image in found}
    return known


def views_of(storyboard_id: str, shown: Condition) -> list[FrameView]:
    """All frames in their order, with the pictures that `shown` lets the reader see. Three statements, and one more for each 500
    shots."""
    found, told = frames.read(storyboard_id), shots.read(storyboard_id)
    images: dict[str, Image] = {}
    for part in chunked(layout.shots_of(found), 500):
        images |= {image.id: image for image in Image.select().where(Image.id.in_(list(part)) & shown.expression())}
    return [
        FrameView(frame, n, [Slot(at, shot, images.get(shot or ""), told.get(shot or "")) for at, shot in enumerate(frame.slots)])
        for n, frame in enumerate(found, 1)
    ]
