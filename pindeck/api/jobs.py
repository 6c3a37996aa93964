"""Work that goes on: the list of it, one job, and what its asker may do about it."""

from typing import Any, Literal

from flask import Blueprint, g
from pydantic import Field

from pindeck import cursors, queue
from pindeck.api.files.schemas import EXAMPLE_ID, JobState
from pindeck.api.images.schemas import iso
from pindeck.api.operations import ANYBODY, Answer, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.schemas import JOB_STATUS, Fault, cursor_page, cursor_pages
from pindeck.api.types import Output, Query, Text, check_uuid, limit_type
from pindeck.errors import invalid
from pindeck.services import jobs
from pindeck.services.maintenance import work, work_control
from pindeck.services.maintenance.work import WorkView
from pindeck.states import JobStatus, WorkState

bp = Blueprint("api_jobs", __name__, url_prefix=f"{PREFIX}/jobs")

ONE = {"job_id": "The id that the call answered which asked for the job."}
NOT_FOUND = Fault(404, "JOB_NOT_FOUND", "There is no such job, or somebody else asked for it.")
LINE = {
    "id": EXAMPLE_ID,
    "kind": "analyse",
    "label": "Describe a picture",
    "state": "waiting",
    "stage": "",
    "percent": 0,
    "attempts": 1,
    "error": "The provider does not answer.",
    "isStopping": False,
    "canCancel": True,
    "canRetry": False,
    "imageId": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a12",
    "lane": "now",
    "cost": 0.0021,
    "createdAt": "2026-03-01T09:30:00.125Z",
    "startedAt": "2026-03-01T09:30:01.020Z",
    "nextTryAt": "2026-03-01T09:30:31.400Z",
    "endedAt": None,
}


class JobPages(Query):
    limit: limit_type(50, 200) = 50  # type: ignore[valid-type]
    cursor: Text | None = Field(None, description="`nextCursor` of the page before.")
    state: Literal["running", "waiting", "failed", "cancelled", "done"] | None = Field(None, description="Only these.")
    kind: Text | None = Field(None, description="Such as `persist`, `analyse` or `fetch_image`.")


class JobLine(Output):
    """Work as a person reads of it."""

    id: str
    kind: str
    label: str = Field(description="The kind, in words for people.")
    state: Literal["running", "waiting", "failed", "cancelled", "done"]
    stage: str = Field(description="What it does now; empty where its kind does not tell.")
    percent: int
    attempts: int = Field(description="How many began since it was asked for, or asked for again.")
    error: str | None = Field(description="Why the last attempt failed: a sentence for people.")
    isStopping: bool = Field(description="It was cancelled while it ran, and ends at its next step.")
    canCancel: bool
    canRetry: bool
    imageId: str | None = Field(description="Its picture, if the caller may see it.")
    lane: Literal["now", "later"] = Field(description="`later` goes after all that somebody waits for.")
    cost: float | None = Field(description="What it has cost so far in US dollars; null where nobody named a price.")
    createdAt: str = Field(description="ISO 8601, UTC.")
    startedAt: str | None
    nextTryAt: str | None = Field(description="When a job that waits for its time is due.")
    endedAt: str | None


def shape(view: WorkView) -> dict[str, Any]:
    return {
        "id": view.id,
        "kind": view.kind,
        "label": view.label,
        "state": view.state,
        "stage": view.stage,
        "percent": view.percent,
        "attempts": view.attempt,
        "error": view.reason,
        "isStopping": view.is_stopping,
        "canCancel": view.can_cancel,
        "canRetry": view.can_retry,
        "imageId": view.image.id if view.image else None,
        "lane": view.lane,
        "cost": None if view.cost_micro is None else view.cost_micro / 1e6,
        "createdAt": iso(view.asked_at),
        "startedAt": None if view.started_at is None else iso(view.started_at),
        "nextTryAt": None if view.next_at is None else iso(view.next_at),
        "endedAt": None if view.ended_at is None else iso(view.ended_at),
    }


@bp.get("")
@operation(
    "job.view",
    surface="jobs",
    summary="List jobs",
    query=JobPages,
    answers=cursor_pages(JobLine, LINE),
    callers=ANYBODY,
)
def list_jobs(query: JobPages) -> dict[str, Any]:
    """What the caller asked for: first what has not ended, the newest first, then the rest, the last to end first. Administrators
    see all work. Jobs are kept for thirty days after their end."""
    after = cursors.read(query.cursor) if query.cursor else None
    if query.kind is not None and query.kind not in queue.SPECS:
        raise invalid("kind", f"Choose from: {', '.join(queue.SPECS)}.", named=True)
    state = WorkState(query.state) if query.state else None
    found, place = work.list_page(g.actor, limit=query.limit, after=after, state=state, kind=query.kind)
    return cursor_page([shape(view) for view in found], cursors.write(*place) if place else None)


@bp.post("/<job_id>/cancel")
@operation(
    "job.control",
    surface="jobs",
    summary="Cancel a job",
    path=ONE,
    answers=Answer(JobLine, example={**LINE, "state": "cancelled", "canCancel": False, "canRetry": True, "nextTryAt": None}),
    faults=(NOT_FOUND, Fault(409, "CONFLICT", "It has ended, or cannot be stopped; the message says which.")),
    bucket="write",
    callers=ANYBODY,
)
def cancel(job_id: str) -> dict[str, Any]:
    """What waits ends at once. What runs ends at its next step: then `isStopping` is true. One's own jobs, whose pictures
    one may change; administrators cancel all."""
    work_control.cancel(g.actor, check_uuid(job_id, "job_id"))
    return _again(job_id)


@bp.post("/<job_id>/retry")
@operation(
    "job.control",
    surface="jobs",
    summary="Try a job again",
    path=ONE,
    answers=Answer(JobLine, example={**LINE, "attempts": 0, "error": None, "nextTryAt": None}),
    faults=(NOT_FOUND, Fault(409, "CONFLICT", "It has not failed, or what it is about is done; the message says which.")),
    bucket="write",
    callers=ANYBODY,
)
def retry(job_id: str) -> dict[str, Any]:
    """What failed for good or was cancelled waits once more, with all its attempts, before what nobody waits for."""
    work_control.retry(g.actor, check_uuid(job_id, "job_id"))
    return _again(job_id)


def _again(job_id: str) -> dict[str, Any]:
    job = work.find(g.actor, job_id)
    assert job is not None
    return shape(work.view(g.actor, job))


@bp.get("/<job_id>")
@operation(
    "job.view",
    surface="jobs",
    summary="Get the state of a job",
    path=ONE,
    answers=Answer(JobState, example={"id": EXAMPLE_ID, "status": "done", "storageId": EXAMPLE_ID}),
    faults=(NOT_FOUND,),
    callers=ANYBODY,
)
def job(job_id: str) -> dict[str, object]:
    """Queued, running, done or failed; only for the person or the client that asked for it."""
    found = jobs.asked_for(g.actor, job_id)
    state: dict[str, object] = {"id": found.id, "status": JOB_STATUS[JobStatus(found.status)]}
    if state["status"] == "done" and found.result and "storageId" in found.result:
        state["storageId"] = found.result["storageId"]
    if state["status"] == "done" and found.result and "first" in found.result:
        state["found"] = _found(found.result)
    if state["status"] == "failed":
        state["error"] = found.error or "It failed."
    return state


def _found(result: dict[str, Any]) -> dict[str, Any]:
    """What a test of a source tells; the small pictures are for pages."""
    first = [
        {"title": each["title"], "url": each["url"], "pageUrl": each["page"], "reason": each.get("reason")}
        for each in result["first"]
    ]
    return {"count": result["count"], "first": first}
