"""How many calls a program may make: a bucket each for reads, writes, uploads, and what bots bring and decide.

Counted in the queue's Redis, so that every web process knows the same number. While that is away each process
counts by itself: a limit is no reason to refuse work. Pages and the bytes of pictures are not counted.
"""

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, current_app, g, request

from pindeck.config import Settings
from pindeck.errors import TooMany
from pindeck.services.accounts.networks import network_of

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import SlidingWindowCounterRateLimiter
    from werkzeug.wrappers import Response

log = logging.getLogger("pindeck.limits")

AWAY_S = 30.0  # how long Redis is left alone after it did not answer
EXTENSION = "pindeck_limits"


@dataclass(frozen=True)
class Standing:
    """What a caller has left: calls in the window, calls left, and when the window is over (Unix seconds)."""

    limit: int
    remaining: int
    reset_at: int


class Counter:
    """The buckets of one process. Connects when the first call is counted, so never before a fork."""

    def __init__(self, url: str, rates: dict[str, str]) -> None:
        from limits import parse
        from limits.storage import MemoryStorage
        from limits.strategies import SlidingWindowCounterRateLimiter

        self.rates: dict[str, RateLimitItem] = {name: parse(rate) for name, rate in rates.items() if rate != "0"}
        self._url = url.replace("unix://", "redis+unix://", 1)
        self._alone = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared: SlidingWindowCounterRateLimiter | None = None
        self._away_until = 0.0

    def count(self, bucket: str, caller: str) -> tuple[bool, Standing] | None:
        """Count one call: whether it is within the limit, and the standing after it; None without a limit."""
        rate = self.rates.get(bucket)
        if rate is None:
            return None
        if time.monotonic() >= self._away_until:
            try:
                return self._hit(self._connected(), rate, bucket, caller)
            except Exception as error:  # whatever the client raises: the limit is then this process's own
                log.warning("the limits' store did not answer (%s)", type(error).__name__)
                self._away_until = time.monotonic() + AWAY_S
        return self._hit(self._alone, rate, bucket, caller)

    def _connected(self) -> "SlidingWindowCounterRateLimiter":
        if self._shared is None:
            from limits.storage import storage_from_string
            from limits.strategies import SlidingWindowCounterRateLimiter

            storage = storage_from_string(self._url, socket_connect_timeout=0.5, socket_timeout=0.5)
            self._shared = SlidingWindowCounterRateLimiter(storage)  # type: ignore[arg-type]
        return self._shared

    @staticmethod
    def _hit(
        limiter: "SlidingWindowCounterRateLimiter", rate: "RateLimitItem", bucket: str, caller: str
    ) -> tuple[bool, Standing]:
        within = limiter.hit(rate, bucket, caller)
        reset_at, remaining = limiter.get_window_stats(rate, bucket, caller)
        latest = int(time.time()) + rate.get_expiry()  # no window ends later than one that begins now
        return within, Standing(rate.amount, max(0, remaining), min(int(reset_at) + 1, latest))


def init_app(app: Flask, settings: Settings) -> None:
    rates = {
        "read": settings.rate_read,
        "write": settings.rate_write,
        "upload": settings.rate_upload,
        "ingest": settings.rate_ingest,
    }
    app.extensions[EXTENSION] = Counter(settings.queue_url, rates)

    @app.after_request
    def tell(response: "Response") -> "Response":
        standing: Standing | None = g.get("standing") or _counted_late()
        if standing is not None:
            response.headers["X-RateLimit-Limit"] = str(standing.limit)
            response.headers["X-RateLimit-Remaining"] = str(standing.remaining)
            response.headers["X-RateLimit-Reset"] = str(standing.reset_at)
        return response


def spend(bucket: str) -> None:
    """Count one call of the caller. Raises TooMany when the bucket is empty."""
    counted = current_app.extensions[EXTENSION].count(bucket, _caller())
    if counted is None:
        return
    within, g.standing = counted
    if not within:
        wait_s = max(1, g.standing.reset_at - int(time.time()))
        raise TooMany(f"More than {g.standing.limit} calls were made. Try again in {wait_s} s.", retry_after_s=wait_s)


def _counted_late() -> Standing | None:
    """Count a call that was refused before its operation began, such as one with an unknown key."""
    operation = getattr(current_app.view_functions.get(request.endpoint or ""), "operation", None)
    if operation is None or not operation.bucket or "actor" not in g:
        return None
    counted = current_app.extensions[EXTENSION].count(operation.bucket, _caller())
    return counted[1] if counted else None


def _caller() -> str:
    actor = g.actor
    return actor.key_id or actor.session_id or f"address:{network_of(request.remote_addr or '')}"
