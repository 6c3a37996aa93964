"""W15: the search box. What reading a query takes, whatever stands there; a page of what it finds among 100,000 pictures, by CPU; and
pages, facets and suggestions in the running server, among 100,000 and 1,000,000."""

import random
import statistics
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from bench import library
from bench.rounds import Row, load
from bench.targets import Pindeck
from bench.workloads import Plan, stack, stopping
from pindeck import config, db
from pindeck.access import Actor
from pindeck.db import migrate
from pindeck.models import Image, User
from pindeck.search import parsing
from pindeck.services.library import filters, gallery, sorting
from pindeck.services.library.sorting import Sort

STRINGS, ROUNDS, COUNT = 100_000, 200, 100_000
DAY = date(2026, 11, 30)
LONG = ('"night city" (genre:noir OR genre:"neo noir") -tag:rain color:#aabbcc~20 width>=1920 added:<7d wet neon ' * 6)[:500]
NOISE = (
    "(", ")", "-", '"', " ", "or ", "|", "tag:", "color:", "#", "~", "@", ",", "..", "<", ">", "7d", "a", "é", "水", "width", "ratio:", "int:",
    "\0", "“", "”", "light:", "date:2026-", "1", "99999999", "is:", "\ud800", "teal", "dark ", "foo:",
)  # fmt: skip
PAGES = {
    "a word and two fields": '{word} category:"{category}" type:"{group}"',
    "either of two, not a third, of a colour": "(tag:{tag} or {word}) -is:variation color:teal",
    "what no picture has, by measures": "width:>90000 ratio:>1",
}


SERVED = ("narrowed", "by_likes", "panel", "suggestions")


def w15(plan: Plan) -> list[Row]:
    return [_parsed(), *_found(plan), *_served(plan)]


def _served(plan: Plan) -> list[Row]:
    """One client, as somebody who searches is one."""
    rows: list[Row] = []
    for count in plan.page_sizes[1:]:
        with stopping() as running:
            ours = stack(plan, count)
            running.append(ours)
            ours.start()
            target = Pindeck(ours.base, ours.roots, count)
            target.login()
            for req in (target.reqs(kind)[0] for kind in SERVED):
                answer = target.session.get(target.base + req.path, headers=req.headers, timeout=60)
                if answer.status_code != 200:
                    raise RuntimeError(f"{req.path} answered {answer.status_code}.")
            rows += load({f"pindeck {count // 1000}k": target}, list(SERVED), rounds=plan.rounds, seconds=plan.seconds, conns=(1,))
    return rows


def _parsed() -> Row:
    """By the CPU of the thread, so that a busy machine tells the same."""
    read, chance = parsing._parse.__wrapped__, random.Random(29)
    texts = ["".join(chance.choices(NOISE, k=chance.randrange(60))) for _ in range(STRINGS)]
    texts += [(sign * 500)[:500] for sign in NOISE]
    worst = max(_ms(lambda text=text: read(text, DAY)) for text in texts)
    long = _times(lambda: read(LONG, DAY))
    return {"kind": "parsing", "target": "pindeck", "p50": statistics.median(long), "p95": _p95(long), "worst": worst, "n": len(texts)}


def _found(plan: Plan) -> list[Row]:
    folder = plan.cache / "searching"
    settings = config.load({"DATA_DIR": str(folder), "HOST": "127.0.0.1", "SECRET_KEY": "bench" * 8})
    folder.mkdir(parents=True, exist_ok=True)
    is_new = not settings.sqlite_path.exists()
    config.bind(settings)
    db.bind(db.make(settings))
    migrate.migrate(settings)
    if is_new:
        User.create(id=db.new_id(), email=library.EMAIL, name="Olga", role="admin", password_hash="x", created_at=1)
        db.close()
        library.fill(settings.sqlite_path, COUNT)
    db.connect()
    reader = Actor(str(User.get().id), "curator", "Olga")
    image = Image.get(Image.seq == COUNT // 2)
    (tag,) = db.sql("SELECT tag FROM image_tag WHERE image_id = :id LIMIT 1", id=image.id).fetchone()
    words = {"word": image.title.split()[0], "category": image.category, "group": image.group or "Film", "tag": tag}
    rows: list[Row] = []
    for name, text in PAGES.items():
        wanted = {filters.WORDS: text.format(**words)}
        for sort in (Sort.NEWEST, Sort.LIKES):
            times = _times(lambda wanted=wanted, sort=sort: sorting.page(gallery.GALLERY, reader, wanted, sort, limit=50))
            rows.append({"kind": "searching", "target": f"{name}, {sort}", "p50": statistics.median(times), "p95": _p95(times)})
    db.close()
    return rows


def _times(work: Callable[[], Any]) -> list[float]:
    return sorted(_ms(work) for _ in range(ROUNDS))


def _p95(times: list[float]) -> float:
    return times[round(0.95 * (len(times) - 1))]


def _ms(work: Callable[[], Any]) -> float:
    began = time.thread_time()
    work()
    return 1000 * (time.thread_time() - began)
