"""Folders that the server can read, below those that SOURCE_FOLDERS names: without symbolic links, and never our own."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from pindeck import config
from pindeck.errors import Invalid, Upstream, invalid
from pindeck.services.ingest import folder_files
from pindeck.services.ingest.sources.found import MAX_TITLE, Found, plain


def tops() -> list[Path]:
    """The folders below which a source may lie."""
    return [Path(each.strip()) for each in config.current().source_folders.split(",") if each.strip()]


def check(value: object) -> str:
    """The path of a folder that may be a source. Raises Invalid naming `path`."""
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise invalid("path", "Give the path of a folder on the server.")
    path = Path(value.strip())
    if not any(path == top or top in path.parents for top in tops()):
        raise invalid("path", "This folder is not below one that the setting SOURCE_FOLDERS names.")
    ours = config.current().data_dir.absolute().resolve()
    if path == ours or ours in path.parents or path in ours.parents:
        raise invalid("path", "Pindeck keeps its own files there. Choose another folder.")
    if not path.is_dir():
        raise invalid("path", "There is no such folder on the server, or it cannot be read.")
    if path.resolve() != path:
        raise invalid("path", "The path leads through a symbolic link, or is not written in full. Give the real path.")
    return str(path)


def look(folder: str) -> list[Found]:
    """The pictures below a folder, by their names, in a stable order. A file that changes is another one.

    Raises Invalid for a folder that may not be read any more.
    """
    top = Path(check(folder))
    return [_found(top, path) for path in sorted(_files(top)) if path.suffix.lower() in folder_files.ENDINGS]


def _files(top: Path) -> Iterator[Path]:
    """Files themselves: no links, and nothing that is hidden."""
    for parent, folders, names in os.walk(top):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(parent, name)
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path


def _found(top: Path, path: Path) -> Found:
    about = path.stat()
    name = os.fsencode(path.relative_to(top))
    told = f"{about.st_size}:{about.st_mtime_ns}:".encode() + name
    return Found(
        hashlib.sha256(told).hexdigest(), None, None, title=plain(folder_files.name_of(path), MAX_TITLE), path=quote(name)
    )


def file_at(folder: str, quoted: str) -> Path:
    """The file that was found below a folder. Raises Invalid when it is gone, or leads elsewhere by now; Upstream while
    the whole folder is away, as a share is that is not mounted."""
    if not Path(folder).is_dir():
        raise Upstream("The folder is not there now.")
    path = Path(check(folder), os.fsdecode(unquote_to_bytes(quoted)))
    if not path.is_file() or path.resolve() != path:
        raise Invalid("The file was moved or deleted since it was found.")
    return path
