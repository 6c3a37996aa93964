"""What the sheet of review can be narrowed to: the values that occur there, by name and with numbers. Reads only."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from peewee import JOIN, SQL, Case, Select, fn

from pindeck import access, db, times
from pindeck.access import Actor
from pindeck.models import Image, ImportBatch, Source, User
from pindeck.services.library.query import NOTHING, Filter, Wanted
from pindeck.services.library.sheet import AGE, AGES, BATCH, FROM, OF_SHEET, ORIGINS, PERSON, STATE, STATES, edges
from pindeck.services.library.sheet_copies import COPIES
from pindeck.states import ImageStatus, PersistStatus

READ = 20_000  # images whose values are read
BATCHES = 12  # that are offered: the newest
MOST_BATCHES = 500  # whose sources are read


@dataclass(frozen=True)
class Value:
    """A value of a filter, what people call it, and how many pictures it leads to beside the other filters."""

    value: str
    text: str
    count: int


def of(actor: Actor, wanted: Wanted = NOTHING) -> dict[Filter, list[Value]]:
    """The values that occur among the newest 20,000 that wait. Four statements."""
    rows = _grouped(actor, wanted)
    made_by = {row.batch: row for row in _batches({row[4] for row in rows if row[4]})}
    found: dict[Filter, Counter[str]] = {filter: Counter() for filter in OF_SHEET}
    for status, is_held, is_failed, origin, batch, user_id, age, number in rows:
        made = made_by.get(batch)
        state = "held" if is_held else "import" if status == ImageStatus.PENDING else "draft"
        has = {
            STATE: {state, "failed"} if is_failed and not is_held else {state},
            FROM: {made.source_id if made and made.source_id else origin},
            BATCH: {batch} if made else set(),
            PERSON: {user_id},
            AGE: {"day": {"day", "week"}, "week": {"week"}}.get(age, {"older"}),
        }
        off = [filter for filter, value in wanted.items() if filter in has and value not in has[filter]]
        if is_held and STATE not in wanted:
            off.append(STATE)
        for filter, values in has.items():
            if not off or off == [filter]:
                found[filter].update(dict.fromkeys(values, number))
    return _named(found, made_by)


def _grouped(actor: Actor, wanted: Wanted) -> list[tuple]:
    """How many there are of each kind: status, held, failed, origin, batch, person, age, number."""
    shown = access.waiting_for(actor).expression()
    if COPIES in wanted:
        shown &= Image.seq.in_([int(seq) for seq in wanted[COPIES].split(",") if seq])
    since = edges()
    age = Case(None, [(Image.created_at >= since["day"], "day"), (Image.created_at >= since["week"], "week")], "older")
    failed = Case(None, [(Image.persist_status == PersistStatus.FAILED, 1)], 0)
    held = Case(None, [(Image.held_at.is_null(), 0)], 1)
    kinds = {
        "status": Image.status, "held": held, "failed": failed, "origin": Image.origin, "batch": Image.import_batch_id,
        "user_id": Image.user, "age": age,
    }  # fmt: skip
    newest = (
        Image.select(*(kind.alias(name) for name, kind in kinds.items()))
        .where(shown)
        .order_by(Image.seq.desc())
        .limit(READ)
        .alias("newest")
    )
    columns = [newest.c[name] for name in kinds]
    query = Select([newest], [*columns, fn.COUNT(SQL("*"))]).group_by(*columns)
    return list(query.bind(db.database).tuples())


@dataclass(frozen=True)
class _Batch:
    batch: str
    source_id: str | None
    source: str | None
    created_at: int


def _batches(ids: set[str]) -> list[_Batch]:
    """The newest of these imports, with the sources that brought them."""
    rows: Any = (
        ImportBatch.select(ImportBatch.id, ImportBatch.source_id, Source.name, ImportBatch.created_at)
        .join(Source, JOIN.LEFT_OUTER, on=(ImportBatch.source_id == Source.id))
        .where(ImportBatch.id.in_(sorted(ids)[-MOST_BATCHES:]))
        .order_by(ImportBatch.id.desc())
        .tuples()
    )
    return [_Batch(*row) for row in rows]


def _named(found: dict[Filter, Counter[str]], made_by: dict[str, _Batch]) -> dict[Filter, list[Value]]:
    sources = {made.source_id: made.source for made in made_by.values() if made.source_id}
    people = {user.id: user.display_name for user in User.select().where(User.id.in_(list(found[PERSON])))}
    names: dict[Filter, Callable[[str], str]] = {
        STATE: lambda state: STATES[state][0],
        FROM: lambda value: ORIGINS.get(value) or sources.get(value) or "A source",  # type: ignore[call-overload]
        BATCH: lambda batch: f"{made_by[batch].source or 'Import'}, {times.minute(made_by[batch].created_at)}",
        PERSON: lambda user_id: people.get(user_id, "Somebody"),
        AGE: lambda age: AGES[age],
    }
    orders: dict[Filter, list[str]] = {
        STATE: list(STATES), FROM: [*ORIGINS, *sorted(set(found[FROM]) - set(ORIGINS))],
        BATCH: list(made_by)[:BATCHES], PERSON: sorted(people, key=lambda each: people[each].casefold()), AGE: list(AGES),
    }  # fmt: skip
    return {
        filter: [Value(each, names[filter](each), found[filter][each]) for each in orders[filter] if found[filter][each]]
        for filter in OF_SHEET
    }
