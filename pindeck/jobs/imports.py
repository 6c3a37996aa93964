"""Jobs about pictures from elsewhere."""

from pindeck.models import Job
from pindeck.services.clients import askers
from pindeck.services.ingest import from_web
from pindeck.services.ingest import glance as looking
from pindeck.services.ingest.links import seeing


def fetch_image(job: Job) -> None:
    if from_web.is_wanted(str(job.image_id)):
        askers.check(job, "upload")
    from_web.bring(str(job.image_id))


def look(job: Job) -> None:
    askers.check(job, "link.look")
    seeing.look(job)


def glance(job: Job) -> None:
    looking.run(job)
