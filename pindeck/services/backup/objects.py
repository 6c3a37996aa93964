"""Copy objects from one store to another, each hashed on its way, and name those that are not what they should be."""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice

from pindeck.errors import Conflict, Invalid, NotFound, PindeckError, Upstream
from pindeck.services.backup.rows import ReadTable, Row, Value
from pindeck.storage import ObjectStore
from pindeck.storage.base import CHUNK, Readable
from pindeck.storage.keys import check_key

THREADS = 4  # most of the time goes by waiting for a disk or a network
BATCH = 64
MANY_IN_A_ROW = 20

# The tables whose rows name objects that are made of a blob.
MADE_OF_BLOBS = ("derivative", "crop")

GONE, LOST, DAMAGED, UNREADABLE = "gone", "lost", "damaged", "unreadable"


@dataclass(frozen=True)
class Stored:
    """An object that a row names: an original (`blob`) or something made of one."""

    table: str
    id: str
    blob_id: str
    key: str
    sha256: str
    size: int
    mime: str

    @property
    def is_original(self) -> bool:
        return self.table == "blob"


@dataclass(frozen=True)
class Fault:
    """An object that could not be copied. `gone` means that its row was deleted or changed in the meantime."""

    stored: Stored
    problem: str
    message: str

    @property
    def is_gone(self) -> bool:
        return self.problem == GONE


def listed(read: ReadTable, tables: Collection[str]) -> Iterator[Stored]:
    """Every object that rows of these tables name. Raises Invalid for a key that is none."""
    going = set()
    for row in read("blob"):
        if row["state"] == "deleting":
            going.add(row["id"])
        else:
            yield _stored("blob", row, row["id"], row["size"], "application/octet-stream")
    for table in MADE_OF_BLOBS:
        # An older backup knows fewer of them.
        for row in read(table) if table in tables else ():
            if row["blob_id"] not in going:
                yield _stored(table, row, row["blob_id"], row["bytes"], row["mime"])


def _stored(table: str, row: Row, blob_id: Value, size: Value, mime: Value) -> Stored:
    sha256 = str(row["sha256"])
    if not isinstance(size, int) or not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise Invalid("The backup is damaged: the size or the SHA-256 of an object is not valid.")
    return Stored(table, str(row["id"]), str(blob_id), check_key(str(row["object_key"])), sha256, size, str(mime))


class _Unreadable(Exception):
    """The source failed, and not the target."""


class Copier:
    """Copies what is not there yet. It may run several times: what it has seen right once is not read again.

    With `by_hash` the target's keys are made of the SHA-256, so an object of the right size is the right one
    unless `verify` asks for proof. With `verify` every object is read back from the target. With `overwrite`
    other bytes under a key give way; without it they end the run with Conflict.
    """

    def __init__(
        self,
        source: ObjectStore,
        target: ObjectStore,
        *,
        source_key: Callable[[Stored], str] = lambda stored: stored.key,
        target_key: Callable[[Stored], str] = lambda stored: stored.key,
        by_hash: bool = False,
        verify: bool = False,
        overwrite: bool = False,
    ) -> None:
        self.source, self.target = source, target
        self._source_key, self._target_key = source_key, target_key
        self._by_hash, self._verify, self._overwrite = by_hash, verify, overwrite
        self._right: set[tuple[str, str]] = set()
        self.copied = self.copied_bytes = 0

    def run(self, wanted: Iterable[Stored], progress: Callable[[int], None]) -> list[Fault]:
        """Copy all of it; what could not be copied. Raises NoSpace or Upstream when the target cannot be used."""
        faults: list[Fault] = []
        done = failing = 0
        remaining = iter(wanted)
        with ThreadPoolExecutor(THREADS, thread_name_prefix="copy") as pool:
            while batch := list(islice(remaining, BATCH)):
                for fault in pool.map(self._one, batch):
                    done += 1
                    failing = failing + 1 if fault and fault.problem == UNREADABLE else 0
                    if fault:
                        faults.append(fault)
                    if fault and failing >= MANY_IN_A_ROW:
                        raise Upstream(f"{failing} objects in a row cannot be read. {fault.message}")
                    progress(done)
        return faults

    def again(self, stored: Stored, key: str) -> Fault | None:
        """Copy one object that lies under another key by now."""
        return self._copied(stored, key)

    def _one(self, stored: Stored) -> Fault | None:
        if (stored.key, stored.sha256) in self._right:
            return None
        target = self._target_key(stored)
        there = self.target.stat(target)
        if there is not None:
            trusted = self._by_hash and not self._verify
            if there.size == stored.size and (trusted or self._digest(target) == stored.sha256):
                self._right.add((stored.key, stored.sha256))
                return None
            if not (self._by_hash or self._overwrite):
                raise Conflict(
                    f"The store holds other bytes under {target} already. "
                    "If it belongs to another library, use an empty store; if not, allow overwriting."
                )
        return self._copied(stored, self._source_key(stored))

    def _copied(self, stored: Stored, key: str) -> Fault | None:
        target = self._target_key(stored)
        try:
            with self._opened(key) as source:
                self.target.put(target, _chunks(source), content_type=stored.mime, expect_sha256=stored.sha256)
        except NotFound:
            return Fault(stored, LOST, "It is not in the store.")
        except _Unreadable as error:
            return Fault(stored, UNREADABLE, str(error))
        except Invalid:  # the key was checked when the object was listed
            return Fault(stored, DAMAGED, "Its bytes are not those that were stored.")
        if self._verify and self._digest(target) != stored.sha256:
            return Fault(stored, DAMAGED, "The target returns other bytes than were written.")
        self._right.add((stored.key, stored.sha256))
        self.copied += 1
        self.copied_bytes += stored.size
        return None

    def _opened(self, key: str):  # type: ignore[no-untyped-def]
        try:
            return self.source.open(key)
        except NotFound:
            raise
        except PindeckError as error:
            raise _Unreadable(error.message) from error

    def _digest(self, key: str) -> str:
        digest = hashlib.sha256()
        with self.target.open(key) as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
        return digest.hexdigest()


def _chunks(source: Readable) -> Iterator[bytes]:
    while True:
        try:
            chunk = source.read(CHUNK)
        except PindeckError as error:
            raise _Unreadable(error.message) from error
        if not chunk:
            return
        yield chunk


def gone(fault: Fault) -> Fault:
    """The same fault of an object whose row was deleted or changed in the meantime."""
    return replace(fault, problem=GONE, message="It was deleted while the backup was taken.")
