"""What every object store does, whatever lies behind it."""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from pindeck.errors import Invalid, PindeckError, TooLarge, Upstream

CHUNK = 256 * 1024
IMMUTABLE = "public, max-age=31536000, immutable"

Stream = BinaryIO | Iterable[bytes]


@dataclass(frozen=True)
class Written:
    """What `put` has made durable: the size in bytes and the SHA-256 as hex."""

    size: int
    sha256: str


@dataclass(frozen=True)
class ObjectInfo:
    """An object that is there. `modified_ms` is when it came to lie under its key, exact to a second."""

    key: str
    size: int
    modified_ms: int


class Readable(Protocol):
    """Bytes to be read once, from the beginning to the end."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, all that is left for -1, and `b""` at the end. Raises Upstream."""
        ...


class ObjectStore(Protocol):
    """Objects by key. Keys are checked at every call (Invalid); trouble with disk or network is Upstream."""

    def put(
        self,
        key: str,
        stream: Stream,
        *,
        content_type: str,
        cache_control: str | None = None,
        limit: int | None = None,
        expect_sha256: str | None = None,
    ) -> Written:
        """Write an object whole or not at all, over whatever lies under the key; durable on return.

        Raises TooLarge beyond `limit` bytes, Invalid when the digest is not `expect_sha256` (hex), NoSpace
        when the store is full, Upstream for other trouble. What the stream itself raises passes through.
        After any of these the key holds what it held before.
        """
        ...

    def open(self, key: str, start: int = 0, length: int | None = None) -> AbstractContextManager[Readable]:
        """Read an object, or `length` bytes of it from `start`; less where it ends. Raises NotFound."""
        ...

    def stat(self, key: str) -> ObjectInfo | None:
        """What is known of an object, or None where there is none."""
        ...

    def copy(self, source: str, target: str) -> None:
        """Put the object `source` under `target` as well, whole or not at all. Raises NotFound, NoSpace."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object. One that is not there is no error."""
        ...

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """The objects whose keys begin with `prefix`, in the order of their keys."""
        ...

    def publish(self, key: str, public_key: str, *, content_type: str) -> None:
        """Copy an object into the public place under `public_key`. Raises NotFound, NoSpace."""
        ...

    def unpublish(self, public_key: str) -> None:
        """Take a copy out of the public place. One that is not there is no error."""
        ...

    def open_public(self, public_key: str) -> AbstractContextManager[Readable]:
        """Read a published copy. Raises NotFound."""
        ...

    def public_path(self, public_key: str) -> Path | None:
        """The published copy as a file, where the store keeps files and it is there."""
        ...

    def list_public(self) -> Iterator[ObjectInfo]:
        """Every published copy; keys are relative to the public place."""
        ...

    def local_path(self, key: str) -> Path | None:
        """The object as a file, where the store keeps files and it is there."""
        ...

    def presigned_get(self, key: str, *, seconds: int, content_type: str, filename: str | None = None) -> str | None:
        """An address that answers the object without a credential for `seconds`, where the store has such.

        With `filename` it is downloaded under that name instead of being shown.
        """
        ...

    def left(self) -> int | None:
        """Bytes that may still come in; None where the store sets no limit of its own or does not tell it."""
        ...

    def prepare(self) -> None:
        """Make the folders or buckets. Running it again changes nothing."""
        ...

    def answer(self) -> None:
        """Look whether the store is there, and write nothing: anybody may make us ask. Raises Upstream."""
        ...

    def check(self) -> None:
        """Write, read back and delete a small object. Raises Upstream with a sentence."""
        ...


class Measured:
    """The chunks of a stream, counted and hashed on their way to the store."""

    def __init__(self, stream: Stream, limit: int | None) -> None:
        self._stream = stream
        self._limit = limit
        self._hash = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in chunks(self._stream):
            self.size += len(chunk)
            if self._limit is not None and self.size > self._limit:
                raise TooLarge(f"The file is larger than {_spoken(self._limit)}.")
            self._hash.update(chunk)
            yield chunk

    def written(self, expect_sha256: str | None) -> Written:
        """What has passed. Raises Invalid when it is not what was announced."""
        digest = self._hash.hexdigest()
        if expect_sha256 is not None and digest != expect_sha256.lower():
            raise Invalid(
                "The file arrived damaged: its SHA-256 is not the announced one. Send it again.",
                code="SHA256_MISMATCH",
                status=400,
            )
        return Written(self.size, digest)


def chunks(stream: Stream) -> Iterator[bytes]:
    """The bytes of a stream, piece by piece."""
    if hasattr(stream, "read"):
        while chunk := stream.read(CHUNK):
            yield chunk
    else:
        yield from stream


def _spoken(size: int) -> str:
    return f"{size // 2**20} MiB" if size >= 2**20 else f"{size} bytes"


def check_range(start: int, length: int | None) -> None:
    """Raises ValueError for a range that counts backwards."""
    if start < 0 or (length is not None and length < 0):
        raise ValueError("A range starts at 0 or later and has no negative length.")


def check_by_writing(store: ObjectStore) -> None:
    """Write, read back and delete a small object. Raises Upstream with a sentence."""
    key = f"_test/{secrets.token_hex(16)}"
    sent = secrets.token_bytes(64)
    try:
        try:
            store.put(key, [sent], content_type="application/octet-stream")
            with store.open(key) as stored:
                received = stored.read()
        finally:
            store.delete(key)
    except Upstream:
        raise
    except PindeckError as error:
        raise Upstream(error.message) from error
    if received != sent:
        raise Upstream("The object store returns other bytes than were written.")
