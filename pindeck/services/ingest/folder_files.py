"""Which files below a folder are pictures, and what to call a file whose name is no valid text."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pindeck.imaging import structure

# All names that the accepted kinds go by. What a file is, its bytes decide later.
ENDINGS = frozenset(
    f".{name}"
    for name in (
        [
            "jpg",
            "jpeg",
            "jpe",
            "jfif",
            "jfi",
            "jif",
            "pjpeg",
            "pjp",
            "mpo",
            "png",
            "apng",
            "webp",
            "gif",
            "avif",
            "avifs",
            "heic",
            "heics",
            "heif",
            "heifs",
            "hif",
        ]
    )
)
_HEAD = 64  # bytes that show what a file is


@dataclass
class Found:
    """What lies below a folder, each part in a stable order. `unread` are the folders and files that the system did
    not let us read, with its reason; `left_out` the files that are not pictures. Hidden files are not looked at."""

    folder: Path
    pictures: list[Path] = field(default_factory=list)
    left_out: list[Path] = field(default_factory=list)
    unread: list[tuple[Path, str]] = field(default_factory=list)


def look(folder: Path) -> Found:
    """Pictures by their endings; by their first bytes where a name has none, as saved web pages and phones leave them."""
    found = Found(folder)

    def refuse(error: OSError) -> None:
        found.unread.append((Path(os.fsdecode(error.filename)), str(error.strerror)))

    for path in sorted(_files(folder, refuse)):
        if path.suffix.lower() in ENDINGS or (not path.suffix and _begins_like_a_picture(path, refuse)):
            found.pictures.append(path)
        elif not any(path == unread for unread, _ in found.unread):
            found.left_out.append(path)
    return found


def _files(folder: Path, refuse: Callable[[OSError], None]) -> list[Path]:
    files = []
    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [Path(parent, name) for name in names if not name.startswith(".")]
    return [path for path in files if path.is_file()]


def _begins_like_a_picture(path: Path, refuse: Callable[[OSError], None]) -> bool:
    try:
        with path.open("rb") as file:
            return structure.begins_like_a_picture(file.read(_HEAD))
    except OSError as error:
        refuse(error)
        return False


def name_of(path: Path) -> str:
    """The name of a file as text. Names are bytes: one that is not UTF-8 is most likely from an old Western system."""
    name = os.fsencode(path.name)
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("cp1252", "replace")
