"""Jobs about pictures from elsewhere."""

from pindeck.models import Job
from pindeck.services import fetched_images


def fetch_image(job: Job) -> None:
    fetched_images.bring(str(job.image_id))
