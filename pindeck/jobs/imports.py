"""Jobs about pictures from elsewhere."""

from pindeck.models import Job
from pindeck.services import askers, fetched_images


def fetch_image(job: Job) -> None:
    if fetched_images.is_wanted(str(job.image_id)):
        askers.check(job, "upload")
    fetched_images.bring(str(job.image_id))
