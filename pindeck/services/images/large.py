"""What is done to more than 250 pictures: a job does it in slices, and whoever asked hears how far it is.

The action's row says where the next slice begins, and each slice moves that on in its own transaction. So a job that
died goes on where it was, one that runs twice does no slice twice, and one that is given up leaves what is done, which
can be taken back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pindeck import access, db, queue
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import Verb
from pindeck.services.boards import boards, copying, pictures
from pindeck.services.clients import askers
from pindeck.services.images import (
    deciding,
    field_gardening,
    gardening,
    keeping,
    ledger,
    liking,
    merging,
    offline_tags,
    project_words,
    proposals,
    publishing,
    showing,
    together,
    trash,
)
from pindeck.services.images.fields import spec_of
from pindeck.states import ProposalState


@dataclass(frozen=True)
class Act:
    """`part` gets the ids of a slice and the action's, inside the slice's transaction; it returns the steps, and how
    many pictures changed. It passes over what the actor may not change any more."""

    verb: Verb
    part: Callable[..., tuple[list[Step], int]]


def _decide(part: Callable[..., tuple[list[Step], int]]) -> Callable[..., tuple[list[Step], int]]:
    """The act of a part, on what still waits for the actor."""

    def decide(actor: Actor, ids: list[str], action_id: str, **given: Any) -> tuple[list[Step], int]:
        return part(actor, _waiting(actor, ids), action_id, **given)

    return decide


def _trash(actor: Actor, ids: list[str], action_id: str, *, reason: str = "") -> tuple[list[Step], int]:
    steps, tokens = trash.put_in(actor, _waiting(actor, ids), reason=reason)
    db.database.after_commit(lambda: publishing.remove_all_now(tokens))
    return steps, len(steps)


def _restore(actor: Actor, ids: list[str], action_id: str) -> tuple[list[Step], int]:
    gone = Image.select().where(access.trash_of(actor).expression() & Image.id.in_(ids))
    steps = trash.take_out(actor, [image.id for image in gone if access.can(actor, "image.restore", image)])
    return steps, len(steps)


def _set(
    actor: Actor, ids: list[str], action_id: str, *, values: dict[str, Any], hows: dict[str, str] | None = None,
    since: int | None = None,
) -> tuple[list[Step], int]:  # fmt: skip
    found = db.locked(Image.select().where(Image.id.in_(ids) & Image.deleted_at.is_null()).order_by(Image.seq))
    left = together.changed_since(actor.user_id, ids, list(values), since) if since is not None else {}
    images = [image for image in found if image.id not in left and access.can(actor, "image.edit", image)]
    return ledger.set_on(actor, images, values, action_id, hows or {}, is_strict=False)


def _palette(actor: Actor, ids: list[str], action_id: str) -> tuple[list[Step], int]:
    from pindeck.services.images import palette_again

    return palette_again.some(actor, ids, action_id)


def _remove(actor: Actor, ids: list[str], action_id: str) -> tuple[list[Step], int]:
    there = Image.select().where(Image.id.in_(ids) & Image.deleted_at.is_null())
    steps, tokens = trash.put_in(actor, [image.id for image in there if access.can(actor, "image.trash", image)])
    db.database.after_commit(lambda: publishing.remove_all_now(tokens))
    return steps, len(steps)


def _merge(actor: Actor, ids: list[str], action_id: str, *, term_id: str, meaning: str) -> tuple[list[Step], int]:
    access.require(actor, "tags.tend")
    return [], merging.replace(actor, ids, action_id, term_id=term_id, meaning=meaning)


def _waiting(actor: Actor, ids: list[str]) -> list[str]:
    waits = access.waiting_for(actor).expression() & Image.id.in_(ids)
    found = db.locked(Image.select().where(waits).order_by(Image.seq))
    return [image.id for image in found if access.can(actor, "image.publish", image)]


ACTS = {
    "publish": Act(publishing.PUBLISH, _decide(keeping.publish)),
    "keep": Act(keeping.APPROVE, _decide(keeping.keep)),
    "hold": Act(keeping.HOLD, _decide(keeping.hold)),
    "release": Act(keeping.RELEASE, _decide(keeping.release)),
    "trash": Act(trash.PUT, _trash),
    "remove": Act(trash.PUT, _remove),
    "restore": Act(trash.BACK, _restore),
    "set": Act(ledger.SET, _set),
    "like": Act(liking.LIKED, partial(liking.some, wanted=True)),
    "unlike": Act(liking.UNLIKED, partial(liking.some, wanted=False)),
    "palette": Act(ledger.AGAIN, _palette),
    "visibility": Act(showing.SHOWN, showing.some),
    "accept": Act(proposals.ACCEPT, partial(deciding.some, state=ProposalState.ACCEPTED)),
    "refuse": Act(proposals.REFUSE, partial(deciding.some, state=ProposalState.REFUSED)),
    "merge": Act(merging.DECIDED, _merge),
    "merge_project": Act(project_words.MERGED, project_words.move),
    "fields": Act(field_gardening.TENDED, field_gardening.some),
    "tags": Act(gardening.TENDED, gardening.part),
    "offline_tags": Act(offline_tags.REMOVED, offline_tags.remove_from),
    "board_add": Act(pictures.ADDED, pictures.add_some),
    "board_remove": Act(pictures.REMOVED, pictures.remove_some),
    "board_fill": Act(boards.MADE, copying.fill_some),
    "board_freeze": Act(boards.FROZE, copying.fill_some),
    "board_copy": Act(copying.COPIED, copying.copy_some),
}


def begin(
    actor: Actor, act: str, ids: Sequence[str], fields: Sequence[str] = (), steps: Sequence[Step] = (), *, made: str = "", projects: Sequence[str] = (),
    **given: Any,
) -> str | None:  # fmt: skip
    """Ask for it: the id of the action, which runs from now on. None for 250 pictures or fewer, which wait for no job.

    `fields` are what its words name, `made` the name of what it made, `projects` those it is about, `steps` what it did already, and `given` is what the act needs besides, as JSON.
    """
    if len(ids) <= log.PART:
        return None
    told: dict[str, Any] = {"fields": list(fields)} if fields else {}
    told |= {name: given[name] for name in ("reason", "board") if name in given}
    told |= {"name": made} if made else {}
    told |= {"projects": list(projects)} if projects else {}
    with db.writing():
        action_id = log.begin(actor, ACTS[act].verb, images=len(ids), **told)
        log.keep(action_id, steps)
        queue.enqueue(
            queue.ACT, user_id=actor.user_id, client_id=actor.client_id, dedupe_key=log.job_key(action_id),
            payload={"action": action_id, "act": act, "ids": list(ids), "given": given, **askers.told(actor)},
        )  # fmt: skip
    return action_id


def do(actor: Actor, act: str, ids: Sequence[str], **given: Any) -> tuple[str | None, bool]:
    """The act on few pictures, here, or on more by a job: the id of the action, None where nothing changed, and whether it runs."""
    if running := begin(actor, act, ids, **given):
        return running, True
    return log.in_parts(actor, ACTS[act].verb, list(ids), partial(ACTS[act].part, actor, **given)), False


def tell_refused(action_id: str, refused: int) -> None:
    """How many pictures the action, which may run meanwhile, leaves as they are."""
    log.tell(action_id, refused=refused)


def set_fields(
    actor: Actor, ids: Sequence[str], changes: Mapping[str, object], *, hows: together.Hows | None = None,
    since: int | None = None,
) -> str | None:  # fmt: skip
    """`begin` for one value in each of these fields. What another person has changed `since` that event is left, and so is
    a picture whose list would become too long. Raises Invalid when nobody could write one."""
    if len(ids) <= log.PART:
        return None
    access.require(actor, "upload")
    values = {name: spec_of(name).clean(raw) for name, raw in changes.items()}
    told = {name: together.how_of(hows or {}, spec_of(name)) for name in values if spec_of(name).is_list}
    return begin(actor, "set", ids, ledger.labels(values), values=values, hows=told, since=since)


def remove_offline_tags(actor: Actor) -> str | None:
    """`begin` for the tags that describing without a model wrote in earlier versions. Raises NotSignedIn or Forbidden."""
    return begin(actor, "offline_tags", offline_tags.ids_of(actor))


def merge_projects(actor: Actor, named: str, into: str) -> tuple[str | None, str | None]:
    """Move all pictures of a project that the actor may move to another one: the id of the action that did it, or of one
    that runs. Raises NotFound, Forbidden, Invalid, or Conflict where there is none."""
    ids, project, target = project_words.merge(actor, named, into)
    about = [project.id, target.id]
    if running := begin(actor, "merge_project", ids, projects=about, project=target.id):
        return None, running
    move = partial(project_words.move, actor, project=target.id)
    return log.in_parts(actor, project_words.MERGED, ids, move, projects=about), None


def released_by_merge(actor: Actor, named: str, into: str, *, confirmed: bool) -> list[str]:
    """The aliases that a merge of projects lets go. Raises Conflict `RELEASES_ALIASES` for any that nobody has `confirmed`, and
    what `merge_projects` raises."""
    ids, _, target = project_words.merge(actor, named, into)
    lost = project_words.released_by(ids)
    if lost and not confirmed:
        raise project_words.releases(lost, target.name)
    return lost


def tend_tags(actor: Actor, asked: gardening.TagChange) -> str | None:
    """`begin` for a change of a tag, whose rule holds at once. Raises Conflict as `gardening.rule_for` does."""
    if len(asked.ids) <= log.PART:
        return None
    with db.writing():
        return begin(actor, "tags", asked.ids, [asked.told], gardening.rule_for(actor, asked), **asked.given)


def tend_field(actor: Actor, asked: field_gardening.WordChange) -> str | None:
    """`begin` for what becomes of a word of a field; a forbidden one is refused at once."""
    if len(asked.ids) <= log.PART:
        return None
    with db.writing():
        return begin(actor, "fields", asked.ids, [asked.told], field_gardening.decided(asked), **asked.given)


def go_on(actor: Actor, payload: dict[str, Any], told: Callable[[int, int], None]) -> None:
    """What the job does: the parts that are left, and the end. `told` hears how many of how many are done."""
    action_id, ids, part = payload["action"], payload["ids"], ACTS[payload["act"]].part

    def work(some: list[str], action: str) -> tuple[list[Step], int]:
        return part(actor, some, action, **payload["given"])

    log.go_on(action_id, ids, work, told)
