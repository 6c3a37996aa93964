"""Files fetched from the web by a job, in the name of the actor that asked."""

from pindeck import access, config, db, fetching, queue
from pindeck.access import Actor
from pindeck.errors import Invalid
from pindeck.models import Job, StoredFile
from pindeck.services.blobs import digests
from pindeck.services.clients import askers
from pindeck.services.files import intake
from pindeck.services.files.intake import Owner


def ask(actor: Actor, url: str, *, sha256: str | None = None, max_bytes: int | None = None) -> str:
    """Write the job and return its id. Raises Invalid for a digest that is none."""
    access.require(actor, "file.write")
    payload = {
        "url": url,
        "sha256": digests.from_text(sha256) if sha256 is not None else None,
        "max_bytes": max_bytes,
        "project_id": actor.project_id,
        **askers.told(actor),
    }
    with db.writing():
        job_id = queue.enqueue(queue.FETCH_FILE, user_id=actor.user_id, client_id=actor.client_id, payload=payload)
    assert job_id is not None  # only a dedupe key could make it None
    return job_id


def run(job: Job) -> None:
    """Fetch and store once, however often the job is run. Raises what fetching and storing raise."""
    if job.result is not None:
        return
    askers.check(job, "file.write")
    owner = Owner(job.user_id, job.client_id, job.payload["project_id"])
    settings, wanted = config.current(), job.payload["max_bytes"]
    most = min(settings.max_file_bytes, settings.fetch_max_bytes)
    most = most if wanted is None else min(most, wanted)

    def note(file: StoredFile) -> None:
        Job.update(result={"storageId": file.id}).where(Job.id == job.id).execute()

    with fetching.fetch(job.payload["url"], max_bytes=most) as fetched:
        intake.store(
            owner,
            fetched.chunks,
            _type_of(fetched.content_type),
            sha256=job.payload["sha256"],
            max_bytes=most,
            then=note,
        )


def _type_of(header: str | None) -> str | None:
    """What the server claimed, if it could be claimed here as well."""
    try:
        return digests.media_type(header)
    except Invalid:
        return None
