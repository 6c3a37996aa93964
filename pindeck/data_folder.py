"""DATA_DIR and the files in it that hold secrets: theirs to read who run Pindeck, and nobody else's."""

import contextlib
import os
import secrets
import stat
from pathlib import Path

PRIVATE = 0o600
CLOSED = 0o700
PASSABLE = 0o711  # a front server gets through to `public/`, and can list nothing on its way

# What Pindeck keeps in DATA_DIR itself. The folders in it have modes of their own.
NAMES = (
    "pindeck.sqlite3",
    "pindeck.sqlite3-wal",
    "pindeck.sqlite3-shm",
    "pindeck.turn",
    "pindeck.line",
    "migrate.lock",
    "secret-key",
)


def make(folder: Path, *, is_passed_through: bool) -> None:
    """Make DATA_DIR; one that is there already keeps the mode that its owner gave it."""
    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(CLOSED)
        folder.chmod(PASSABLE if is_passed_through else CLOSED)
    if not folder.is_dir():
        raise NotADirectoryError(20, "Not a directory", str(folder))


def touch(path: Path) -> None:
    """Make an empty file that is private from its first moment, unless it is there. SQLite gives its side files its mode."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE))


def write_once(path: Path, text: str) -> None:
    """Write a private file unless it is there. When processes start together, one wins and none reads half of it."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "w") as file:
        file.write(text)
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)  # atomic
    draft.unlink()


def close(folder: Path) -> None:
    """Close the files of an earlier version to others. What belongs to somebody else is left to them."""
    for name in NAMES:
        path = folder / name
        with contextlib.suppress(FileNotFoundError, PermissionError):
            mode = path.stat().st_mode
            if stat.S_ISREG(mode) and mode & 0o077:
                path.chmod(PRIVATE)
