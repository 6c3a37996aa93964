"""fal.ai, or whatever speaks its queue over HTTP: a request is sent once, and asked for by its id until it is done.

A request that is sent is charged. So nothing here sends twice: whatever leaves a doubt about the first time is `Uncertain`.
"""

import base64
import contextlib
import json
from typing import Any
from urllib.parse import urlsplit

import httpx2

from pindeck import __version__
from pindeck.varying.base import Away, Busy, Gone, Made, Order, Refused, Ticket, Uncertain

TIMES = httpx2.Timeout(10, read=60, write=60)
MOST = 1_000_000  # bytes of an answer, which names pictures and holds none
WAIT_S = 30.0
ADDRESSES = ("status_url", "response_url", "cancel_url")


class Fal:
    """`base_url` has no slash at its end. `each` is the price of a picture in US dollars, None if nobody said it."""

    name = "fal"
    attribution = "AI Generation"

    def __init__(self, base_url: str, key: str, model: str, each: float | None) -> None:
        self.model = model
        self._base = base_url
        self._each = each
        self._headers = {"Authorization": f"Key {key}", "User-Agent": f"Pindeck/{__version__}", "Accept": "application/json"}

    def submit(self, order: Order) -> Ticket:
        data, mime = order.picture()
        wanted = {
            "prompt": order.prompt,
            "image_urls": [f"data:{mime};base64,{base64.b64encode(data).decode()}"],
            "num_images": 1,
            "aspect_ratio": order.aspect,
            "resolution": order.resolution,
            "output_format": "png",
        }
        try:
            status, told, headers = self._ask("POST", f"{self._base}/{self.model}", wanted)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:  # nothing left this machine
            raise Busy("The provider cannot be reached.", WAIT_S) from error
        except httpx2.HTTPError as error:
            raise Uncertain("The connection to the provider broke off while it was sent.") from error
        if status == 429:
            raise Busy("The provider has too much to do.", _after(headers))
        if status >= 500 or status in (408, 409):
            raise Uncertain(f"The provider answered with an error of its own ({status}).")
        if status >= 300:
            raise Refused(_why(status, told))
        request_id = told.get("request_id")
        if not isinstance(request_id, str) or not request_id:
            raise Uncertain("The provider answered without an id.")
        return Ticket(request_id, {name: told[name] for name in ADDRESSES if isinstance(told.get(name), str)})

    def result(self, order: Order, ticket: Ticket) -> Made | None:
        status, told = self._look(self._place(ticket, "status_url"))
        if status >= 300:
            raise Away(f"The provider does not say how far it is ({status}).")
        if told.get("status") != "COMPLETED":
            return None
        if told.get("error"):
            raise Refused(f"The provider could not make it: {_words(told['error'])}")
        status, told = self._look(self._place(ticket, "response_url"))
        if status in (400, 422):
            raise Refused(_why(status, told))
        if status >= 300:
            raise Away(f"The provider does not hand over what it made ({status}).")
        images = told.get("images")
        first = images[0] if isinstance(images, list) and images else None
        url = first.get("url") if isinstance(first, dict) else None
        if not isinstance(url, str):
            raise Refused("The provider made no picture of it.")
        return Made(url=url, cost=self._each)

    def cancel(self, ticket: Ticket) -> None:
        with contextlib.suppress(httpx2.HTTPError):
            self._ask("PUT", self._place(ticket, "cancel_url"))

    def _look(self, url: str) -> tuple[int, dict[str, Any]]:
        try:
            status, told, _ = self._ask("GET", url)
        except httpx2.HTTPError as error:
            raise Away("The provider does not answer.") from error
        if status in (404, 410):
            raise Gone("The provider does not know the request any more.")
        return status, told

    def _place(self, ticket: Ticket, name: str) -> str:
        """Where the provider told to ask. The key goes nowhere else than to the provider's own address."""
        told = ticket.addresses.get(name, "")
        if told and urlsplit(told)[:2] == urlsplit(self._base)[:2]:
            return told
        app = "/".join(self.model.split("/")[:2])  # requests are kept under the name without what it does
        end = {"status_url": "/status", "cancel_url": "/cancel", "response_url": ""}[name]
        return f"{self._base}/{app}/requests/{ticket.request_id}{end}"

    def _ask(self, method: str, url: str, body: object = None) -> tuple[int, dict[str, Any], httpx2.Headers]:
        """Status, JSON object (an empty one where it is none) and headers. Raises httpx2.HTTPError."""
        with (
            httpx2.Client(timeout=TIMES, headers=self._headers, trust_env=False) as client,
            client.stream(method, url, json=body) as answer,
        ):
            read = b""
            for chunk in answer.iter_bytes():
                read += chunk
                if len(read) > MOST:
                    break
            try:
                told = json.loads(read)
            except ValueError:
                told = {}
            return answer.status_code, told if isinstance(told, dict) else {}, answer.headers


def _after(headers: httpx2.Headers) -> float:
    try:
        return min(600.0, max(1.0, float(headers.get("retry-after", WAIT_S))))
    except ValueError:
        return WAIT_S


def _why(status: int, told: dict[str, Any]) -> str:
    if status in (401, 403):
        return "The provider does not accept FAL_KEY, or its account has no money left. An administrator can look there."
    reason = told.get("detail") or told.get("error") or told.get("message")
    return f"The provider refused it ({status}){': ' + _words(reason) if reason else '.'}"


def _words(reason: object) -> str:
    """A sentence out of what providers answer: text, or a list of objects with `msg`."""
    if isinstance(reason, list):
        reason = "; ".join(str(each.get("msg", each)) if isinstance(each, dict) else str(each) for each in reason)
    return " ".join(str(reason).split())[:300]
