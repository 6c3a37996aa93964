"""One call of an OpenAI-compatible chat endpoint, and what became of it in our words.

The address is the operator's own, so it may lie inside the network; nothing that it says is followed elsewhere.
"""

import base64
import email.utils
import json
import math
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2

from pindeck.config import Settings
from pindeck.masking import masked
from pindeck.vision import prompt, reading
from pindeck.vision.base import Usage
from pindeck.vision.errors import FormRefused, VisionAway, VisionRefused

FORMS = ("json_schema", "json_object", "plain")
MOST_BYTES = 1024 * 1024
CONNECT_S = 10
LONGEST_WAIT_S = 3600
MOST_COUNT = 2**31 - 1
BROKEN_OFF = "The connection to the vision provider broke off before its answer was whole."


@dataclass(frozen=True)
class Reply:
    """`is_cut`: the tokens were used up. `refusal` is what the model says that does not want to."""

    text: str
    is_cut: bool
    refusal: str
    usage: Usage


class Chat:
    """Speaks to the endpoint of the settings. Threads may share one."""

    def __init__(self, settings: Settings) -> None:
        self._url = f"{settings.vision_url}/chat/completions"
        self._model = settings.vision_model
        self._is_openrouter = (urlsplit(self._url).hostname or "").endswith("openrouter.ai")
        self._sort = settings.openrouter_provider_sort
        self._timeout_s = settings.vision_timeout_s
        # Proxies of the environment are not asked: the key would go with it.
        self._client = httpx2.Client(
            timeout=httpx2.Timeout(self._timeout_s, connect=min(CONNECT_S, self._timeout_s)),
            trust_env=False,
            headers={
                "Accept-Encoding": "identity",
                "HTTP-Referer": settings.site_url or "http://localhost",
                "X-Title": "Pindeck",
                **({"Authorization": f"Bearer {settings.vision_api_key}"} if settings.vision_api_key else {}),
            },
        )

    def ask(self, instruction: str, picture: bytes, *, form: str, tokens: int) -> Reply:
        """Raises FormRefused, VisionRefused or VisionAway."""
        status, headers, body = self._sent(self._request(instruction, picture, form, tokens))
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            said = None
        if status != 200:
            raise failure(status, _complaint(said), _wait_s(headers.get("retry-after")))
        if not isinstance(said, dict):
            raise VisionAway(
                "The answer of VISION_BASE_URL is broken, or not that of a chat endpoint.", outcome="lost"
            )
        return _reply(said)

    def _request(self, instruction: str, picture: bytes, form: str, tokens: int) -> dict[str, Any]:
        inline = "data:image/jpeg;base64," + base64.b64encode(picture).decode("ascii")
        request: dict[str, Any] = {
            "model": self._model,
            "temperature": 0.2,
            "max_tokens": tokens,
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": instruction},
                        {"type": "image_url", "image_url": {"url": inline}},
                    ],
                }
            ],
        }
        if form == "json_schema":
            schema = {"name": "description", "strict": True, "schema": prompt.SCHEMA}
            request["response_format"] = {"type": form, "json_schema": schema}
        elif form == "json_object":
            request["response_format"] = {"type": form}
        if self._is_openrouter:
            # Otherwise it may choose a server that passes over the form.
            provider = {"require_parameters": True} if form != "plain" else {}
            request["provider"] = {**provider, **({"sort": self._sort} if self._sort else {})}
            request["usage"] = {"include": True}
        return request

    def _sent(self, request: dict[str, Any]) -> tuple[int, httpx2.Headers, bytes]:
        ends = time.monotonic() + self._timeout_s
        late = f"The vision provider did not answer within {self._timeout_s:g} seconds."
        try:
            with self._client.stream("POST", self._url, json=request) as answer:
                body = b""
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > MOST_BYTES:
                        raise VisionRefused(
                            "The answer of the vision provider is larger than 1 MiB.", outcome="unusable"
                        )
                    if time.monotonic() > ends:
                        raise VisionAway(late, outcome="lost")
                return answer.status_code, answer.headers, body
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise VisionAway(
                "The vision provider cannot be reached. Check VISION_BASE_URL if this goes on."
            ) from error
        except httpx2.TimeoutException as error:
            raise VisionAway(late, outcome="lost") from error
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            raise VisionAway(BROKEN_OFF, outcome="lost") from error


def failure(status: int, said: str, wait_s: int) -> VisionAway | VisionRefused:
    """What an error status means, in a sentence, and with the course that it asks for."""
    words = f" It says: “{said}”" if said else ""
    if status == 429:
        return VisionAway(f"The vision provider asks to wait (429).{words}", retry_after_s=wait_s)
    if status >= 500 or status in (408, 409, 425):
        return VisionAway(f"The vision provider has trouble ({status}).{words}", retry_after_s=wait_s)
    if status in (401, 403):
        return VisionRefused(
            f"The vision provider does not accept the key ({status}). Correct VISION_API_KEY.{words}"
        )
    if status == 402:
        return VisionRefused(f"The account at the vision provider has no credit left (402).{words}")
    if status == 404:
        return VisionRefused(
            f"The vision provider does not know this model or address (404). Correct VISION_MODEL or VISION_BASE_URL.{words}"
        )
    if status == 413:
        return VisionRefused(f"The picture is too large for the vision provider (413).{words}")
    if status in (400, 415, 422):
        return FormRefused(f"The vision provider does not understand the request ({status}).{words}")
    return VisionRefused(f"The vision provider answered with status {status}. Check VISION_BASE_URL.{words}")


def _reply(said: dict[str, Any]) -> Reply:
    """A 200 may hold an error all the same, and no choice at all."""
    choices = said.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    error = said.get("error") or choice.get("error")
    if error:
        code = error.get("code") if isinstance(error, dict) else None
        raise failure(code if isinstance(code, int) and 400 <= code < 600 else 500, _complaint({"error": error}), 0)
    if not choice:
        raise VisionAway("The reply of the vision provider holds no answer.", outcome="lost")
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    text = reading.text_of(message.get("content")).strip()
    is_cut = choice.get("finish_reason") == "length"
    refusal = message.get("refusal")
    if choice.get("finish_reason") == "content_filter" and not text:
        refusal = refusal or "filtered"
    return Reply(text, is_cut, refusal[:200] if isinstance(refusal, str) else "", _usage(said.get("usage")))


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


def _usage(said: Any) -> Usage:
    if not isinstance(said, dict):
        return Usage()
    cost = said.get("cost")
    is_price = isinstance(cost, (int, float)) and not isinstance(cost, bool) and 0 <= cost < 1000
    return Usage(
        _count(said.get("prompt_tokens")), _count(said.get("completion_tokens")),
        round(cost * 1_000_000) if is_price else None,  # type: ignore[operator]
    )  # fmt: skip


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_COUNT else None
