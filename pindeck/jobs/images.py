"""Jobs about one image."""

from pindeck.models import Job
from pindeck.services import jobs
from pindeck.services.clients import askers
from pindeck.services.derivatives import build as persisting
from pindeck.services.images import analysis as analysing
from pindeck.services.images import project_words, publishing, round_log, rounds, tag_findings
from pindeck.services.images.variations import ending
from pindeck.services.ingest import dropped, previews
from pindeck.services.ingest.variations import running
from pindeck.services.library import describing
from pindeck.services.maintenance import embedding, grouping, hashing, vision_trial


def persist(job: Job) -> None:
    persisting.run(str(job.image_id), lambda stage, percent: jobs.progress(job, stage, percent))


def analyse(job: Job) -> None:
    analysing.run(str(job.image_id), user_id=job.user_id, job_id=job.id, round_id=job.round_id)


def try_model(job: Job) -> None:
    vision_trial.try_now(job)


def preview(job: Job) -> None:
    previews.look(job)


def measure(job: Job) -> None:
    dropped.measure(job)


def describe_many(job: Job) -> None:
    """The next part of a round, and the same job again when there may be room for the one after it."""
    wait_s = describing.go_on(askers.asker(job), job.payload["round"])
    if wait_s is not None:
        jobs.later(job, wait_s)


def tend_tags(job: Job) -> None:
    tag_findings.look(lambda done, of: jobs.progress(job, "working", 100 * done // of))


def hash_some(job: Job) -> None:
    hashing.run(job)


def embed_words(job: Job) -> None:
    embedding.run(job)


def group_twins(job: Job) -> None:
    grouping.run(job)


def publish(job: Job) -> None:
    publishing.copy_out(str(job.image_id), job.payload["token"])


def unpublish(job: Job) -> None:
    publishing.remove(job.payload["token"])


def vary(job: Job) -> None:
    running.run(job, lambda done, of: jobs.progress(job, "making", 100 * done // of))


def not_varied(job: Job, message: str) -> None:
    ending.give_up(job.payload["batch"], message)


def not_stored(job: Job, message: str) -> None:
    persisting.fail(str(job.image_id), message)


def round_goes_on(job: Job) -> None:
    round_id = job.round_id or job.payload.get("round")
    if round_id:
        round_log.settle(round_id)


def round_ended(job: Job, message: str) -> None:
    rounds.end(job.payload["round"], message)


def not_described(job: Job, message: str) -> None:
    analysing.fail(str(job.image_id), message)


def index_project(job: Job) -> None:
    project_words.index(job.payload["project"], lambda done, of: jobs.progress(job, "working", 100 * done // of))
