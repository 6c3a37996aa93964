"""W11: pictures that look like one, looked up among 100,000 and 1,000,000, in the process that asks."""

import random
import statistics
import time

from bench.rounds import Row
from bench.workloads import Plan
from pindeck import config, db
from pindeck.access import Actor
from pindeck.db import migrate
from pindeck.models import Image, User
from pindeck.services.images import alike
from pindeck.services.images.projects import DEFAULT_ID

LOOKUPS = 200
BATCH = 50_000
_COLUMNS = "(id, project_id, user_id, status, persist_status, title, external_url, phash, phash_middle, created_at, updated_at)"
_INSERT = f"INSERT INTO image {_COLUMNS} VALUES (?, ?, ?, 'active', 'succeeded', 'A picture', 'https://example.org/a', ?, ?, 1, 1)"


def w11(plan: Plan) -> list[Row]:
    """Half of the pictures came in families of up to 40 that look alike, as the frames of one film do."""
    return [_measured(plan, count) for count in ((100_000,) if plan.quick else (100_000, 1_000_000))]


def _measured(plan: Plan, count: int) -> Row:
    folder = plan.cache / f"alike-middle-{count}"
    settings = config.load({"DATA_DIR": str(folder), "HOST": "127.0.0.1", "SECRET_KEY": "bench" * 8})
    folder.mkdir(parents=True, exist_ok=True)
    is_new = not settings.sqlite_path.exists()
    config.bind(settings)
    db.bind(db.make(settings))
    migrate.migrate(settings)
    if is_new:
        _fill(count)
    db.connect()
    reader = Actor(str(User.get().id), "curator", "Reader")
    chance = random.Random(11)
    wanted = [Image.get(Image.seq == chance.randrange(1, count + 1)) for _ in range(LOOKUPS)]
    for image in wanted[:20]:
        alike.alike(reader, [image])
    times, cpu, found = [], time.process_time(), 0
    for image in wanted:
        began = time.perf_counter()
        found += len(alike.alike(reader, [image]).get(image.id, []))
        times.append(1000 * (time.perf_counter() - began))
    cpu = 1000 * (time.process_time() - cpu) / len(wanted)
    db.close()
    times.sort()
    return {
        "kind": "alike", "target": f"pindeck {count}", "cpu_ms": cpu, "p50": statistics.median(times),
        "p95": times[round(0.95 * (len(times) - 1))], "found": found,
    }  # fmt: skip


def _fill(count: int) -> None:
    chance = random.Random(count)
    db.connect()
    now = db.now_ms()
    user = User.create(id=db.new_id(), email="r@example.org", name="Reader", role="curator", password_hash="x", created_at=now)
    hashes: list[int] = []
    while len(hashes) < count:
        first = chance.getrandbits(64)
        hashes.append(first)
        for _ in range(chance.randrange(40) if chance.random() < 0.05 else 0):
            other = first
            for bit in chance.sample(range(64), chance.randrange(8)):
                other ^= 1 << bit
            hashes.append(other)
    chance.shuffle(hashes)
    for at in range(0, count, BATCH):
        rows = [
            (db.new_id(), DEFAULT_ID, user.id, _signed(hashes[i]), _signed(chance.getrandbits(64)))
            for i in range(at, min(count, at + BATCH))
        ]
        with db.database.atomic():
            db.database.connection().executemany(_INSERT, rows)
    db.close()


def _signed(bits: int) -> int:
    return bits - (1 << 64) if bits >> 63 else bits
