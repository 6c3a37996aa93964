"""Jobs about objects in the store, and about what is left over."""

from pindeck.models import Job
from pindeck.services.blobs import deletion
from pindeck.services.maintenance import sweeps


def delete_objects(job: Job) -> None:
    if "staging" in job.payload:
        deletion.drop_staging(job.payload["staging"])
    elif "object" in job.payload:
        deletion.drop_object(job.payload["object"])
    else:
        deletion.delete_blob(job.payload["blob_id"])


def sweep(job: Job) -> None:
    sweeps.run(job)
