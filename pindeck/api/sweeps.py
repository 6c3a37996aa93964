"""The sweeps, for master keys and administrators: what they do, and one asked for at once."""

from typing import Any, Literal

from flask import Blueprint, g
from pydantic import Field

from pindeck.api.operations import Answer, JsonBody, Reply, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import JOB_STATUS, Data, data
from pindeck.api.types import Input, Output, Text
from pindeck.models import Job
from pindeck.services.maintenance import sweeps
from pindeck.states import JobStatus

bp = Blueprint("api_sweeps", __name__, url_prefix=f"{PREFIX}/admin/sweeps")


class SweepRecord(Output):
    name: str
    does: str = Field(description="In a sentence.")


class SweepRun(Output):
    """One that was asked for. A worker also sweeps by itself, every ten minutes; that is not listed."""

    id: str
    names: list[str] = Field(description="Names of sweeps; empty means all of them.")
    status: Literal["queued", "running", "done", "failed"]
    askedAt: int = Field(description="Milliseconds since the epoch, UTC.")
    endedAt: int | None
    found: dict[str, int] | None = Field(description="How many things each sweep put right, once it is done.")
    error: str | None


class Sweeps(Output):
    sweeps: list[SweepRecord]
    runs: list[SweepRun]


class SweepInput(Input):
    names: list[Text] = Field(default_factory=list, max_length=50, description="Default: all of them.")


RUN = {
    "id": "0190…", "names": ["trash"], "status": "queued", "askedAt": 1795000000000, "endedAt": None, "found": None,
    "error": None,
}  # fmt: skip
DONE = RUN | {"status": "done", "endedAt": 1795000000400, "found": {"trash": 2}}


def _run(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "names": job.payload["names"],
        "status": JOB_STATUS[JobStatus(job.status)],
        "askedAt": job.created_at,
        "endedAt": job.ended_at,
        "found": job.result["found"] if job.result else None,
        "error": job.error,
    }


@bp.get("")
@operation(
    "admin",
    surface="admin",
    summary="List sweeps",
    answers=Answer(
        Data[Sweeps],
        example={
            "success": True,
            "data": {"sweeps": [{"name": "trash", "does": sweeps.SWEEPS["trash"].does}], "runs": [DONE]},
        },
    ),
)
def list_sweeps() -> dict[str, Any]:
    """What is cleared away, and the latest twenty runs that somebody asked for, the newest first."""
    known = [{"name": name, "does": sweep.does} for name, sweep in sweeps.SWEEPS.items()]
    return data({"sweeps": known, "runs": [_run(job) for job in sweeps.runs(g.actor)]})


@bp.post("")
@operation(
    "admin",
    surface="admin",
    summary="Sweep now",
    body=JsonBody(SweepInput, optional=True, example={"names": ["trash"]}),
    answers=Answer(
        Data[SweepRun], 202, says="A worker does it. The list of sweeps says how it went.", example={"success": True, "data": RUN}
    ),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def sweep(body: SweepInput | None) -> Reply:
    """Asks a worker to sweep at once. While the same waits already, that one is answered."""
    return Reply(data(_run(sweeps.ask(g.actor, body.names if body else ()))), 202)
