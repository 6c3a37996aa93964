"""A server that speaks as much of Discord's REST as webhooks and answers to interactions need."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class DiscordServer:
    """`answers` are given in turn, then 204 always: a status, and the JSON beside it. None means to say nothing at all.

    `posts` are the bodies that came, whatever was answered.
    """

    base: str = ""
    answers: list[tuple[int, Any] | None] = field(default_factory=list)
    posts: list[tuple[str, str, Any]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def webhook(self) -> str:
        return f"{self.base}/api/webhooks/1/secret-token?thread_id=7"

    @property
    def messages(self) -> list[Any]:
        return [body for _, _, body in self.posts]


@contextmanager
def serving() -> Iterator[DiscordServer]:
    state = DiscordServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            state.posts.append((self.command, self.path, json.loads(body)))
            answer = state.answers.pop(0) if state.answers else (204, None)
            if answer is None:
                state.closing.wait(60)
                self.close_connection = True
                return
            status, told = answer
            said = b"" if told is None else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_PATCH = do_POST

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    state.base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        state.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
