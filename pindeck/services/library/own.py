"""Lists of one's own pictures: what waits for review, what a machine describes, what lies in the trash. Reads only."""

from dataclasses import replace

from pindeck import access, config, db
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.library import filters, query
from pindeck.services.library.lists import Entry, entries
from pindeck.services.library.query import Listing, Wanted
from pindeck.states import ImageStatus, PersistStatus

MOST = 1000


OWN = Listing(
    shown=lambda actor, _: (access.owned_by(actor) & access.LIVE,), order=(Image.seq,), columns=query.everything()
)
DRAFTS = replace(OWN, shown=lambda actor, _: (access.drafts_of(actor),))
TRASH = replace(OWN, shown=lambda actor, _: (access.trash_of(actor),), order=(Image.deleted_at, Image.seq))

# As programs read them: with what hangs on each


def drafts(actor: Actor, *, limit: int = MOST, after: str | None = None) -> list[Entry]:
    """Uploads that are not published yet, the newest first."""
    return _newest(actor, {filters.STATUS: ImageStatus.DRAFT}, limit, after)


def pending(actor: Actor, *, limit: int = MOST, after: str | None = None) -> list[Entry]:
    """Imports that wait for a person, the newest first."""
    return _newest(actor, {filters.STATUS: ImageStatus.PENDING}, limit, after)


def processing(actor: Actor, *, limit: int = MOST, after: str | None = None) -> list[Entry]:
    """What a machine has been describing for less than STALE_HOURS."""
    since = db.now_ms() - config.current().stale_hours * db.HOUR_MS
    return _newest(actor, {filters.DESCRIBED_SINCE: since}, limit, after)


def _newest(actor: Actor, wanted: Wanted, limit: int, after: str | None) -> list[Entry]:
    access.require_person(actor)
    return entries(actor, query.images(OWN, actor, wanted, limit=limit, after=after))


# As pages show them: a page after the other


def list_trash(actor: Actor, *, after: str | None = None, limit: int = 50) -> tuple[list[Image], str | None]:
    """Trashed images, the last deleted first, and the id to go on from."""
    return _page(TRASH, actor, after, limit)


def _page(listing: Listing, actor: Actor, after: str | None, limit: int) -> tuple[list[Image], str | None]:
    access.require(actor, "upload")
    found = query.images(listing, actor, after=after, limit=limit + 1)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def count_failed(actor: Actor) -> int:
    """How many own drafts could not be stored."""
    return query.count(DRAFTS, actor, {filters.PERSIST_STATUS: PersistStatus.FAILED}) if actor.is_signed_in else 0


def count_trash(actor: Actor) -> int:
    """How many images in the trash the actor may restore."""
    return query.count(TRASH, actor) if actor.is_signed_in else 0
