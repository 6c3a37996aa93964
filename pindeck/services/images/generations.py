"""Runs that make pictures. Whatever writes one does it here, so that its inputs are found from either side."""

from dataclasses import dataclass
from typing import Any

from peewee import Expression, ModelSelect, Value

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import NotFound
from pindeck.models import Generation, GenerationInput, Image
from pindeck.states import GenerationStatus, sources


@dataclass(frozen=True)
class Run:
    """A run as an actor sees it: of the images it began from and the one it made those that the actor may see."""

    generation: Generation
    inputs: list[str]
    output: str | None


def add(inputs: list[str], **columns: Any) -> Generation:
    """Inside a transaction: one more run, and the ids of the images that it began from."""
    now = db.now_ms()
    run = Generation.create(id=db.new_id(), inputs=inputs, created_at=now, updated_at=now, **columns)
    there = Image.select(Value(run.id), Image.id).where(Image.id.in_(inputs))
    GenerationInput.insert_from(there, [GenerationInput.generation_id, GenerationInput.image_id]).execute()
    return run


OPEN = (GenerationStatus.QUEUED, GenerationStatus.SUBMITTING, GenerationStatus.PROCESSING)


def move(run_id: str, to: GenerationStatus, *where: Expression, **columns: Any) -> bool:
    """Guarded: False where the run was not in a state from which `to` is reached, or `where` does not hold."""
    allowed = (Generation.id == run_id) & Generation.status.in_([*sources(to)])
    for condition in where:
        allowed &= condition
    return bool(Generation.update(status=to, updated_at=db.now_ms(), **columns).where(allowed).execute())


def of_batch(batch: str) -> list[Generation]:
    """The runs of one request, in order."""
    return list(Generation.select().where(Generation.batch == batch).order_by(Generation.position))


def open_from(image_id: str) -> bool:
    """Whether variations of the image are on their way."""
    named = GenerationInput.select(GenerationInput.generation_id).where(GenerationInput.image_id == image_id)
    return Generation.select().where(Generation.id.in_(named) & Generation.status.in_(OPEN)).exists()


def shots_from(image_id: str) -> list[str]:
    """The shots of the variations that the image has."""
    named = GenerationInput.select(GenerationInput.generation_id).where(GenerationInput.image_id == image_id)
    rows = Generation.select().where(Generation.id.in_(named) & Generation.output_image_id.is_null(False))
    return [shot for run in rows if (shot := run.params.get("shot"))]


def users_of(image_id: str) -> list[Generation]:
    """Inside a transaction: the runs that have the image among their inputs, locked."""
    return list(db.locked(_users_of(image_id)))


def _users_of(image_id: str) -> "ModelSelect[Generation]":
    named = GenerationInput.select(GenerationInput.generation_id).where(GenerationInput.image_id == image_id)
    return Generation.select().where(Generation.id.in_(named)).order_by(Generation.id)


def forget(image_id: str) -> None:
    """Inside the transaction that deletes an image: runs that used it lose it from their inputs."""
    for run in users_of(image_id):
        inputs = [each for each in run.inputs if each != image_id]
        Generation.update(inputs=inputs, updated_at=db.now_ms()).where(Generation.id == run.id).execute()
    GenerationInput.delete().where(GenerationInput.image_id == image_id).execute()


# Reading


def get(actor: Actor, run_id: str) -> Run:
    """Raises NotFound for one that the actor may not see."""
    access.require(actor, "images.read")
    found = Generation.get_or_none((Generation.id == run_id) & shown_to(actor))
    if found is None:
        raise NotFound("There is no such run.", code="GENERATION_NOT_FOUND")
    return _as_seen(actor, [found])[0]


def list_page(
    actor: Actor, *, limit: int, after: str | None = None, flow_id: str | None = None, batch: str | None = None
) -> tuple[list[Run], str | None]:
    """Newest first, and the id to go on from."""
    access.require(actor, "images.read")
    rows = Generation.select().where(shown_to(actor)).order_by(Generation.id.desc()).limit(limit + 1)
    if after is not None:
        rows = rows.where(Generation.id < after)
    if flow_id is not None:
        rows = rows.where(Generation.flow_id == flow_id)
    if batch is not None:
        rows = rows.where(Generation.batch == batch)
    found = list(rows)
    return _as_seen(actor, found[:limit]), found[limit - 1].id if len(found) > limit else None


def shown_to(actor: Actor) -> Expression:
    """Those of its project for a project key, a person's own, all for administrators and master keys."""
    if actor.project_id is not None:
        return Generation.project_id == actor.project_id
    if actor.is_admin or actor.is_manager:
        return Generation.id.is_null(False)
    return Generation.user_id == actor.user_id


def _as_seen(actor: Actor, runs: list[Generation]) -> list[Run]:
    """One query, however many runs. An image that was hidden meanwhile is not named."""
    named = {each for run in runs for each in (*run.inputs, run.output_image_id) if each}
    rows = Image.select(Image.id).where(Image.id.in_(list(named)) & access.seen(actor).expression())
    seen = {image.id for image in rows}
    return [
        Run(run, [each for each in run.inputs if each in seen], run.output_image_id if run.output_image_id in seen else None)
        for run in runs
    ]
