"""What machines took for what they wrote. The calls of a description have its run; a value finds the run it came with."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from peewee import fn

from pindeck import queue
from pindeck.models import Generation, Job, MachineCall, Proposal
from pindeck.services.images import proposals
from pindeck.states import ProposalState, WriterKind
from pindeck.vision import offline

ASKING = (queue.ANALYSE.kind, queue.GLANCE.kind)  # kinds of job that ask a model
NOTHING: Mapping[Any, int] = {}


def price(micro: int) -> str:
    """Millionths of a dollar as people read them: `$0.0002`, `$0.01`, `$3.20`."""
    if 0 < micro < 100:
        return "less than $0.0001"
    return f"${micro / 1e6:.2f}" if micro % 10_000 == 0 or micro >= 1_000_000 else f"${micro / 1e6:.4f}"


def of_jobs(jobs: Iterable[Job]) -> dict[str, int]:
    """What jobs have cost so far, in millionths of a dollar, by id, where somebody named a price. A query each for those
    that may have asked a model and those that made variations."""
    batches = {job.payload["batch"]: job.id for job in jobs if job.kind == queue.VARY.kind}
    asked = [job.id for job in jobs if job.kind in ASKING]
    found: dict[str, int] = {}
    if asked:
        known = MachineCall.job_id.in_(asked) & MachineCall.cost_micro.is_null(False)
        rows: Any = MachineCall.select(MachineCall.job_id, fn.SUM(MachineCall.cost_micro)).where(known)
        found = {job_id: int(cost) for job_id, cost in rows.group_by(MachineCall.job_id).tuples()}
    if batches:
        made = Generation.batch.in_(list(batches)) & Generation.cost.is_null(False)
        rows = Generation.select(Generation.batch, fn.SUM(Generation.cost)).where(made).group_by(Generation.batch)
        found |= {batches[batch]: round(cost * 1e6) for batch, cost in rows.tuples()}
    return found


def of_runs(run_ids: Collection[str]) -> dict[str, int]:
    """What runs cost, in millionths of a dollar, where the provider named a price. One query, none without runs."""
    if not run_ids:
        return {}
    known = MachineCall.run_id.in_(list(run_ids)) & MachineCall.cost_micro.is_null(False)
    rows: Any = MachineCall.select(MachineCall.run_id, fn.SUM(MachineCall.cost_micro)).where(known)
    return {run_id: int(cost) for run_id, cost in rows.group_by(MachineCall.run_id).tuples()}


def of_events(events: Iterable[Any]) -> Mapping[int, int]:
    """By the id of the event: what the run cost with which a machine wrote or suggested the value.

    One query where a model wrote, and one more where somebody accepted a suggestion, however many events.
    """
    runs: dict[int, str] = {}
    accepted = []
    for event in events:
        if event.writer == WriterKind.MACHINE and event.program != offline.BACKEND:
            runs[event.id] = event.action_id
        elif event.writer == WriterKind.PERSON and event.program:
            accepted.append(event)
    runs |= _suggesting(accepted)
    costs = of_runs(set(runs.values()))
    return {event_id: costs[run_id] for event_id, run_id in runs.items() if run_id in costs}


def _suggesting(accepted: list[Any]) -> dict[int, str]:
    """The runs that suggested what people accepted, by event: the last one of a model and prompt for the field."""
    if not accepted:
        return {}
    ids = {event.image_id for event in accepted}
    rows = Proposal.select().where(Proposal.image_id.in_(ids) & (Proposal.state == ProposalState.ACCEPTED))
    found = {
        (row.image_id, row.field, proposals.name_of(row.model, row.prompt_version)): row.run_id
        for row in rows.order_by(Proposal.id)
    }
    of_each = {event.id: found.get((event.image_id, event.field, event.program)) for event in accepted}
    return {event_id: run_id for event_id, run_id in of_each.items() if run_id}
