"""How much palette, light, edges, words and what they mean count for a person who looks for what is like a picture: remembered."""

from dataclasses import asdict
from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import LookDials
from pindeck.services.library.by_look import Dials


def of(actor: Actor) -> Dials:
    """Those of last time; the usual ones for who has no account."""
    row: Any = LookDials.select().where(LookDials.user_id == actor.user_id).first() if actor.user_id else None
    return Dials(row.palette, row.light, row.edges, row.words, row.meaning) if row else Dials()


def remember(actor: Actor, dials: Dials) -> None:
    """Nothing for who has no account."""
    if not access.can(actor, "account"):
        return
    values = asdict(dials)
    keep: Any = LookDials.insert(user_id=actor.user_id, **values)
    with db.writing():
        keep.on_conflict(conflict_target=[LookDials.user_id], update=values).execute()
