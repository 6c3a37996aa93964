"""How each kind of step is done again after it was taken back: most by their inverse with before and after exchanged."""


from peewee import IntegrityError

from pindeck import db
from pindeck.models import Project
from pindeck.services.actions.redo import Again
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.actions.undo import Inverse
from pindeck.services.images import moving, projects, trash, word_store

SINCE = "has been changed since"


def exchanged(inverse: Inverse, *, is_kept: bool = True) -> Again:
    """For a kind whose `before` and `after` say the same about a picture. `is_kept` is false where taking back writes the
    new step down by itself."""

    def again(taking: Taking, steps: list[Step]) -> tuple[list[Left], list[Step]]:
        turned = {step.place: Step(step.kind, step.image_id, step.after, step.before, step.key, step.id) for step in steps}
        left = inverse.take_back(taking, list(turned.values()))
        places = {one.step.place for one in left}
        return left, [step for step in steps if step.place not in places] if is_kept else []

    return again


def trashed(taking: Taking, steps: list[Step]) -> tuple[list[Left], list[Step]]:
    """Into the trash again, or out of it."""
    fit = [step for step in steps if taking.images[step.image_id].deleted_at == step.before["at"]]
    went = [step.image_id for step in fit if step.after["at"] is not None]
    came = [step.image_id for step in fit if step.after["at"] is None]
    made, tokens = trash.put_in(taking.actor, went) if went else ([], [])
    made += trash.take_out(taking.actor, came) if came else []
    taking.tokens += tokens
    _read_anew(taking, [*went, *came])
    return [Left(step, "is elsewhere by now") for step in steps if step not in fit], made


def _read_anew(taking: Taking, ids: list[str]) -> None:
    for image in taking.images.values():
        if image.id in ids:
            image.deleted_at = type(image).get_by_id(image.seq).deleted_at


def moved(taking: Taking, steps: list[Step]) -> tuple[list[Left], list[Step]]:
    """Into the project where the action had brought them; what they leave behind is written down anew."""
    there = {row.id for row in Project.select(Project.id).where(Project.id.in_([step.after["project"] for step in steps]))}
    left, made = [], list[Step]()
    going: dict[str, list[Step]] = {}
    for step in steps:
        if taking.images[step.image_id].project_id != step.before["project"]:
            left.append(Left(step, SINCE))
        elif step.after["project"] not in there:
            left.append(Left(step, "was in a project that is gone"))
        else:
            going.setdefault(step.after["project"], []).append(step)
    for project_id, some in going.items():
        images = [taking.images[step.image_id] for step in some]
        columns, written, _ = moving.leave(images, project_id)
        word_store.write_columns(images, columns)
        word_store.index(images)
        made += written
    return left, made


def project_made(taking: Taking, steps: list[Step]) -> tuple[list[Left], list[Step]]:
    """The project that the action had made is there again, with its id, unless somebody made one of its name since."""
    left, made = [], []
    for step in steps:
        name = step.after["name"]
        try:
            with db.database.atomic():
                if not Project.select().where(Project.id == step.key).exists():
                    projects.make(step.key, name)
            made.append(step)
        except IntegrityError:
            left.append(Left(step, "made a project whose name another one has now"))
    return left, made
