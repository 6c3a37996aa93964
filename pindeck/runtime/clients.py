"""What the web server's loop knows of each client."""

import time
from concurrent.futures import Future
from enum import Enum, auto
from typing import Any

from pindeck.http.connection import Client


class Stage(Enum):
    """What a connection waits for."""

    REQUEST = auto()
    HEAD = auto()
    BODY = auto()
    PLACE = auto()
    THREAD = auto()
    READER = auto()  # of the answer; or for the rest of a body that nobody wants
    FAREWELL = auto()
    NOTHING = auto()


class Connection:
    """What the loop knows of a client. Gunicorn's own code reads `sock`, `client` and `server`."""

    def __init__(self, sock: Client, client: Any, server: Any, *, is_late: bool) -> None:
        self.sock, self.client, self.server = sock, client, server
        self.is_late = is_late  # it came when this process was to be replaced already
        self.stage = Stage.REQUEST
        self.since = self.until = self.heard = 0.0
        self.looked = 0  # bytes of a head that is not whole
        self.missing = 0  # bytes of a body that are collected, or thrown away
        self.beginning = b""  # of the request, by which it can be told what it was for
        self.request: Any = None
        self.doing: Future[bool] | None = None
        self.stays = False
        self.is_broken = False  # an answer was begun that will not be whole
        self.watched = 0

    def enter(self, stage: Stage, seconds: float) -> None:
        self.stage, self.since = stage, time.monotonic()
        self.heard, self.until = self.since, self.since + seconds
