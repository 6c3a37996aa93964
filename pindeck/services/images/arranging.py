"""Pictures in the row of their project: one is put before another, in the same row or in that of another project."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from peewee import SQL, chunked, fn

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound, no_image
from pindeck.models import Image, Project
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.services.images import chosen, ledger, names, project_words, projects
from pindeck.services.images.fields import Kept

ORDER = verb("image.order", "Arranged a row")
MOST = 500  # places that are written at once
UNPLACED = 9999  # where a picture without a place stands, by its title
# In the words of the index `image_in_row`.
IN_ROW = (fn.COALESCE(Image.project_order, SQL(str(UNPLACED))), Image.title_key, Image.seq)


@dataclass(frozen=True)
class Put:
    """`action_id` is None where everything stood there already; `released` are the aliases that moves let go."""

    project: Project
    action_id: str | None = None
    released: list[str] = field(default_factory=list)


def put(
    actor: Actor, named: str, ids: list[str], *, before: str | None = None, after: str | None = None, confirmed: bool = False
) -> Put:
    """Put pictures into the row of a project, before or after another one there, or at its end; one action.

    Raises NotFound for a project or picture that is not there for the actor, Forbidden for one that it may not move,
    and Conflict `RELEASES_ALIASES`, unless `confirmed`, where pictures would lose an alias, which `details` names.
    """
    access.require_person(actor)
    ids = list(dict.fromkeys(chosen.check_ids(ids)))
    project = _project(actor, named)

    def work() -> Put:
        rows = {row.project_id for row in Image.select(Image.project).where(Image.id.in_(ids))}
        for row in sorted(rows | {project.id}):
            db.take_turn(f"row {row}")  # whoever comes second sees the order that the first one left
        target = _fresh(project)
        found = {image.id: image for image in db.locked(Image.select().where(Image.id.in_(ids)).order_by(Image.seq))}
        if len(found) < len(ids) or any(image.is_trashed or not access.sees(actor, image) for image in found.values()):
            raise no_image()
        for image in found.values():
            access.require(actor, "image.edit", image)
        moved = [image_id for image_id in ids if found[image_id].project_id != project.id]
        if moved:
            projects.stay_inside(actor, None if project.is_default else project.name)
        if not confirmed and (lost := project_words.released_by(moved)):
            raise project_words.releases(lost, project.name)
        places = _places(actor, project, ids, before, after)
        for other in sorted({found[image_id].project_id for image_id in moved}):
            places = _closed(actor, other, ids, MOST - len(places)) | places
        name = None if target.is_default else target.name
        wanted: dict[str, dict[str, Kept]] = {image_id: {"project_order": place} for image_id, place in places.items()}
        for image_id in moved:
            wanted.setdefault(image_id, {})["project"] = name
        return _write(actor, target, wanted)

    return db.retried(work)


def _project(actor: Actor, named: str) -> Project:
    found = projects.named_on_walls(actor, named)
    if found is None:
        raise _no_project()
    return found


def _fresh(project: Project) -> Project:
    """By the name that it has by now, which stays until the transaction ends. Raises NotFound."""
    found: Project | None = db.locked(Project.select().where(Project.id == project.id), "FOR KEY SHARE").get_or_none()
    if found is None:
        raise _no_project()
    return found


def _no_project() -> NotFound:
    return NotFound("There is no such project.", code="PROJECT_NOT_FOUND")


def aliases_of(ids: list[str]) -> dict[str, str]:
    """The alias that each picture would lose if it left its project, by id; one statement."""
    held = names.held_by(ids)
    return {image_id: f"@{name}" for image_id, rows in held.items() if (name := names.project_name(rows))}


def row_of(actor: Actor, project_id: str) -> Any:
    """The condition of the pictures of a row that the actor finds there."""
    return access.hung(actor).plain.expression() & (Image.project == project_id)


def _places(actor: Actor, project: Project, ids: list[str], before: str | None, after: str | None) -> dict[str, int]:
    """The places to write so that the row has the new order. What stands behind and stays there is left alone."""
    old = _row(actor, project.id)
    order = [image_id for image_id in old if image_id not in set(ids)]
    at = order.index(before) if before in order else order.index(after) + 1 if after in order else len(order)
    new = [*order[:at], *ids, *order[at:]]
    was = list(old)
    last = max((n for n, image_id in enumerate(new) if n >= len(was) or was[n] != image_id), default=-1)
    place = {image_id: n for n, image_id in enumerate(new)}
    for image_id in new[last + 1 :]:  # a place that is not behind the new ones has to follow
        kept = old[image_id]
        if kept is None or kept > last:
            break
        last = place[image_id]
    changed = {i: place[i] for i in new[: last + 1] if old.get(i, -1) != place[i]}
    if len(changed) > MOST:
        sentence = f"This would change the places of {len(changed):,} pictures; at most {MOST} can change at once."
        raise Conflict(f"{sentence} Move it a shorter way.", code="ROW_TOO_LONG")
    return changed


def _row(actor: Actor, project_id: str) -> dict[str, int | None]:
    rows = Image.select(Image.id, Image.project_order).where(row_of(actor, project_id)).order_by(*IN_ROW)
    return {row.id: row.project_order for row in rows}


def _closed(actor: Actor, project_id: str, gone: list[str], most: int) -> dict[str, int]:
    """The row that pictures leave, numbered anew; not where that would be too many, because its order is the same."""
    stay = [(i, place) for i, place in _row(actor, project_id).items() if i not in set(gone) and place is not None]
    places = {image_id: n for n, (image_id, place) in enumerate(stay) if place != n}
    return places if len(places) <= most else {}


def _write(actor: Actor, project: Project, wanted: Mapping[str, Mapping[str, Kept]]) -> Put:
    images = list(db.locked(Image.select().where(Image.id.in_(list(wanted))).order_by(Image.seq)))
    mine = [image for image in images if access.can(actor, "image.edit", image)]
    action_id, released = write_places(actor, mine, wanted)
    if action_id:
        activity.note(actor, "project.order", project=project.name, images=len(mine))
    return Put(project, action_id, [f"@{name}" for name in released])


def write_places(
    actor: Actor, images: Iterable[Image], wanted: Mapping[str, Mapping[str, Kept]]
) -> tuple[str | None, list[str]]:
    """Inside a transaction that locked the images: places, and projects where they are named, as one action.

    The id of the action, None where nothing changed, and the aliases that moves released. The number of statements
    grows by parts of 250 images.
    """
    action, count = db.new_id(), 0
    steps: list[Step] = []
    released: list[str] = []
    for part in chunked(images, log.PART):
        written = ledger.write_many(part, {i.id: dict(wanted[i.id]) for i in part}, ledger.person(actor), action)
        steps, released, count = steps + written.steps, released + written.released, count + len(written.image_ids)
    if count:
        row = Image.select(Image.project).where(Image.id.in_(list(wanted)[-1:])).scalar()  # the row itself comes last
        log.record(actor, ORDER, steps, images=count, action_id=action, projects=[row])
    return action if count else None, released
