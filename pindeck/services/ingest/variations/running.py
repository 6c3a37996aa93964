"""Making what was ordered, one picture after another, in short steps that may each be the last of a worker that dies.

`submitting` is written before the provider is called, and its id of the request before it is asked for anything: a run
is sent once or not at all, and what was sent is asked for by its id however often somebody starts anew.
"""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from pindeck import access, config, db, fetching
from pindeck.access import Actor
from pindeck.errors import Forbidden, Invalid, NoSpace, TooLarge, Upstream, Waits
from pindeck.fetching import Policy
from pindeck.models import Generation, Image, Job
from pindeck.services import jobs
from pindeck.services.blobs import room
from pindeck.services.clients import askers
from pindeck.services.images import generations
from pindeck.services.images.variations import ending, source
from pindeck.services.ingest import uploads
from pindeck.services.ingest.uploads import Staged
from pindeck.services.ingest.variations import children
from pindeck.states import GenerationStatus, JobStatus
from pindeck.varying.base import Away, Busy, Gone, Made, Order, Provider, Refused, Ticket, Uncertain

POLL_S = 2.0
AWAY_S = 15.0
ROOM_S = 120.0  # until a full store is asked again
PATIENCE_MS = 45 * 60 * 1000  # for one picture, from the order or from when it was sent

Progress = Callable[[int, int], None]

_provider: Provider | None = None


def bind(provider: Provider | None) -> None:
    global _provider
    _provider = provider


def run(job: Job, progress: Progress) -> None:
    """Go on with a batch until all of it ended, or there is something to wait for.

    Raises Forbidden when whoever asked may no longer order, and Waits while the store cannot be read, or it or the database
    is full: what may pass is no try that failed.
    """
    try:
        _go_on(job, progress)
    except Exception as error:
        if not isinstance(error, NoSpace) and not db.is_full(error):
            raise
        message = error.message if isinstance(error, NoSpace) else db.FULL
        raise Waits(message, due_at=db.now_ms() + int(ROOM_S * 1000)) from error


def _go_on(job: Job, progress: Progress) -> None:
    actor, batch = askers.asker(job), job.payload["batch"]
    if not access.can(actor, "generate"):
        raise Forbidden("The person or key that asked for this may no longer order variations.")
    while True:
        runs = generations.of_batch(batch)
        left = [each for each in runs if each.status in generations.OPEN]
        if not left:
            ending.close(batch)
            return
        progress(len(runs) - len(left), len(runs))
        try:
            wait_s = _step(actor, job, left[0])
        except Upstream as error:  # of the store, from which the picture is read that is sent
            wait_s = None
            # Since anything happened to the batch: the last of twelve was ordered long ago.
            if db.now_ms() - max(run.updated_at for run in runs) <= PATIENCE_MS:
                raise Waits(error.message, due_at=db.now_ms() + int(max(AWAY_S, error.retry_after_s) * 1000)) from error
            _end(left[0], f"{error.message} It was tried for long enough; order it again later.")
        if wait_s is not None:
            jobs.later(job, wait_s)
            return


def _step(actor: Actor, job: Job, run: Generation) -> float | None:
    """Take one run one state further. What it has to wait for, in seconds, or None to go on at once."""
    parent = ending.parent_of(run)
    if run.status == GenerationStatus.SUBMITTING:
        return _doubted(job, run)
    if parent is None:
        _end(run, "The picture it began from was deleted.")
        return None
    if _provider is None or _provider.name != run.provider:
        _end(run, f"It was ordered from “{run.provider}”, which is not set up here any more (GENERATION_BACKEND).")
        return None
    if run.status == GenerationStatus.QUEUED:
        # Its owner may have hidden the picture since the order. What was sent before that is paid for and still brought.
        if not access.can(actor, "image.vary", parent):
            ending.fail(run, "The person or key that ordered this may no longer vary the picture it began from, so it was not sent.")
            return None
        return _send(_provider, job, run, parent)
    return _fetch(_provider, job, run, parent)


def _end(run: Generation, reason: str) -> None:
    (ending.fail if run.status == GenerationStatus.QUEUED else ending.lose)(run, reason)


def _doubted(job: Job, run: Generation) -> float | None:
    """Somebody was sending it: either is at it still, or died over it."""
    sender, _, attempt = (run.sender or "").partition(":")
    alive = (Job.id == sender) & (Job.status == JobStatus.RUNNING) & (Job.lease_until > db.now_ms())
    if run.sender != _name(job) and Job.select().where(alive & (Job.attempts == int(attempt or 0))).exists():
        return AWAY_S
    ending.lose(
        run,
        "The worker was stopped while it sent this, so nobody knows whether the provider took it. It is not sent again: "
        "look at the provider's page, or order another one.",
    )
    return None


def _name(job: Job) -> str:
    return f"{job.id}:{job.attempts}"


def _order(run: Generation, parent: Image) -> Order:
    told = run.params
    return Order(
        run.id, run.position or 0, told["mode"], told["shot"], run.prompt, told["aspect"], told["resolution"],
        lambda: source.read(parent),
    )  # fmt: skip


def _send(provider: Provider, job: Job, run: Generation, parent: Image) -> float | None:
    room.admit()  # what cannot be stored is not ordered
    try:
        picture = source.read(parent)  # first, because a store that is away is no doubt about the provider
    except Refused as error:
        ending.fail(run, str(error))
        return None
    order = replace(_order(run, parent), picture=lambda: picture)
    now = db.now_ms()
    if not generations.move(run.id, GenerationStatus.SUBMITTING, sender=_name(job), sent_at=now, model=provider.model):
        return None
    try:
        ticket = provider.submit(order)
    except Refused as error:
        ending.fail(run, str(error))
    except Busy as error:
        if now - run.created_at > PATIENCE_MS:
            ending.fail(run, f"{error} It was tried for long enough; order it again later.")
        else:
            generations.move(run.id, GenerationStatus.QUEUED, Generation.sender == _name(job), sender=None, error=str(error))
            return error.retry_after_s
    except Uncertain as error:
        ending.lose(run, f"{error} Nobody knows whether it was taken, so it is not sent again: look at the provider's page, or order another one.")
    else:
        # Also where another worker meanwhile took this one for dead: the answer is there after all.
        unknown = Generation.request_id.is_null() & (Generation.sender == _name(job))
        generations.move(run.id, GenerationStatus.PROCESSING, unknown, request_id=ticket.request_id, addresses=ticket.addresses, error=None)
    return None


def _fetch(provider: Provider, job: Job, run: Generation, parent: Image) -> float | None:
    ticket = Ticket(str(run.request_id), run.addresses or {})
    is_late = db.now_ms() - (run.sent_at or run.created_at) > PATIENCE_MS
    try:
        made = provider.result(_order(run, parent), ticket)
    except Refused as error:
        ending.fail(run, str(error))
    except Gone as error:
        ending.lose(run, f"{error} Its id there is {run.request_id}.")
    except Away as error:
        if not is_late:
            return AWAY_S
        ending.lose(run, f"{error} Its id there is {run.request_id}.")
    else:
        if made is not None:
            return _keep(provider, job, run, made, is_late=is_late)
        elif not is_late:
            return POLL_S
        else:
            provider.cancel(ticket)
            ending.lose(run, f"The provider did not finish it in 45 minutes. Its id there is {run.request_id}.")
    return None


def _keep(provider: Provider, job: Job, run: Generation, made: Made, *, is_late: bool) -> float | None:
    """It is paid for, so what may pass is waited for. Raises NoSpace while there is no room for it."""
    actor, lies = askers.asker(job), f"The provider has it under the id {run.request_id}."
    try:
        children.keep(actor, run, _stage(made), made, provider.attribution)
    except children.ParentGone as error:
        ending.lose(run, f"{error.message} {lies}")
    except (Invalid, TooLarge, Upstream) as error:
        if isinstance(error, Upstream) and not is_late:
            return max(AWAY_S, error.retry_after_s)
        ending.lose(run, f"It was made, but could not be brought here: {error.message} {lies}")
    return None


def _stage(made: Made) -> Staged:
    most = config.current().max_upload_bytes
    if made.data is not None:
        return uploads.stage([made.data], max_bytes=most)
    with fetching.fetch(str(made.url), max_bytes=most, policy=_policy()) as fetched:
        return uploads.stage(fetched.chunks, max_bytes=most)


def _policy() -> Policy:
    """What is fetched by elsewhere, and besides the provider's own address, which an administrator chose."""
    usual, chosen = fetching.policy_of_settings(), urlsplit(config.current().fal_base_url)
    port = chosen.port or (443 if chosen.scheme == "https" else 80)
    return replace(usual, allow_hosts=usual.allow_hosts | {(chosen.hostname or "", port)})
