"""Jobs that tell programs what happened."""

from pindeck.models import Job
from pindeck.services.clients.webhooks import sending


def tell(job: Job) -> None:
    sending.run(job.payload["webhook"])
