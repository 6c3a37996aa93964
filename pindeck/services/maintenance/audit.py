"""Who decided what, when, why and from where: the trail as administrators read it. It outlives what it is about."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from peewee import JOIN

from pindeck import access, cursors, db
from pindeck.access import Actor
from pindeck.errors import NotFound, invalid
from pindeck.models import Activity, ApiKey, Client, Image, User
from pindeck.services.accounts import accounts
from pindeck.services.maintenance.audit_words import NOT_TOLD, WAYS, WORDS
from pindeck.states import Way

PAGE, PART = 50, 500


@dataclass(frozen=True)
class Filters:
    """Each narrows the trail. `since` and `until` are milliseconds; `until` is the first that is too late."""

    user_id: str | None = None
    verb: str | None = None
    way: Way | None = None
    image_id: str | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True)
class Line:
    """One deed. `program` and `key` are told of what a program did, `asker` is who asked for it in Discord, `title` that
    of the picture, which is the last known one where `is_there` is false."""

    id: int
    at: int
    who: str
    email: str
    program: str
    key: str
    asker: str
    way: str
    verb: str
    what: str
    image_id: str
    title: str
    is_there: bool
    why: str
    detail: dict[str, Any]


def look(actor: Actor, filters: Filters, *, after: str | None = None) -> tuple[list[Line], str | None]:
    """A page of the trail, the newest first, and where the next one begins. Three statements. Raises Forbidden, and
    Invalid for a wrong cursor."""
    access.require(actor, "admin")
    rows = _rows(filters)
    if after:
        at, number = _place(after)
        rows = rows.where((Activity.at <= at) & ((Activity.at < at) | (Activity.id < number)))
    found = list(rows.order_by(Activity.at.desc(), Activity.id.desc()).limit(PAGE + 1))
    shown = found[:PAGE]
    return _lines(shown), f"{shown[-1].at}-{shown[-1].id}" if len(found) > PAGE else None


def pictures(actor: Actor, lines: list[Line]) -> list[Image]:
    """Those that are there and that the actor sees, to be shown beside the lines."""
    ids = {line.image_id for line in lines if line.is_there}
    return list(Image.select().where(Image.id.in_(ids) & access.seen(actor).expression())) if ids else []


def export(actor: Actor, filters: Filters) -> Iterator[Line]:
    """All of it up to now, the oldest first, read in parts: however long the trail is, 500 lines are in memory.

    Raises Forbidden at once, and not with the first line.
    """
    access.require(actor, "admin")
    return _all(filters, db.now_ms())


def _all(filters: Filters, now: int) -> Iterator[Line]:
    rows = _rows(filters).where(Activity.at <= now).order_by(Activity.at, Activity.id).limit(PART)
    at, number = -1, 0
    while True:
        beyond = (Activity.at >= at) & ((Activity.at > at) | (Activity.id > number))
        part = list(rows.where(beyond))
        yield from _lines(part)
        if len(part) < PART:
            return
        at, number = part[-1].at, part[-1].id


def _place(cursor: str) -> tuple[int, int]:
    at, _, number = cursor.partition("-")
    if not (at.isdecimal() and number.isdecimal() and len(cursor) < 36):
        raise cursors.wrong()
    return int(at), int(number)


def _rows(filters: Filters) -> Any:
    columns = (
        User.name.alias("person"), User.email.alias("email"), User.role.alias("role"), Client.name.alias("client_name"),
        Client.identifier.alias("identifier"), ApiKey.prefix.alias("prefix"),
    )  # fmt: skip
    rows: Any = (
        Activity.select(Activity, *columns)
        .join(User, JOIN.LEFT_OUTER, on=(Activity.user_id == User.id))
        .join(Client, JOIN.LEFT_OUTER, on=(Activity.client_id == Client.id))
        .join(ApiKey, JOIN.LEFT_OUTER, on=(Activity.key_id == ApiKey.id))
    )
    equal = {Activity.user_id: filters.user_id, Activity.verb: filters.verb, Activity.way: filters.way, Activity.image_id: filters.image_id}
    for column, value in equal.items():
        if value is not None:
            rows = rows.where(column == value)
    if filters.since is not None:
        rows = rows.where(Activity.at >= filters.since)
    if filters.until is not None:
        rows = rows.where(Activity.at < filters.until)
    return rows.objects()


def _lines(rows: list[Any]) -> list[Line]:
    ids = {row.image_id for row in rows if row.image_id}
    there: dict[str, str] = {image.id: image.title for image in Image.select(Image.id, Image.title).where(Image.id.in_(ids))} if ids else {}
    gone = _last_titles(ids - there.keys())
    return [_line(row, there, gone) for row in rows]


def _last_titles(ids: set[str]) -> dict[str, str]:
    """Of pictures that were deleted for good."""
    if not ids:
        return {}
    told = Activity.select(Activity.image_id, Activity.detail).where(
        Activity.image_id.in_(ids) & (Activity.verb == "image.purge")
    )
    return {str(row.image_id): str(row.detail.get("title") or "") for row in told}


def _line(row: Any, there: dict[str, str], gone: dict[str, str]) -> Line:
    asker = row.detail.get("discord") or {}
    image_id = row.image_id or ""
    return Line(
        id=row.id, at=row.at, who=_who(row), email=row.email or "", program=row.client_name or row.identifier or "",
        key=row.prefix or ("INGEST_API_KEY" if row.key_id == "INGEST_API_KEY" else ""),
        asker=str(asker.get("name") or asker.get("id") or ""), way=WAYS[Way(row.way)] if row.way else NOT_TOLD,
        verb=row.verb, what=WORDS.get(row.verb, row.verb), image_id=image_id,
        title=there.get(image_id) or gone.get(image_id, ""), is_there=image_id in there,
        why=str(row.detail.get("reason") or ""), detail=row.detail,
    )  # fmt: skip


def _who(row: Any) -> str:
    return User(name=row.person or "", email=row.email, role=row.role).display_name if row.role is not None else ""


def filters_of(
    *, who: str = "", verb: str = "", way: str = "", image: str = "", since: str = "", until: str = ""
) -> Filters:
    """Filters as people write them: `who` is an e-mail address, days are such as 2026-11-07, and both count.

    Raises Invalid naming the one at fault, NotFound for an account there is not.
    """
    user = accounts.find_by_email(who) if who else None
    if who and user is None:
        raise NotFound(f"There is no account {who}.")
    if verb and verb not in WORDS:
        raise invalid("verb", f"There is no action “{verb}”. Choose from: {', '.join(WORDS)}.")
    if way and way not in [*Way]:
        raise invalid("way", f"Choose from: {', '.join(Way)}.")
    return Filters(
        user_id=user.id if user else None, verb=verb or None, way=Way(way) if way else None, image_id=image or None,
        since=_day("since", since, 0), until=_day("until", until, 1),
    )  # fmt: skip


def _day(name: str, text: str, more: int) -> int | None:
    if not text:
        return None
    try:
        begin = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=more)
    except (ValueError, OverflowError) as error:
        raise invalid(name, "Give a day such as 2026-11-07.") from error
    return int(begin.timestamp() * 1000)
