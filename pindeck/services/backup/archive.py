"""The folder of a backup: rows as lines of JSON, bytes by their SHA-256, and a manifest that is written last."""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pindeck import locks
from pindeck.errors import Conflict, Invalid, NotFound
from pindeck.services.backup.objects import Fault, Stored, listed
from pindeck.services.backup.rows import Row, from_line, to_line
from pindeck.storage.base import CHUNK, Written
from pindeck.storage.filesystem import FilesystemStore
from pindeck.storage.folder import Folder, disk_errors

FORMAT = 1
MANIFEST = "manifest.json"
ROWS = "rows/"
OBJECTS = "objects/"
_OURS = {MANIFEST, "rows", "objects", ".tmp", ".lock"}


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `tables` gives the number of rows and the SHA-256 of each table's file."""

    id: str
    pindeck: str
    schema: tuple[str, ...]
    engine: str
    taken_at: int
    tables: dict[str, tuple[int, str]]
    objects: int
    faults: tuple[Fault, ...] = ()
    format: int = FORMAT


class Archive:
    """`files` is the folder as a store, so that bytes go into it and out of it as between any two stores."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        # Nothing is ever published here; the second folder is a word the store wants.
        self.files = FilesystemStore(self.root, self.root / ".none")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Write to the folder, alone. Raises Invalid for a folder of other things, Conflict when it is in use."""
        if self.root.exists() and {path.name for path in self.root.iterdir()} - _OURS:
            raise Invalid(f"{self.root} holds other things than a backup. Name a folder that is empty or new.")
        with disk_errors():
            Folder(self.root, shared=False).prepare()
            lock = locks.open_file(self.root / ".lock")
        try:
            if not locks.lock(lock, waits=False):
                raise Conflict(f"Another backup is being written to {self.root}.")
            yield
        finally:
            os.close(lock)

    def write_rows(self, manifest_id: str, table: str, rows: Iterable[Row]) -> Written:
        key = f"{ROWS}{manifest_id}/{table}.jsonl"
        return self.files.put(key, _gathered(map(to_line, rows)), content_type="application/json")

    def read_rows(self, manifest: Manifest, table: str) -> Iterator[Row]:
        """The rows of a table as they were. Raises Invalid for what is no row."""
        with disk_errors(), self._rows_file(manifest, table).open("rb") as file:
            for line in file:
                try:
                    row = from_line(line)
                except (ValueError, KeyError, TypeError) as error:
                    raise Invalid(f"The backup is damaged: the rows of {table} cannot be read.") from error
                yield row

    def stored(self, manifest: Manifest) -> Iterator[Stored]:
        """The objects that the rows name."""
        return listed(lambda table: self.read_rows(manifest, table), manifest.tables)

    def check_rows(self, manifest: Manifest, table: str) -> None:
        """Raises Invalid unless the file of a table is the one that was written."""
        with disk_errors(), self._rows_file(manifest, table).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != manifest.tables[table][1]:
            raise Invalid(f"The backup is damaged: the rows of {table} are not those that were written.")

    def _rows_file(self, manifest: Manifest, table: str) -> Path:
        path = self.files.local_path(f"{ROWS}{manifest.id}/{table}.jsonl")
        if path is None or table not in manifest.tables:
            raise Invalid(f"The backup is damaged: the rows of {table} are missing.")
        return path

    def seal(self, manifest: Manifest) -> None:
        """Make this the backup; the rows of the one before go."""
        said = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
        self.files.put(MANIFEST, [said], content_type="application/json")
        for found in list(self.files.list(ROWS)):
            if not found.key.startswith(f"{ROWS}{manifest.id}/"):
                self.files.delete(found.key)
        for folder in (self.root / ROWS).iterdir():
            if folder.name != manifest.id and not any(folder.iterdir()):
                folder.rmdir()

    def prune(self, wanted: Iterable[Stored]) -> int:
        """Remove objects that the backup does not name; how many."""
        named = {object_key(stored.sha256) for stored in wanted}
        unnamed = [found.key for found in self.files.list(OBJECTS) if found.key not in named]
        for key in unnamed:
            self.files.delete(key)
        return len(unnamed)

    def manifest(self) -> Manifest:
        """Raises NotFound where no backup was finished, Invalid for one that cannot be understood."""
        try:
            with self.files.open(MANIFEST) as file:
                said: Any = json.loads(file.read())
        except NotFound as error:
            raise NotFound(f"{self.root} is not a finished backup: it has no {MANIFEST}.") from error
        except ValueError as error:
            raise Invalid(f"The backup is damaged: {MANIFEST} cannot be read.") from error
        if not isinstance(said, dict) or said.get("format") != FORMAT:
            raise Invalid(f"This backup has a format that this version does not know. It knows {FORMAT}.")
        try:
            manifest = Manifest(
                id=str(said["id"]),
                pindeck=str(said["pindeck"]),
                schema=tuple(map(str, said["schema"])),
                engine=str(said["engine"]),
                taken_at=int(said["taken_at"]),
                tables={str(name): (int(count), str(digest)) for name, (count, digest) in said["tables"].items()},
                objects=int(said["objects"]),
                faults=tuple(Fault(Stored(**fault.pop("stored")), **fault) for fault in said["faults"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Invalid(f"The backup is damaged: {MANIFEST} cannot be understood.") from error
        if not all(re.fullmatch(r"[a-z0-9_-]{1,60}", name) for name in (manifest.id, *manifest.tables)):
            raise Invalid(f"The backup is damaged: {MANIFEST} has names that are not valid.")
        return manifest


def object_key(sha256: str) -> str:
    """Where bytes lie in a backup."""
    return f"{OBJECTS}{sha256[:2]}/{sha256}"


def _gathered(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines in pieces that are worth writing."""
    waiting, size = [], 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)
