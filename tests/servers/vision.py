"""An OpenAI-compatible endpoint over HTTP. The name of the model says how it answers: `good`, `fenced`, `hung`, …

A name of several words is answered by one after the other, and by the last from then on: `trouble,good`. It may take
its time (`delay_s`), and go away for a while.
"""

import base64
import io
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image

WORDS = {
    "title": "Neon Alley", "description": "A wet alley at night.", "tags": ["Rain", "neon", "rain", "original"],
    "category": "sci-fi", "group": "music video", "genre": "science fiction", "shot": "OTS",
    "visual_style": "16 mm film", "project_name": None, "moodboard_name": "none",
    "size": "MCU", "light": ["low key", "Foggy glow"], "time": "magic hour", "setting": None, "lens": [], "era": 7,
}  # fmt: skip
GOOD = json.dumps(WORDS)
USAGE = {"prompt_tokens": 1200, "completion_tokens": 80, "cost": 0.000213}


def reply(content: object, finish: str = "stop", **message: object) -> dict[str, Any]:
    return {
        "choices": [{"message": {"role": "assistant", "content": content, **message}, "finish_reason": finish}],
        "usage": USAGE,
    }


CONTENTS: dict[str, object] = {
    "good": GOOD,
    "fenced": f"```json\n{GOOD}\n```",
    "chatty": f"Sure! Here is what I see in {{the}} picture:\n\n{GOOD}\n\nShall I describe more?",
    "thought": f'<think>Maybe {{"title": "A draft", "genre": "Drama"}}?</think>{GOOD}',
    "parts": [{"type": "text", "text": GOOD[:40]}, {"type": "text", "text": ""}, "", GOOD],
    "wrapped": json.dumps({"response": [{"output": json.dumps({"data": WORDS})}]}),
    "sloppy": "{title: “Neon Alley”, 'description': 'A wet alley at night.', tags: [\"rain\", \"neon\",], }",
    "wrong": json.dumps(
        {
            "title": 7,
            "description": ["x"],
            "tags": {"a": 1},
            "category": None,
            "group": "Opera",
            "genre": True,
            "shot": {},
        }
    ),
    "long": json.dumps(
        {
            "title": "t" * 900,
            "description": "d\u0000" * 6000,
            "tags": [f"tag {n}" for n in range(60)],
            "genre": "\ud800g" * 400,
        }
    ),
    "blank": json.dumps({"title": " ", "description": "", "tags": [], "genre": "null", "shot": "N/A"}),
    "nothing": "",
    "null": None,
    "prose": "It is a lovely alley, and I will say no more.",
    "huge": "x" * 70_000,
    "deep": "[" * 20_000,
}
STATUSES: dict[str, tuple[int, dict[str, str], object]] = {
    "wait": (429, {"Retry-After": "77"}, {"error": {"message": "Slow down, sk-secret-of-vision"}}),
    "trouble": (500, {}, "<html>oops</html>"),
    "keyless": (401, {}, {"error": {"message": "No auth credentials found"}}),
    "poor": (402, {}, {"error": {"message": "Insufficient credits"}}),
    "unknown": (404, {}, {"error": "no such model"}),
    "moved": (302, {"Location": "http://127.0.0.1:9/elsewhere"}, {}),
    "denied": (400, {}, {"error": {"message": "image_url is not supported"}}),
    "html": (200, {}, "<html>Welcome</html>"),
    "error200": (200, {}, {"error": {"code": 502, "message": "Provider returned error"}}),
    "wait200": (200, {}, {"error": {"code": 429, "message": "rate-limited upstream"}}),
    "choiceless": (200, {}, {"id": "x", "choices": []}),
    "refusing": (200, {}, reply(None, refusal="I cannot help with that.")),
    "filtered": (200, {}, reply("", "content_filter")),
    "priceless": (
        200,
        {},
        {**reply(GOOD), "usage": {"prompt_tokens": -4, "completion_tokens": True, "cost": "free"}},
    ),
}


class VisionServer:
    """`requests` are the bodies that came in, `headers` what came with them, `pictures` those that they held. `heard`
    are the names of the files whose answers were sent whole, and `most_at_once` is how many calls it had at a time."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.heard: list[str] = []
        self.delay_s = 0.0
        self.at_once = self.most_at_once = 0
        self.asked, self.answers_at_once = 0, 1_000_000  # calls beyond so many wait until `go` is set
        self.go = threading.Event()
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.port = 0
        self.come_back()

    def come_back(self) -> None:
        self._server = _Server(("127.0.0.1", self.port), _handler(self))
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def leave(self) -> None:
        """Nobody listens at the address from now on. What came before is answered."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def forms(self) -> list[str]:
        """The form of answer that each request asked for."""
        return [request.get("response_format", {}).get("type", "plain") for request in self.requests]

    @property
    def pictures(self) -> list[Image.Image]:
        urls = [request["messages"][0]["content"][1]["image_url"]["url"] for request in self.requests]
        return [Image.open(io.BytesIO(base64.b64decode(url.partition("base64,")[2]))) for url in urls]

    def turn(self, request: dict[str, Any], headers: dict[str, str]) -> str:
        """How this request is answered."""
        with self.lock:
            before = sum(each["model"] == request["model"] for each in self.requests)
            self.requests.append(request)
            self.headers.append(headers)
        words = request["model"].split(",")
        return words[min(before, len(words) - 1)]

    def close(self) -> None:
        self.over.set()
        self.leave()


def file_of(request: dict[str, Any]) -> str:
    """The name of the file that a request is about."""
    found = re.search(r'"file name": "([^"]*)"', request["messages"][0]["content"][0]["text"])
    return found.group(1) if found else ""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64


def _handler(server: VisionServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            how = server.turn(request, {name.lower(): value for name, value in self.headers.items()})
            with server.lock:
                server.at_once += 1
                server.most_at_once = max(server.most_at_once, server.at_once)
                server.asked += 1
                waits = server.asked > server.answers_at_once
            if waits:
                server.go.wait(120)
            server.over.wait(server.delay_s)
            with server.lock:
                server.at_once -= 1
            with suppress(OSError):
                self.answer(how, request)
                server.heard.append(file_of(request))

        def answer(self, how: str, request: dict[str, Any]) -> None:
            form = request.get("response_format", {}).get("type")
            if self.path != "/v1/chat/completions":
                self.send(404, {}, {})
            elif how == "formless" and form or how == "schemaless" and form == "json_schema":
                self.send(400, {}, {"error": {"message": f"response_format {form} is not supported"}})
            elif how == "thinking" and request["max_tokens"] < 2000:
                self.send(200, {}, reply(None, "length", reasoning="Hmm, let me see"))
            elif how == "endless":
                self.send(200, {}, reply(None, "length"))
            elif how == "cut" and request["max_tokens"] < 2000 or how == "clipped":
                self.send(200, {}, reply(GOOD[:60], "length"))
            elif how == "hung":
                server.over.wait(60)
            elif how == "slow":
                self.drip()
            elif how == "half":
                self.send(200, {"Content-Length": "5000"}, '{"choices": [')
            elif how == "flood":
                self.send(200, {}, "x" * (2 * 1024 * 1024))
            elif how in STATUSES:
                self.send(*STATUSES[how])
            else:
                self.send(200, {}, reply(CONTENTS.get(how, GOOD)))

        def send(self, status: int, headers: dict[str, str], body: object) -> None:
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {
                "Content-Length": str(len(data)),
                "Content-Type": "application/json",
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def drip(self) -> None:
            """A byte now and then, so that no single read takes long."""
            self.send_response(200)
            self.end_headers()
            while not server.over.wait(0.05):
                self.wfile.write(b" ")

        def log_message(self, format: str, *args: object) -> None:
            """The runner shows what a test says."""

    return Handler


@contextmanager
def serving_vision() -> Iterator[VisionServer]:
    server = VisionServer()
    try:
        yield server
    finally:
        server.close()
