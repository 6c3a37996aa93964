"""The library as programs read it: lists, search by title, one image, and one's own work. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pindeck import access, config, db
from pindeck.access import Actor
from pindeck.errors import NotFound
from pindeck.models import Blob, Derivative, Image, Project, StoredFile
from pindeck.services import gallery, ledger, projects, search
from pindeck.states import GROUPS, AiStatus, ImageStatus, PersistStatus

RANKED = 2000  # newest hits that are ranked: more would cost more than they help
FOUND = 50


@dataclass(frozen=True)
class Place:
    """Where the bytes of an image lie in the store: keys, those of its renditions by preset."""

    original: str
    renditions: dict[str, str]


@dataclass(frozen=True)
class Entry:
    """An image with what hangs on it. `is_own` says that the actor may hear where it is stored, and `place` says
    where once it is stored for good."""

    image: Image
    tags: list[str]
    project: str | None
    liked: bool
    is_own: bool
    place: Place | None


def entries(actor: Actor, images: list[Image]) -> list[Entry]:
    """The same number of queries for one image and for two hundred."""
    ids = [image.id for image in images]
    tags = ledger.tags_of_many(ids)
    names = projects.names_of({image.project_id for image in images})
    liked = gallery.liked_by(actor, ids)
    own = {image.id for image in images if access.can(actor, "library.paths", image)}
    safe = [image for image in images if image.id in own and image.persist_status == PersistStatus.SUCCEEDED]
    places = _places([image.file_id for image in safe])
    return [
        Entry(
            image,
            tags[image.id],
            names.get(image.project_id),
            image.id in liked,
            image.id in own,
            places.get(image.file_id),
        )
        for image in images
    ]


def _places(file_ids: Iterable[str | None]) -> dict[str | None, Place]:
    """By file; one query for the originals and one for their renditions."""
    wanted = [file_id for file_id in file_ids if file_id]
    if not wanted:
        return {}
    rows = StoredFile.select(StoredFile.id, StoredFile.blob, Blob.object_key).join(Blob)
    found: list[Any] = list(rows.where(StoredFile.id.in_(wanted)).tuples())
    keys: dict[str, dict[str, str]] = {blob_id: {} for _, blob_id, _ in found}
    made = Derivative.select(Derivative.blob, Derivative.preset, Derivative.object_key)
    rest: Any = made.where(Derivative.blob.in_(list(keys))).tuples()
    for blob_id, preset, key in rest:
        keys[blob_id][preset] = key
    return {file_id: Place(key, keys[blob_id]) for file_id, blob_id, key in found}


@dataclass(frozen=True)
class Filters:
    """Each is exact and all combine with AND; `project` is a name, in any case."""

    category: str | None = None
    group: str | None = None
    project: str | None = None


def _listed(actor: Actor, filters: Filters) -> Any:
    """Active images of the library; those of its project alone for a project key.

    With a project named, its people and programs see its unlisted images as well.
    """
    shown = access.browsed(actor)
    if filters.project is not None:
        named = Project.select(Project.id).where(Project.name_key == projects.name_key(filters.project)).scalar()
        shown = access.browsed_in(actor) if named is not None else access.NEVER
    rows = Image.select().where(shown.expression())
    if filters.project is not None:
        rows = rows.where(Image.project == named)
    if filters.category:
        rows = rows.where(Image.category == filters.category)
    if filters.group:
        rows = rows.where(Image.group == filters.group)
    return rows


def list_images(actor: Actor, filters: Filters = Filters(), *, limit: int = 50, offset: int = 0) -> list[Entry]:
    """Newest first."""
    access.require(actor, "library.view")
    rows = _listed(actor, filters).order_by(Image.seq.desc()).limit(limit).offset(offset)
    return entries(actor, list(rows))


def search_images(actor: Actor, term: str, filters: Filters = Filters()) -> list[Entry]:
    """At most fifty images whose titles hold all words, the last one as a prefix; the closest titles first.

    The newest 2,000 hits are ranked, by how much of the title the words are, then by age: the same on both
    engines, whose own ranks differ.
    """
    access.require(actor, "library.view")
    words = search.query(term)
    if words is None:
        return []
    rows, newest = search.matching(_listed(actor, filters), words, titles_only=True)
    hits: Any = rows.select(Image.seq, Image.title).order_by(newest.desc()).limit(RANKED).tuples()
    asked = search.tokens(term)
    ranked = sorted(hits, key=lambda hit: (-_closeness(asked, hit[1]), -hit[0]))[:FOUND]
    found = {image.seq: image for image in Image.select().where(Image.seq.in_([seq for seq, _ in ranked]))}
    return entries(actor, [found[seq] for seq, _ in ranked if seq in found])


def _closeness(asked: list[str], title: str) -> float:
    """The share of a title's words that were asked for; a whole last word counts more than its beginning."""
    words = search.tokens(title)
    hits = sum(1.0 if word in asked else 0.5 if word.startswith(asked[-1]) else 0.0 for word in words)
    return hits / max(1, len(words))


def get(actor: Actor, image_id: str) -> Entry | None:
    """None for what is missing, and for what the actor may not see."""
    access.require(actor, "library.view")
    try:
        return entries(actor, [access.find_image(actor, image_id)])[0]
    except NotFound:
        return None


def groups() -> list[str]:
    """The nine types, in the order pickers show them."""
    return list(GROUPS)


def categories(actor: Actor) -> list[str]:
    """The built-in ones and those in use, alphabetical."""
    return gallery.facets(actor).categories


# One's own work


def _own(actor: Actor) -> Any:
    person = access.require_person(actor)
    rows = Image.select().where((Image.user == person) & Image.deleted_at.is_null())
    return rows.where(Image.project == actor.project_id) if actor.project_id is not None else rows


def drafts(actor: Actor) -> list[Entry]:
    return _newest(actor, _own(actor).where(Image.status == ImageStatus.DRAFT))


def pending(actor: Actor) -> list[Entry]:
    return _newest(actor, _own(actor).where(Image.status == ImageStatus.PENDING))


def processing(actor: Actor) -> list[Entry]:
    """What a machine has been describing for less than STALE_HOURS."""
    since = db.now_ms() - config.current().stale_hours * db.HOUR_MS
    began = (Image.ai_started_at > since) | (Image.ai_started_at.is_null() & (Image.uploaded_at > since))
    return _newest(actor, _own(actor).where((Image.ai_status == AiStatus.PROCESSING) & began))


def _newest(actor: Actor, rows: Any) -> list[Entry]:
    return entries(actor, list(rows.order_by(Image.seq.desc()).limit(1000)))
