"""A job that ends every child over it blocks nobody: what stands behind it is done, and it is given up and told."""

import io
import json

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image, Job, User
from pindeck.services.ingest import uploads
from pindeck.services.maintenance import work, work_control, workers
from tests.factories import new_photo
from tests.stack import ROOT, Stack, wait_for

pytestmark = pytest.mark.kill

POISONED = f"""
import os, signal, sys
sys.path.insert(0, {str(ROOT)!r})
from pindeck import worker
from pindeck.services.derivatives import build
inner = build.run
def run(image_id, progress):
    if image_id == os.environ["POISON"]:
        os.kill(os.getpid(), signal.SIGKILL)
    inner(image_id, progress)
build.run = run
sys.exit(worker.main())
"""


def test_a_poisoned_job_blocks_nobody_and_is_told(tmp_path):
    script = tmp_path / "poisoned.py"
    script.write_text(POISONED)
    stack = Stack(tmp_path / "stack")
    try:
        with stack.bound():
            User.create(id="mo", email="mo@example.org", role="admin", password_hash="x", created_at=1)
            mo = Actor("mo", "admin", "Mo")
            poison, *others = [uploads.accept(mo, io.BytesIO(new_photo()), "a.jpg").image.id for _ in range(6)]
            stack.start_worker(str(script), {"POISON": poison})
            wait_for(
                lambda: Image.select().where(Image.id.in_(others) & (Image.persist_status == "succeeded")).count() == 5,
                60, "the others to be stored", stack.log,
            )  # fmt: skip
            job = Job.get(Job.image_id == poison)

            def given_up() -> bool:
                Job.update(due_at=db.now_ms()).where((Job.id == job.id) & (Job.status == "queued")).execute()
                return Job.get_by_id(job.id).status == "failed"

            wait_for(given_up, 90, "the poisoned job to be given up", stack.log)
            (view,) = [each for each in work.look(mo).views if each.id == job.id]
            assert (view.state, view.attempt, view.can_retry) == ("failed", 4, True)
            assert "worker was stopped" in str(view.reason)
            assert Image.get(Image.id == poison).persist_status == "failed"
            (alive,) = workers.list_workers(mo)
            assert alive.is_alive and (alive.memory_bytes or 0) > 2**20
            found = {each["part"]: each for each in json.loads(stack.run("doctor", "--json", check=False))}
            assert found["work"]["ok"] and "1 failed within a day" in found["work"]["message"]
            # The worker that knows the way again does it.
            stack.stop_workers()
            stack.start_worker()
            work_control.retry(mo, job.id)
            wait_for(
                lambda: Image.get(Image.id == poison).persist_status == "succeeded", 60, "the retry to be done", stack.log
            )
            wait_for(lambda: len(workers.list_workers(mo)) == 1, 60, "the dead worker to be forgotten", stack.log)
    finally:
        stack.stop()
