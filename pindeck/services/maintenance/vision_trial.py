"""Show one small picture of ours to the model, and tell what came back, how long it took and what it cost.

The doctor asks by itself, the page by a job: no web process loads what speaks to a model. Either is a call like others,
counted and paid.
"""

from typing import Any

from pindeck import access, config, db, queue, vision
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound, PindeckError
from pindeck.models import Job
from pindeck.services import jobs
from pindeck.services.images import costs, house_rules
from pindeck.services.images.calls import Calls
from pindeck.services.maintenance.doctor import Finding
from pindeck.states import JobStatus
from pindeck.vision.base import BilledTo, Context, Subject, Usage

OFF = "No model describes pictures here."
TURN_ON = "Set VISION_API_KEY, or VISION_BASE_URL for a server of your own, and start Pindeck again."


class _Watched(Calls):
    """Counts as every book does, and keeps what the calls took."""

    def __init__(self) -> None:
        self.ms = 0
        self.usages: list[Usage] = []

    def end(self, call_id: str, outcome: str, *, ms: int, usage: Usage = Usage(), error: str | None = None, **_: Any) -> None:
        self.ms += ms
        self.usages.append(usage)
        super().end(call_id, outcome, ms=ms, usage=usage, error=error)  # without the answer: nobody will use it


def show(asked: BilledTo = BilledTo()) -> Finding:
    """What the model makes of it."""
    settings = config.current()
    if not settings.vision_is_on:
        return Finding("vision", False, OFF, TURN_ON)
    from pindeck.imaging import trial

    book = _Watched()
    try:
        subject = Subject("trial.jpg", trial.picture, Context(rules=house_rules.text()), asked)
        found = vision.from_settings(settings, book).describe(subject)
    except PindeckError as error:
        return Finding(
            "vision", False, f"{settings.vision_model} at {settings.vision_url}: {error.message}",
            "Look at VISION_BASE_URL, VISION_API_KEY and VISION_MODEL, and at what the provider says of the account.",
        )  # fmt: skip
    if not found.title and not found.description:
        return Finding("vision", False, f"{found.model} answered{_took(book)}, and described nothing.", "Choose a VISION_MODEL that can look at pictures.")
    return Finding("vision", True, f"{found.model} answered{_took(book)}: “{found.title or found.description}”.")


def _took(book: _Watched) -> str:
    tokens = sum((usage.tokens_in or 0) + (usage.tokens_out or 0) for usage in book.usages)
    paid = [usage.cost_micro for usage in book.usages if usage.cost_micro is not None]
    price = f" for {costs.price(sum(paid))}" if paid else ", and named no price"
    return f" after {book.ms / 1000:.1f} s, with {tokens} tokens{price}"


# For a page


def ask(actor: Actor) -> Job:
    """Have a worker show it; what waits already is not asked for twice. For administrators. Raises Conflict where no
    model describes pictures."""
    access.require(actor, "admin")
    if not config.current().vision_is_on:
        raise Conflict(f"{OFF} {TURN_ON}")
    key = queue.TRY_MODEL.kind
    with db.writing():
        made = queue.enqueue(queue.TRY_MODEL, user_id=actor.user_id, client_id=actor.client_id, dedupe_key=key)
    mine = (Job.dedupe_key == key) & (Job.status == JobStatus.QUEUED) if made is None else Job.id == made
    found = Job.get_or_none(mine)
    if found is None:
        raise Conflict("A worker has just begun with the last one. Ask again.")
    return found  # type: ignore[no-any-return]


def result_of(actor: Actor, job_id: str) -> Job:
    """What was asked for; `result` once it is done. For administrators. Raises NotFound."""
    access.require(actor, "admin")
    job = Job.get_or_none((Job.id == job_id) & (Job.kind == queue.TRY_MODEL.kind))
    if job is None:
        raise NotFound("There is no such trial.", code="JOB_NOT_FOUND")
    return job  # type: ignore[no-any-return]


def try_now(job: Job) -> None:
    """What the job does. A finding is a result, whatever it says."""
    jobs.progress(job, "asking", 10)
    found = show(BilledTo(user_id=job.user_id, job_id=job.id))
    Job.update(result={"ok": found.ok, "told": found.message, "mend": found.mend}).where(Job.id == job.id).execute()
