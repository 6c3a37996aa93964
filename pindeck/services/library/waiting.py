"""What waits for a decision and came from Discord, itself or by what it was made of. Reads only."""

from dataclasses import dataclass

from peewee import chunked

from pindeck import access
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.images import lineage
from pindeck.services.library.lists import Entry, entries
from pindeck.states import ImageStatus, Origin

PART = 200


@dataclass(frozen=True)
class Waiting:
    """A picture that waits, and the topmost of its line that the reader may see: itself where it was not made of another."""

    entry: Entry
    root: Image


def from_discord(actor: Actor, *, limit: int, image_id: str | None = None) -> list[Waiting]:
    """Own pending pictures of the line of Discord, the newest first; of one alone with `image_id`, if it is among them."""
    access.require_person(actor)
    waits = access.owned_by(actor).expression() & access.LIVE.expression() & (Image.status == ImageStatus.PENDING)
    wanted = waits & ((Image.origin == Origin.DISCORD) | Image.parent_id.is_null(False))
    if image_id is not None:
        wanted &= Image.id == image_id
    found: list[tuple[Image, Image]] = []
    for part in chunked(Image.select().where(wanted).order_by(Image.seq.desc()).iterator(), PART):
        lines = lineage.lines_of(part)
        found += [(image, _root(actor, lines[image.id])) for image in part if lineage.is_of_discord(lines[image.id])]
        if len(found) >= limit:
            break
    found = found[:limit]
    told = entries(actor, [image for image, _ in found])
    return [Waiting(entry, root) for entry, (_, root) in zip(told, found, strict=True)]


def _root(actor: Actor, line: list[Image]) -> Image:
    return next((image for image in reversed(line) if access.sees(actor, image)), line[0])
