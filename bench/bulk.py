"""W14: one act on 10,000 pictures of 100,000, and its undo, part by part as the job does it, while somebody else writes."""

import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bench.rounds import Row
from bench.workloads import Plan
from pindeck import config, db, jobs
from pindeck.access import Actor
from pindeck.db import migrate
from pindeck.models import Job, User
from pindeck.services.images import large, undoing
from pindeck.services.images.projects import DEFAULT_ID

SIZE, EACH = 100_000, 10
PAUSE_S = 0.02
_COLUMNS = "(id, project_id, user_id, status, persist_status, title, external_url, created_at, updated_at)"
_IMAGE = f"INSERT INTO image {_COLUMNS} VALUES (?, ?, ?, 'active', 'succeeded', 'A picture', 'https://example.org/a', 1, 1)"
_TAG = "INSERT INTO image_tag (image_id, tag, position) VALUES (?, ?, ?)"


def w14(plan: Plan) -> list[Row]:
    """A word into one field, two tags more, and one tag less; each is taken back before the next."""
    with tempfile.TemporaryDirectory(dir=plan.cache) as folder:
        actor, ids = _library(Path(folder))
        rows: list[Row] = []
        for name, changes, hows in (
            ("genre", {"genre": "Noir"}, {}), ("tags more", {"tags": "wet, neon"}, {}), ("tag less", {"tags": "rain"}, {"tags": "remove"}),
        ):  # fmt: skip
            action_id = str(large.set_fields(actor, ids, changes, hows=hows))
            rows.append(_measured(name, _run, ids))
            undoing.begin(actor, action_id)
            rows.append(_measured(f"undo {name}", _run, ids))
        db.close()
    return rows


def _library(folder: Path) -> tuple[Actor, list[str]]:
    settings = config.load({"DATA_DIR": str(folder), "HOST": "127.0.0.1", "SECRET_KEY": "bench" * 8})
    config.bind(settings)
    db.bind(db.make(settings))
    migrate.migrate(settings)
    db.connect()
    user = User.create(id=db.new_id(), email="r@example.org", name="R", role="curator", password_hash="x", created_at=db.now_ms())
    ids = [db.new_id() for _ in range(SIZE)]
    words = [(i, tag, n) for k, i in enumerate(ids) for n, tag in enumerate((f"tag{k % 900}", "rain" if k % EACH == 0 else f"w{k % 77}"))]
    with db.database.atomic():
        db.database.connection().executemany(_IMAGE, [(i, DEFAULT_ID, user.id) for i in ids])
        db.database.connection().executemany(_TAG, words)
    return Actor(user.id, "curator", "R"), ids[::EACH]


def _run() -> None:
    for job in Job.select().where((Job.status == "queued") & Job.kind.in_(["act", "undo"])):
        jobs.run(job.id)


def _measured(name: str, work: Callable[[], None], ids: list[str]) -> Row:
    waits: list[float] = []
    over = threading.Event()

    def other() -> None:
        """Somebody who likes one picture after the other."""
        db.connect()
        while not over.is_set():
            began = time.perf_counter()
            with db.writing():
                db.sql("UPDATE image SET likes = likes + 1 WHERE id = :id", id=ids[len(waits) % len(ids)])
            waits.append(1000 * (time.perf_counter() - began))
            time.sleep(PAUSE_S)
        db.close()

    liker = threading.Thread(target=other)
    liker.start()
    began, cpu = time.perf_counter(), time.process_time()
    work()
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    over.set()
    liker.join()
    return {
        "kind": "bulk", "target": name, "n": len(ids), "took_s": took, "cpu_s": cpu, "worst_ms": max(waits),
        "median_ms": statistics.median(waits),
    }  # fmt: skip
