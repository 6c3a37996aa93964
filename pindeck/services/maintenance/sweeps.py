"""The sweeps: what a worker does every ten minutes, and what an administrator may ask for at once.

Each may run in several workers at the same time and be broken off anywhere: it only acts on what its rows say then.
One that fails keeps no other from running.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from pindeck import access, config, db, queue
from pindeck.access import Actor
from pindeck.errors import PindeckError, invalid
from pindeck.models import Job, Setup, UploadTicket
from pindeck.services import jobs
from pindeck.services.accounts import accounts, sessions, throttle
from pindeck.services.clients import idempotency
from pindeck.services.clients.webhooks import deliveries
from pindeck.services.derivatives import exported
from pindeck.services.images import analysis, publishing, rounds, trash
from pindeck.services.images.undoing import forgetting
from pindeck.services.images.variations import ending
from pindeck.services.maintenance import cleanup, grouping, hashing

log = logging.getLogger("pindeck.sweeps")

RUNS_SHOWN = 20


@dataclass(frozen=True)
class Sweep:
    """`run` answers how many it found and set right."""

    does: str
    run: Callable[[], int]


def _tickets() -> int:
    return UploadTicket.delete().where(UploadTicket.expires_at < db.now_ms() - 24 * db.HOUR_MS).execute()


def _words() -> int:
    from pindeck.services.maintenance import embedding  # most installations name no address

    return embedding.sweep()


SWEEPS: dict[str, Sweep] = {
    "stale_analyses": Sweep(
        "Descriptions that never ended count as failed.",
        lambda: analysis.sweep_stale(hours=config.current().stale_hours),
    ),
    "trash": Sweep(
        "Images that were in the trash for too long are deleted for good.", lambda: trash.sweep(days=config.current().trash_days)
    ),
    "sessions": Sweep("Sessions that expired are deleted.", sessions.sweep),
    "guests": Sweep("Guests who own nothing and were away for thirty days are deleted.", accounts.sweep_guests),
    "tickets": Sweep("Upload tickets that expired a day ago are deleted.", _tickets),
    "attempts": Sweep("Counts of failed sign-ins that are too old to matter are deleted.", throttle.sweep),
    "unclaimed_files": Sweep("Uploads that did not become an image within a day are deleted.", cleanup.sweep_unclaimed),
    "staging": Sweep("Remains of broken uploads in the store are deleted after an hour.", cleanup.sweep_staging),
    "exports": Sweep("Exports that nobody asked for again within EXPORT_KEEP_DAYS are deleted.", exported.sweep),
    "crops": Sweep("Crops that nothing uses, and those beyond what is kept, are deleted.", cleanup.sweep_crops),
    "blobs": Sweep("Bytes that no file uses are deleted; deletions that stopped are continued.", cleanup.sweep_orphaned_blobs),
    "publishing": Sweep(
        "Public copies that PUBLIC_LIBRARY wants are made; those it does not want are withdrawn.", publishing.sweep
    ),
    "public": Sweep("Public copies that no image uses are deleted.", cleanup.sweep_public),
    "actions": Sweep("Actions older than thirty days are deleted; they can no longer be undone.", forgetting.sweep),
    "idempotency": Sweep("Answers that are kept for repeated calls are deleted in time.", idempotency.sweep),
    "variations": Sweep("Variations that no job is about any more go on, or end with a reason.", ending.sweep),
    "likeness": Sweep("Pictures that were stored before looks were compared are read, until all of them are.", hashing.sweep),
    "embeddings": Sweep("Words of pictures that the model of EMBEDDINGS_BASE_URL has not read yet are read.", _words),
    "twins": Sweep("Pictures whose duplicates were not looked for yet are compared.", grouping.sweep),
    "webhooks": Sweep("The log of messages to webhooks is kept for thirty days.", deliveries.sweep),
    "jobs": Sweep("The records of work that ended a month ago are deleted.", lambda: jobs.sweep() + rounds.sweep()),
}


@dataclass(frozen=True)
class Swept:
    """How many each sweep `found`, by name, and the names of those that `failed`."""

    found: dict[str, int]
    failed: list[str]

    @property
    def trouble(self) -> str | None:
        """A sentence about those that failed, if any did."""
        return f"These sweeps failed: {', '.join(self.failed)}. The log says why." if self.failed else None


def sweep(names: Collection[str] = ()) -> Swept:
    """Run these sweeps, or all, in their order. Raises Invalid for a name there is not,
    and what the database says when it cannot be used at all.
    """
    _check(names)
    Setup.select().exists()  # a database that cannot be used is one error, and not one of every sweep
    swept = Swept({}, [])
    for name in [name for name in SWEEPS if not names or name in names]:
        try:
            swept.found[name] = SWEEPS[name].run()
        except Exception:
            log.exception("the sweep “%s” failed", name)
            swept.failed.append(name)
    return swept


def _check(names: Collection[str]) -> None:
    unknown = sorted(set(names) - set(SWEEPS))
    if unknown:
        sentence = f"There is no sweep “{unknown[0]}”. There are: {', '.join(SWEEPS)}."
        raise invalid("names", sentence)


def ask(actor: Actor, names: Collection[str] = ()) -> Job:
    """A worker runs these sweeps, or all, at once. While the same waits already, that is the answer."""
    access.require(actor, "admin")
    _check(names)
    chosen = [name for name in SWEEPS if name in names]
    key = ":".join([queue.SWEEP.kind, *chosen])
    with db.writing():
        made = queue.enqueue(
            queue.SWEEP,
            user_id=actor.user_id,
            client_id=actor.client_id,
            payload={"names": chosen},
            dedupe_key=key,
        )
        return Job.get(Job.id == made) if made else Job.get((Job.dedupe_key == key) & (Job.status == "queued"))


def runs(actor: Actor) -> list[Job]:
    """The latest sweeps that were asked for, newest first; `result["found"]` of those that ended."""
    access.require(actor, "admin")
    asked = Job.select().where(Job.kind == queue.SWEEP.kind)
    return list(asked.order_by(Job.created_at.desc(), Job.id.desc()).limit(RUNS_SHOWN))


def run(job: Job) -> None:
    """What a job does. Raises PindeckError when a sweep failed, after all others ran."""
    swept = sweep(job.payload["names"])
    Job.update(result={"found": swept.found}).where(Job.id == job.id).execute()
    if swept.trouble:
        raise PindeckError(swept.trouble)
