"""An OpenAI-compatible embeddings endpoint over HTTP. The name of the model says how it answers: `good`, `few`, `nan`, …

A name of several words is answered by one after the other, and by the last from then on: `trouble,good`. A good answer is a
direction that depends on the words of the text alone; texts that share words point the like way. Its entries come in no order.
"""

import hashlib
import json
import math
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NUMBERS = 64
KEY = "sk-secret-of-embeddings"


def direction_of(text: str, numbers: int = NUMBERS) -> list[float]:
    """The sum of a fixed direction for each word, of length 1."""
    total = [0.0] * numbers
    for word in set(text.lower().replace(",", " ").replace(".", " ").split()):
        chance = random.Random(hashlib.sha256(word.encode()).digest())
        total = [so_far + chance.gauss(0, 1) for so_far in total]
    length = math.sqrt(sum(number * number for number in total)) or 1
    return [number / length for number in total]


def cosine(one: str, other: str) -> float:
    return sum(a * b for a, b in zip(direction_of(one), direction_of(other), strict=True))


class EmbeddingsServer:
    """`requests` are the bodies that came in, `keys` what they were signed with. Texts with `forbidden` in them, and those of more than
    `most_letters`, are refused."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.forbidden, self.most_letters = "forbidden", 2_000
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def texts(self) -> list[str]:
        """All that it was asked about."""
        return [text for request in self.requests for text in request["input"]]

    def turn(self, request: dict[str, Any], key: str | None) -> str:
        with self._lock:
            before = sum(each["model"] == request["model"] for each in self.requests)
            self.requests.append(request)
            self.keys.append(key)
        words = request["model"].split(",")
        return words[min(before, len(words) - 1)]

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


def _changed(how: str, data: list[dict[str, Any]]) -> list[Any]:
    """What each kind of broken answer holds in the place of a good one."""
    first = data[0]
    numbers = first["embedding"]
    return {
        "few": data[:-1],
        "many": [*data, first],
        "short": [{**first, "embedding": numbers[:-1]}, *data[1:]],
        "shorter": [{**entry, "embedding": entry["embedding"][:-1]} for entry in data],
        "nan": [{**first, "embedding": [math.nan, *numbers[1:]]}, *data[1:]],
        "endless": [{**first, "embedding": [10**400, *numbers[1:]]}, *data[1:]],
        "zero": [{**first, "embedding": [0] * len(numbers)}, *data[1:]],
        "words": [{**first, "embedding": ["0.5"] * len(numbers)}, *data[1:]],
        "coded": [{**first, "embedding": "AACAPwAAgD8="}, *data[1:]],
        "twice": [{**entry, "index": 0} for entry in data],
        "nowhere": [{"embedding": entry["embedding"]} for entry in data],
    }.get(how, data)


def _handler(server: EmbeddingsServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            how = server.turn(request, self.headers.get("Authorization"))
            with suppress(OSError):
                self.answer(how, request)

        def answer(self, how: str, request: dict[str, Any]) -> None:
            if self.path != "/v1/embeddings":
                self.send(404, {})
            elif how == "wait":
                self.send(429, {"error": {"message": f"Slow down, {KEY}"}}, {"Retry-After": "77"})
            elif how == "trouble":
                self.send(500, {"error": "oops"})
            elif how == "keyless":
                self.send(401, {"error": {"message": "No auth credentials found"}})
            elif how == "error200":
                self.send(200, {"error": {"code": 502, "message": "Provider returned error"}})
            elif how == "slow":
                server.over.wait(60)
            elif how == "refusing" or any(server.forbidden in text or len(text) > server.most_letters for text in request["input"]):
                self.send(400, {"error": {"message": "input is too long"}})
            else:
                data = [{"object": "embedding", "index": n, "embedding": direction_of(text)} for n, text in enumerate(request["input"])]
                self.send(200, {"object": "list", "data": _changed(how, data[::-1]), "model": request["model"]})

        def send(self, status: int, said: object, headers: dict[str, str] | None = None) -> None:
            data = json.dumps(said).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """The runner shows what a test says."""

    return Handler


@contextmanager
def serving_embeddings() -> Iterator[EmbeddingsServer]:
    server = EmbeddingsServer()
    try:
        yield server
    finally:
        server.close()
