"""The files of W17: what the worker takes for those of a deck and of pictures, and a ZIP of originals beside `send_file` of the same bytes."""

import http.client
import io
import os
import re
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from PIL import Image as Picture

from bench import stacks
from bench.processes import Watch, pss, tree
from bench.rounds import Row
from bench.scrolling import copied, stored
from bench.workloads import Plan, photos
from pindeck import db
from pindeck.access import Actor
from pindeck.exports import asking, requests
from pindeck.models import Derivative, Export, Image
from pindeck.services.boards.decks import blocks, decks
from pindeck.services.boards.decks.composing import Block, Still
from pindeck.services.boards.decks.kinds import Kind
from tests.stack import Stack

# Kinds of slides in turns, and how many pictures each shows.
SLIDES = ((Kind.WORLD, 6), (Kind.STORY, 4), (Kind.MOTIF, 2), (Kind.TONE, 5), (Kind.STORY, 3))
WORDS = "She turns into the light and does not know yet what it shows. " * 5
ZIP_PX = 1920  # how wide the originals of the ZIP are
PIECE = 2**20


class Sizes(NamedTuple):
    slides: int
    sheet: int
    zipped: int


def sizes_of(plan: Plan) -> Sizes:
    return Sizes(8, 60, 100) if plan.quick else Sizes(40, 500, 1000)


class Library(NamedTuple):
    """The deck, some images that others may be copies of, and those of the contact sheet and of the ZIP."""

    deck_id: str
    smaller: list[Image]
    sheet: list[str]
    zipped: list[str]


def filled(plan: Plan, actor: Actor) -> Library:
    """A deck of different photos of 12 megapixels, and smaller ones, some of which share their bytes."""
    sizes, sources = sizes_of(plan), photos(plan)
    wanted = [SLIDES[n % len(SLIDES)] for n in range(sizes.slides)]
    count = sum(places for _, places in wanted)
    # What stands behind the end of a picture makes it another file.
    large = stored(actor, (sources[n % len(sources)].read_bytes() + os.urandom(16) for n in range(count)))
    ids = iter([image.id for image in large])
    deck, _ = decks.create(actor, title="Night ride", ids=[image.id for image in large])
    made = tuple(
        Block(db.new_id(), kind, text=WORDS, stills=tuple(Still(next(ids)) for _ in range(places))) for kind, places in wanted
    )  # fmt: skip
    with db.writing():
        blocks.write(deck.id, blocks.read(deck.id), made)
    smaller = stored(actor, (_reduced(path) for path in sources))
    zipped = copied(smaller, sizes.zipped)
    return Library(deck.id, smaller, zipped[: sizes.sheet], zipped)


def _reduced(path: Path) -> bytes:
    with Picture.open(path) as picture:
        picture.thumbnail((ZIP_PX, ZIP_PX))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=88)
        return out.getvalue()


def files(stack: Stack, actor: Actor, library: Library) -> list[Row]:
    """Each asked for as a person does; the second time nothing has changed, the third time all is drawn anew."""
    made = _Maker(stack.workers[0].pid, actor)
    deck = {"deck": library.deck_id}
    rows = []
    for quality in ("screen", "print"):
        assert Derivative.select().where(Derivative.preset == quality).count() == 0
        rows += [
            made.row(f"deck {quality}, first", deck, "deck", quality), made.row(f"deck {quality}, same", deck, "deck", quality),
            made.row(f"deck {quality}, anew", deck, "deck", quality, is_anew=True),
        ]  # fmt: skip
    rows.append(made.row("slides to edit", deck, "pptx", "screen"))
    rows.append(made.row("contact sheet", {"ids": library.sheet}, "contact", "screen"))
    return rows


class _Maker:
    def __init__(self, worker: int, actor: Actor) -> None:
        self._worker, self._actor = worker, actor

    def row(self, name: str, of: dict[str, Any], kind: str, quality: str, *, is_anew: bool = False) -> Row:
        if is_anew:
            Export.update(fingerprint=None).execute()
        time.sleep(6)  # until the worker's child of before has ended
        began = time.monotonic()
        with Watch([self._worker], every_s=0.1) as watch:
            asked = requests.ask(self._actor, asking.checked(of, kind, quality))
            while (export := Export.get_by_id(asked.id)).state == requests.MAKING:
                time.sleep(0.05)
            took_s = time.monotonic() - began
        if export.state != requests.DONE:
            raise RuntimeError(f"{name}: {export.error}")
        row = {"kind": "exports", "target": name, "n": len(export.image_ids), "took_s": took_s, "cpu_s": watch.cpu_s}
        row |= {"peak_mb": watch.peak_mb, "mb": export.size / 2**20, "foreign": round(watch.foreign, 2)}
        print(row, flush=True)
        return row


# The ZIP


def streams(plan: Plan, stack: Stack, cookies: str, library: Library) -> list[Row]:
    """In turns with the same bytes from `send_from_directory`; the first ZIP, which is not counted, is what that sends."""
    folder = plan.cache / "zip"
    folder.mkdir(exist_ok=True)
    assert stack.web is not None
    ours, form = _Client(stack.base, cookies), urlencode({"ids": " ".join(library.zipped)})
    with open(folder / "pictures.zip", "wb") as out:
        ours.fetch("POST", "/choose/download", form, out.write)
    bare, base = stacks.start_floor(folder, folder / "none.sqlite3", folder, sync="full")
    theirs, rows = _Client(base, ""), []
    try:
        for number in range(plan.rounds):
            before = pss(tree([stack.web.pid]))
            with Watch([stack.web.pid], every_s=0.1) as watch:
                size, took_s = ours.fetch("POST", "/choose/download", form)
            rows.append(_sent("pindeck", number, size, took_s) | {"grown_mb": watch.peak_mb - before, "cpu_s": watch.cpu_s})
            with Watch([bare.pid]) as watch:
                size, took_s = theirs.fetch("GET", "/thumb/pictures.zip", "")
            rows.append(_sent("send_file", number, size, took_s) | {"cpu_s": watch.cpu_s})
    finally:
        bare.stop()
        (folder / "pictures.zip").unlink()
    return rows


def _sent(target: str, number: int, size: int, took_s: float) -> Row:
    row = {"kind": "zip", "target": target, "round": number, "size": size, "rate_mb": size / 2**20 / took_s}
    print(row, flush=True)
    return row


class _Client:
    """Reads and forgets, with as little work as it can: it shares the cores with what is measured."""

    def __init__(self, base: str, cookies: str) -> None:
        self._host, self._cookies = urlsplit(base).netloc, cookies

    def fetch(self, method: str, path: str, body: str, take: Callable[[memoryview], object] | None = None) -> tuple[int, float]:
        """Bytes, and seconds from asking to the last of them."""
        headers = {"Cookie": self._cookies, "Content-Type": "application/x-www-form-urlencoded"}
        if self._cookies:
            headers["X-CSRFToken"] = self._token()
        with closing(http.client.HTTPConnection(self._host, timeout=120)) as connection:
            began = time.monotonic()
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}: {answer.read(300)!r}")
            size, room = 0, memoryview(bytearray(PIECE))
            while count := answer.readinto(room):
                size += count
                if take is not None:
                    take(room[:count])
            return size, time.monotonic() - began

    def _token(self) -> str:
        with closing(http.client.HTTPConnection(self._host, timeout=120)) as connection:
            connection.request("GET", "/", headers={"Cookie": self._cookies})
            found = re.search(rb'<meta name="csrf-token" content="([^"]+)"', connection.getresponse().read())
        if found is None:
            raise RuntimeError("This page has no CSRF token.")
        return found[1].decode()

