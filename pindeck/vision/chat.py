"""One call of an OpenAI-compatible chat endpoint."""

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pindeck.config import Settings
from pindeck.vision import prompt, reading
from pindeck.vision.base import Usage
from pindeck.vision.endpoint import Endpoint
from pindeck.vision.errors import VisionAway

FORMS = ("json_schema", "json_object", "plain")
MOST_BYTES = 1024 * 1024
MOST_COUNT = 2**31 - 1


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
        url = f"{settings.vision_url}/chat/completions"
        self.endpoint = Endpoint(settings, "vision", url, settings.vision_api_key, most_bytes=MOST_BYTES)
        self._model = settings.vision_model
        self._is_openrouter = (urlsplit(url).hostname or "").endswith("openrouter.ai")
        self._sort = settings.openrouter_provider_sort

    def ask(self, instruction: str, picture: bytes, *, form: str, tokens: int) -> Reply:
        """Raises FormRefused, VisionRefused or VisionAway."""
        return self._reply(self.endpoint.post(self._request(instruction, picture, form, tokens)))

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

    def _reply(self, said: dict[str, Any]) -> Reply:
        """There may be an error in the place of a choice, or no choice at all."""
        choices = said.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        if error := choice.get("error"):
            raise self.endpoint.told(error)
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
