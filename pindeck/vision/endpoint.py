"""One call of a provider's endpoint that speaks JSON, and what became of it in our words.

The address is the operator's own, so it may lie inside the network; nothing that it says is followed elsewhere.
"""

import email.utils
import json
import math
import time
from typing import Any

import httpx2

from pindeck.config import Settings
from pindeck.masking import masked
from pindeck.vision.errors import FormRefused, TooMuch, VisionAway, VisionRefused

CONNECT_S = 10
LONGEST_WAIT_S = 3600
_PROTOCOL = {"vision": "a chat", "embeddings": "an embeddings"}


class Endpoint:
    """`kind` is `vision` or `embeddings`: sentences say so, and name the settings that begin so. Threads may share one."""

    def __init__(self, settings: Settings, kind: str, url: str, key: str, *, most_bytes: int) -> None:
        self.url = url
        self.timeout_s = settings.vision_timeout_s
        self._kind = kind
        self._most_bytes = most_bytes
        # Proxies of the environment are not asked: the key would go with it.
        self.client = httpx2.Client(
            timeout=httpx2.Timeout(self.timeout_s, connect=min(CONNECT_S, self.timeout_s)),
            trust_env=False,
            headers={
                "Accept-Encoding": "identity",
                "HTTP-Referer": settings.site_url or "http://localhost",
                "X-Title": "Pindeck",
                **({"Authorization": f"Bearer {key}"} if key else {}),
            },
        )

    def post(self, request: dict[str, Any]) -> dict[str, Any]:
        """The object that it answers with. Raises FormRefused, VisionRefused or VisionAway.

        A 200 may hold an error all the same.
        """
        status, headers, body = self._sent(request)
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            said = None
        if status != 200:
            raise self._failure(status, said, _wait_s(headers.get("retry-after")))
        if not isinstance(said, dict):
            raise VisionAway(
                f"The answer of {self._setting('BASE_URL')} is broken, or not that of {_PROTOCOL[self._kind]} endpoint.", outcome="lost"
            )
        if error := said.get("error"):
            raise self.told(error)
        return said

    def told(self, error: Any) -> VisionAway | VisionRefused:
        """What an error within an answer means."""
        code = error.get("code") if isinstance(error, dict) else None
        return self._failure(code if isinstance(code, int) and 400 <= code < 600 else 500, {"error": error}, 0)

    def _setting(self, name: str) -> str:
        return f"{self._kind.upper()}_{name}"

    def _sent(self, request: dict[str, Any]) -> tuple[int, httpx2.Headers, bytes]:
        ends = time.monotonic() + self.timeout_s
        late = f"The {self._kind} provider did not answer within {self.timeout_s:g} seconds."
        try:
            with self.client.stream("POST", self.url, json=request) as answer:
                parts, count = [], 0
                for chunk in answer.iter_bytes():
                    parts.append(chunk)
                    count += len(chunk)
                    if count > self._most_bytes:
                        raise VisionRefused(
                            f"The answer of the {self._kind} provider is larger than {self._most_bytes // 2**20} MiB.", outcome="unusable"
                        )
                    if time.monotonic() > ends:
                        raise VisionAway(late, outcome="lost")
                return answer.status_code, answer.headers, b"".join(parts)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise VisionAway(
                f"The {self._kind} provider cannot be reached. Check {self._setting('BASE_URL')} if this goes on."
            ) from error
        except httpx2.TimeoutException as error:
            raise VisionAway(late, outcome="lost") from error
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            broken = f"The connection to the {self._kind} provider broke off before its answer was whole."
            raise VisionAway(broken, outcome="lost") from error

    def _failure(self, status: int, said: Any, wait_s: int) -> VisionAway | VisionRefused:
        """What an error status means, in a sentence, and with the course that it asks for."""
        words = f" It says: “{told}”" if (told := _complaint(said)) else ""
        who = f"The {self._kind} provider"
        if status == 429:
            return VisionAway(f"{who} asks to wait (429).{words}", retry_after_s=wait_s)
        if status >= 500 or status in (408, 409, 425):
            return VisionAway(f"{who} has trouble ({status}).{words}", retry_after_s=wait_s)
        if status in (401, 403):
            return VisionRefused(f"{who} does not accept the key ({status}). Correct {self._setting('API_KEY')}.{words}")
        if status == 402:
            return VisionRefused(f"The account at the {self._kind} provider has no credit left (402). An administrator can add some there.{words}")
        if status == 404:
            settings = f"{self._setting('MODEL')} or {self._setting('BASE_URL')}"
            return VisionRefused(f"{who} does not know this model or address (404). Correct {settings}.{words}")
        if status == 413:
            return TooMuch(f"What was sent is too large for the {self._kind} provider (413).{words}")
        if status in (400, 415, 422):
            return FormRefused(f"{who} does not understand the request ({status}).{words}")
        return VisionRefused(f"{who} answered with status {status}. Check {self._setting('BASE_URL')}.{words}")


def _complaint(said: Any) -> str:
    """The provider's own words, in one short line without secrets."""
    error = said.get("error", said) if isinstance(said, dict) else None
    words = error.get("message") if isinstance(error, dict) else error
    if not isinstance(words, str):
        return ""
    line = " ".join("".join(c if c.isprintable() else " " for c in words[:1000]).split())
    return masked(line)[:200]


def _wait_s(value: str | None) -> int:
    """`Retry-After` in seconds, however it is spelt; an hour at most."""
    if not value:
        return 0
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            return 0
    return math.ceil(min(max(seconds, 0), LONGEST_WAIT_S)) if math.isfinite(seconds) else 0
