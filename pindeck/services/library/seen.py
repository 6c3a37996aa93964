"""What is new in the gallery since a person was here: pictures of others that came after the mark.

The mark moves when the person has looked, never because a page was asked for, and never back. Where there is none yet,
nothing is new: somebody who comes for the first time is shown the whole library.
"""

from dataclasses import dataclass
from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Image, SeenMark
from pindeck.services.library import measures
from pindeck.services.library.counts import MOST, Count


@dataclass(frozen=True)
class News:
    """`oldest` and `newest` are ids of pictures: whoever has seen those has seen all."""

    count: Count
    oldest: str
    newest: str


def since(actor: Actor) -> News | None:
    """None for who has no account, for an empty gallery, and where all was seen. Two statements."""
    if not access.can(actor, "news.view"):
        return None
    hung = Image.select(Image.id, Image.seq).where(access.hung(actor).expression()).order_by(Image.seq.desc())
    mark = measures.seen_up_to(actor)
    if mark is None:
        newest = hung.first()
        return News(Count(0), newest.id, newest.id) if newest else None
    found = list(hung.where((Image.seq > mark) & (Image.user != actor.user_id)).limit(MOST + 1))
    return News(Count.bounded(len(found)), found[-1].id, found[0].id) if found else None


def look(actor: Actor, image_id: str) -> None:
    """Move the mark to a picture that hangs there for the actor. Raises NotSignedIn, Forbidden or NotFound."""
    access.require(actor, "news.look")
    seq = access.find_image(actor, image_id).seq
    now = db.now_ms()
    keep: Any = SeenMark.insert(user_id=actor.user_id, seq=seq, at=now)
    with db.writing():
        keep.on_conflict(
            conflict_target=[SeenMark.user_id], update={SeenMark.seq: seq, SeenMark.at: now}, where=SeenMark.seq < seq
        ).execute()
