"""The history of an image's words, as its page shows it."""

from dataclasses import dataclass
from typing import Any

from peewee import JOIN

from pindeck import access
from pindeck.access import Actor
from pindeck.models import FieldEvent, InheritedEvent, User
from pindeck.services.images import authors, costs
from pindeck.services.images.fields import LEDGER, Kept
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
    rows: Any = (
        FieldEvent.select(FieldEvent, User.name.alias("person"), User.role.alias("role"))
        .join(User, JOIN.LEFT_OUTER, on=(FieldEvent.user_id == User.id))
        .where(FieldEvent.image_id == image.id)
        .order_by(FieldEvent.id.desc())
        .limit(limit)
        .objects()
    )
    may_edit = access.can(actor, "image.edit", image)
    rows = list(rows)
    runs = _runs(rows) if may_edit else {}
    cost = costs.of_events(rows)
    own = [
        EventView(
            id=row.id,
            field=row.field,
            label=LEDGER[row.field].label if row.field in LEDGER else row.field,
            old=_shown(row.old),
            new=_shown(row.new),
            who=authors.told(row, User(name=row.person, role=row.role).display_name if row.role else None, cost.get(row.id)),
            when=row.at,
            writer=row.writer,
            can_revert=may_edit and row.field in LEDGER,
            run_id=runs.get(row.id),
        )
        for row in rows
    ]
    return sorted([*own, *_inherited(image.id, limit)], key=lambda event: (-event.when, -event.id))[:limit]


def _inherited(image_id: str, limit: int) -> list[EventView]:
    """Nothing of it can be put back: it was another picture's."""
    rows: Any = (
        InheritedEvent.select(InheritedEvent, User.name.alias("person"), User.role.alias("role"))
        .join(User, JOIN.LEFT_OUTER, on=(InheritedEvent.user_id == User.id))
        .where(InheritedEvent.image_id == image_id)
        .order_by(InheritedEvent.event_id.desc())
        .limit(limit)
        .objects()
    )
    return [
        EventView(
            id=row.event_id,
            field=row.field,
            label=LEDGER[row.field].label if row.field in LEDGER else row.field,
            old=_shown(row.old),
            new=_shown(row.new),
            who=f"{authors.told(row, User(name=row.person, role=row.role).display_name if row.role else None, None)} in “{row.title}”",
            when=row.at,
            writer=row.writer,
            can_revert=False,
            copy_of=row.title,
        )
        for row in rows
    ]


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
