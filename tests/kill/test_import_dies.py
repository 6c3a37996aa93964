"""The child that has fetched a picture stores it as well: it may be killed at any step of both, alone or with its worker."""

from collections import Counter

import pytest
from redis import Redis

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Derivative, Image, Job, User
from pindeck.services.ingest import external
from pindeck.services.ingest.external import Candidate
from pindeck.states import JobStatus, PersistStatus
from tests import invariants
from tests.factories import new_photo
from tests.fetching.hostile import answer, serving
from tests.kill.dying_import import STEPS
from tests.stack import Stack, pair_environ, wait_for

pytestmark = pytest.mark.kill
OLGA = Actor("olga", "curator", "Olga")
NAMES = [*STEPS, *(f"{step}-all" for step in STEPS), "plain", "always-built"]


@pytest.fixture(params=["sqlite", "postgres"])
def stack(request, tmp_path):
    with serving() as site:
        for name in NAMES:
            site.pages[f"/{name}.jpg"] = answer(new_photo(), "Content-Type: image/jpeg")
        environ = {"FETCH_ALLOW_HOSTS": f"127.0.0.1:{site.port}", "JOB_LEASE_S": "120", "PUMP_INTERVAL_S": "0.2"}
        stack = Stack(tmp_path / "stack", {**pair_environ(request, "imports"), **environ})
        yield stack, site
        stack.stop()


def test_a_picture_from_elsewhere_survives_its_child_and_its_worker_at_every_step(stack, tmp_path):
    stack, site = stack
    with stack.bound():
        User.insert(id="olga", email="olga@example.org", role="curator", password_hash="x", created_at=1).execute()
        names = {external.create(OLGA, Candidate(f"{site.base}/{name}.jpg")): name for name in NAMES}
        running = []

        def settled() -> bool:
            """The next worker stands up where one has died, and nobody waits for the time before the next try."""
            if not running or running[-1].poll() is not None:
                running.append(stack.start_worker("tests/kill/dying_import.py", {"FOLDER": str(tmp_path)}))
            db.connect()
            waits = (Job.status == JobStatus.QUEUED) & Job.kind.in_(["fetch_image", "persist"])
            Job.update(due_at=db.now_ms()).where(waits & (Job.due_at > db.now_ms())).execute()
            open_ones = waits | (Job.status == JobStatus.RUNNING)
            return not Job.select().where(open_ones).exists() and Image.select().where(Image.persist_status == PersistStatus.PENDING).count() == 0

        wait_for(settled, 120, "all pictures to be stored or given up", stack.log)
        assert len(running) == 1 + len(STEPS)
        for image in Image.select():
            is_poisoned = names[image.id] == "always-built"
            assert image.persist_status == (PersistStatus.FAILED if is_poisoned else PersistStatus.SUCCEEDED), names[image.id]
        assert Derivative.select().count() == 4 * (len(NAMES) - 1)
        tries = {(names[job.image_id], job.kind): job.attempts for job in Job.select().where(Job.image_id.is_null(False))}
        for name in NAMES:
            step = name.removesuffix("-all")
            assert tries[name, "fetch_image"] >= (2 if step in ("fetching", "received", "brought") else 1), name
            assert tries[name, "persist"] >= (2 if step in ("taken", "built") else 1), name
        assert tries["always-built", "persist"] == 4
        asked = Counter(head.split()[1].strip("/").removesuffix(".jpg") for head in site.requests)
        assert asked == dict.fromkeys(NAMES, 1), "What had come was asked for again."
        invariants.check()
    rows = [line.split() for line in (tmp_path / "pids").read_text().splitlines()]
    by_child: dict[str, list[tuple[str, str]]] = {}
    for pid, kind, image_id in rows:
        by_child.setdefault(pid, []).append((kind, names.get(image_id, image_id)))
    assert any({("fetch_image", "plain"), ("persist", "plain")} <= set(done) for done in by_child.values()), "One child fetches and stores."
    with Redis.from_url(stack.redis_url) as queue:
        wait_for(lambda: not queue.llen("rq:queue:media") and not queue.llen("rq:queue:io"), 60, "the queue to be empty")
