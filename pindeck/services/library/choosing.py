"""Pictures of the gallery that somebody chose, by their ids or as all that a query finds: found anew whenever something is
done with them."""

from dataclasses import dataclass, replace
from typing import Any

from pindeck import access
from pindeck.access import Actor
from pindeck.errors import Invalid
from pindeck.models import Image
from pindeck.services.images import large, trash
from pindeck.services.images.inspector import PART, checked
from pindeck.services.library import choices, query
from pindeck.services.library.choices import COUNTED, Choice
from pindeck.services.library.query import Listing

IDS = (Image.id,)
SHOWN = Listing(shown=lambda actor, _: (access.hung(actor),), order=(Image.seq,), columns=IDS)
EDITED = replace(SHOWN, shown=lambda actor, _: (access.hung(actor) & access.edited_by(actor),))
TRASHED = replace(SHOWN, shown=lambda actor, _: (access.hung(actor) & access.trashed_by(actor),))
SHOWABLE = replace(SHOWN, shown=lambda actor, _: (access.shown_by(actor),))
WAITING = replace(SHOWN, shown=lambda actor, _: (access.waiting_for(actor),))
PUBLISHABLE = replace(SHOWN, shown=lambda actor, _: (access.waiting_for(actor) & access.STORED,))
NUMBER = replace(SHOWN, columns=())


@dataclass(frozen=True)
class Chosen:
    """The ids of those with which the actor may do what was asked, newest first; `refused` are the others."""

    ids: list[str]
    refused: int


def find(actor: Actor, choice: Choice, may: Listing = SHOWN) -> Chosen:
    """Raises Invalid when nothing was chosen, or more than can be changed at once."""
    access.require(actor, "library.view")
    if not choice.is_all:
        ids = checked(list(choice.ids))
        found = [row for at in range(0, len(ids), PART) for row in _named(actor, ids[at : at + PART], may)]
        return Chosen([row[1] for row in sorted(found, reverse=True)], len(ids) - len(found))
    wanted = choices.whole(choices.meant_by(choice.query))
    rows = query.rows(may, actor, wanted, limit=COUNTED + 1)
    if len(rows) > COUNTED:
        sentence = f"These are more than {COUNTED:,} pictures. Narrow the search."
        raise Invalid(sentence, fields={"ids": sentence})
    refused = count(actor, choice.query) - len(rows) if may in (EDITED, TRASHED) else 0  # the others look elsewhere than in the gallery
    return Chosen([row[0] for row in rows], max(0, refused))


def _named(actor: Actor, ids: list[str], may: Listing) -> list[tuple[int, str]]:
    (shown,) = may.shown(actor, frozenset())
    rows: Any = Image.select(Image.seq, Image.id).where(shown.expression() & Image.id.in_(ids)).tuples()
    return list(rows)


def count(actor: Actor, text: str) -> int:
    """How many a query finds, at most one more than can be changed at once."""
    found = query.tally(NUMBER, actor, choices.whole(choices.wanted_of(text)), most=COUNTED + 1)
    return int(found[0][0]) if found else 0


@dataclass(frozen=True)
class Removed:
    """The `ids` went to the trash, or go there by the job that `runs_as` names; `skipped` are not the actor's to remove."""

    ids: list[str]
    skipped: int
    action_id: str | None = None
    runs_as: str | None = None


def remove(actor: Actor, choice: Choice) -> Removed:
    """Move them to the trash, as one action. Raises Invalid when nothing was chosen."""
    access.require(actor, "library.delete")
    found = find(actor, choice, TRASHED)
    if running := large.begin(actor, "remove", found.ids):
        return Removed(found.ids, found.refused, runs_as=running)
    gone, action_id = trash.trash_many(actor, list(Image.select().where(Image.id.in_(found.ids))))
    return Removed(gone, found.refused + len(found.ids) - len(gone), action_id)
