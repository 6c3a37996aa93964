"""Jobs about stored files."""

from pindeck.models import Job
from pindeck.services import fetched_files, integrity, stocktaking


def fetch(job: Job) -> None:
    fetched_files.run(job)


def check(job: Job) -> None:
    integrity.check_sample()
    stocktaking.compare()
