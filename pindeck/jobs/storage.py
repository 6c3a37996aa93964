"""Jobs about objects in the store, and about what is left over."""

from pindeck.models import Job
from pindeck.services import sweeps, upkeep


def delete_objects(job: Job) -> None:
    if "staging" in job.payload:
        upkeep.drop_staging(job.payload["staging"])
    elif "object" in job.payload:
        upkeep.drop_object(job.payload["object"])
    else:
        upkeep.delete_blob(job.payload["blob_id"])


def sweep(job: Job) -> None:
    sweeps.run(job)
