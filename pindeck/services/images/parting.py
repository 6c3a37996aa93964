"""Pictures of a group that a person says are not the same: remembered, so that no job puts them together again."""

from itertools import combinations
from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound, invalid
from pindeck.models import Image, NotTwin, Twin
from pindeck.services.actions import log
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.actions.verbs import verb
from pindeck.services.images import twins

PARTED = verb("twins.part", "Marked pictures as different")
APART = "apart"  # the kind of step


def part(actor: Actor, group_id: str, ids: list[str]) -> str:
    """These pictures of a group are the same as no other one of it that the actor sees, nor as each other. The action's id.

    Raises Forbidden; NotFound for a group, and Invalid for a picture, of which the actor sees nothing; Conflict if said already.
    """
    access.require(actor, "twins.part")
    seen = shown(actor, [group_id]).get(group_id, [])
    if len(seen) < 2:
        raise NotFound("There is no such group.")
    chosen = {image.seq for image in seen if image.id in ids}
    if not chosen or len(chosen) < len(set(ids)):
        raise invalid("ids", "Choose pictures of this group.")
    wanted = [(a, b) for a, b in combinations(sorted(image.seq for image in seen), 2) if a in chosen or b in chosen]

    def work() -> str:
        rows = list(db.locked(Twin.select().where(Twin.group_id == group_id).order_by(Twin.seq)))
        known = {(row.one, row.other) for row in NotTwin.select().where(NotTwin.one.in_([one for one, _ in wanted]))}
        pairs = [pair for pair in wanted if pair not in known]
        if not pairs:
            raise Conflict("These pictures are marked as different already.")
        NotTwin.insert_many(pairs, [NotTwin.one, NotTwin.other]).execute()
        stays = [row.seq for row in rows if row.seq not in chosen]
        leave = [row.seq for row in rows if row.seq in chosen or len(stays) < 2]
        Twin.delete().where(Twin.seq.in_(leave)).execute()
        step = Step(APART, "", None, {"pairs": pairs, "left": leave}, key=group_id)
        return log.record(actor, PARTED, [step], images=len(chosen))

    return db.retried(work)


def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
    """They are in their group again, where they are in no other one by now."""
    if not access.can(taking.actor, "twins.part"):
        return [Left(step, "can no longer be changed by you") for step in steps]
    for step in steps:
        for one, other in step.after["pairs"]:
            NotTwin.delete().where((NotTwin.one == one) & (NotTwin.other == other)).execute()
        there = Image.select(Image.seq).where(Image.seq.in_(step.after["left"]))
        rows = [{"seq": image.seq, "group_id": step.key} for image in there]
        if rows:
            Twin.insert_many(rows).on_conflict_ignore().execute()
    return []


def part_again(taking: Taking, steps: list[Step]) -> tuple[list[Left], list[Step]]:
    """They are told apart again and leave their group; a job finds the group that each is in by now."""
    if not access.can(taking.actor, "twins.part"):
        return [Left(step, "can no longer be changed by you") for step in steps], []
    for step in steps:
        seqs = {seq for pair in step.after["pairs"] for seq in pair}
        there = {image.seq for image in Image.select(Image.seq).where(Image.seq.in_(seqs))}
        pairs = [pair for pair in step.after["pairs"] if there.issuperset(pair)]
        if pairs:
            NotTwin.insert_many(pairs, [NotTwin.one, NotTwin.other]).on_conflict_ignore().execute()
        twins.due(there)
        Twin.delete().where((Twin.group_id == step.key) & Twin.seq.in_(step.after["left"])).execute()
    return [], steps


def shown(actor: Actor, group_ids: list[str]) -> dict[str, list[Image]]:
    """By group: its pictures that the actor may be told of, the oldest first. One statement."""
    rows: Any = (
        Image.select(Image, Twin.group_id.alias("group_of"))
        .join(Twin, on=(Twin.seq == Image.seq))
        .where(Twin.group_id.in_(group_ids) & access.found_by(actor).expression() & access.LIVE.expression())
        .order_by(Image.seq)
        .objects()
    )
    found: dict[str, list[Image]] = {}
    for image in rows:
        found.setdefault(image.group_of, []).append(image)
    return found
