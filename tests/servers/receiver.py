"""A program of somebody's that takes messages of webhooks: it answers what a test says, or nothing, or nonsense."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def status(code: int, *headers: str, body: bytes = b"no") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {code} Said", f"Content-Length: {len(body)}", *headers, "", ""]).encode() + body


@dataclass(frozen=True)
class Message:
    """What came: headers in lower case, and the body byte for byte."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """`answers` are given in turn, byte for byte, then OK always; None means to say nothing at all."""

    port: int = 0
    answers: list[bytes | None] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?for=pindeck"

    @property
    def told(self) -> list[str]:
        return [message.json["type"] for message in self.messages]


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    listener = socket.create_server(("127.0.0.1", port))
    state = Receiver(listener.getsockname()[1])

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            stream = connection.makefile("rb")
            path = stream.readline().split()[1].decode()
            headers = {}
            while line := stream.readline().decode("latin-1").strip():
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
            body = stream.read(int(headers["content-length"]))
            state.messages.append(Message(path, headers, body))
            answer = state.answers.pop(0) if state.answers else OK
            if answer is None:
                state.closing.wait(60)
                return
            connection.sendall(answer)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield state
    finally:
        state.closing.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
