"""Projects: found by name, made when a name is new."""

import re
import unicodedata

from peewee import IntegrityError, fn

from pindeck import db
from pindeck.models import Image, Project

DEFAULT_ID = "00000000-0000-7000-8000-000000000000"


def name_key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def slug_for(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "project"


def find_or_create(name: str | None) -> Project:
    """The project of that name (case-insensitive, trimmed), made if there is none; no name is the default one."""
    if not name or not name.strip():
        return Project.get_by_id(DEFAULT_ID)
    name = " ".join(name.split())
    found = Project.get_or_none(Project.name_key == name_key(name))
    if found:
        return found
    slug = slug_for(name)
    if Project.select().where(Project.slug == slug).exists():
        slug = f"{slug}-{db.new_token()[:6]}"
    try:
        with db.database.atomic():
            return Project.create(
                id=db.new_id(), slug=slug, name=name, name_key=name_key(name), created_at=db.now_ms()
            )
    except IntegrityError:  # somebody made it in the same moment
        return Project.get(Project.name_key == name_key(name))


def name_of(project_id: str) -> str | None:
    """The name people see; None for the default project."""
    if project_id == DEFAULT_ID:
        return None
    return Project.select(Project.name).where(Project.id == project_id).scalar()


def names_of(project_ids: set[str]) -> dict[str, str]:
    """The names people see, by id, in one query; the default project has none."""
    rows = Project.select(Project.id, Project.name).where(Project.id.in_(list(project_ids - {DEFAULT_ID})))
    return {row.id: row.name for row in rows}


def names(user_id: str | None, limit: int = 300) -> list[str]:
    """Names for completion, alphabetical: projects with a picture in the library, or one of that person's."""
    seen = (Image.is_listed == True) | (Image.user_id == user_id)  # noqa: E712 — peewee builds SQL from it
    holds = fn.EXISTS(Image.select(Image.seq).where((Image.project == Project.id) & seen))
    rows = Project.select(Project.name).where(~Project.is_default & holds).order_by(Project.name_key).limit(limit)
    return [row.name for row in rows]
