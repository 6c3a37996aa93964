"""Maintenance of one's own images. Answers are bare JSON values, as in all of the library."""

from flask import Blueprint, g

from pindeck.api.library.inputs import GenerationLimit, Hours, PersistenceLimit
from pindeck.api.library.schemas import Backfilled, Scheduled
from pindeck.api.operations import Answer, JsonBody, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.schemas import USER_REQUIRED
from pindeck.services.maintenance import repair

bp = Blueprint("api_library_maintenance", __name__, url_prefix=f"{PREFIX}/library")


@bp.post("/maintenance/stale-processing")
@operation(
    "library.change",
    surface="library",
    summary="Give up stale descriptions",
    body=JsonBody(Hours, optional=True, example={"olderThanHours": 18}),
    answers=Answer(int, says="How many.", example=0),
    faults=(USER_REQUIRED,),
    bucket="write",
)
def clear_stale_processing(body: Hours | None) -> int:
    """Own images whose description began longer than so many hours ago and never ended count as failed."""
    return repair.clear_stale(g.actor, older_than_hours=(body or Hours()).olderThanHours)


@bp.post("/maintenance/backfill-generations")
@operation(
    "library.change",
    surface="library",
    summary="Record runs of made pictures",
    body=JsonBody(GenerationLimit, optional=True, example={"limit": 400}),
    answers=Answer(Backfilled, example={"scanned": 2, "inserted": 1, "skippedExisting": 1}),
    faults=(USER_REQUIRED,),
    bucket="write",
)
def backfill_generations(body: GenerationLimit | None) -> dict[str, int]:
    """Own pictures that a machine made and that have no run get one. `scanned` counts those pictures."""
    return repair.backfill_generations(g.actor, limit=(body or GenerationLimit()).limit)


@bp.post("/maintenance/backfill-persistence")
@operation(
    "library.change",
    surface="library",
    summary="Store failed uploads again",
    body=JsonBody(PersistenceLimit, optional=True, example={"limit": 50}),
    answers=Answer(Scheduled, example={"scheduled": 3}),
    faults=(USER_REQUIRED,),
    bucket="write",
)
def backfill_persistence(body: PersistenceLimit | None) -> dict[str, int]:
    """Own uploads that are not stored for good yet, and that no job is about to store, are tried again."""
    return {"scheduled": repair.backfill_persistence(g.actor, limit=(body or PersistenceLimit()).limit)}
