"""The state of a job, for the caller that asked for it."""

from typing import Any

from flask import Blueprint, g

from pindeck.api.files.schemas import EXAMPLE_ID, JobState
from pindeck.api.operations import ANYBODY, Answer, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.schemas import JOB_STATUS, Fault
from pindeck.services import jobs
from pindeck.states import JobStatus

bp = Blueprint("api_jobs", __name__, url_prefix=f"{PREFIX}/jobs")


@bp.get("/<job_id>")
@operation(
    "job.view",
    surface="jobs",
    summary="Get the state of a job",
    path={"job_id": "The id that the call answered which asked for the job."},
    answers=Answer(JobState, example={"id": EXAMPLE_ID, "status": "done", "storageId": EXAMPLE_ID}),
    faults=(Fault(404, "JOB_NOT_FOUND", "There is no such job, or somebody else asked for it."),),
    doors=ANYBODY,
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
