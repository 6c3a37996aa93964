"""The history of an image's words, as its page shows it."""

from dataclasses import dataclass
from typing import Any

from peewee import JOIN

from pindeck import access
from pindeck.access import Actor
from pindeck.models import FieldEvent, InheritedEvent, User
from pindeck.services.images import authors, costs, ledger, project_words
from pindeck.services.images.fields import LEDGER, Kept
from pindeck.services.images.ledger import EditResult
from pindeck.states import WriterKind


@dataclass(frozen=True)
class EventView:
    id: int
    field: str
    label: str
    old: str
    new: str
    who: str
    when: int
    writer: str
    can_revert: bool
    copy_of: str = ""  # what a copy was called that was merged into this picture: the change was one of the copy
    run_id: str | None = None  # at the last word of a machine's run of which something still stands


def history(actor: Actor, image_id: str, *, limit: int = 100) -> list[EventView]:
    """The last changes of an image and of the copies that were merged into it, newest first."""
    image = access.image_for(actor, "image.history", image_id)
    rows = list(_rows(FieldEvent, image.id, FieldEvent.id, limit))
    may_edit = access.can(actor, "image.edit", image)
    runs = _runs(rows) if may_edit else {}
    cost = costs.of_events(rows)
    own = [
        _view(row, row.id, _who(row, cost.get(row.id)), can_revert=may_edit and row.field in LEDGER, run_id=runs.get(row.id))
        for row in rows
    ]
    # Nothing of a copy's changes can be put back: they were another picture's.
    inherited = [
        _view(row, row.event_id, f"{_who(row)} in “{row.title}”", copy_of=row.title)
        for row in _rows(InheritedEvent, image.id, InheritedEvent.event_id, limit)
    ]
    return sorted([*own, *inherited], key=lambda event: (-event.when, -event.id))[:limit]


def put_back(actor: Actor, image_id: str, event_id: int, *, confirmed: bool = False) -> EditResult:
    """`ledger.revert`, which raises Conflict `RELEASES_ALIASES` before the picture leaves its project with an alias, unless
    `confirmed`."""
    image = access.image_for(actor, "image.edit", image_id)
    event = FieldEvent.get_or_none((FieldEvent.id == event_id) & (FieldEvent.image_id == image.id) & (FieldEvent.field == "project"))
    if event is not None:
        project_words.ask_first({event.old: [image]}, confirmed=confirmed)
    return ledger.revert(actor, image.id, event_id)


def _rows(table: Any, image_id: str, order: Any, limit: int) -> Any:
    """The last changes of an image in a table, each with the name and role of the person."""
    rows = table.select(table, User.name.alias("person"), User.role.alias("role"))
    rows = rows.join(User, JOIN.LEFT_OUTER, on=(table.user_id == User.id))
    return rows.where(table.image_id == image_id).order_by(order.desc()).limit(limit).objects()


def _who(row: Any, cost: Any = None) -> str:
    return authors.told(row, User(name=row.person, role=row.role).display_name if row.role else None, cost)


def _view(row: Any, number: int, who: str, *, can_revert: bool = False, copy_of: str = "", run_id: str | None = None) -> EventView:
    label = LEDGER[row.field].label if row.field in LEDGER else row.field
    return EventView(
        number, row.field, label, _shown(row.old), _shown(row.new), who, row.at, row.writer, can_revert, copy_of, run_id
    )


def _runs(rows: list[Any]) -> dict[int, str]:
    """The runs that can be taken back, by the first of their events in the list."""
    found: dict[str, int] = {}
    for row in rows:
        if row.writer == WriterKind.MACHINE and row.undone_at is None:
            found.setdefault(row.action_id, row.id)
    return {event_id: run_id for run_id, event_id in found.items()}


def _shown(value: Kept) -> str:
    if isinstance(value, int):
        return str(value + 1)  # people count places from one
    return ", ".join(value) if isinstance(value, list) else value or ""
