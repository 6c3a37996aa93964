"""The guard, at the one place nothing can get around: where connections are made.

A name is resolved once, every address it has is checked, and the checked address itself is connected to, so
that a name with changing answers gains nothing. TLS and the `Host` header go on using the name.
"""

import threading
import time
from collections.abc import Iterable
from ssl import SSLContext
from typing import Any

import httpcore2

from pindeck.fetching.addresses import REFUSAL, check_address, is_address
from pindeck.fetching.errors import FetchFailed, FetchRefused, TookTooLong
from pindeck.fetching.policy import Policy

# A name with hundreds of addresses shall not make Pindeck knock at each.
MOST_ATTEMPTS = 4


class Deadline:
    """The time that all of a download has. `wait` is how long the next step may take, in seconds."""

    def __init__(self, timeout_s: float, silence_s: float) -> None:
        self._ends = time.monotonic() + timeout_s
        self._silence_s = silence_s

    def wait(self) -> float:
        """Raises TookTooLong when the time is up."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TookTooLong("The download took too long.")
        return min(left, self._silence_s)


class Guard(httpcore2.NetworkBackend):
    """Connects to the public internet and to what the policy allows besides. Raises FetchRefused."""

    def __init__(self, policy: Policy, deadline: Deadline) -> None:
        self._policy = policy
        self._deadline = deadline
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        trouble: Exception = FetchFailed("The name of the server has no address.")
        for address in self._addresses(host, port)[:MOST_ATTEMPTS]:
            try:
                stream = self._plain.connect_tcp(address, port, timeout=self._deadline.wait())
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                trouble = error
            else:
                return TimedStream(stream, self._deadline)
        raise trouble

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        raise FetchRefused(REFUSAL)

    def _addresses(self, host: str, port: int) -> list[str]:
        """The addresses to connect to. One that is forbidden is enough to refuse them all."""
        if (host, port) in self._policy.allow_hosts:
            return [host] if is_address(host) else self._resolve(host, port)
        if host == "localhost" or host.endswith(".localhost"):
            raise FetchRefused(REFUSAL)
        found = [host] if is_address(host) else self._resolve(host, port)
        return [str(check_address(address)) for address in found]

    def _resolve(self, host: str, port: int) -> list[str]:
        """Ask the resolver, which has no time limit of its own, from a thread that can be left behind."""
        answers: list[list[str]] = []
        troubles: list[Exception] = []

        def ask() -> None:
            try:
                answers.append(list(self._policy.resolver(host, port)))
            except (OSError, UnicodeError) as error:
                troubles.append(error)

        thread = threading.Thread(target=ask, name="resolve", daemon=True)
        thread.start()
        thread.join(self._deadline.wait())
        if answers:
            return answers[0]
        if troubles:
            raise FetchFailed("The name of the server cannot be resolved.") from troubles[0]
        raise TookTooLong("The name of the server was not resolved in time.")


class TimedStream(httpcore2.NetworkStream):
    """A connection whose every step keeps to the deadline, whatever the caller asks for."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.wait())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.wait())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        try:
            secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.wait())
        except BaseException:
            self.close()
            raise
        return TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
