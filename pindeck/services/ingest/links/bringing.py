"""The pictures that a person chose of a page, brought into the library as one import."""

from dataclasses import dataclass, field
from typing import Any

from pindeck import access, errors
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid
from pindeck.models import Image
from pindeck.services.images import chosen, trash
from pindeck.services.images.fields import FIELDS
from pindeck.services.ingest import approval, batches, external
from pindeck.services.ingest.approval import Kept
from pindeck.services.ingest.external import Candidate
from pindeck.services.ingest.links import looking
from pindeck.states import ImageStatus


@dataclass
class Brought:
    """The import, how many pictures are on their way, how many were there already, and why others were refused."""

    batch_id: str
    made: int = 0
    there: int = 0
    refused: list[str] = field(default_factory=list)


def bring(actor: Actor, look_id: str, numbers: list[str], *, moderated: bool, **words: Any) -> Brought:
    """Import what was chosen of a look. `words` are `title`, `project` (a name) and `tags` of all of them.

    The same form sent again finds its pictures there already. Raises NotFound, and Invalid naming each field at fault.
    """
    look = looking.get(actor, look_id)
    wanted = [offer for offer in look.offers if str(offer.number) in numbers]
    cleaned, faults = errors.gathered({**words, "source": look.site}, lambda name, value: FIELDS[name].clean(value))
    if not wanted:
        faults["ids"] = "Choose at least one picture."
    if faults:
        raise errors.at_fault(faults)
    brought = Brought(batches.create(actor, source_url=look.url).batch.id)
    for offer in wanted:
        candidate = Candidate(
            offer.url, cleaned, source_url=look.url, import_batch_id=brought.batch_id, moderated=moderated
        )
        try:
            found = external.bring_in(actor, candidate)
        except (Invalid, Conflict) as error:
            brought.refused.append(error.message)
        else:
            brought.made += not found.is_duplicate
            brought.there += found.is_duplicate
    return brought


def pictures(actor: Actor, batch_id: str) -> list[Image]:
    """What one's own import brought and is still there, in the order of the page. Raises NotFound."""
    batches.get(actor, batch_id)
    here = (Image.import_batch_id == batch_id) & access.seen(actor).expression()
    return list(Image.select().where(here).order_by(Image.seq).limit(looking.MOST))


def keep(actor: Actor, batch_id: str, ids: list[str]) -> Kept:
    """Approve those that were chosen and wait."""
    return approval.keep(actor, _waiting(actor, batch_id, ids))


def discard(actor: Actor, batch_id: str, ids: list[str]) -> tuple[int, str | None]:
    """Move those that were chosen and wait to the trash, as one action: how many, and its id."""
    gone, action_id = trash.trash_many(actor, _waiting(actor, batch_id, ids))
    return len(gone), action_id


def _waiting(actor: Actor, batch_id: str, ids: list[str]) -> list[Image]:
    wanted = set(chosen.check_ids(ids))
    there = [image for image in pictures(actor, batch_id) if image.id in wanted]
    return [image for image in there if image.status == ImageStatus.PENDING and access.can(actor, "image.publish", image)]
