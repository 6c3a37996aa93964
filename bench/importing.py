"""W12: a thousand pictures of another site, from the first call until all are stored, beside the same ones uploaded."""

import contextlib
import io
import os
import shutil
import sqlite3
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from bench import library
from bench.rounds import Row
from bench.stacks import PindeckStack, Service, free_port, wait_for
from bench.targets import Pindeck
from bench.workloads import Plan, photos, stopping

CLIENTS = 4
COUNTS = (200, 1000)  # uploads and imports
SIDE = 1024  # pixels: as sites give pictures
EVERY_S = 0.2  # between two pages of the reader
LIMIT_S = 900


def w12(plan: Plan) -> list[Row]:
    """One worker, as `pindeck up` starts it, a library of 10,000, and one reader who opens the gallery all the time.

    The rate is that of stored pictures, from the first call to the last that ended.
    """
    uploaded, imported = (30, 100) if plan.quick else COUNTS
    site, names = _site(plan, uploaded + imported)
    with stopping() as running:
        shutil.rmtree(plan.cache / "pindeck-import", ignore_errors=True)
        ours = PindeckStack(plan.cache / "pindeck-import")
        port = free_port()
        ours.environ |= {"FETCH_ALLOW_HOSTS": f"127.0.0.1:{port}", "RATE_INGEST": "1000000/hour", "RATE_UPLOAD": "1000000/hour"}
        ours.prepare(10_000)
        running.append(ours)
        ours.start()
        command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(site)]
        running.append(Service(command, plan.cache / "site.log", {}))
        elsewhere = f"http://127.0.0.1:{port}"
        wait_for(f"{elsewhere}/{names[0]}")
        target = Pindeck(ours.base, ours.roots)
        target.login()
        key = ours.output(
            "key", "create", "--kind", "master", "--user", library.EMAIL, "--scopes", "ingest"
        ).strip()  # fmt: skip
        _rest(ours)
        with _reader(target) as idle:
            time.sleep(3 if plan.quick else 15)
        rows = [_row("uploaded", ours, target, names[:uploaded], idle, lambda name: target.upload(name, (site / name).read_bytes()))]
        bot = _Bot(ours.base, key)
        rows.append(_row("imported", ours, target, names[uploaded:], idle, lambda name: bot.bring(f"{elsewhere}/{name}")))
    shutil.rmtree(site)
    return rows


class _Bot:
    """A script that brings pictures in by their addresses; a session for each thread."""

    def __init__(self, base: str, key: str) -> None:
        self._base, self._key, self._local = base, key, threading.local()

    def bring(self, url: str) -> None:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
            self._local.session.headers["Authorization"] = f"Bearer {self._key}"
        answer = self._local.session.post(self._base + "/ingestExternal", json={"imageUrl": url}, timeout=60)
        if answer.status_code != 200:
            raise RuntimeError(f"Importing answered {answer.status_code}: {answer.text[:300]}")


def _site(plan: Plan, count: int) -> tuple[Path, list[str]]:
    """Different files in a folder. Random bytes after the end of a picture make it another file."""
    from PIL import Image

    folder = plan.cache / "site"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    kinds = []
    for photo in photos(plan)[:12]:
        with Image.open(photo) as picture:
            picture.thumbnail((SIDE, SIDE))
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=85)
            kinds.append(out.getvalue())
    names = [f"frame-{number:05d}.jpg" for number in range(count)]
    for number, name in enumerate(names):
        (folder / name).write_bytes(kinds[number % len(kinds)] + os.urandom(16))
    return folder, names


def _rest(ours: PindeckStack) -> None:
    """What the start asks for, such as looking at the files of 10,000 records, is over. Reading those again, which are not there,
    never ends, and stands back where anything else is to be done."""
    deadline = time.monotonic() + LIMIT_S
    open_ones = "SELECT count(*) FROM job WHERE kind <> 'read_files' AND (status = 'running' OR (status = 'queued' AND due_at <= ?))"
    while time.monotonic() < deadline:
        with contextlib.closing(sqlite3.connect(ours.database)) as connection:
            if not connection.execute(open_ones, (time.time() * 1000,)).fetchone()[0]:
                return
        time.sleep(0.5)


def _row(kind: str, ours: PindeckStack, target: Pindeck, names: list[str], idle: list[float], bring: object) -> Row:
    _rest(ours)
    before, began_ms = _counts(ours), time.time() * 1000
    with _reader(target) as meanwhile:
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(bring, names))  # type: ignore[arg-type]
        called_s = time.time() - began_ms / 1000
        stored, failed, last_ms = _wait_for(ours, before, len(names))
    row = dict(kind="imports", target=kind, n=len(names), rate=1000 * stored / (last_ms - began_ms), failed=failed)
    row |= dict(called_s=called_s, idle_p95=_p95(idle), meanwhile_p95=_p95(meanwhile), pages=len(meanwhile))
    print(row, flush=True)
    return row


def _counts(ours: PindeckStack) -> tuple[int, int]:
    """Pictures that are stored, and that could not be."""
    with contextlib.closing(sqlite3.connect(ours.database)) as connection:
        found = dict(connection.execute("SELECT persist_status, count(*) FROM image GROUP BY persist_status").fetchall())
    return found.get("succeeded", 0), found.get("failed", 0)


def _wait_for(ours: PindeckStack, before: tuple[int, int], count: int) -> tuple[int, int, float]:
    """How many of `count` are stored and how many failed, and when the last one ended (ms)."""
    deadline = time.monotonic() + LIMIT_S
    while True:
        stored, failed = (now - then for now, then in zip(_counts(ours), before, strict=True))
        if stored + failed >= count or time.monotonic() > deadline:
            with contextlib.closing(sqlite3.connect(ours.database)) as connection:
                last = connection.execute("SELECT max(ended_at) FROM job WHERE kind IN ('persist', 'fetch_image')").fetchone()[0]
            return stored, count - stored, last
        time.sleep(0.5)


@contextlib.contextmanager
def _reader(target: Pindeck) -> Iterator[list[float]]:
    """Opens the first page of the gallery again and again; the list gets the milliseconds of each."""
    times: list[float] = []
    ended = threading.Event()

    def read() -> None:
        session = requests.Session()
        session.trust_env = False
        while not ended.wait(EVERY_S):
            began = time.perf_counter()
            session.get(target.base + "/", headers=target.headers, timeout=60).raise_for_status()
            times.append(1000 * (time.perf_counter() - began))

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield times
    finally:
        ended.set()
        thread.join()


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else float("nan")
