"""What the job of a look does: read the page by rule, and draw a small picture of each that it shows.

Everything goes out through the guarded fetcher, within a time and a number of bytes for all of it.
"""

import hashlib
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import BinaryIO, cast
from urllib.parse import urlsplit

from pindeck import config, fetching, storage
from pindeck.errors import Invalid, PindeckError, TooLarge
from pindeck.imaging import confined, structure
from pindeck.imaging.errors import BadImage
from pindeck.imaging.presets import MIME, PRESETS
from pindeck.models import Job
from pindeck.services import jobs
from pindeck.services.blobs import room
from pindeck.services.ingest.links.looking import MOST, Offer
from pindeck.services.ingest.sources import pages
from pindeck.services.ingest.sources.found import MAX_TITLE, plain
from pindeck.services.ingest.sources.markup import Markup
from pindeck.storage import keys

PAGE_BYTES = 2 * 2**20
ALL_BYTES = 300 * 2**20  # of the pictures of one page
LASTS_S = 45  # of a worker that others may wait for; what was not drawn by then can be chosen all the same
AT_ONCE = 4
SMALLEST_PX = 100  # on the longer side: smaller ones are faces of authors and signs
NEITHER = "This address leads to neither a page nor a picture that Pindeck can read."


@dataclass
class _Seen:
    """What was found so far: addresses to try for each picture, the first that is one counts."""

    title: str = ""
    site: str = ""
    note: str | None = None
    left_out: int = 0
    offers: dict[int, Offer] = field(default_factory=dict)
    hashes: set[str] = field(default_factory=set)

    def tell(self, job: Job, done: int, of: int) -> None:
        """Let the person see it. Raises Cancelled when they want no more of it."""
        told = {"title": self.title, "site": self.site, "note": self.note, "left_out": self.left_out}
        offers = [asdict(self.offers[number]) for number in sorted(self.offers)]
        Job.update(result={**told, "offers": offers}).where(Job.id == job.id).execute()
        jobs.progress(job, "looking", 100 * done // max(1, of))


class _Budget:
    """How many bytes are left for all of a page. Used by several threads."""

    def __init__(self, left: int) -> None:
        self._left, self._lock = left, threading.Lock()

    def taken(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            with self._lock:
                self._left -= len(chunk)
            if self._left < 0:
                raise TooLarge("The pictures of this page are too large to look at all of them.")
            yield chunk


def look(job: Job) -> None:
    """Raises what fetching raises where the address itself cannot be read and nothing else is known of it."""
    seen = _Seen(job.payload["title"], urlsplit(job.payload["url"]).hostname or "")
    wanted: list[tuple[str, ...]] = []
    try:
        wanted = _read(job.payload["url"], seen)
    except PindeckError as error:
        if not job.payload["found"]:
            raise
        seen.note = error.message
    known = {url for each in wanted for url in each}
    wanted += [(url,) for url in job.payload["found"] if url not in known]
    seen.left_out += max(0, len(wanted) - MOST)
    _draw_all(job, seen, wanted[:MOST])


def _read(url: str, seen: _Seen) -> list[tuple[str, ...]]:
    """The addresses of each picture that a page shows, its own first; of an address that is a picture, that one."""
    with fetching.fetch(url, max_bytes=_most()) as fetched:
        if pages.is_page(fetched):
            markup = pages.read(fetched, PAGE_BYTES)
            seen.title = plain(markup.title, MAX_TITLE) or seen.title
            seen.site = plain(markup.site, MAX_TITLE) or seen.site
            return _of_page(markup, seen)
        try:
            _keep(seen, 0, url, _spooled(fetched.chunks))
        except BadImage as error:
            is_said = (fetched.content_type or "").lower().startswith("image/")
            raise Invalid(error.reason if is_said else NEITHER) from error
    return [(url,)]


def _of_page(markup: Markup, seen: _Seen) -> list[tuple[str, ...]]:
    """Each picture once, with the one it leads to before the largest of its own sizes."""
    wanted: dict[str, tuple[str, ...]] = {}
    alts: dict[int, str] = {}
    if markup.named:
        wanted[markup.named] = (markup.named,)
    for each in markup.shown:
        tries = tuple(dict.fromkeys(url for url in (each.linked, each.largest) if url))
        if tries and each.largest != markup.named and tries[0] not in wanted:
            alts[len(wanted)] = each.alt
            wanted[tries[0]] = tries
    seen.offers = {n: Offer(n, tries[0], plain(alts.get(n), MAX_TITLE)) for n, tries in enumerate(wanted.values()) if n < MOST}
    return list(wanted.values())


def _draw_all(job: Job, seen: _Seen, wanted: list[tuple[str, ...]]) -> None:
    """Fetch some at once, draw one after the other, and tell of each. What time or room is too short for is offered as it is."""
    for n, tries in enumerate(wanted):
        seen.offers.setdefault(n, Offer(n, tries[0]))
    seen.tell(job, 0, len(wanted))
    until, budget = time.monotonic() + LASTS_S, _Budget(ALL_BYTES)
    left = [n for n in range(len(wanted)) if seen.offers[n].key is None]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running: dict[Future[tuple[str, BinaryIO]], int] = {}
        try:
            while left or running:
                while left and len(running) < AT_ONCE and time.monotonic() < until:
                    number = left.pop(0)
                    running[pool.submit(_fetched, wanted[number], budget)] = number
                if not running:
                    break
                for ready in wait(running, return_when=FIRST_COMPLETED).done:
                    _take(seen, running.pop(ready), ready)
                    seen.tell(job, len(wanted) - len(left) - len(running), len(wanted))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _fetched(tries: tuple[str, ...], budget: _Budget) -> tuple[str, BinaryIO]:
    """The first of some addresses that leads to what may be a picture. In a thread of its own, without the database."""
    for url in tries[:-1]:
        with suppress(PindeckError, BadImage), fetching.fetch(url, max_bytes=_most()) as fetched:
            if not pages.is_page(fetched):
                file = _spooled(budget.taken(fetched.chunks))
                structure.outline(file, max_megapixels=config.current().max_image_megapixels)
                return url, file
    with fetching.fetch(tries[-1], max_bytes=_most()) as fetched:
        return tries[-1], _spooled(budget.taken(fetched.chunks))


def _take(seen: _Seen, number: int, ready: "Future[tuple[str, BinaryIO]]") -> None:
    offer = seen.offers[number]
    try:
        url, file = ready.result()
        _keep(seen, number, url, file)
    except BadImage as error:
        seen.offers[number] = replace(offer, reason=error.reason)
    except PindeckError as error:
        seen.offers[number] = replace(offer, reason=error.message)


def _keep(seen: _Seen, number: int, url: str, file: BinaryIO) -> None:
    """Draw a picture small and lay it where it is swept after an hour. Raises BadImage, and what the store raises."""
    most = config.current().max_image_megapixels
    with file:
        width, height = structure.outline(file, max_megapixels=most).size
        made = confined.make(file, PRESETS["small"], max_megapixels=most)
    if not (width and height):  # the file does not say
        width, height = made.width, made.height
    if (width < height) != (made.width < made.height):  # it lies on its side in the file
        width, height = height, width
    before = seen.offers.pop(number, Offer(number, url))
    if max(width, height) < SMALLEST_PX:
        seen.left_out += 1
        return
    sha256 = hashlib.sha256(made.data).hexdigest()
    if sha256 in seen.hashes:  # the same picture under another address
        return
    key = keys.staging_key()
    storage.current().put(key, room.admitted([made.data]), content_type=MIME)
    seen.hashes.add(sha256)
    seen.offers[number] = replace(before, url=url, width=width, height=height, key=key, size=len(made.data), sha256=sha256)


def _spooled(chunks: Iterator[bytes]) -> BinaryIO:
    file = tempfile.TemporaryFile()
    try:
        for chunk in chunks:
            file.write(chunk)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return cast(BinaryIO, file)


def _most() -> int:
    return min(config.current().max_upload_bytes, config.current().fetch_max_bytes)
