"""What a machine suggests where somebody has written: made by a description, accepted or refused by a person.

A machine's tags and terms are added to those that are there, so a suggestion for such a field holds new ones only.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from peewee import chunked

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound, no_image
from pindeck.models import Image, Proposal
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.actions.verbs import verb
from pindeck.services.images import ledger, project_words, projects
from pindeck.services.images.fields import FIELDS, Kept, Value
from pindeck.services.images.ledger import Writer
from pindeck.states import ProposalState, WriterKind, sources
from pindeck.terms import key_of

KIND = "proposal"  # the kind of step; its key is the proposal, before and after are its states
ACCEPT = verb("proposals.accept", "Accepted a suggestion for {field}")
REFUSE = verb("proposals.refuse", "Refused a suggestion for {field}")


@dataclass(frozen=True)
class ProposalView:
    """`value` is what would be written, or for a field of several words what would be added; `current` is what stands
    there."""

    id: str
    field: str
    label: str
    value: Kept
    current: Kept
    model: str
    prompt_version: str
    at: int
    run_id: str = ""

    @property
    def text(self) -> str:
        return ", ".join(self.value) if isinstance(self.value, list) else str(self.value or "")

    @property
    def is_added(self) -> bool:
        """Whether accepting it keeps what stands there."""
        return FIELDS[self.field].is_list

    @property
    def by(self) -> str:
        return name_of(self.model, self.prompt_version)


def name_of(model: str, prompt_version: str) -> str:
    """How a machine is called beside what it says."""
    return f"{model}, prompt {prompt_version}" if prompt_version else model


# What a description makes


def make(image: Image, values: dict[str, Kept], model: str, prompt_version: str, run_id: str) -> list[str]:
    """Inside a transaction that holds the image: suggest these clean values; the fields that got a suggestion.

    One that waits for the same field gives way. What a person refused or accepted from the same model and prompt does
    not come again.
    """
    made = []
    current = ledger.values_of(image, list(values))
    told = (Proposal.image_id == image.id) & (Proposal.model == model) & (Proposal.prompt_version == prompt_version)
    for name, value in values.items():
        of_field = told & (Proposal.field == name)
        if FIELDS[name].is_list:
            value = _news(name, value, current[name], Proposal.select().where(of_field & _decided()))
        if not value or value == current[name]:
            continue
        key = _key(value)
        known = Proposal.get_or_none(of_field & (Proposal.value_key == key))
        if known is not None and known.state != ProposalState.WITHDRAWN:
            continue
        _give_way(image.id, name)
        now = db.now_ms()
        if known is not None:
            again = dict(state=ProposalState.PROPOSED, run_id=run_id, created_at=now, decided_by=None, decided_at=None)
            Proposal.update(again).where(Proposal.id == known.id).execute()
        else:
            Proposal.insert(
                id=db.new_id(), image_id=image.id, field=name, value=value, value_key=key, model=model,
                prompt_version=prompt_version, run_id=run_id, created_at=now,
            ).execute()  # fmt: skip
        made.append(name)
    return made


def refuse_shown(image_id: str, shown: Mapping[str, str], model: str, prompt_version: str, user_id: str) -> None:
    """Inside the transaction that recorded a picture: what a person saw and replaced before they sent it is refused, so
    that it does not come again."""
    now, run_id = db.now_ms(), db.new_id()
    for name, text in shown.items():
        value = FIELDS[name].clean(text)
        Proposal.insert(
            id=db.new_id(), image_id=image_id, field=name, value=value, value_key=_key(value), model=model,
            prompt_version=prompt_version, run_id=run_id, state=ProposalState.REFUSED, decided_by=user_id, decided_at=now,
            created_at=now,
        ).execute()  # fmt: skip


def _decided() -> Any:
    return Proposal.state.in_([ProposalState.REFUSED, ProposalState.ACCEPTED])


def _news(name: str, value: Kept, current: Kept, decided: Any) -> list[str]:
    """Of a machine's words those that are not there, and about which nobody has decided."""
    told = [*(word for row in decided for word in row.value), *(current if isinstance(current, list) else [])]
    key = key_of if FIELDS[name].terms else str
    known = {key(word) for word in told}
    return [word for word in value if key(word) not in known] if isinstance(value, list) else []


def _key(value: Kept) -> str:
    plain = sorted(value) if isinstance(value, list) else value
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode()).hexdigest()


def _give_way(image_id: str, name: str) -> None:
    waiting = (Proposal.image_id == image_id) & (Proposal.field == name) & (Proposal.state == ProposalState.PROPOSED)
    Proposal.update(state=ProposalState.WITHDRAWN).where(waiting).execute()


# What a person sees and decides


def list_open(actor: Actor, image_id: str) -> list[ProposalView]:
    """What waits for a decision at a picture, in the order of its fields. Raises NotFound or Forbidden."""
    image = access.image_for(actor, "image.edit", image_id)
    return open_of({image.id: ledger.values_of(image)})[image.id]


def field_of(actor: Actor, image_id: str, proposal_id: str) -> str:
    """Which field a suggestion of a picture is for. Raises NotFound or Forbidden."""
    image = access.image_for(actor, "image.edit", image_id)
    row = Proposal.get_or_none((Proposal.id == proposal_id) & (Proposal.image_id == image.id))
    if row is None:
        raise NotFound("There is no such suggestion.", code="PROPOSAL_NOT_FOUND")
    return str(row.field)


def open_of(values: Mapping[str, Mapping[str, Value]]) -> dict[str, list[ProposalView]]:
    """By image id, given the present values of the fields to look at, in one query. What a person wrote meanwhile by
    hand is no suggestion any more."""
    found: dict[str, list[ProposalView]] = {image_id: [] for image_id in values}
    waiting = Proposal.image_id.in_(list(found)) & (Proposal.state == ProposalState.PROPOSED)
    order = list(FIELDS)
    for row in sorted(Proposal.select().where(waiting), key=lambda row: order.index(row.field)):
        if row.field not in values[row.image_id]:
            continue
        now = values[row.image_id][row.field]
        value = _news(row.field, row.value, now, []) if FIELDS[row.field].is_list else row.value
        if value and value != now:
            label, at = FIELDS[row.field].label, row.created_at
            found[row.image_id].append(
                ProposalView(row.id, row.field, label, value, now, row.model, row.prompt_version, at, row.run_id)
            )
    return found


def accept(actor: Actor, image_id: str, ids: list[str] | None = None, *, confirmed: bool = False) -> str | None:
    """Write what was suggested, as the person who accepts it; the id of the action, None where nothing waits.

    `ids` are proposals of the picture, None means all that wait. Raises NotFound for one that is not of this picture,
    Conflict for one that is decided already, or whose unique value another picture has, and `RELEASES_ALIASES`, unless
    `confirmed`, where it would lose an alias.
    """
    return _decide(actor, image_id, ids, ProposalState.ACCEPTED, confirmed)


def refuse(actor: Actor, image_id: str, ids: list[str] | None = None, *, confirmed: bool = False) -> str | None:
    """The same, to say no, which asks nothing. It does not come back from the same model and prompt."""
    return _decide(actor, image_id, ids, ProposalState.REFUSED, confirmed)


def _decide(actor: Actor, image_id: str, ids: list[str] | None, state: ProposalState, confirmed: bool) -> str | None:
    image = access.image_for(actor, "image.edit", image_id)
    return db.retried(partial(_decided_at_once, actor, image, ids, state, confirmed))


def _decided_at_once(
    actor: Actor, image: Image, ids: list[str] | None, state: ProposalState, confirmed: bool
) -> str | None:
    fresh = db.locked(Image.select().where(Image.seq == image.seq)).get_or_none()
    if fresh is None:
        raise no_image()
    rows = _chosen(image.id, ids)
    if not rows:
        return None
    action_id, steps = db.new_id(), []
    for row in rows:
        if state == ProposalState.ACCEPTED:
            if row.field == "project":
                projects.stay_inside(actor, row.value)
                project_words.ask_first({row.value: [fresh]}, confirmed=confirmed)
            steps += ledger.write(
                image.id, {row.field: _accepted(fresh, row)}, accepting(actor, row), action_id=action_id
            ).steps
        steps.append(Step(KIND, image.id, row.state, state, key=row.id))
    decided = dict(state=state, decided_by=actor.user_id, decided_at=db.now_ms())
    for part in chunked([row.id for row in rows], log.PART):
        Proposal.update(decided).where(Proposal.id.in_(part) & Proposal.state.in_(sources(state))).execute()
    what = ACCEPT if state == ProposalState.ACCEPTED else REFUSE
    fields = ledger.labels(row.field for row in rows)
    activity.note(actor, what.name, image.id, fields=fields)
    return log.record(actor, what, steps, images=1, action_id=action_id, fields=fields)


def _chosen(image_id: str, ids: list[str] | None) -> list[Proposal]:
    mine = Proposal.select().where(Proposal.image_id == image_id)
    if ids is None:
        return list(mine.where(Proposal.state == ProposalState.PROPOSED).order_by(Proposal.id))
    wanted = list(dict.fromkeys(ids))
    rows = list(mine.where(Proposal.id.in_(wanted)).order_by(Proposal.id))
    if len(rows) < len(wanted):
        raise NotFound("There is no such suggestion.", code="PROPOSAL_NOT_FOUND")
    if any(row.state != ProposalState.PROPOSED for row in rows):
        raise Conflict("This was decided already.", code="ALREADY_DECIDED")
    return rows


def _accepted(image: Image, row: Proposal) -> Kept:
    spec = FIELDS[row.field]
    if not spec.is_list:
        return row.value  # type: ignore[no-any-return]
    kept = ledger.values_of(image, [row.field])[row.field]
    return spec.clean([*(kept or []), *row.value][: spec.most])


def accepting(actor: Actor, row: Proposal) -> Writer:
    """The person writes; `program` tells who had the idea."""
    by = name_of(row.model, row.prompt_version)
    return Writer(WriterKind.PERSON, user_id=actor.user_id, client_id=actor.client_id, program=by)


# Taken back


def steps_of_run(image_id: str, run_id: str) -> list[Step]:
    """What a description suggested and nobody has decided, as steps that can be taken back."""
    waiting = (Proposal.run_id == run_id) & (Proposal.image_id == image_id) & (Proposal.state == ProposalState.PROPOSED)
    rows = Proposal.select().where(waiting).order_by(Proposal.id)
    return [Step(KIND, image_id, ProposalState.WITHDRAWN, ProposalState.PROPOSED, key=row.id) for row in rows]


def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
    """The inverse of deciding, and of suggesting. What waits for the same field by now stays, and the older gives way."""
    rows = {row.id: row for row in Proposal.select().where(Proposal.id.in_([step.key for step in steps]))}
    of_images = Proposal.image_id.in_({row.image_id for row in rows.values()})
    waits = {(row.image_id, row.field): row.id for row in Proposal.select().where(of_images & (Proposal.state == ProposalState.PROPOSED))}
    left: list[Left] = []
    back: dict[ProposalState, list[str]] = {state: [] for state in (ProposalState.WITHDRAWN, ProposalState.ACCEPTED, ProposalState.REFUSED)}
    back[ProposalState.PROPOSED] = []  # written last: of a field one waits at a time
    for step in steps:
        row = rows.get(step.key)
        if row is not None and row.state == step.before:
            continue  # a newer one took its place, or it was taken back by itself
        if row is None or row.state != step.after:
            left.append(Left(step, "has another answer since"))
            continue
        place, state = (row.image_id, row.field), ProposalState(step.before)
        if state == ProposalState.PROPOSED and place in waits:
            state = ProposalState.WITHDRAWN
        if waits.get(place) == row.id:
            del waits[place]
        if state == ProposalState.PROPOSED:
            waits[place] = row.id
        back[state].append(row.id)
    for state, ids in back.items():
        if ids:
            is_decided = taking.again and state in (ProposalState.ACCEPTED, ProposalState.REFUSED)
            who = (taking.actor.user_id, taking.now) if is_decided else (None, None)
            Proposal.update(state=state, decided_by=who[0], decided_at=who[1]).where(Proposal.id.in_(ids)).execute()
    return left
