"""The library as people browse it: pages by keyset, filters, search. Reads only.

A page costs a constant number of queries: the session, the images, the reader's likes, and what became of own imports
that have not come, if there are any.
"""

from dataclasses import dataclass
from typing import NamedTuple

from pindeck import access, db
from pindeck.access import VISITOR, Actor
from pindeck.models import Image, Like
from pindeck.services.images import image_urls
from pindeck.services.library import query, sorting
from pindeck.services.library.query import NOTHING, Listing, Wanted
from pindeck.services.library.sorting import Sort
from pindeck.states import PersistStatus

PAGE = 50


class Seen(NamedTuple):
    """What a grid needs of one image, as the database gives it: `colors` is JSON text."""

    id: str
    title: str
    width: int | None
    height: int | None
    public_token: str | None
    dominant: str | None
    thumbhash: str | None
    colors: str
    likes: int
    group: str | None
    category: str
    file_id: str | None


def _shown(actor: Actor, names: frozenset[str]) -> tuple[access.Condition, ...]:
    """A search for drafts shows one's own, which hang nowhere."""
    return (access.drafts_of(actor) if "draft" in names else access.hung(actor),)


GALLERY = Listing(
    shown=_shown,
    order=(Image.seq,),
    columns=tuple(getattr(Image, name) for name in Seen._fields),
)


@dataclass(frozen=True)
class Absent:
    """Why a picture has not come: the `reason` of the last try, whether that was the last one that a job makes, and the
    address it should come from."""

    reason: str | None
    is_given_up: bool
    original: str | None


@dataclass(frozen=True)
class WallPage:
    """`liked` are the ids of those the reader likes, `absent` those whose bytes are not there; `next_after` is where
    the next page goes on."""

    images: list[Seen]
    liked: set[str]
    absent: dict[str, Absent]
    next_after: str | None


def list_page(
    actor: Actor, wanted: Wanted = NOTHING, sort: Sort = Sort.NEWEST, *, after: str | None = None, limit: int = PAGE
) -> WallPage:
    """The next `limit` images of the library. Raises NotSignedIn where the library is private."""
    access.require(actor, "library.view")
    rows, following = sorting.page(GALLERY, actor, wanted, sort, after=after, limit=limit)
    found = [Seen._make(row) for row in rows]
    liked = liked_by(actor, [image.id for image in found])
    absent = _absent([image.id for image in found if image.file_id is None])
    return WallPage(found, liked, absent, following)


def start_before(actor: Actor, wanted: Wanted, sort: Sort, after: str, *, limit: int = PAGE) -> str | None:
    """Where the page before the one after this place begins; None for the beginning."""
    access.require(actor, "library.view")
    return sorting.start_before(GALLERY, actor, wanted, sort, limit=limit, after=after)


def _absent(image_ids: list[str]) -> dict[str, Absent]:
    """By image id. No page of whole pictures asks for this."""
    if not image_ids:
        return {}
    rows = Image.select(Image.id, Image.persist_error, Image.persist_status, Image.external_url)
    return {
        image.id: Absent(
            image.persist_error, image.persist_status == PersistStatus.FAILED, image.external_url or None
        )
        for image in rows.where(Image.id.in_(image_ids))
    }


def liked_by(actor: Actor, image_ids: list[str]) -> set[str]:
    """Which of these images the actor likes."""
    if not actor.user_id or not image_ids:
        return set()
    rows = _likes_among(len(image_ids)).rows(
        user=actor.user_id, **{f"id{n}": image_id for n, image_id in enumerate(image_ids)}
    )
    return {row[0] for row in rows}


@db.per_engine
def _likes_among(count: int) -> db.PreparedQuery:
    ids = [db.Param(f"id{n}") for n in range(count)]
    return db.PreparedQuery.of(Like.select(Like.image_id).where((Like.user_id == db.Param("user")) & Like.image_id.in_(ids)))


@dataclass(frozen=True)
class Shown:
    """One picture beside the door, in two sizes."""

    title: str
    medium: str
    large: str


def newest_for_strangers() -> Shown | None:
    """The newest picture that visitors may see and that lies ready for them; None in a private library."""
    if not access.can(VISITOR, "library.view"):
        return None
    for row in query.rows(GALLERY, VISITOR, limit=1):
        image = Seen._make(row)
        if image.public_token:
            medium, large = (image_urls.rendition(image.id, image.public_token, size) for size in ("medium", "large"))
            return Shown(image.title, medium, large)
    return None


def is_empty(actor: Actor) -> bool:
    """Whether the library shows the actor no image at all."""
    return not query.rows(GALLERY, actor, limit=1)
