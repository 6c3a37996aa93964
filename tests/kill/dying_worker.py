"""A worker that kills itself, and the job's child with it, at the step DIE_AT of storing a picture.

Only the tests run this: it wraps the steps of the real job and sends a real SIGKILL to both.
"""

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from pindeck import storage, worker  # noqa: E402
from pindeck.bootstrap import create_worker_parts  # noqa: E402
from pindeck.services import jobs
from pindeck.services.actions import log
from pindeck.services.derivatives import build
from pindeck.services.images import publishing  # noqa: E402

STEPS = (
    "claimed", "filed", "built", "put-1", "put-2", "put-3", "put-4", "before-finish", "finished", "completed",
    "published-1", "published-4", "announced",
)  # fmt: skip


def die(step: str) -> None:
    if os.environ["DIE_AT"] == step:
        os.kill(os.getppid(), signal.SIGKILL)  # the worker; RQ's child has a group of its own
        os.kill(os.getpid(), signal.SIGKILL)


def around(module: object, name: str, before: str | None = None, after: str | None = None) -> None:
    inner = getattr(module, name)

    def wrapped(*args: object, **kwargs: object) -> object:
        if before:
            die(before)
        result = inner(*args, **kwargs)
        if after:
            die(after)
        return result

    setattr(module, name, wrapped)


def count_calls(store: object, name: str, label: str, only: str) -> None:
    inner, calls = getattr(store, name), [0]

    def wrapped(*args: object, **kwargs: object) -> object:
        result = inner(*args, **kwargs)
        if only in str(args[0]):
            calls[0] += 1
            die(f"{label}-{calls[0]}")
        return result

    setattr(store, name, wrapped)


def main() -> None:
    parts = create_worker_parts

    def wrapped_parts(settings: object) -> object:
        carrier = parts(settings)  # type: ignore[arg-type]
        count_calls(storage.current(), "put", "put", "media-uploads")
        count_calls(storage.current(), "publish", "published", "media-uploads")
        return carrier

    worker.create_worker_parts = wrapped_parts  # type: ignore[assignment]
    around(jobs, "claim", after="claimed")
    around(build, "_file_away", after="filed")
    around(build, "_build", after="built")
    around(build, "_finish", before="before-finish", after="finished")
    around(jobs, "complete", after="completed")
    around(publishing, "copy_out", after="announced")
    around(log, "_following", after="part")  # which its transaction has not committed
    around(log, "end", before="all-parts")
    worker.main()


if __name__ == "__main__":
    main()
