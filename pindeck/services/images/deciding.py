"""Suggestions for one field of many pictures, accepted or refused by a person: one action, which can be taken back."""

from collections.abc import Mapping

from peewee import chunked

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Image, Proposal
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.images import ledger, projects, proposals
from pindeck.services.images.fields import FIELDS, Kept, Value
from pindeck.states import ProposalState, sources


def at_once(actor: Actor, ids: list[str], name: str, state: ProposalState) -> str | None:
    """For 250 pictures at most: the id of the action, None where nothing waits there."""
    what = proposals.ACCEPT if state == ProposalState.ACCEPTED else proposals.REFUSE

    def work(some_ids: list[str], action_id: str) -> tuple[list[Step], int]:
        return some(actor, some_ids, action_id, name=name, state=state)

    return log.in_parts(actor, what, sorted(ids), work, fields=ledger.labels([name]))


def some(
    actor: Actor, ids: list[str], action_id: str, *, name: str, state: ProposalState
) -> tuple[list[Step], int]:
    """Inside a transaction: decide what waits for the field in these pictures, as far as the actor may still edit them;
    the steps, and how many pictures there were."""
    images = list(db.locked(Image.select().where(Image.id.in_(ids) & Image.deleted_at.is_null()).order_by(Image.seq)))
    of = {image.id: image for image in images if access.can(actor, "image.edit", image)}
    waiting = Proposal.image_id.in_(list(of)) & (Proposal.field == name) & (Proposal.state == ProposalState.PROPOSED)
    rows = list(Proposal.select().where(waiting).order_by(Proposal.id))
    steps = _write(actor, of, rows, action_id) if state == ProposalState.ACCEPTED else []
    decided = dict(state=state, decided_by=actor.user_id, decided_at=db.now_ms())
    for part in chunked([row.id for row in rows], log.PART):
        Proposal.update(decided).where(Proposal.id.in_(part) & Proposal.state.in_(sources(state))).execute()
    return [*steps, *(Step(proposals.KIND, row.image_id, row.state, state, key=row.id) for row in rows)], len(rows)


def _write(actor: Actor, of: dict[str, Image], rows: list[Proposal], action_id: str) -> list[Step]:
    """The person writes; those that one machine suggested at once."""
    by_machine: dict[str, list[Proposal]] = {}
    kept = ledger.values_of_many(list(of.values()), list({row.field for row in rows}))
    for row in rows:
        if row.field == "project":
            projects.stay_inside(actor, row.value)
        by_machine.setdefault(proposals.name_of(row.model, row.prompt_version), []).append(row)
    steps: list[Step] = []
    for alike in by_machine.values():
        wanted = {row.image_id: {row.field: _value(row, kept[row.image_id])} for row in alike}
        images = [of[row.image_id] for row in alike]
        steps += ledger.write_many(images, wanted, proposals.accepting(actor, alike[0]), action_id).steps
    return steps


def _value(row: Proposal, kept: Mapping[str, Value]) -> Kept:
    """What a suggestion writes; that of a list is added to what is there."""
    spec = FIELDS[row.field]
    if not spec.is_list:
        return row.value  # type: ignore[no-any-return]
    return spec.clean([*(kept[row.field] or []), *row.value][: spec.most])
