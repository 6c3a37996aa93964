"""The contact sheet of review: what waits for a decision, whatever it came from, and what narrows it. Reads only."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from pindeck import access, db
from pindeck.access import Actor, Condition
from pindeck.access.conditions import equal
from pindeck.models import Image, ImportBatch
from pindeck.services.library import filters, query
from pindeck.services.library.query import NOTHING, Filter, Listing, Rows, Wanted
from pindeck.states import Origin, PersistStatus

PAGE = 60
EVERY = 1_000_000

STATES: dict[str, tuple[str, Condition]] = {
    "import": ("Imports", access.PENDING & access.NOT_HELD),
    "draft": ("Drafts", access.DRAFT & access.NOT_HELD),
    "held": ("Held", access.HELD),
    "failed": ("Could not be stored", equal(Image.persist_status, PersistStatus.FAILED) & access.NOT_HELD),
}
ORIGINS = {Origin.UPLOAD: "Uploads", Origin.DISCORD: "Discord", Origin.PINTEREST: "Pinterest", Origin.AI: "Variations"}
AGES = {"day": "Today", "week": "Last 7 days", "older": "Older than a week"}  # since when, or before when


def _one_of(known: Iterable[str]) -> Callable[[str], str | None]:
    names = set(known)
    return lambda text: text if text in names else None


STATE = Filter(
    "state",
    "In this state.",
    lambda rows, state: rows.where(STATES[state][1].expression()),
    label="State",
    is_literal=True,
    read=_one_of(STATES),
)

_OF_SOURCES = ImportBatch.select(ImportBatch.id).where(ImportBatch.source_id.is_null(False))


def _of_source(rows: Rows, source_id: object) -> Rows:
    return rows.where(Image.import_batch_id.in_(ImportBatch.select(ImportBatch.id).where(ImportBatch.source_id == source_id)))


def _of_origin(rows: Rows, origin: object) -> Rows:
    """What came by itself: what a source brought is told by the source."""
    alone = Image.import_batch_id.is_null() | Image.import_batch_id.not_in(_OF_SOURCES)
    return rows.where((Image.origin == origin) & alone)


FROM_ORIGIN = Filter("from", "Only images of this origin.", _of_origin)
FROM = Filter(
    "from",
    "Brought by this source, or of this origin.",
    _of_source,
    label="From",
    instead=lambda value: FROM_ORIGIN if value in ORIGINS else None,
)
BATCH = Filter("batch", "Only images of this import.", lambda rows, batch: rows.where(Image.import_batch_id == batch), label="Batch")
PERSON = Filter("by", "Only what this person added.", lambda rows, who: rows.where(Image.user == who), label="By")
# The moment has a minus where what is older is meant.
OLDER = Filter("age", "Added before.", lambda rows, edge: rows.where(Image.created_at + edge < 0))
AGE = Filter(
    "age",
    "Added since.",
    lambda rows, edge: rows.where(Image.created_at >= edge),
    label="Added",
    fill=lambda age, _: edges()[age] * (-1 if age == "older" else 1),
    read=_one_of(AGES),
    instead=lambda edge: OLDER if edge < 0 else None,
)
OF_SHEET: tuple[Filter, ...] = (STATE, FROM, BATCH, PERSON, AGE)
# Of a page that was read before: nobody decides about what they could not see.
UNTIL = Filter("until", "No newer than this place in the list.", lambda rows, seq: rows.where(Image.seq <= seq))


def edges() -> dict[str, int]:
    """The moments (ms) that ages begin or end at."""
    now = db.now_ms()
    return {"day": now - db.DAY_MS, "week": now - 7 * db.DAY_MS, "older": now - 7 * db.DAY_MS}


def _shown(actor: Actor, names: frozenset[str]) -> tuple[Condition]:
    """What is held stays out of the way until a state is asked for."""
    waiting = access.waiting_for(actor)
    return (waiting if STATE.name in names else waiting & access.NOT_HELD,)


SHEET = Listing(shown=_shown, order=(Image.seq,), columns=query.everything())
IDS = replace(SHEET, columns=(Image.id,))


def list_page(
    actor: Actor, wanted: Wanted = NOTHING, *, after: str | None = None, limit: int = PAGE
) -> tuple[list[Image], str | None]:
    """What waits, the newest first, and the id to go on from. Raises NotSignedIn or Forbidden."""
    access.require(actor, "upload")
    found = query.images(SHEET, actor, wanted, after=after, limit=limit + 1)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def ids(actor: Actor, wanted: Wanted = NOTHING) -> list[str]:
    """All that the sheet shows under these filters."""
    access.require(actor, "upload")
    return [row[0] for row in query.rows(IDS, actor, wanted, limit=EVERY)]


def is_shown(actor: Actor, image: Image, wanted: Wanted) -> bool:
    """Whether an image that was on the sheet still is, after something was decided about it."""
    state = STATES[wanted[STATE]][1] if STATE in wanted else access.NOT_HELD
    return access.waiting_for(actor).holds(image) and state.holds(image)


def count(actor: Actor, wanted: Wanted = NOTHING) -> tuple[int, int]:
    """How many there are, and how many of them are still being stored."""
    if not actor.is_signed_in:
        return 0, 0
    busy = {**wanted, filters.PERSIST_STATUS: PersistStatus.PENDING}
    return query.count(SHEET, actor, wanted), query.count(SHEET, actor, busy)


def newest(actor: Actor, wanted: Wanted = NOTHING) -> int:
    """The place of the newest picture of the sheet, for `UNTIL`; 0 of an empty one."""
    found = query.images(SHEET, actor, wanted, limit=1)
    return found[0].seq if found else 0


def count_unstored(actor: Actor, wanted: Wanted = NOTHING) -> tuple[int, int]:
    """How many of them could not be stored, and how many are still being stored."""
    failed = query.count(SHEET, actor, {**wanted, filters.PERSIST_STATUS: PersistStatus.FAILED})
    return failed, count(actor, wanted)[1]


def count_waiting(actor: Actor) -> int:
    """How many wait and are not held."""
    return query.count(SHEET, actor) if actor.is_signed_in else 0
