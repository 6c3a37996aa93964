"""The addresses of administrators' scripts: pictures are stored again, and those without an original are hidden."""

from typing import Any

from flask import g

from pindeck.api.library.schemas import RECORD
from pindeck.api.operations import PEOPLE_AND_MANAGERS, Answer, Fault, JsonBody, operation
from pindeck.http.auth import BOTS
from pindeck.public.bot_schemas import BackfillInput, Quarantined, QuarantineInput, StorageBackfill
from pindeck.public.bots import door
from pindeck.services.maintenance import quarantine as hiding
from pindeck.services.maintenance import storage_backfill

ID = str(RECORD["_id"])
AWAY = Fault(503, "STORAGE_UNAVAILABLE", "The store does not answer. What was done so far stays.")


@door("/admin/backfill-storage", "/admin/backfillNextcloud")
@operation(
    "admin",
    surface=BOTS,
    summary="Store pictures again that lack something",
    body=JsonBody(BackfillInput, optional=True, example={"limit": 200, "dryRun": True}),
    answers=Answer(
        StorageBackfill,
        example={
            "dryRun": True, "refreshVariants": False, "limit": 200, "scanned": 1, "migrated": 1, "failed": 0, "skipped": 0,
            "results": [{"imageId": ID, "mode": "rebuild_renditions"}],
        },
    ),
    faults=(AWAY,),
    bucket="write",
    callers=PEOPLE_AND_MANAGERS,
)  # fmt: skip
def backfill_storage(body: BackfillInput | None) -> dict[str, Any]:
    """Everybody's pictures that are not stored, lack a size, or are hidden though their original is whole; the newest first. What lacks
    nothing is passed over, so a repeat goes on with the rest."""
    asked = body or BackfillInput()
    told = storage_backfill.backfill(
        g.actor, limit=asked.most, dry_run=asked.dryRun, refresh=asked.refreshVariants, image_ids=asked.imageIds
    )
    return {
        "dryRun": asked.dryRun, "refreshVariants": asked.refreshVariants, "limit": asked.most, "scanned": told.scanned,
        "migrated": told.migrated, "failed": told.failed, "skipped": told.skipped,
        "results": [{"imageId": i, "mode": mode} for i, mode in told.results[: storage_backfill.RESULTS]],
    }  # fmt: skip


@door("/admin/quarantine-broken", "/admin/quarantineBrokenNextcloud")
@operation(
    "admin",
    surface=BOTS,
    summary="Hide pictures without an original",
    body=JsonBody(QuarantineInput, optional=True, example={"limit": 200, "dryRun": True}),
    answers=Answer(
        Quarantined,
        example={
            "scanned": 200, "quarantined": 1, "dryRun": True,
            "results": [{"imageId": ID, "title": "Alley", "reason": "Its original is missing from the store."}],
        },
    ),
    faults=(AWAY,),
    bucket="write",
    callers=PEOPLE_AND_MANAGERS,
)  # fmt: skip
def quarantine_broken(body: QuarantineInput | None) -> dict[str, Any]:
    """Pictures of the library whose original is damaged or missing leave every list, as one action that can be taken back. Those that
    the nightly check knows come first, then the longest unread."""
    asked = body or QuarantineInput()
    scanned, broken, _ = hiding.quarantine(g.actor, limit=asked.most, dry_run=asked.dryRun)
    shown = [{"imageId": each.image_id, "title": each.title, "reason": each.why} for each in broken[: hiding.RESULTS]]
    return {"scanned": scanned, "quarantined": len(broken), "dryRun": asked.dryRun, "results": shown}
