"""The workloads. Each starts what it needs, measures, and returns rows for the report."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import floor_app, library, stacks, tools
from bench.processes import cpu, pss, tree
from bench.rounds import Row, ingest, load
from bench.stacks import PindeckStack, Service
from bench.targets import Floor, Pindeck, Sharp, Static, Target

THUMBS = 200


@dataclass(frozen=True)
class Plan:
    """How much is measured. `quick` finds gross errors in two minutes; its figures scatter."""

    cache: Path
    quick: bool

    @property
    def rounds(self) -> int:
        return 1 if self.quick else 3

    @property
    def seconds(self) -> int:
        return 2 if self.quick else 3

    @property
    def sizes(self) -> tuple[int, ...]:
        return (10_000, 100_000)

    @property
    def page_sizes(self) -> tuple[int, ...]:
        """Of the libraries whose pages are asked for; the largest takes a quarter of an hour to make, once."""
        return self.sizes if self.quick else (*self.sizes, 1_000_000)

    @property
    def photos(self) -> int:
        return 12 if self.quick else 60


@contextlib.contextmanager
def stopping() -> Iterator[list[Any]]:
    """A list of services that are stopped in the end, the last one first."""
    services: list[Any] = []
    try:
        yield services
    finally:
        for service in reversed(services):
            service.stop()


def photos(plan: Plan) -> list[Path]:
    """Photos of 12 megapixels, made when there are too few of them."""
    folder = plan.cache / "photos"
    if len(list(folder.glob("*.jpg"))) < plan.photos:
        script = Path(__file__).with_name("genphotos.py")
        subprocess.run([sys.executable, str(script), str(folder), "--n", str(plan.photos)], check=True)
    return sorted(folder.glob("*.jpg"))[: plan.photos]


def stack(plan: Plan, count: int) -> PindeckStack:
    made = PindeckStack(plan.cache / f"pindeck-{count}")
    made.prepare(count)
    return made


def floor(plan: Plan, count: int) -> tuple[Service, str]:
    folder = plan.cache / "floor"
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / f"{count}.sqlite3"
    if not database.exists():
        floor_app.build(database, count)
    return stacks.start_floor(folder, database, plan.cache / "thumbs", sync="full")


def w1(plan: Plan) -> list[Row]:
    """Photos in: first with one worker, which is what memory is judged by, then with two, for the waiting."""
    tools.node_modules(plan.cache / "node")
    wanted, rows = photos(plan), []
    with stopping() as running:
        peer, base = stacks.start_sharp(plan.cache, plan.cache / "node")
        running.append(peer)
        shutil.rmtree(plan.cache / "pindeck-0", ignore_errors=True)
        ours = stack(plan, 0)
        running.append(ours)
        ours.start()
        targets: dict[str, Target] = {"sharp": Sharp(base, [peer.pid])}
        for workers in (1, 2):
            if workers == 2:
                ours.add_worker()
            targets["pindeck"] = target = Pindeck(ours.base, ours.roots)
            target.database = ours.database
            target.login()
            look_every_s = 0.3 if workers == 1 else 1
            rows += ingest(targets, wanted, rounds=plan.rounds, clients=4, label=f" {workers}w", look_every_s=look_every_s)
    return rows


def pages(plan: Plan, kinds: list[str], sizes: tuple[int, ...]) -> list[Row]:
    targets: dict[str, Target] = {}
    with stopping() as running:
        for count in sizes:
            label = f"{count // 1000}k"
            bare, base = floor(plan, count)
            running.append(bare)
            targets[f"floor {label}"] = Floor(base, [bare.pid], count)
            ours = stack(plan, count)
            running.append(ours)
            ours.start()
            targets[f"pindeck {label}"] = Pindeck(ours.base, ours.roots, count)
        for target in targets.values():
            target.login()
            check(target, kinds)
        return load(targets, kinds, rounds=plan.rounds, seconds=plan.seconds, conns=(1, 8))


def check(target: Target, kinds: list[str]) -> None:
    """An error page is fast: see that the first answer of each kind holds what it should."""
    for kind in kinds:
        for req in target.reqs(kind)[:1]:
            answer = target.session.request(req.method, target.base + req.path, headers=req.headers, timeout=30)
            wanted = 0 if kind == "writes" else 50
            if answer.status_code != 200 or target.items_in(answer.content) != wanted:
                raise RuntimeError(
                    f"{req.path} answered {answer.status_code} with {target.items_in(answer.content)}."
                )


def w2(plan: Plan) -> list[Row]:
    return pages(plan, ["first_page", "deep_page", "walk", "filtered", "fragment"], plan.page_sizes)


def w3(plan: Plan) -> list[Row]:
    return pages(plan, ["search"], plan.sizes)


def w5(plan: Plan) -> list[Row]:
    return pages(plan, ["writes"], plan.sizes[-1:])


def w4(plan: Plan) -> list[Row]:
    """The rendition of 320 pixels: nginx and send_from_directory over a folder, beside DATA_DIR/public and /media."""
    tools.need("nginx", "nginx-light")
    count, targets = plan.sizes[-1], {}
    with stopping() as running:
        ours = stack(plan, count)
        keys = _publish(plan, ours.data / "public", count)
        running.append(ours)
        ours.start()
        targets["pindeck /media"] = Pindeck(ours.base, ours.roots, count, ["/media/" + key for key in keys])
        bare, base = floor(plan, count)
        running.append(bare)
        names = [key.split("/")[1] for key in keys]
        targets["floor"] = Floor(base, [bare.pid], count, ["/thumb/" + name for name in names])
        for name, root, paths in (
            ("nginx floor", plan.cache / "thumbs", ["/" + name for name in names]),
            ("nginx public", ours.data / "public", ["/media/" + key for key in keys]),
        ):
            front, base = stacks.start_nginx(
                plan.cache / name.replace(" ", "-"), root, paths[0], media=name == "nginx public"
            )
            running.append(front)
            targets[name] = Static(base, [front.pid], thumbs=paths)
        return load(targets, ["thumbs"], rounds=plan.rounds, seconds=plan.seconds, conns=(1, 8))


def _publish(plan: Plan, public: Path, count: int) -> list[str]:
    """Real renditions for the newest images, as publishing would have put them; their public keys."""
    from PIL import Image

    flat = plan.cache / "thumbs"
    flat.mkdir(exist_ok=True)
    sources, keys = photos(plan), []
    for n in range(THUMBS):
        token = library.token_of(count - 1 - n)
        name = f"{token}-w320.webp"
        key = f"{token[:2]}/{name}"
        keys.append(key)
        if not (flat / name).exists():
            with Image.open(sources[n % len(sources)]) as photo:
                photo.draft("RGB", (500, 375))
                side = n // len(sources) * 8  # another crop of the same photo
                photo.crop((side, side, photo.width, photo.height)).resize((320, 240)).save(
                    flat / name, "WEBP", quality=82
                )
        (public / key).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(flat / name, public / key)
    return keys


def w6(plan: Plan) -> list[Row]:
    """`pindeck up` until the first page of the large library is there, idle memory, and the weight of that page.
    Beside each start one of the floor tells how fast the machine was."""
    rows = []
    ours = stack(plan, plan.sizes[-1])
    for number in range(1 if plan.quick else 5):
        begun = time.monotonic()
        bare, _ = floor(plan, plan.sizes[-1])
        rows.append(dict(kind="cold", target="floor", round=number, cold_s=time.monotonic() - begun))
        bare.stop()
        try:
            took = ours.start()
            spent = cpu(tree(ours.roots))
            time.sleep(5)
            idle = tree(ours.roots)
            memory, before = pss(idle), cpu(idle)
            time.sleep(3)
            row = dict(kind="cold", target="pindeck", round=number, cold_s=took, cold_cpu_s=spent, idle_mb=memory)
            rows.append(row | dict(processes=len(idle), idle_cpu=(cpu(idle) - before) / 3, load=os.getloadavg()[0]))
            if number == 0:
                rows.append(weigh(ours))
            print(rows[-1], flush=True)
        finally:
            ours.stop()
    return rows


def weigh(ours: PindeckStack) -> Row:
    """Bytes of the first page and of what it loads, as a browser that takes brotli and gzip gets them."""
    target = Pindeck(ours.base, ours.roots, 100_000)
    target.login()
    session = target.session

    def size(path: str, coding: str) -> int:
        with session.get(ours.base + path, headers={"Accept-Encoding": coding}, stream=True, timeout=30) as answer:
            return len(answer.raw.read(decode_content=False))

    page = session.get(ours.base + "/", timeout=30).text
    assets = re.findall(r'(?:<script[^>]*src|<link[^>]*rel="stylesheet"[^>]*href)="([^"]+)"', page)
    row: dict[str, Any] = dict(kind="weight", target="pindeck", round=0, html=size("/", "identity"))
    row["html_packed"] = {coding: size("/", coding) for coding in ("zstd", "br", "gzip")}
    row["assets"] = {path.split("?")[0]: size(path, "br, gzip") for path in assets}
    row["all_packed"] = row["html_packed"]["br"] + sum(row["assets"].values())
    return row
