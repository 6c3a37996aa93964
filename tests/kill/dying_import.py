"""A worker that kills the child which brings a picture, or itself as well, at the step that the picture's name says.

Only the tests run this. `<step>.jpg` ends its child once, `<step>-all.jpg` child and worker once, `always-<step>.jpg` its child
each time. `FOLDER/pids` gets a line for each row that was begun.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from pindeck import jobs, worker  # noqa: E402
from pindeck.jobs import ahead, child  # noqa: E402
from pindeck.models import Image, Job  # noqa: E402
from pindeck.services import jobs as work  # noqa: E402
from pindeck.services.derivatives import build  # noqa: E402
from pindeck.services.ingest import from_web  # noqa: E402

FOLDER = Path(os.environ.get("FOLDER", "."))
STEPS = ("fetching", "received", "brought", "fetched", "taken", "built")
_at_work: list[Job] = []
_ahead: list[ahead.Ahead] = []


def reach(step: str, image_id: str = "") -> None:
    if threading.current_thread() is threading.main_thread() and _ahead and _ahead[-1].held():
        while not _ahead[-1].is_there():  # bytes on their way would come again, which no test should have to count
            time.sleep(0.005)
    name = Image.get(Image.id == (image_id or _at_work[-1].image_id)).original_filename.removesuffix(".jpg")
    if name not in (step, f"{step}-all", f"always-{step}"):
        return
    if not name.startswith("always-"):
        try:
            os.close(os.open(FOLDER / name, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
    if name.endswith("-all"):
        os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    child.GOES_ON_S = 60.0  # on a machine that is busy with other things, too
    claim, do, complete = work.claim, jobs.do, work.complete

    def claimed(job_id: str) -> Job | None:
        job = claim(job_id)
        if job is not None and job.kind == "persist":
            _at_work.append(job)
            reach("taken")
        return job

    def done(job: Job) -> bool:
        with open(FOLDER / "pids", "a") as pids:
            pids.write(f"{os.getpid()} {job.kind} {job.image_id}\n")
        return do(job)

    def completed(job: Job) -> bool:
        ended = complete(job)
        if job.kind == "fetch_image":
            reach("fetched", str(job.image_id))
        return ended

    def start(own: ahead.Ahead) -> None:
        _ahead.append(own)
        started(own)

    def steps(module: object, name: str, before: str = "", after: str = "") -> None:
        inner = getattr(module, name)

        def wrapped(*args: object, **kwargs: object) -> object:
            of = str(args[0]) if module is from_web else ""
            if before:
                reach(before, of)
            result = inner(*args, **kwargs)
            if after:
                reach(after, of)
            return result

        setattr(module, name, wrapped)

    work.claim, jobs.do, work.complete = claimed, done, completed
    started, ahead.Ahead.start = ahead.Ahead.start, start  # type: ignore[method-assign]
    steps(from_web, "receive", before="fetching", after="received")
    steps(from_web, "keep", after="brought")
    steps(build, "_build", after="built")
    sys.exit(worker.main())


if __name__ == "__main__":
    main()
