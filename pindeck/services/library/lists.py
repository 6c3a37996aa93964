"""The library as programs read it: lists, search by title, one image. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from pindeck import access
from pindeck.access import Actor
from pindeck.errors import NotFound
from pindeck.models import Blob, Derivative, Image, ImportBatch, Source, StoredFile
from pindeck.services.images import craft, in_use, ledger, projects, search_words
from pindeck.services.images.fields import Value
from pindeck.services.library import filters, gallery, query, sorting
from pindeck.services.library.query import NOTHING, Listing, Wanted
from pindeck.services.library.sorting import Sort
from pindeck.states import PersistStatus
from pindeck.vocabulary import GROUPS

FOUND = 50


@dataclass(frozen=True)
class ObjectKeys:
    """Where the bytes of an image lie in the store: keys, those of its renditions by preset."""

    original: str
    renditions: dict[str, str]


@dataclass(frozen=True)
class Entry:
    """An image with what hangs on it. `is_own` says that the actor may hear where it is stored, and `keys` say
    where once it is stored for good."""

    image: Image
    tags: list[str]
    craft: dict[str, Value]  # of the frame, by field
    project: str | None
    liked: bool
    is_own: bool
    keys: ObjectKeys | None
    parent_id: str | None  # of a picture that the actor may see
    source_id: str | None  # of a source that the actor knows


def entries(actor: Actor, images: list[Image]) -> list[Entry]:
    """The same number of queries for one image and for two hundred."""
    ids = [image.id for image in images]
    tags = ledger.tags_of_many(ids)
    of_craft = craft.values_of(images)
    names = projects.names_of({image.project_id for image in images})
    liked = gallery.liked_by(actor, ids)
    own = {image.id for image in images if access.can(actor, "library.paths", image)}
    safe = [image for image in images if image.id in own and image.persist_status == PersistStatus.SUCCEEDED]
    keys_of = _object_keys([image.file_id for image in safe])
    parents = _seen_of(actor, {image.parent_id for image in images if image.parent_id})
    found_at = _sources_of(actor, {image.import_batch_id for image in images if image.import_batch_id})
    return [
        Entry(
            image,
            tags[image.id],
            of_craft[image.id],
            names.get(image.project_id),
            image.id in liked,
            image.id in own,
            keys_of.get(image.file_id),
            image.parent_id if image.parent_id in parents else None,
            found_at.get(image.import_batch_id),
        )
        for image in images
    ]


def _seen_of(actor: Actor, image_ids: set[str]) -> set[str]:
    """Those of the images that the actor may know of; one query, and none for none."""
    if not image_ids:
        return set()
    rows = Image.select().where(Image.id.in_(list(image_ids)) & Image.deleted_at.is_null())
    return {str(image.id) for image in rows if access.sees(actor, image)}


def _sources_of(actor: Actor, batch_ids: set[str]) -> dict[str | None, str]:
    """By import: the source whose run it was; one query, and none for none. Whoever keeps no sources knows of none."""
    if not batch_ids or not access.can(actor, "source.view"):
        return {}
    runs = ImportBatch.select(ImportBatch.id, ImportBatch.source_id).join(Source, on=(Source.id == ImportBatch.source_id))
    found: Any = runs.where(ImportBatch.id.in_(list(batch_ids)) & access.sources_of(actor)).tuples()
    return dict(found)


def _object_keys(file_ids: Iterable[str | None]) -> dict[str | None, ObjectKeys]:
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
    return {file_id: ObjectKeys(key, keys[blob_id]) for file_id, blob_id, key in found}


def _shown(actor: Actor, names: frozenset[str]) -> tuple[access.Condition, ...]:
    """Active images of the library; those of its project alone for a project key.

    Where a project is named, actors that work in it also see its unlisted ones; a search for drafts shows one's own.
    """
    if "draft" in names:
        return (access.drafts_of(actor),)
    return (access.browsed_in(actor) if filters.PROJECT.name in names else access.browsed(actor),)


LIBRARY = Listing(shown=_shown, order=(Image.seq,), columns=query.everything())
TITLES = replace(LIBRARY, columns=(Image.seq, Image.title))


def list_images(
    actor: Actor, wanted: Wanted = NOTHING, *, limit: int = 50, offset: int = 0, after: str | None = None
) -> list[Entry]:
    """Newest first."""
    access.require(actor, "library.view")
    return entries(actor, query.images(LIBRARY, actor, wanted, limit=limit, offset=offset, after=after))


def search_images(actor: Actor, wanted: Wanted) -> list[Entry]:
    """At most fifty images whose titles hold all words, the last one as a prefix; the closest titles first.

    The newest 2,000 hits are ranked, by how much of the title the words are, then by age: the same on both
    engines, whose own ranks differ.
    """
    access.require(actor, "library.view")
    hits = query.rows(TITLES, actor, wanted, limit=sorting.RANKED)
    asked = search_words.tokens(wanted[filters.TITLE])
    ranked = sorted(hits, key=lambda hit: (-sorting.closeness(asked, hit[1]), -hit[0]))[:FOUND]
    found = {image.seq: image for image in Image.select().where(Image.seq.in_([seq for seq, _ in ranked]))}
    return entries(actor, [found[seq] for seq, _ in ranked if seq in found])


def find_images(
    actor: Actor, wanted: Wanted, sort: Sort = Sort.NEWEST, *, limit: int = 50, after: str | None = None
) -> tuple[list[Entry], str | None]:
    """What a search finds, in this order, and where the next page begins; None after the last one."""
    access.require(actor, "library.view")
    rows, following = sorting.page(LIBRARY, actor, wanted, sort, limit=limit, after=after)
    return entries(actor, [Image.of_row(row) for row in rows]), following


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
    """The built-in ones, those in use and those of the actor's own drafts, alphabetical."""
    return in_use.categories(actor)
