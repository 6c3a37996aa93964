"""Jobs about pictures from elsewhere."""

from pindeck.jobs import ahead
from pindeck.models import Job
from pindeck.services.clients import askers
from pindeck.services.ingest import from_web
from pindeck.services.ingest import glance as looking
from pindeck.services.ingest.links import seeing


def receive(job: Job) -> from_web.Received | None:
    """What its address gives, if that is still wanted."""
    if not from_web.is_wanted(str(job.image_id)):
        return None
    askers.check(job, "upload")
    return from_web.receive(str(job.image_id), job.id, job.attempts)


def fetch_image(job: Job) -> None:
    received = ahead.result(job, receive)
    if received is not None:
        from_web.keep(str(job.image_id), received)


def look(job: Job) -> None:
    askers.check(job, "link.look")
    seeing.look(job)


def glance(job: Job) -> None:
    looking.run(job)
