"""A provider of variations that speaks the queue of fal over HTTP. Each request goes as its prompt's scenario says."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.factories import photo

KEY = "fal-test-key"
MODEL = "fal-ai/nano-banana-pro/edit"


class Provider:
    """`scenario` says what becomes of what is sent: a word of `_Door`. `sent` holds the bodies of what was taken, by id:
    each was charged. `asked` holds method and path of all requests."""

    def __init__(self) -> None:
        self.scenario = "good"
        self.sent: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, str]] = []
        self.looks: dict[str, int] = {}
        self.hold = threading.Event()  # answers of `held` wait for it
        self.base = ""


class _Door(BaseHTTPRequestHandler):
    provider: Provider

    def log_message(self, *_: Any) -> None:
        pass

    def _say(self, status: int, told: object, **headers: str) -> None:
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        provider = self.provider
        provider.asked.append(("POST", self.path))
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers.get("Authorization") != f"Key {KEY}":
            return self._say(401, {"detail": "No such key."})
        match provider.scenario:
            case "busy":
                provider.scenario = "good"
                return self._say(429, {"detail": "Too many"}, Retry_After="1")
            case "refused":
                return self._say(422, {"detail": [{"msg": "The prompt is not allowed."}]})
            case "broken":
                return self._say(500, b"<html>")
        request_id = f"request-{len(provider.sent) + 1}"
        provider.sent[request_id] = body
        if provider.scenario == "no id":
            return self._say(200, {"status": "IN_QUEUE"})
        if provider.scenario == "cut":
            self.close_connection = True
            return None
        if provider.scenario == "held":
            provider.hold.wait(60)
        host = "http://127.0.0.2:9" if provider.scenario == "elsewhere" else provider.base
        here = f"{host}/fal-ai/nano-banana-pro/requests/{request_id}"
        return self._say(
            200, {"request_id": request_id, "status_url": f"{here}/status", "response_url": here, "cancel_url": f"{here}/cancel"}
        )

    def do_PUT(self) -> None:
        self.provider.asked.append(("PUT", self.path))
        self._say(202, {"status": "CANCELLATION_REQUESTED"})

    def do_GET(self) -> None:
        provider = self.provider
        provider.asked.append(("GET", self.path))
        if self.path.startswith("/files/"):
            if provider.scenario == "no picture":
                return self._say(200, b"<html>no picture</html>", Content_Type="image/png")
            number = int(self.path.rpartition("-")[2])
            return self._say(200, photo((number * 40 % 256, 90, 60), size=(160, 90), format="PNG", mark=self.path), Content_Type="image/png")
        if self.headers.get("Authorization") != f"Key {KEY}":
            return self._say(401, {})
        request_id = self.path.split("/requests/")[1].split("/")[0]
        if request_id not in provider.sent or provider.scenario == "forgotten":
            return self._say(404, {"detail": "Request not found"})
        if not self.path.endswith("/status"):
            images = [] if provider.scenario == "empty" else [{"url": f"{provider.base}/files/{request_id}"}] * 2
            return self._say(200, {"images": images, "description": ""})
        provider.looks[request_id] = looks = provider.looks.get(request_id, 0) + 1
        if provider.scenario == "hung":
            return self._say(202, {"status": "IN_PROGRESS"})
        if provider.scenario == "away" and looks < 3:
            return self._say(503, b"")
        if provider.scenario == "failing":
            return self._say(200, {"status": "COMPLETED", "error": "NSFW content"})
        steps = ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]
        status = steps[min(looks, 3) - 1]
        return self._say(200 if status == "COMPLETED" else 202, {"status": status, "request_id": request_id})


@contextmanager
def fal_server() -> Iterator[Provider]:
    provider = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Door", (_Door,), {"provider": provider}))
    server.daemon_threads = True
    provider.base = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        provider.hold.set()
        server.shutdown()
        server.server_close()
