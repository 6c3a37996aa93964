"""A page that opens from a disk: what is presented of a deck, a board or a storyboard, with its pictures and fonts, in one ZIP.

It is drawn by the templates, the style sheets and the script of presenting, so that it looks and acts as they do. It asks for
nothing from outside.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from jinja2 import Environment, FileSystemLoader

from pindeck import resources, storage
from pindeck.errors import PindeckError
from pindeck.exports import pictures, web_parts
from pindeck.exports.content import Content, Still
from pindeck.exports.filled import notes_of
from pindeck.exports.packing import Packed, zipped
from pindeck.exports.plans import Drawn, Progress
from pindeck.exports.web_slides import Slide, slides_of
from pindeck.imaging.errors import BadImage
from pindeck.models import Derivative
from pindeck.services.boards.presenting import MASKS
from pindeck.services.images import rights
from pindeck.storage import keys
from pindeck.storage.base import CHUNK

ALONE_PX, AMONG_PX = 2560, 1280  # how wide a picture is that has a slide for itself, and one beside others; for print all are as the first


def drawn(content: Content, quality: str, progress: Progress) -> Drawn:
    """The ZIP, what is to be said of it, and whether a picture could not be read."""
    found = _found(content, quality, lambda part: progress(0.7 * part))
    page = Packed.of("index.html", _rendered(content, found).encode(), is_words=True)
    files = [page, *web_parts.of(content.look), *(_packed(name, row) for name, row in found.files.values())]
    return Drawn(_told(files, lambda part: progress(0.7 + 0.3 * part)), notes_of(content, found.unread, set()), bool(found.unread))


@dataclass
class _Found:
    """By image, the name of its file and what is stored; `unread` are the titles of pictures that cannot be read now."""

    files: dict[str, tuple[str, Derivative]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

def _found(content: Content, quality: str, progress: Progress) -> _Found:
    """Each picture once, as sharp as its largest place wants it."""
    alone = {still.id for part in content.parts for still in (*part.stills, *(shot.still for shot in part.shots)) if still}
    alone |= {page.stills[0].id for page in content.pages if len(page.stills) == 1 and page.stills[0]}
    found, stills = _Found(), {still.id: still for still in content.stills}
    for number, still in enumerate(stills.values(), 1):
        across = ALONE_PX if still.id in alone or quality == "print" else AMONG_PX
        row = _readable(still, across)
        if row is None:
            found.unread.append(still.title)
        else:
            found.files[still.id] = f"pictures/{number:04}-{keys.stem(still.title)}.webp", row
        progress(number / len(stills))
    return found


def _readable(still: Still, across: int) -> Derivative | None:
    """A size of the picture whose bytes are there."""
    try:
        row = pictures.whole(still, (across, across))
        return row if storage.current().stat(row.object_key) else None
    except (PindeckError, BadImage):
        return None


def _packed(name: str, row: Derivative) -> Packed:
    def pieces() -> Iterator[bytes]:
        with storage.current().open(row.object_key) as stream:
            while piece := stream.read(CHUNK):
                yield piece

    return Packed(name, pieces(), row.bytes)


def _told(files: list[Packed], progress: Progress) -> Iterator[bytes]:
    """The ZIP, telling how far it is."""
    whole, done = sum(file.size for file in files), 0
    for piece in zipped(files):
        done += len(piece)
        yield piece
        progress(min(1.0, done / max(1, whole)))


def _rendered(content: Content, found: _Found) -> str:
    env = Environment(loader=FileSystemLoader(resources.ROOT / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    show = _Show(content.title, slides_of(content, found.files), {image_id: name for image_id, (name, _) in found.files.items()})
    return env.get_template("present/exported.html").render(show=show, masks=MASKS, icon=web_parts.icon, drawings=web_parts.drawings(), keys=web_parts.KEYS)


@dataclass(frozen=True)
class _Show:
    """What templates ask of what is shown; `names` are the files of pictures by image."""

    title: str
    slides: list[Slide]
    names: dict[str, str]

    @property
    def count(self) -> int:
        return len(self.slides)

    def large(self, image: Still) -> str:
        return self.names[image.id]

    def sign(self, image: Still) -> str:
        return rights.SIGN if rights.is_marked(image) else ""
