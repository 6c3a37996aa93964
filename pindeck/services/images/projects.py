"""Projects: found by name, made when a name is new."""

import re
import unicodedata
from typing import Any

from peewee import Expression, IntegrityError, Tuple, fn

from pindeck import access, cursors, db
from pindeck.access import Actor
from pindeck.cursors import Place
from pindeck.errors import Conflict, Forbidden, NotFound, invalid
from pindeck.models import Flow, Image, Project
from pindeck.text import clean_text, without_invisible

DEFAULT_ID = "00000000-0000-7000-8000-000000000000"
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def name_key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def slug_for(name: str) -> str:
    return plain_slug(name) or "project"


def plain_slug(name: str) -> str:
    """Empty for a name without Latin letters and digits."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60]


def find_or_create(name: str | None) -> Project:
    """The project of that name (case-insensitive, trimmed), made if there is none; no name is the default one."""
    return found_or_made(name)[0]


def find_id(name: str | None) -> str | None:
    """The id of the project of that name, None where there is none yet; no name is the default one."""
    if not name or not name.strip():
        return DEFAULT_ID
    found: str | None = Project.select(Project.id).where(Project.name_key == name_key(name)).scalar()
    return found


def found_or_made(name: str | None) -> tuple[Project, bool]:
    """The same, and whether it was made now. Inside a transaction nobody removes it before that ends."""
    if not name or not name.strip():
        return Project.get_by_id(DEFAULT_ID), False
    name = " ".join(name.split())
    named = Project.select().where(Project.name_key == name_key(name))
    found = db.locked(named, "FOR KEY SHARE").get_or_none()  # a project that is empty may be going
    if found:
        return found, False
    try:
        with db.database.atomic():
            return make(db.new_id(), name), True
    except IntegrityError:  # somebody made it in the same moment
        return db.locked(named, "FOR KEY SHARE").get(), False


def make(project_id: str, name: str) -> Project:
    """Inside a transaction. Raises IntegrityError where there is one of that name."""
    slug = slug_for(name)
    if Project.select().where(Project.slug == slug).exists():
        slug = f"{slug}-{db.new_token()[:6]}"
    return Project.create(id=project_id, slug=slug, name=name, name_key=name_key(name), created_at=db.now_ms())


def stay_inside(actor: Actor, name: str | None) -> None:
    """A key moves nothing out of its project. Raises Forbidden."""
    if actor.project_id is None:
        return
    own = Project.get_by_id(actor.project_id)
    named = name_key(name or "")
    if named != own.name_key and not (own.is_default and not named):
        raise Forbidden("A project key cannot move images to another project.")


def name_of(project_id: str) -> str | None:
    """The name people see; None for the default project."""
    if project_id == DEFAULT_ID:
        return None
    return Project.select(Project.name).where(Project.id == project_id).scalar()


def names_of(project_ids: set[str]) -> dict[str, str]:
    """The names people see, by id, in one query; the default project has none."""
    rows = Project.select(Project.id, Project.name).where(Project.id.in_(list(project_ids - {DEFAULT_ID})))
    return {row.id: row.name for row in rows}


def names(actor: Actor, limit: int = 300) -> list[str]:
    """Names for completion, alphabetical: projects with a picture in the library, or one of the actor's own."""
    holds = _holds(access.found_by(actor))
    rows = Project.select(Project.name).where(~Project.is_default & holds).order_by(Project.name_key).limit(limit)
    return [row.name for row in rows]


def _holds(images: access.Condition) -> Any:
    """Whether a project holds such an image."""
    return fn.EXISTS(Image.select(Image.seq).where((Image.project == Project.id) & images.expression()))


def _open_to(actor: Actor) -> Expression:
    """The condition of the projects that an actor may name: those of which it sees a picture, and those without any.
    One that has nothing but hidden pictures is for the actor as if there was none."""
    if access.can(actor, "admin"):
        return Project.id.is_null(False)
    anything = fn.EXISTS(Image.select(Image.seq).where(Image.project == Project.id))
    return Project.is_default | _holds(access.seen(actor)) | ~anything


def on_walls(actor: Actor) -> Any:
    """The condition of the projects of which a picture hangs in the gallery for the actor."""
    return _holds(access.hung(actor))


def named_on_walls(actor: Actor, slug: str) -> Project | None:
    """The project of this slug, if it is one of those; the default one always."""
    found: Project | None = Project.get_or_none((Project.slug == slug) & (Project.is_default | on_walls(actor)))
    return found


def find_named(actor: Actor, name: str) -> Project | None:
    """The same by its name, without regard to case."""
    found: Project | None = Project.get_or_none((Project.name_key == name_key(name)) & on_walls(actor))
    return found


# As containers of images, aliases and flows


def chosen(actor: Actor, named: str | None, flow_id: str | None = None) -> str:
    """The id of the project a request is about.

    A project key has its own, and any other does not exist for it. Everybody else names one by slug or id, and to them
    one of hidden pictures alone does not exist either; without a name it is that of the flow the request names, else
    the default one. Raises NotFound.
    """
    if named is None:
        if actor.project_id is not None:
            return actor.project_id
        owner = Flow.select(Flow.project).where(Flow.id == flow_id).scalar() if flow_id else None
        return owner or DEFAULT_ID
    wanted: Any = (Project.slug == named) | (Project.id == named.lower())
    wanted &= _open_to(actor) if actor.project_id is None else Project.id == actor.project_id
    found = Project.get_or_none(wanted)
    if found is None:
        raise NotFound("There is no such project.", code="PROJECT_NOT_FOUND")
    return found.id


def public_ref(project_id: str, alias: str) -> str:
    """What follows `/i/` in the public address of a project alias."""
    if project_id == DEFAULT_ID:
        return alias
    return f"{Project.get_by_id(project_id).slug}/{alias}"


def create(actor: Actor, name: str, slug: str | None = None) -> Project:
    """A new project. Raises Invalid for a name or slug that cannot be used, Conflict for one that is taken."""
    access.require(actor, "admin")
    name = clean_text(without_invisible(name), field="name", max_length=120, required=True)
    name = " ".join(name.split())
    slug = slug_for(name) if slug is None else slug
    if not SLUG.fullmatch(slug) or UUID.fullmatch(slug):
        sentence = "A slug has 1 to 60 small letters, digits and hyphens. It begins and ends with a letter or digit, and is not an id."
        raise invalid("slug", sentence)
    try:
        with db.writing():
            return Project.create(
                id=db.new_id(), slug=slug, name=name, name_key=name_key(name), created_at=db.now_ms()
            )
    except IntegrityError as error:
        taken = "slug" if Project.select().where(Project.slug == slug).exists() else "name"
        sentence = f"Another project has this {taken} already."
        raise Conflict(sentence, details={taken: sentence}) from error


def get(actor: Actor, named: str) -> Project:
    """One by its slug or id, of those whose names the actor may learn. Raises NotFound."""
    access.require(actor, "image.list")
    wanted = Project.id == chosen(actor, named)
    found: Project | None = Project.get_or_none(wanted & access.projects_named(actor))
    if found is None:
        raise NotFound("There is no such project.", code="PROJECT_NOT_FOUND")
    return found


def list_projects(
    actor: Actor, *, limit: int, offset: int = 0, after: Place | None = None
) -> tuple[list[Project], int]:
    """The projects whose names a key or person may learn, by name, and how many there are on all pages.

    Raises Invalid for a place whose project is gone.
    """
    access.require(actor, "image.list")
    mine = Project.select().where(access.projects_named(actor))
    shown = mine
    if after:
        name_key = Project.select(Project.name_key).where(Project.id == after.id).scalar()
        if name_key is None:
            raise cursors.wrong()
        shown = mine.where(Tuple(Project.name_key, Project.id) > Tuple(name_key, after.id))
    with db.reading():
        return list(shown.order_by(Project.name_key, Project.id).limit(limit).offset(offset)), mine.count()
