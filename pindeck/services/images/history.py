"""The history of an image's words, as its page shows it."""

from dataclasses import dataclass
from typing import Any

from peewee import JOIN

from pindeck import access
from pindeck.access import Actor
from pindeck.models import FieldEvent, User
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


def history(actor: Actor, image_id: str, *, limit: int = 100) -> list[EventView]:
    """The last changes of an image, newest first."""
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
    return [
        EventView(
            id=row.id,
            field=row.field,
            label=LEDGER[row.field].label if row.field in LEDGER else row.field,
            old=_shown(row.old),
            new=_shown(row.new),
            who=User(name=row.person, role=row.role).display_name if row.role else _program(row),
            when=row.at,
            writer=row.writer,
            can_revert=may_edit and row.field in LEDGER,
        )
        for row in rows
    ]


def _shown(value: Kept) -> str:
    if isinstance(value, int):
        return str(value + 1)  # people count places from one
    return ", ".join(value) if isinstance(value, list) else value or ""


def _program(event: FieldEvent) -> str:
    if event.writer == WriterKind.RULE:
        return "On arrival"
    return {"offline": "Offline analysis"}.get(event.program or "", event.program or "Someone")
