"""A person asks what pictures lie at an address. A job looks, and nobody else sees what it found."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from pindeck import access, db, queue
from pindeck.access import Actor
from pindeck.errors import NotFound, TooMany, invalid
from pindeck.fetching import FetchRefused, urls
from pindeck.models import Job
from pindeck.services import jobs
from pindeck.services.clients import askers
from pindeck.services.ingest.sources.found import MAX_TITLE, plain
from pindeck.states import JobStatus

MOST = 60  # pictures of one page that are offered
AT_ONCE = 5  # pages of one person
_WITHOUT_SCHEME = re.compile(r"[\w-]+(\.[\w-]+)+(:[0-9]+)?([/?#].*)?")
_IN_TEXT = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_BEHIND = ".,;:!?)]}'»”"


@dataclass(frozen=True)
class Offer:
    """A picture to choose, by its `number`. Sizes are in pixels, 0 where it was not drawn; `key` and `sha256` are those
    of its small picture in the store, for an hour; `reason` says why there is none."""

    number: int
    url: str
    alt: str = ""
    width: int = 0
    height: int = 0
    key: str | None = None
    size: int = 0
    sha256: str = ""
    reason: str | None = None


@dataclass(frozen=True)
class Look:
    """What a job found at `url` so far. `note` says what went wrong although pictures are there; `left_out` counts small
    ones, and those beyond the most that are offered."""

    id: str
    url: str
    status: JobStatus
    error: str | None
    title: str = ""
    site: str = ""
    note: str | None = None
    left_out: int = 0
    has_read: bool = False
    offers: list[Offer] = field(default_factory=list)

    @property
    def looks(self) -> bool:
        return self.status in (JobStatus.QUEUED, JobStatus.RUNNING)


def address_in(*texts: str) -> str:
    """The first web address in what another app shares: some put it in the middle of a text. Empty without one."""
    found = next((match[0] for text in texts if (match := _IN_TEXT.search(text))), "")
    return found.rstrip(_BEHIND)


def ask(actor: Actor, url: str, *, title: str = "", found: Iterable[str] = ()) -> str:
    """Have a worker look at an address: the id of the look. While the same is asked for already, that is the answer.

    `found` are addresses of pictures that the browser saw there. Raises Invalid naming `url`, and TooMany.
    """
    access.require(actor, "link.look")
    at = check(url)
    pictures = list(dict.fromkeys(each for one in found if (each := _picture(one))))[:MOST]
    key = hashlib.sha256("\n".join([str(actor.user_id), at, *pictures]).encode()).hexdigest()
    with db.writing():
        db.take_turn(f"looks of {actor.user_id}")
        mine = (Job.user_id == actor.user_id) & (Job.kind == queue.LOOK.kind) & Job.ended_at.is_null()
        waiting = {job.payload["key"]: job.id for job in Job.select(Job.id, Job.payload).where(mine)}
        if key in waiting:
            return waiting[key]
        if len(waiting) >= AT_ONCE:
            raise TooMany(f"{AT_ONCE} pages are being looked at for you. Try again when one of them is done.", retry_after_s=10)
        payload = {"url": at, "title": plain(title, MAX_TITLE), "found": pictures, "key": key, **askers.told(actor)}
        return str(queue.enqueue(queue.LOOK, user_id=actor.user_id, payload=payload))


def check(url: str) -> str:
    """The address as it is fetched; https is assumed where no scheme is given. Raises Invalid naming `url`."""
    text = url.strip().strip("<>")
    if not text:
        raise invalid("url", "Give the address of a page or a picture, such as https://example.org/stills.")
    if _WITHOUT_SCHEME.fullmatch(text):
        text = f"https://{text}"
    try:
        return urls.parse(text).url
    except FetchRefused as error:
        raise invalid("url", error.message) from error


def _picture(url: str) -> str | None:
    try:
        return urls.parse(url).url
    except FetchRefused:
        return None


def get(actor: Actor, look_id: str) -> Look:
    """A look that the actor asked for. Raises NotFound."""
    access.require(actor, "link.look")
    job = jobs.asked_for(actor, look_id)
    if job.kind != queue.LOOK.kind:
        raise NotFound("There is no such look at a page.", code="JOB_NOT_FOUND")
    told = job.result or {}
    return Look(
        job.id, job.payload["url"], JobStatus(job.status), job.error, told.get("title") or job.payload["title"], told.get("site", ""),
        told.get("note"), told.get("left_out", 0), job.result is not None, [Offer(**each) for each in told.get("offers", [])],
    )  # fmt: skip


def small(actor: Actor, look_id: str, number: int) -> Offer:
    """The offer whose small picture is asked for. Raises NotFound where it has none."""
    found = next((each for each in get(actor, look_id).offers if each.number == number and each.key), None)
    if found is None:
        raise NotFound("There is no such picture.")
    return found
