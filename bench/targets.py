"""What is measured, and how each is asked for the same work over plain HTTP."""

import contextlib
import re
import sqlite3
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from bench import corpus, library

PAGES = 200  # different pages of a walk, so that caches of whole pages do not help
POLL_S = 1.0  # as often as the tray of the page asks
# How the tray's question says that a picture is ready or failed: a row of HTML, and JSON in checkouts from before that.
DONE = ('class="up done"', '"stage":"done"')
FAILED = ('class="up failed"', '"stage":"failed"')
DEEP = 5000  # images before the deep page


@dataclass(frozen=True)
class Req:
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


class Target:
    """One running server. `roots` are the processes that all of its CPU and memory belong to."""

    name = ""

    def __init__(self, base: str, roots: list[int], count: int = 0, thumbs: list[str] | None = None) -> None:
        self.base, self.roots, self.count, self.thumb_paths = base, roots, count, thumbs or []
        self.headers: dict[str, str] = {}
        self._local = threading.local()

    @property
    def session(self) -> requests.Session:
        """One session for each thread."""
        if not hasattr(self._local, "session"):
            session = requests.Session()
            session.trust_env = False
            session.headers.update(self.headers)
            self._local.session = session
        return self._local.session

    def login(self) -> None:
        pass

    def reqs(self, kind: str) -> list[Req]:
        """The requests of one workload; none when this target does not do it."""
        make = getattr(self, kind, None)
        return make() if make else []

    def thumbs(self) -> list[Req]:
        return [Req("GET", path) for path in self.thumb_paths]

    def upload(self, name: str, data: bytes) -> str:
        return self.sending(name, data)()

    def sending(self, name: str, data: bytes) -> Callable[[], str]:
        """What sends a photo whose form is put together: the client's work before that is not the server's time."""
        raise NotImplementedError

    def _form(self, field: str, name: str, data: bytes, headers: dict[str, str] | None = None) -> requests.PreparedRequest:
        form = requests.Request("POST", self.base + "/upload", files={field: (name, data, "image/jpeg")}, headers=headers)
        return self.session.prepare_request(form)

    def wait_ready(self, handle: str) -> float | None:
        """Wait for all sizes; when they were there (seconds since the epoch), None where that was before the answer."""
        return None

    def items_in(self, body: bytes) -> int:
        return body.count(b"<article")

    def some(self, n: int) -> list[int]:
        """Places of n records, spread over the library."""
        return [(k * 7919) % self.count for k in range(n)]


class Static(Target):
    """Any static file server: W4 only."""


class Floor(Target):
    """floor_app.py: bare Flask and SQLite."""

    def first_page(self) -> list[Req]:
        return [Req("GET", "/page")]

    def deep_page(self) -> list[Req]:
        return [Req("GET", f"/page?before={self.count - DEEP + 1}")]

    def walk(self) -> list[Req]:
        return [Req("GET", f"/page?before={self.count - 37 * k + 1}") for k in range(PAGES)]

    def search(self) -> list[Req]:
        return [Req("GET", "/search?q=" + word) for word in corpus.terms()]

    def writes(self) -> list[Req]:
        return [Req("POST", f"/like/{k + 1}") for k in self.some(400)]


class Sharp(Target):
    """sharp_service.js: the four renditions are made within the request."""

    def sending(self, name: str, data: bytes) -> Callable[[], str]:
        form = self._form("image", name, data)

        def send() -> str:
            answer = self.session.send(form, timeout=120)
            answer.raise_for_status()
            return answer.json()["id"]

        return send


class Pindeck(Target):
    """The application, asked as a browser asks it: with a session, and HTMX's headers on changes.

    `database` is the SQLite file of its library; the rows of jobs there say when a photo was ready.
    """

    database: Path | None = None

    def items_in(self, body: bytes) -> int:
        return body.count(b'class="tile"')

    def login(self) -> None:
        browser = requests.Session()
        browser.trust_env = False
        page = browser.get(self.base + "/sign-in", timeout=30)
        form = {"email": library.EMAIL, "password": library.PASSWORD, "csrf_token": self._token(page.text)}
        answer = browser.post(self.base + "/sign-in", data=form, timeout=30, allow_redirects=False)
        if answer.status_code != 303:
            raise RuntimeError(f"Signing in answered {answer.status_code}: {answer.text[:300]}")
        page = browser.get(self.base + "/", timeout=30)
        token = self._token(page.text)
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)
        self.headers = {"Cookie": cookies}
        self.change = {"Cookie": cookies, "X-CSRFToken": token, "HX-Request": "true"}

    @staticmethod
    def _token(page: str) -> str:
        found = re.search(r'<meta name="csrf-token" content="([^"]+)"', page)
        if not found:
            raise RuntimeError("This page has no CSRF token.")
        return found.group(1)

    def _page(self, **args: Any) -> Req:
        return Req("GET", "/?" + urllib.parse.urlencode(args) if args else "/", self.headers)

    def first_page(self) -> list[Req]:
        return [self._page()]

    def deep_page(self) -> list[Req]:
        return [self._page(after=library.image_id(self.count - DEEP))]

    def walk(self) -> list[Req]:
        return [self._page(after=library.image_id(self.count - 1 - 37 * k)) for k in range(PAGES)]

    def filtered(self) -> list[Req]:
        return [self._page(category=c) for c in corpus.CATS] + [self._page(group=g) for g in corpus.GROUPS]

    def fragment(self) -> list[Req]:
        """The next 50 tiles as HTMX asks for them while someone scrolls."""
        return [Req(r.method, r.path, {**r.headers, "HX-Request": "true"}) for r in self.walk()]

    def search(self) -> list[Req]:
        return [self._page(q=word) for word in corpus.terms()]

    def narrowed(self) -> list[Req]:
        """A word and two facets: few match."""
        return [self._page(q=text) for text in self._narrow()]

    def by_likes(self) -> list[Req]:
        return [self._page(q=text, sort="likes") for text in self._narrow()]

    def panel(self) -> list[Req]:
        """All facets, with one and with two of them on."""
        return [Req("GET", "/facets?" + urllib.parse.urlencode({"q": text}), self._fragment()) for text in self._narrow()]

    def suggestions(self) -> list[Req]:
        starts = [word[:length] for word in corpus.terms() for length in (1, 3)] + [f"tag:{tag[:2]}" for tag in corpus.tag_terms()]
        return [Req("GET", "/suggest?" + urllib.parse.urlencode({"q": text}), self._fragment()) for text in starts]

    def _narrow(self) -> list[str]:
        values = zip(corpus.terms(), corpus.CATS * 3, corpus.GROUPS * 7, strict=False)
        return [f'{word} category:"{cat}" type:"{group}"' if n % 2 else f'{word} type:"{group}"' for n, (word, cat, group) in enumerate(values)]

    def _fragment(self) -> dict[str, str]:
        return {**self.headers, "HX-Request": "true"}

    def writes(self) -> list[Req]:
        return [Req("POST", f"/images/{library.image_id(k)}/like", self.change) for k in self.some(400)]

    def sending(self, name: str, data: bytes) -> Callable[[], str]:
        form = self._form("files", name, data, self.change)

        def send() -> str:
            answer = self.session.send(form, timeout=120)
            found = re.search(r'data-id="([^"]+)"', answer.text)
            if answer.status_code != 200 or not found:
                raise RuntimeError(f"Uploading answered {answer.status_code}: {answer.text[:300]}")
            return found.group(1)

        return send

    def wait_ready(self, handle: str) -> float | None:
        """The tray's question, as often as it asks, and then the small picture that it shows. When the job ended
        stands in its row: a client that looked more often would measure its own looking."""
        deadline = time.monotonic() + 120
        while True:
            time.sleep(POLL_S)
            rows = self.session.get(f"{self.base}/uploads/progress?ids={handle}", headers=self.change, timeout=30).text
            if any(mark in rows for mark in DONE):
                break
            if time.monotonic() > deadline or any(mark in rows for mark in FAILED):
                raise RuntimeError(f"{handle} was not ready after two minutes: {rows[:300]}")
        self.session.get(f"{self.base}/i/{handle}?size=small", timeout=30).raise_for_status()
        return self._ended(handle)

    def _ended(self, image_id: str) -> float:
        """Seconds since the epoch; now where there is no database to look into."""
        if self.database is None:
            return time.time()
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            found = "SELECT ended_at FROM job WHERE image_id = ? AND kind = 'persist'"
            ended_ms = connection.execute(found, (image_id,)).fetchone()[0]
        return ended_ms / 1000 if ended_ms else time.time()
