"""What a picture was made from, what was made of it, and what is being made."""

from dataclasses import dataclass
from typing import Any

from peewee import Expression

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Generation, GenerationInput, Image
from pindeck.services.images import generations, image_urls
from pindeck.states import GenerationStatus

MOST = 60  # of siblings and of children
TOLD_MS = db.DAY_MS  # for so long what went wrong is told


@dataclass(frozen=True)
class Lineage:
    """As far as the actor sees it. `runs` are those of the picture that are on their way, or ended without one today."""

    parent: Image | None
    siblings: list[Image]
    children: list[Image]
    runs: list[Generation]

    @property
    def is_busy(self) -> bool:
        return any(run.status in generations.OPEN for run in self.runs)

    @property
    def is_empty(self) -> bool:
        return not (self.parent or self.siblings or self.children or self.runs)

    @staticmethod
    def small(image: Image) -> str:
        """The address of its small rendition."""
        return image_urls.rendition(image.id, image.public_token, "small")


def of(actor: Actor, image_id: str) -> Lineage:
    """Raises NotFound for an image the actor may not see."""
    image = access.image_for(actor, "image.view", image_id)
    above = _seen(actor, Image.id == image.parent_id) if image.parent_id else []
    beside = _seen(actor, (Image.parent_id == image.parent_id) & (Image.seq != image.seq)) if image.parent_id else []
    return Lineage(above[0] if above else None, beside, _seen(actor, Image.parent_id == image.id), _runs(actor, image))


def _seen(actor: Actor, those: Expression) -> list[Image]:
    """Oldest first, without what lies in the trash."""
    shown = access.seen(actor) & access.LIVE
    return list(Image.select().where(those & shown.expression()).order_by(Image.seq).limit(MOST))


def _from(image: Image) -> Expression:
    named = GenerationInput.select(GenerationInput.generation_id).where(GenerationInput.image_id == image.id)
    return Generation.id.in_(named) & Generation.batch.is_null(False)


def _runs(actor: Actor, image: Image) -> list[Generation]:
    """In their order; those of others for administrators alone."""
    if actor.user_id is None and not actor.is_manager:
        return []
    ended = Generation.status.in_([GenerationStatus.FAILED, GenerationStatus.LOST])
    told = Generation.status.in_(generations.OPEN) | (ended & (Generation.updated_at > db.now_ms() - TOLD_MS))
    rows = Generation.select().where(_from(image) & told & generations.shown_to(actor))
    return list(rows.order_by(Generation.batch, Generation.position).limit(MOST))


def last_wish(actor: Actor, image_id: str) -> dict[str, Any]:
    """What the actor asked for last of this picture, as a form begins with it; empty if nothing was.

    The words of others are not told, not to administrators either: they would be sent on as one's own.
    """
    image = access.image_for(actor, "image.vary", image_id)
    own = Generation.user_id == actor.user_id
    last = Generation.select().where(_from(image) & own).order_by(Generation.id.desc()).first()
    return last.params if last else {}
