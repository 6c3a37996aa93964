"""The bytes of an S3 answer as a stream."""

from types import TracebackType
from typing import Any

from pindeck.storage.s3_errors import s3_errors


class S3Reader:
    """The body of an answer as a stream; it goes back to the pool with its `with` block."""

    def __init__(self, response: Any) -> None:
        self._response = response

    def read(self, size: int = -1, /) -> bytes:
        if self._response is None:
            return b""
        with s3_errors():
            return self._response.read(None if size < 0 else size)

    def close(self) -> None:
        if self._response is not None:
            # Closing first drops what was not read, so that the next user of the connection cannot get it.
            self._response.close()
            self._response.release_conn()
            self._response = None

    def __enter__(self) -> "S3Reader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
