"""Renaming a project and merging it into another one: what a person does to a project, as actions that can be taken back.

Its slug stays, because addresses of aliases have it. The name is a word of every picture in it, so it is indexed anew:
at once for a few, by a job for many.
"""

from collections.abc import Callable, Iterable, Mapping

from peewee import IntegrityError

from pindeck import access, db, queue
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound, invalid
from pindeck.models import Image, Project
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.actions.verbs import verb
from pindeck.services.images import ledger, names, projects, word_store
from pindeck.text import clean_text, without_invisible

TOLD = 20  # aliases that a sentence names
RELEASES = "RELEASES_ALIASES"  # what the error is called
KIND = "project_name"  # its key is the project
RENAMED = verb("project.rename", "Renamed a project")
MERGED = verb("project.merge", "Merged two projects")


def rename(actor: Actor, named: str, name: object) -> tuple[Project, str | None]:
    """Give a project another name; the id of the action, None where it has that name already.

    Raises NotFound, Forbidden, Invalid, or Conflict for a name that another project has.
    """
    access.require(actor, "project.edit")
    project = projects.get(actor, named)
    if project.is_default:
        raise Conflict("Pictures without a project have no name to change.")
    text = without_invisible(name) if isinstance(name, str) else name
    new = " ".join(clean_text(text, field="name", max_length=120, required=True).split())

    def work() -> str | None:
        fresh = db.locked(Project.select().where(Project.id == project.id)).get_or_none()
        if fresh is None:
            raise NotFound("There is no such project.", code="PROJECT_NOT_FOUND")
        if fresh.name == new:
            return None
        _write(fresh, new)
        activity.note(actor, "project.rename", project=new, was=fresh.name)
        return log.record(actor, RENAMED, [Step(KIND, "", fresh.name, new, fresh.id)], images=0, projects=[fresh.id])

    try:
        action_id = db.retried(work)
    except IntegrityError as error:
        sentence = "Another project has this name already. Merge the two, or choose a different name."
        raise Conflict(sentence, details={"name": sentence}) from error
    return Project.get_by_id(project.id), action_id


def _write(project: Project, name: str) -> None:
    Project.update(name=name, name_key=projects.name_key(name)).where(Project.id == project.id).execute()
    mine = Image.select().where(Image.project == project.id).order_by(Image.seq)
    some = list(db.locked(mine.limit(log.PART + 1)))
    if len(some) > log.PART:
        queue.enqueue(queue.INDEX_PROJECT, payload={"project": project.id})
    elif some:
        word_store.index(some)


def index(project_id: str, told: Callable[[int, int], None]) -> None:
    """What the job does: the words of all its pictures, in parts. May begin again, and run twice."""
    seq, done = 0, 0
    count = Image.select().where(Image.project == project_id).count()
    while True:
        with db.writing():
            mine = (Image.project == project_id) & (Image.seq > seq)
            part = list(db.locked(Image.select().where(mine).order_by(Image.seq).limit(log.PART)))
            if not part:
                return
            word_store.index(part)
        seq, done = part[-1].seq, done + len(part)
        told(min(done, count), max(1, count))


def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
    """The inverse of a new name, as far as the project still has it and nobody took the old one."""
    if not access.can(taking.actor, "project.edit"):
        return [Left(step, "can no longer be changed by you") for step in steps]
    left = []
    for step in steps:
        project = db.locked(Project.select().where(Project.id == step.key)).get_or_none()
        taken = Project.select().where((Project.name_key == projects.name_key(step.before)) & (Project.id != step.key))
        if project is None or project.name != step.after:
            left.append(Left(step, "was renamed since", now=project.name if project else None))
        elif taken.exists():
            left.append(Left(step, "had a name that another project has now", now=step.before))
        else:
            _write(project, step.before)
    return left


# Merging


def merge(actor: Actor, named: str, into: str) -> tuple[list[str], Project, Project]:
    """The pictures that go from one project to another one, and the two. Raises NotFound, Forbidden, Invalid.

    What to do with them is `large.merge_projects`: the pictures move, and what is left behind is an empty project.
    """
    access.require(actor, "project.edit")
    project, target = projects.get(actor, named), projects.get(actor, into)
    if project.id == target.id:
        raise invalid("into", "Choose a different project.")
    if target.is_default:
        raise invalid("into", "Choose a project with a name.")
    mine = access.edited_by(actor).expression() & (Image.project == project.id)
    ids = [row.id for row in Image.select(Image.id).where(mine).order_by(Image.id)]
    if not ids:
        raise Conflict("This project holds no picture that you may move.")
    return ids, project, target


def move(actor: Actor, ids: list[str], action_id: str, *, project: str) -> tuple[list[Step], int]:
    """Inside a transaction: a part of the pictures, which may be changed still, go to the project of this id, whatever it is
    called by now. None go to one that is gone."""
    target = db.locked(Project.select().where(Project.id == project), "FOR KEY SHARE").get_or_none()
    mine = access.edited_by(actor).expression() & Image.id.in_(ids)
    images = list(db.locked(Image.select().where(mine).order_by(Image.seq)))
    if not images or target is None:
        return [], 0
    written = ledger.write_many(images, {i.id: {"project": target.name} for i in images}, ledger.person(actor), action_id)
    return written.steps, len(written.image_ids)


def released_by(ids: list[str]) -> list[str]:
    """The aliases that these pictures lose when they move, as people write them."""
    held = names.held_by(ids)
    return sorted(f"@{name}" for rows in held.values() if (name := names.project_name(rows)))


def lost_to(images: Iterable[Image], name: str | None) -> list[str]:
    """The aliases that pictures lose when they go to the project of this name, which may be new. Two statements."""
    target = projects.find_id(name)
    return released_by([image.id for image in images if image.project_id != target])


def told(released: list[str]) -> str:
    """What became of aliases, as a sentence, of which the first TOLD are named; empty for none."""
    more = f" and {len(released) - TOLD} more" if len(released) > TOLD else ""
    return f"{', '.join(released[:TOLD])}{more} {'is' if len(released) == 1 else 'are'} released." if released else ""


def question(lost: list[str], *names: str | None) -> str:
    """What is said before pictures go to these projects and lose aliases."""
    there = "to other projects" if len(names) > 1 else f"to “{names[0]}”" if names[0] else "out of their project"
    return f"{told(lost)[:-1]}, because aliases do not move {there}."


def releases(lost: list[str], *names: str | None) -> Conflict:
    """The same as an error, which names the aliases."""
    return Conflict(question(lost, *names), code=RELEASES, details={"aliases": lost})


def ask_first(moves: Mapping[str | None, Iterable[Image]], *, confirmed: bool) -> list[str]:
    """The aliases that pictures lose when they go to the projects of these names. Raises Conflict `RELEASES_ALIASES` for any that
    nobody has `confirmed`. Two statements for a project."""
    lost = sorted(alias for name, images in moves.items() for alias in lost_to(images, name))
    if lost and not confirmed:
        raise releases(lost, *moves)
    return lost
