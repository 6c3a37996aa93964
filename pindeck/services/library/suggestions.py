"""What machines suggest for the pictures of a query: how much for each field, and one decision about all of a field."""

from dataclasses import dataclass, field
from typing import Any

from peewee import fn

from pindeck import access
from pindeck.access import Actor
from pindeck.errors import invalid
from pindeck.models import Image, Proposal
from pindeck.services.images import deciding, large, project_words
from pindeck.services.images.fields import FIELDS, Kept
from pindeck.services.library import choices, query
from pindeck.services.library.choices import Choice
from pindeck.services.library.query import Listing, Rows
from pindeck.states import ProposalState

EXAMPLES = 3
ACTS = {ProposalState.ACCEPTED: "accept", ProposalState.REFUSED: "refuse"}

EDITED = Listing(shown=lambda actor, _: (access.edited_by(actor),), order=(Image.seq,), columns=query.everything())


@dataclass(frozen=True)
class Example:
    image_id: str
    title: str
    value: Kept

    @property
    def text(self) -> str:
        return ", ".join(self.value) if isinstance(self.value, list) else str(self.value)


@dataclass(frozen=True)
class OfField:
    """`count` pictures for whose field something is suggested, and the newest of them."""

    name: str
    label: str
    count: int
    examples: list[Example]


@dataclass(frozen=True)
class Decided:
    """`action_id` is None where nothing waited; it runs on where `is_running`, for more than 250 pictures."""

    action_id: str | None
    count: int
    is_running: bool
    state: ProposalState
    released: list[str] = field(default_factory=list)  # aliases that moves let go, or will where it runs

    @property
    def told(self) -> str:
        if not self.count:
            return "Nothing waits there any more."
        told = f"{'1 suggestion is' if self.count == 1 else f'{self.count} suggestions are'} {self.state}."
        return f"{told} {project_words.told(self.released)}".strip()


def by_field(actor: Actor, choice: Choice) -> list[OfField]:
    """In the order of the fields; one query, and one for the examples of each field that has some."""
    access.require(actor, "library.change")
    choice = choices.checked(choice)
    rows = _open(actor, choice, Proposal.field, fn.COUNT(Proposal.id))
    if rows is None:
        return []
    counts = dict(rows.group_by(Proposal.field).tuples())
    return [
        OfField(name, spec.label, counts[name], _examples(actor, choice, name))
        for name, spec in FIELDS.items()
        if name in counts
    ]


def _examples(actor: Actor, choice: Choice, name: str) -> list[Example]:
    rows = _open(actor, choice, Image.id, Image.title, Proposal.value)
    if rows is None:
        return []
    found = rows.where(Proposal.field == name).order_by(Proposal.id.desc()).limit(EXAMPLES)
    return [Example(*row) for row in found.tuples()]


def decide(actor: Actor, choice: Choice, name: str, state: ProposalState, *, confirmed: bool = False) -> Decided:
    """Accept or refuse all that waits for one field. Raises Invalid for a choice or field that is none, NotFound or
    Forbidden for a picture that was named, and Conflict `RELEASES_ALIASES`, unless `confirmed`, where pictures would lose one."""
    access.require(actor, "library.change")
    choice = choices.checked(choice)
    if name not in FIELDS:
        raise invalid("field", "There is no such field.")
    if choice.ids:
        choices.check_named(actor, choice.ids, "image.edit")
    rows = _open(actor, choice, Image.id)
    ids = [] if rows is None else [row[0] for row in rows.where(Proposal.field == name).order_by(Image.seq).tuples()]
    if not ids:
        return Decided(None, 0, False, state)
    released = _released(rows, confirmed) if name == "project" and state == ProposalState.ACCEPTED else []
    running = large.begin(actor, ACTS[state], ids, [FIELDS[name].label], name=name)
    action_id = running or deciding.at_once(actor, ids, name, state)
    return Decided(action_id, len(ids), running is not None, state, released)


def _released(rows: Any, confirmed: bool) -> list[str]:
    """The aliases that the pictures lose which go to the projects that are suggested for them."""
    moves: dict[str | None, list[Image]] = {}
    columns = (Image.id, Image.project, Proposal.value.alias("to"))
    for image in rows.select(*columns).where(Proposal.field == "project").order_by(Image.seq).objects():
        moves.setdefault(image.to, []).append(image)
    return project_words.ask_first(moves, confirmed=confirmed)


def _open(actor: Actor, choice: Choice, *columns: Any) -> Any:
    """What waits for a decision in the pictures that are meant; None where a filter finds nothing."""
    shown = access.edited_by(actor).expression() & (Proposal.state == ProposalState.PROPOSED)
    asked = Image.select(*columns).join(Proposal, on=(Proposal.image_id == Image.id)).switch(Image).where(shown)
    if choice.ids:
        asked = asked.where(Image.id.in_(choice.ids))
    return choices.narrowed(Rows(asked, Image.seq, frozenset()), actor, choice)
