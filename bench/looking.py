"""W13: 500 pictures that a model describes, which answers in 300 ms: how much of what its concurrency allows is reached."""

import shutil
import time
from io import BytesIO

from bench.processes import Watch
from bench.rounds import Row
from bench.workloads import Plan
from pindeck import db, jobs, queue
from pindeck.access import Actor
from pindeck.models import Image, Job, MachineCall, StoredFile, User
from pindeck.services.ingest import uploads
from pindeck.states import JobStatus
from tests.factories import photo
from tests.servers.vision import serving_vision
from tests.stack import Stack

ANSWERS_IN_S = 0.3
READER = Actor("reader", "curator", "Reader")


def w13(plan: Plan) -> list[Row]:
    """One worker with its defaults, on SQLite and files."""
    count = 100 if plan.quick else 500
    folder = plan.cache / "looking"
    shutil.rmtree(folder, ignore_errors=True)
    with serving_vision() as provider:
        provider.delay_s = ANSWERS_IN_S
        stack = Stack(folder, {"VISION_BASE_URL": provider.base, "VISION_MODEL": "good"})
        try:
            with stack.bound():
                _fill(count)
                worker = stack.start_worker()
                while not provider.requests:
                    time.sleep(0.01)
                began = time.monotonic()
                with Watch([worker.pid]) as watch:
                    while Job.select().where(Job.status != JobStatus.COMPLETED).exists():
                        time.sleep(0.1)
                    took_s = time.monotonic() - began
                calls = MachineCall.select().count()
        finally:
            stack.stop()
    allowed = stack.settings.vision_concurrency / ANSWERS_IN_S
    return [{
        "kind": "looking", "target": "pindeck", "n": count, "calls": calls, "rate": count / took_s,
        "share": count / took_s / allowed, "cpu_s": watch.cpu_s / count, "peak_mb": watch.peak_mb, "foreign": round(watch.foreign, 2),
    }]  # fmt: skip


def _fill(count: int) -> None:
    """One picture with its sizes, and others of the same bytes, each with a job that waits."""
    User.create(id="reader", email="r@example.org", role="curator", password_hash="x", created_at=1)
    first = uploads.accept(READER, BytesIO(photo(size=(3000, 2000))), "0.jpg").image
    jobs.run(Job.get(Job.kind == "persist").id)
    Job.delete().execute()
    image, file = Image.get_by_id(first.seq), StoredFile.get_by_id(first.file_id)
    ids = []
    with db.writing():
        for number in range(count):
            file_id, image_id = db.new_id(), db.new_id()
            StoredFile.insert({**file.__data__, "id": file_id, "file_key": db.new_token()}).execute()
            skipped = ("seq", "is_listed")
            columns = {name: value for name, value in image.__data__.items() if name not in skipped}
            Image.insert({**columns, "id": image_id, "file": file_id, "original_filename": f"{number}.jpg"}).execute()
            ids.append(image_id)
        queue.enqueue_many(
            queue.ANALYSE, [{"image_id": each, "user_id": "reader", "dedupe_key": f"analyse:{each}"} for each in ids]
        )
