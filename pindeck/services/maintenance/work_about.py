"""What a job without a picture is about: the source that it reads, or the address that it looks at."""

from dataclasses import dataclass
from typing import Any

from pindeck import queue
from pindeck.models import ImportBatch, Job, Source


@dataclass(frozen=True)
class About:
    """`source_id` is that of a source which has a page."""

    text: str
    source_id: str | None = None


def of_jobs(jobs: list[Job]) -> dict[str, About]:
    """By job, of those that have such a thing still. Two statements at most, and none without sources."""
    runs = {job.id: job.payload["batch"] for job in jobs if job.kind == queue.RUN_SOURCE.kind}
    read: Any = ImportBatch.select(ImportBatch.id, ImportBatch.source_id).where(ImportBatch.id.in_([*runs.values()])).tuples()
    of_run = dict(read) if runs else {}
    wanted = {job_id: of_run.get(batch) for job_id, batch in runs.items()}
    wanted |= {job.id: job.payload["source"] for job in jobs if job.kind == queue.TEST_SOURCE.kind}
    ids = {source_id for source_id in wanted.values() if source_id}
    names = {row.id: row.name for row in Source.select(Source.id, Source.name).where(Source.id.in_(ids))} if ids else {}
    found = {job_id: About(names[source_id], source_id) for job_id, source_id in wanted.items() if source_id in names}
    looks = {job.id: About(job.payload["url"]) for job in jobs if job.kind == queue.LOOK.kind}
    return found | looks
