"""The workloads of the API: a list, changes by eight clients, and sizes of pictures made on request."""

import concurrent.futures
import http.client
import io
import json
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import requests

from bench import library, stacks
from bench.processes import Watch
from bench.rounds import Row, load
from bench.stacks import PindeckStack, Service
from bench.targets import Req, Target
from bench.workloads import Plan, photos, stopping

COUNT = 100_000
CLIENTS = 8


class Program(Target):
    """The API, called with a key."""

    def __init__(self, stack: PindeckStack, key: str) -> None:
        super().__init__(stack.base, stack.roots, COUNT)
        self.headers = {"X-API-Key": key}

    def items_in(self, body: bytes) -> int:
        return len(json.loads(body)["data"])

    def api_list(self) -> list[Req]:
        return [Req("GET", "/api/v1/images", self.headers)]

    def api_walk(self) -> list[Req]:
        return [Req("GET", f"/api/v1/images?offset={20 * k}", self.headers) for k in range(200)]

    def thumbs(self) -> list[Req]:
        return [Req("GET", path, self.headers) for path in self.thumb_paths]


class BareProgram(Target):
    """The floor's route over the same database: the same rows, their aliases and the total."""

    def items_in(self, body: bytes) -> int:
        return len(json.loads(body)["data"])

    def api_list(self) -> list[Req]:
        return [Req("GET", "/api/images")]

    def api_walk(self) -> list[Req]:
        return [Req("GET", f"/api/images?offset={20 * k}") for k in range(200)]


def _stack(plan: Plan, count: int) -> tuple[PindeckStack, str]:
    """A library of one project, and a key that is bound to its owner. Calls are counted, but the limits are far."""
    made = PindeckStack(plan.cache / f"programs-{count}")
    made.environ |= {
        "RATE_READ": "1000000000/hour",
        "RATE_WRITE": "1000000000/hour",
        "RATE_UPLOAD": "1000000000/hour",
    }
    made.prepare(count, projects=0)
    return made, made.output("key", "create", "--kind", "project", "--user", library.EMAIL).strip()


def w7(plan: Plan) -> list[Row]:
    """GET /api/v1/images: 20 of 100,000, with the total, beside a bare route over the same file."""
    with stopping() as running:
        ours, key = _stack(plan, COUNT)
        running.append(ours)
        ours.start()
        bare, base = stacks.start_floor(
            plan.cache / "floor", ours.data / "pindeck.sqlite3", plan.cache / "thumbs", sync="full"
        )
        running.append(bare)
        targets: dict[str, Target] = {
            "floor api": BareProgram(base, [bare.pid], COUNT),
            "pindeck api": Program(ours, key),
        }
        bodies = []
        for target in targets.values():
            req = target.api_list()[0]
            answer = target.session.get(target.base + req.path, headers=req.headers, timeout=30).json()
            bodies.append(([image["id"] for image in answer["data"]], answer["pagination"]["total"]))
        if bodies[0] != bodies[1]:
            raise RuntimeError(f"The two lists differ: {bodies}")
        return load(targets, ["api_list", "api_walk"], rounds=plan.rounds, seconds=plan.seconds, conns=(1, CLIENTS))


def w8(plan: Plan) -> list[Row]:
    """Likes and aliases by eight clients at once, each with a connection of its own, and what is left afterwards."""
    rows = []
    with stopping() as running:
        ours, key = _stack(plan, 10_000)
        _level(ours.data / "pindeck.sqlite3")
        running.append(ours)
        ours.start()
        for number in range(plan.rounds):
            for kind, call in (("api_like", _like), ("api_alias", _alias)):
                with Watch(ours.roots) as watch:
                    times = _together(ours.base, key, call, 20 if plan.quick else 60)
                row: Row = dict(kind=kind, target="pindeck api", round=number, conn=CLIENTS, n=len(times))
                row |= dict(p50=_quantile(times, 0.5), p95=_quantile(times, 0.95), rps=len(times) / watch.wall_s)
                row |= dict(
                    cpu_ms=1000 * watch.cpu_s / len(times), foreign=round(watch.foreign, 2), bad=0, sock_err=0
                )
                rows.append(row | {"lost": _lost(ours.data / "pindeck.sqlite3"), "bytes": 0})
                print(json.dumps(rows[-1]), flush=True)
    return rows


def _quantile(times: list[float], share: float) -> float:
    return 1000 * sorted(times)[round(share * (len(times) - 1))]


Call = tuple[str, str, bytes | None]  # method, path, JSON


def _like(client: int, turn: int) -> Call:
    image = library.image_id((client * 37 + turn) % 50)  # few images, so that clients meet
    return "POST", f"/api/v1/library/images/{image}/like", None


def _alias(client: int, turn: int) -> Call:
    image = library.image_id(100 + client * 61 + turn % 61)
    return "PUT", f"/api/v1/images/{image}/alias", json.dumps({"alias": f"@name{turn % 5}"}).encode()


def _together(base: str, key: str, call: Callable[[int, int], Call], turns: int) -> list[float]:
    """Seconds that each call took. Raises RuntimeError for an answer that is not 200.

    The clients share two processors with what they measure, so they are as small as Python has them.
    """
    host = base.removeprefix("http://")
    headers = {"X-API-Key": key, "Content-Type": "application/json"}

    def one(client: int) -> list[float]:
        connection, times = http.client.HTTPConnection(host, timeout=30), []
        for turn in range(turns):
            method, path, body = call(client, turn)
            start = time.monotonic()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            times.append(time.monotonic() - start)
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}: {text[:200]!r}")
        connection.close()
        return times

    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        return [took for times in pool.map(one, range(CLIENTS)) for took in times]


def _touched() -> str:
    return ",".join(f"'{library.image_id(k)}'" for k in range(50))


def _level(database: Path) -> None:
    """The corpus has counts without rows: those of the pictures that are liked here are made to agree first."""
    with sqlite3.connect(database) as connection:
        count = '(SELECT count(*) FROM "like" l WHERE l.image_id = image.id)'
        connection.execute(f"UPDATE image SET likes = {count} WHERE id IN ({_touched()})")


def _lost(database: Path) -> int:
    """Counters that are not the rows they count, and names or images with more than one holder."""
    with sqlite3.connect(database) as connection:
        likes = 'SELECT count(*) FROM image i WHERE likes <> (SELECT count(*) FROM "like" l WHERE l.image_id = i.id)'
        touched = f" AND id IN ({_touched()})"
        wrong = connection.execute(likes + touched).fetchone()[0]
        twice = "SELECT count(*) - count(DISTINCT name_key), count(*) - count(DISTINCT image_id) FROM alias"
        return wrong + sum(connection.execute(twice).fetchone())


def w9(plan: Plan) -> list[Row]:
    """`sm` with a key: kept ones beside send_file, and the first one of a cold 12-megapixel photo beside its decoder."""
    rows: list[Row] = []
    with stopping() as running:
        ours, key = _stack(plan, 0)
        running.append(ours)
        ours.start()
        session = requests.Session()
        session.trust_env = False
        session.headers["X-API-Key"] = key
        wanted = photos(plan)[: 6 if plan.quick else 12]
        ids = [_upload(session, ours.base, photo) for photo in wanted]
        _settle(session, ours.base, ids)
        for number, (photo, image_id) in enumerate(zip(wanted, ids, strict=True)):
            took = _first(session, ours.base, image_id)
            rows.append(dict(kind="first_sm", target="pindeck api", round=number, ms=took, bare_ms=_thumbnail(photo)))
            print(json.dumps(rows[-1]), flush=True)
        cold = [_upload(session, ours.base, photo, wait=False) for photo in wanted[:3]]
        for number, (photo, image_id) in enumerate(zip(wanted, cold, strict=False)):
            took = _first(session, ours.base, image_id)
            rows.append(
                dict(kind="at_once_sm", target="pindeck api", round=number, ms=took, bare_ms=_thumbnail(photo))
            )
            print(json.dumps(rows[-1]), flush=True)
        thumbs = plan.cache / "programs-thumbs"
        thumbs.mkdir(exist_ok=True)
        paths = [f"/api/v1/images/{image_id}?size=sm" for image_id in ids]
        for image_id, path in zip(ids, paths, strict=True):
            (thumbs / f"{image_id}.webp").write_bytes(session.get(ours.base + path, timeout=30).content)
        bare, base = _floor_of(plan, thumbs)
        running.append(bare)
        ours_target = Program(ours, key)
        ours_target.thumb_paths = paths
        floor = Target(base, [bare.pid], COUNT, [f"/thumb/{image_id}.webp" for image_id in ids])
        targets: dict[str, Target] = {"floor sm": floor, "pindeck sm": ours_target}
        rows += load(targets, ["thumbs"], rounds=plan.rounds, seconds=plan.seconds, conns=(1, CLIENTS))
    return rows


def _floor_of(plan: Plan, thumbs: Path) -> tuple[Service, str]:
    return stacks.start_floor(plan.cache / "floor", plan.cache / "floor" / "none.sqlite3", thumbs, sync="full")


def _upload(session: requests.Session, base: str, photo: Path, *, wait: bool = True) -> str:
    """A photo nobody has uploaded yet: random bytes follow its end."""
    data = photo.read_bytes() + os.urandom(16)
    answer = session.post(
        f"{base}/api/v1/images/upload", files={"file": (photo.name, data, "image/jpeg")}, timeout=60
    )
    answer.raise_for_status()
    image_id = answer.json()["data"]["id"]
    if wait:
        _settle(session, base, [image_id])
    return image_id


def _settle(session: requests.Session, base: str, ids: list[str]) -> None:
    """Until the worker has made the usual sizes. `/i` does not make any."""
    for image_id in ids:
        while session.get(f"{base}/i/{image_id}?size=medium", timeout=30).status_code != 200:
            time.sleep(0.1)
    time.sleep(0.3)


def _first(session: requests.Session, base: str, image_id: str) -> float:
    """Milliseconds of the first request for `sm`."""
    start = time.monotonic()
    answer = session.get(f"{base}/api/v1/images/{image_id}?size=sm", timeout=60)
    answer.raise_for_status()
    return 1000 * (time.monotonic() - start)


def _thumbnail(photo: Path) -> float:
    """Milliseconds of the decoder's own thumbnail of 300 pixels, written as WebP: the best of three, in this process."""
    from PIL import Image

    best = []
    for _ in range(3):
        start = time.monotonic()
        with Image.open(photo) as picture:
            picture.thumbnail((300, 300), Image.Resampling.LANCZOS)
            picture.save(io.BytesIO(), "WEBP", quality=80, method=4)
        best.append(1000 * (time.monotonic() - start))
    return min(best)
