"""Whatever has a name that somebody types: projects, people, boards, tags and pictures, of those that the actor may know. Reads only."""

from dataclasses import dataclass

from pindeck import access
from pindeck.access import Actor
from pindeck.models import Board, Image, Project, User
from pindeck.services.images import projects
from pindeck.services.library import counts, facets, filters, gallery
from pindeck.services.library.gallery import Seen

MOST = 5  # of each kind


@dataclass(frozen=True)
class Found:
    """Projects, people and boards as pairs of what leads there and what they are called."""

    projects: list[tuple[str, str]]
    people: list[tuple[str, str]]
    boards: list[tuple[str, str]]
    tags: list[str]
    pictures: list[Seen]


def find(actor: Actor, text: str) -> Found:
    """What is called so, or begins so. Nothing for no text. A constant number of statements.

    Raises NotSignedIn in a private library.
    """
    access.require(actor, "library.view")
    key = projects.name_key(text)
    if not key:
        return Found([], [], [], [], [])
    tags = facets.tags_like(actor, text, limit=MOST) if access.can(actor, "account") else []
    pictures = gallery.list_page(actor, {filters.WORDS: text}, limit=MOST).images
    return Found(_projects(actor, key), _people(actor, key), _boards(actor, key), tags, pictures)


def _projects(actor: Actor, key: str) -> list[tuple[str, str]]:
    """Those that begin so come first."""
    named = projects.on_walls(actor) & ~Project.is_default & Project.name_key.contains(key)
    rows = Project.select(Project.slug, Project.name).where(named)
    rows = rows.order_by(~Project.name_key.startswith(key), Project.name_key).limit(MOST)
    return [(row.slug, row.name) for row in rows]


def _people(actor: Actor, key: str) -> list[tuple[str, str]]:
    shown = User.select().where(User.id.in_(list(counts.each(actor, Image.user))))
    named = sorted((row.display_name, row.id) for row in shown if key in projects.name_key(row.display_name))
    return [(user_id, name) for name, user_id in named[:MOST]]


def _boards(actor: Actor, key: str) -> list[tuple[str, str]]:
    """Those that begin so come first."""
    if not access.can(actor, "board.view"):
        return []
    named = access.boards_of(actor) & Board.name_key.contains(key)
    rows = Board.select(Board.id, Board.name).where(named)
    rows = rows.order_by(~Board.name_key.startswith(key), Board.name_key, Board.id).limit(MOST)
    return [(row.id, row.name) for row in rows]
