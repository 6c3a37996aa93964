"""What a file is made of, as data: pictures with their words in order, or the pages of a deck."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Still:
    """A picture as it was when the file was made."""

    id: str
    title: str
    file: str
    credit: str
    address: str
    description: str
    palette: tuple[str, ...]
    width: int
    height: int
    focal: tuple[float, float]
    mime: str
    blob_id: str | None
    sha256: str | None
    rights: str | None = None


@dataclass(frozen=True)
class Shot:
    """A slot of a frame. `still` is None where its owner does not see the picture."""

    still: Still | None
    number: str = ""
    size: str = ""
    lens: str = ""
    movement: str = ""
    action: str = ""
    dialogue: str = ""
    duration_ms: int | None = None

    @property
    def line(self) -> str:
        from pindeck.services.boards.storyboards import shots

        length = f"{shots.written(self.duration_ms)} s" if self.duration_ms else ""
        return " · ".join(part for part in (self.size, self.lens, self.movement, length) if part)


@dataclass(frozen=True)
class Part:
    """Pictures that belong together: a section of a board, a frame of a storyboard. `told` is what a board says of each still."""

    name: str = ""
    note: str = ""
    stills: tuple[Still, ...] = ()
    told: tuple[str, ...] = ()
    shots: tuple[Shot, ...] = ()


@dataclass(frozen=True)
class Look:
    """How a deck looks: its colours by their names, the families of titles and of text, the weight of titles, and the effect with
    which one page follows the other."""

    colours: dict[str, str]
    display: str
    body: str
    weight: int
    effect: str


@dataclass(frozen=True)
class Credit:
    """What a picture is called, and who or what is named for it."""

    title: str
    source: str
    address: str


@dataclass(frozen=True)
class DeckPage:
    """A page of a deck. `stills` has None for a place without a picture that its owner sees; their focal points are those of
    the page. `title_fit` and `text_fit` are how large words are set, 1 for their full size; `shade` is from where and how much
    pictures are darkened, in percent."""

    kind: str
    title: str
    text: str
    part: int
    title_fit: float
    text_fit: float
    is_dense: bool
    stills: tuple[Still | None, ...]
    shade: tuple[str, int] | None
    notes: str
    credits: tuple[Credit, ...]


@dataclass(frozen=True)
class Content:
    """`dated_ms` is the last change of any of it: the time that the file tells. A deck has pages instead of parts, and a look;
    `hidden` counts the pictures on them that its owner does not see."""

    title: str
    parts: tuple[Part, ...]
    dated_ms: int
    aspect: str = ""
    total_ms: int = 0
    look: Look | None = None
    pages: tuple[DeckPage, ...] = ()
    hidden: int = 0

    @property
    def stills(self) -> Iterator[Still]:
        for part in self.parts:
            yield from part.stills
            yield from (shot.still for shot in part.shots if shot.still is not None)
        for page in self.pages:
            yield from (still for still in page.stills if still is not None)

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value or name not in ("look", "pages", "hidden")}
