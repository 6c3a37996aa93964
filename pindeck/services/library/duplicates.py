"""Groups of pictures that are the same, as somebody who may merge them is shown them. Reads only."""

from dataclasses import dataclass
from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Image, StoredFile
from pindeck.services.images import parting

SHOWN = 10


@dataclass(frozen=True)
class Copy:
    """A picture of a group. `may_go` says that the actor may merge it into another one, `may_stay` that another may be
    merged into it."""

    image: Image
    may_go: bool
    may_stay: bool


@dataclass(frozen=True)
class Group:
    """The copies, the best first: `best_id` is proposed to stay. `is_exact` says that all have the same bytes."""

    id: str
    copies: list[Copy]
    best_id: str
    is_exact: bool

    @property
    def can_merge(self) -> bool:
        return any(a.may_stay and b.may_go for a in self.copies for b in self.copies if a is not b)


def list_groups(actor: Actor, *, limit: int = SHOWN, after: str | None = None) -> tuple[list[Group], str | None]:
    """The groups of which the actor sees two pictures or more, the latest first, and the id to go on from.

    Three statements. A group is as large as what its reader sees of it.
    """
    access.require(actor, "twins.view")
    ids = _ids(actor, limit + 1, after)
    return _told(actor, ids[:limit]), ids[limit - 1] if len(ids) > limit else None


def find(actor: Actor, group_id: str) -> Group | None:
    """None for a group of which the actor sees less than two pictures."""
    access.require(actor, "twins.view")
    return next(iter(_told(actor, [group_id])), None)


def _ids(actor: Actor, limit: int, after: str | None) -> list[str]:
    """In the order of the index of groups, of which as many are read as it takes to find some with two pictures to show."""
    told = access.found_by(actor)
    live = access.LIVE.text("image")
    sql = (
        "SELECT twin.group_id FROM twin CROSS JOIN image"
        f" WHERE image.seq = twin.seq AND {live} AND ({told.text('image')})"
        f"{' AND twin.group_id < :after' if after else ''}"
        " GROUP BY twin.group_id HAVING count(*) > 1 ORDER BY twin.group_id DESC LIMIT :most"
    )
    values: dict[str, Any] = {**told.values, "most": limit, **({"after": after} if after else {})}
    return [group_id for (group_id,) in db.sql(sql, **values).fetchall()]


def _told(actor: Actor, ids: list[str]) -> list[Group]:
    pictures = parting.shown(actor, ids) if ids else {}
    files = [image.file_id for images in pictures.values() for image in images]
    rows: Any = StoredFile.select(StoredFile.id, StoredFile.blob).where(StoredFile.id.in_(files)).tuples() if files else []
    blob_of = dict(rows)
    return [_group(actor, i, pictures[i], blob_of) for i in ids if len(pictures.get(i, [])) > 1]


def _group(actor: Actor, group_id: str, images: list[Image], blob_of: dict[str, str]) -> Group:
    copies = [
        Copy(image, access.can(actor, "image.trash", image), access.can(actor, "image.edit", image)) for image in images
    ]
    copies.sort(key=_worth, reverse=True)
    is_exact = len({blob_of.get(str(image.file_id)) for image in images}) == 1
    return Group(group_id, copies, copies[0].image.id, is_exact)


def _worth(copy: Copy) -> tuple[Any, ...]:
    """Where it may stay: the largest, then the heaviest, then the one that people like and that is there for longest."""
    image = copy.image
    area = (image.width or 0) * (image.height or 0)
    return copy.may_stay, area, image.size or 0, image.likes, image.status == "active", -image.seq
