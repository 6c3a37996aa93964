"""Tags that describing without a model wrote in earlier versions: found, and taken away as one action.

They are a picture's as long as nobody has written its tags besides: a person who saved a list with them has confirmed
them. What an import or a rule wrote, and the tags of ours, are nobody's noise.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from peewee import SQL, ModelSelect, fn

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import FieldEvent, Image
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.services.images import ledger, word_store
from pindeck.services.images.ledger import Writer
from pindeck.states import WriterKind
from pindeck.vision.offline import BACKEND
from pindeck.vocabulary import SYSTEM_TAGS

REMOVED = verb("tags.remove_offline", "Removed tags that no person and no model wrote")
LOOKED_AT = 500  # pictures from which the most frequent words are told
WORDS = 24


@dataclass(frozen=True)
class Offer:
    """How many pictures have such tags, and the most frequent ones of the newest pictures among them."""

    count: int
    words: list[str]


def offer(actor: Actor) -> Offer:
    """Raises NotSignedIn or Forbidden."""
    access.require(actor, "admin")
    rows = _found(actor)
    newest = [image.id for image in rows.order_by(Image.id.desc()).limit(LOOKED_AT)]
    often = Counter(tag for tags in _of(newest).values() for tag in tags)
    return Offer(rows.count(), [tag for tag, _ in often.most_common(WORDS)])


def count(actor: Actor) -> int:
    access.require(actor, "admin")
    return int(_found(actor).count())


def ids_of(actor: Actor) -> list[str]:
    """The pictures that have such tags, without those in the trash. Raises NotSignedIn or Forbidden."""
    access.require(actor, "admin")
    return [image.id for image in _found(actor).order_by(Image.id)]


def remove(actor: Actor) -> tuple[str | None, int]:
    """Take all of them away, here and now, in parts: the action, and how many pictures changed. For many pictures a job does
    it: `large.remove_offline_tags`."""
    ids, changed = ids_of(actor), Counter[str]()
    if not ids:
        return None, 0

    def work(part: list[str], action_id: str) -> tuple[list[Step], int]:
        steps, images = remove_from(actor, part, action_id)
        changed[part[0]] = images  # and not added: a part may begin again
        return steps, images

    return log.in_parts(actor, REMOVED, ids, work), changed.total()


def remove_from(actor: Actor, ids: list[str], action_id: str) -> tuple[list[Step], int]:
    """Inside a transaction: a part. What was written meanwhile stays. A machine may write again where no tag is left."""
    access.require(actor, "admin")
    images = list(db.locked(Image.select().where(Image.id.in_(ids) & Image.deleted_at.is_null()).order_by(Image.seq)))
    still = {image.id for image in _found(actor).where(Image.id.in_(ids))}
    images = [image for image in images if image.id in still and access.can(actor, "image.edit", image)]
    taken = _of([image.id for image in images])
    kept = word_store.tags_of_many(list(taken))
    changes: Any = {i: {"tags": [tag for tag in kept[i] if tag not in taken[i]]} for i in taken}
    touched = [image for image in images if image.id in taken]
    writer = Writer(WriterKind.RULE, user_id=actor.user_id, client_id=actor.client_id, program=ledger.RULE.program)
    written = ledger.write_many(touched, changes, writer, action_id) if touched else None
    return [], len(written.image_ids) if written else 0


def _found(actor: Actor) -> "ModelSelect[Image]":
    """Those in sight, outside the trash. An index has the events of this one machine alone."""
    wrote: Any = FieldEvent.alias("wrote")
    other: Any = FieldEvent.alias("other")
    theirs = (other.image_id == wrote.image_id) & (other.field == "tags") & other.undone_at.is_null()
    by_a_model = (other.writer == WriterKind.MACHINE) & (other.program != BACKEND)
    confirmed = (other.id > wrote.id) | (other.writer == WriterKind.PERSON) | by_a_model
    offline = (
        (wrote.field == SQL("'tags'"))
        & (wrote.writer == SQL(f"'{WriterKind.MACHINE}'"))
        & (wrote.program == SQL(f"'{BACKEND}'"))
        & wrote.undone_at.is_null()
    )
    last = offline & ~fn.EXISTS(other.select(other.id).where(theirs & confirmed))
    shown = (access.seen(actor) & access.LIVE).expression()
    return Image.select(Image.id).join(wrote, on=(wrote.image_id == Image.id)).where(last & shown)


def _of(image_ids: list[str]) -> dict[str, list[str]]:
    """By image id: the tags that this machine alone wrote, where there are any. One query."""
    live = FieldEvent.image_id.in_(image_ids) & (FieldEvent.field == "tags") & FieldEvent.undone_at.is_null()
    told = (FieldEvent.image_id, FieldEvent.writer, FieldEvent.program, FieldEvent.new)
    offline: dict[str, list[str]] = {}
    others: dict[str, set[str]] = {}
    rows: Any = FieldEvent.select(*told).where(live).order_by(FieldEvent.id).tuples()
    for image_id, writer, program, new in rows:
        if (writer, program) == (WriterKind.MACHINE, BACKEND):
            offline[image_id] = list(new or ())
        else:
            others.setdefault(image_id, set()).update(new or ())
    found = {
        image_id: [tag for tag in tags if tag not in SYSTEM_TAGS and not tag.startswith("sref:") and tag not in others.get(image_id, ())]
        for image_id, tags in offline.items()
    }
    return {image_id: tags for image_id, tags in found.items() if tags}
