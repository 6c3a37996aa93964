"""Jobs about pictures from elsewhere."""

from pindeck.models import Job
from pindeck.services import imports


def fetch_image(job: Job) -> None:
    imports.bring(str(job.image_id))
