"""One ZIP of many pictures: what goes into it, under which names, and how large it will be, before a byte is read."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from peewee import JOIN, Value

from pindeck import access, storage
from pindeck.access import Actor
from pindeck.errors import Invalid, NotFound, invalid
from pindeck.imaging.presets import EAGER
from pindeck.models import Blob, Derivative, Image, StoredFile
from pindeck.models.base import JsonField
from pindeck.services.images import projects, rights
from pindeck.services.images.inspector import MOST, PART
from pindeck.services.library import choosing
from pindeck.services.library.choices import Choice
from pindeck.states import Damage
from pindeck.storage.base import CHUNK
from pindeck.text import table_of

ORIGINAL = "original"
SIZES = (ORIGINAL, *(preset.name for preset in EAGER))
MOST_BYTES = 64 * 2**30
MOST_STREAMED = 500 * 10**6  # bytes that are written while somebody waits; a larger one would hold a place in its process for long
NOTE = "Left out.txt"
MANIFEST = "Pictures.csv"
HEAD = ("File", "Title", "Credit", "Rights", "Address of the source", "SHA-256")
FOLDERS = ("", "project")  # all in one, or one for each project
FORBIDDEN = re.compile(r'[<>:"|?*\\/\x00-\x1f\x7f]')  # in names of files somewhere
DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d) *(\.|$)", re.IGNORECASE)  # what Windows takes for one, with any ending
LONGEST, LONGEST_ENDING = 200, 20  # bytes of a name before and behind its last dot; no folder takes more than 255


@dataclass(frozen=True)
class Entry:
    """A file of the ZIP: what it is called there, where its bytes lie, how many they are, and their SHA-256 as hex digits."""

    name: str
    key: str
    size: int
    sha256: str = ""

    def read(self) -> Iterator[bytes]:
        """Opened when its turn comes, so that one object is open at a time."""
        with storage.current().open(self.key, 0, self.size) as stream:
            while chunk := stream.read(CHUNK):
                yield chunk


@dataclass(frozen=True)
class Archive:
    """`left_out` are the titles of pictures that cannot be read now; a note in the ZIP names them. `manifest` says of each file
    what is known of its picture, as CSV; `ids` are the pictures of the entries."""

    entries: list[Entry]
    left_out: list[str]
    manifest: bytes = b""
    ids: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """The bytes of the pictures."""
        return sum(entry.size for entry in self.entries)

    @property
    def note(self) -> bytes:
        said = "These pictures could not be read, and are not in this ZIP:"
        return "\r\n".join([said, "", *self.left_out, ""]).encode()


def of(actor: Actor, choice: Choice, size: str = ORIGINAL, folders: str = "") -> Archive:
    """The chosen pictures that the actor sees in the library. Raises Invalid for an unknown size or kind of folders, or too
    much for one ZIP; NotFound when none of them can be read; Conflict as `rights.check` does."""
    check_form(size, folders)
    return of_ids(actor, choosing.find(actor, choice).ids, size, folders)


def check_form(size: str, folders: str) -> None:
    """Raises Invalid."""
    if size not in SIZES:
        raise invalid("size", f"There is no size “{size[:20]}”. Use one of: {', '.join(SIZES)}.")
    if folders not in FOLDERS:
        raise invalid("folders", "Name “project”, or leave it empty.")


def of_ids(actor: Actor, ids: list[str], size: str, folders: str) -> Archive:
    """The same of pictures that the actor is known to see."""
    if len(ids) > MOST:  # all that a search finds
        raise _too_much(f"These are {len(ids):,} pictures; one ZIP takes at most {MOST:,}. Narrow the search.")
    found: list[_Found] = []
    left_out: list[str] = []
    for at in range(0, len(ids), PART):
        part = list(_rows(ids[at : at + PART], size))
        named = projects.names_of({image.project_id for image, _ in part}) if folders else {}
        for image, entry in part:
            if entry is None or not access.can(actor, "image.original", image):
                left_out.append(image.title)
            else:
                found.append(_Found(image, _in_folder(entry, named.get(image.project_id))))
    if not found:
        raise NotFound("None of these pictures can be read now.")
    rights.check(each.image for each in found)
    total = sum(each.entry.size for each in found)
    if total > MOST_BYTES:
        raise _too_much(f"These are {total / 2**30:.1f} GiB; one ZIP takes at most {MOST_BYTES // 2**30} GiB. Choose fewer, or a smaller size.")
    entries = _told_apart([each.entry for each in found])
    rows = [_row(entry, each.image) for entry, each in zip(entries, found, strict=True)]
    return Archive(entries, left_out, table_of([HEAD, *rows]), [each.image.id for each in found])


class _Found(NamedTuple):
    """A picture with its file."""

    image: Image
    entry: Entry


def _row(entry: Entry, image: Image) -> tuple[str, ...]:
    return entry.name, image.title, image.attribution or "", image.rights or "", image.source_url or "", entry.sha256


def _in_folder(entry: Entry, project: str | None) -> Entry:
    """Pictures of no project stand beside the folders."""
    return replace(entry, name=f"{_safe(project.replace('.', '_'))}/{entry.name}") if project else entry


def _too_much(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"ids": sentence})


# All that says who may see a picture, without what takes long to read.
_LIGHT: tuple[Any, ...] = tuple(field for field in Image._meta.sorted_fields if not isinstance(field, JsonField))
_NAMES = tuple(field.name for field in _LIGHT)


def _rows(ids: list[str], size: str) -> Iterator[tuple[Image, Entry | None]]:
    """Each picture in the order of the ids, and its file, which is None where it is damaged or not there."""
    if size == ORIGINAL:
        columns: Any = (Blob.object_key, Blob.size, Blob.sha256, Blob.damaged_at, Blob.damage)
        rows: Any = Image.select(*_LIGHT, *columns).left_outer_join(StoredFile, on=(Image.file_id == StoredFile.id))
        rows = rows.join(Blob, JOIN.LEFT_OUTER, on=(StoredFile.blob_id == Blob.id))
    else:
        columns = (Derivative.object_key, Derivative.bytes, Derivative.sha256, Derivative.damaged_at, Value(None))
        rows = Image.select(*_LIGHT, *columns).left_outer_join(StoredFile, on=(Image.file_id == StoredFile.id))
        mine = (StoredFile.blob_id == Derivative.blob_id) & (Derivative.preset == size)
        rows = rows.join(Derivative, JOIN.LEFT_OUTER, on=mine)
    of = {}
    for row in rows.where(Image.id.in_(ids)).tuples():
        image = Image(__no_default__=True)  # Peewee takes longer to make one of a row than to read it
        image.__data__.update(zip(_NAMES, row, strict=False))
        of[image.id] = image, row[len(_NAMES) :]
    for image_id in ids:
        if image_id not in of:
            continue
        image, (key, held, digest, damaged_at, damage) = of[image_id]
        is_readable = damaged_at is None or damage == Damage.UNREADABLE
        name = image.original_filename or "image"
        if size != ORIGINAL:
            name = f"{name.rpartition('.')[0] or name}-{size}.webp"
        yield image, Entry(_safe(name), key, held or 0, digest) if is_readable and key else None


def _safe(name: str) -> str:
    """As every system can write it down: Windows takes no end that is a dot or space, and no name of a device."""
    stem, dot, ending = FORBIDDEN.sub("_", name).rstrip(" .").rpartition(".")
    stem, ending = _within(stem or ending, LONGEST).rstrip(" .") or "image", _within(ending, LONGEST_ENDING)
    return f"{'_' if DEVICE.match(stem) else ''}{stem}{dot + ending if dot else ''}"


def _within(text: str, most: int) -> str:
    """Its beginning, of at most so many bytes."""
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


def _told_apart(entries: list[Entry]) -> list[Entry]:
    """Two files of one name are told apart by a number, as a folder of a person would."""
    used, named = {NOTE.casefold(), MANIFEST.casefold()}, []
    last: dict[str, int] = {}  # the number of the last file of a name
    for entry in entries:
        name, key = entry.name, _key(entry.name)
        if key in used:
            folder, slash, plain = entry.name.rpartition("/")
            stem, dot, ending = plain.rpartition(".")
            number = last.get(key, 1)
            while _key(name) in used:
                number += 1
                name = f"{folder}{slash}{stem or ending} ({number}){dot + ending if stem else ''}"
            last[key] = number
        used.add(_key(name))
        named.append(replace(entry, name=name))
    return named


def _key(name: str) -> str:
    """What two names have in common that are one in a folder of a Mac or of Windows."""
    return unicodedata.normalize("NFC", name).casefold()
