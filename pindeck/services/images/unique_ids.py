"""The id that people can read out: given to an image that becomes part of the library without one."""

import json
import re
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from peewee import IntegrityError

from pindeck import db
from pindeck.db import spelling
from pindeck.errors import Busy
from pindeck.models import FieldEvent, Image
from pindeck.services.images import ledger, word_store
from pindeck.services.images.fields import FIELDS
from pindeck.states import WriterKind

T = TypeVar("T")

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without those that are taken for others
LENGTH = 5
ROUNDS = 8  # of equal ids before they become longer
TRIES = 100  # to be the first with an id


_TAKEN = "SELECT unique_tag FROM image WHERE unique_tag IN ({})"


def new_ids(count: int = 1) -> list[str]:
    """Inside a transaction: so many ids that no image has, such as PD-7K3QX."""
    found: list[str] = []
    rounds = 0
    while len(found) < count:
        length = LENGTH + rounds // ROUNDS
        drawn = {f"PD-{''.join(secrets.choice(LETTERS) for _ in range(length))}" for _ in range(count - len(found))}
        taken = {row[0] for row in db.sql(_TAKEN.format(spelling.each(":drawn", are_numbers=False)), drawn=json.dumps(list(drawn)))}
        found += drawn - taken - set(found)
        rounds += 1
    return found


def variation_ids(parents: dict[str, str]) -> dict[str, str]:
    """Inside a transaction: by id of a new image, its parent's id with the next `-v<n>`, of those whose parent has one.

    `parents` are ids of parents by those of the new images. Numbers go on after the highest of each parent; what is
    taken by some other image is passed over. A number of statements that does not grow with the images, and none
    without parents.
    """
    if not parents:
        return {}
    wanted = list(set(parents.values()))
    known: Any = Image.select(Image.id, Image.unique_tag).where(
        Image.id.in_(wanted) & Image.unique_tag.is_null(False)
    )
    tags = dict(known.tuples())
    highest = _highest(tags)
    found: dict[str, str] = {}
    left = {image_id: parent for image_id, parent in parents.items() if parent in tags}
    while left:
        drawn = {}
        for image_id, parent in left.items():
            highest[parent] += 1
            drawn[image_id] = f"{tags[parent]}-v{highest[parent]}"
        taken = {
            row.unique_tag for row in Image.select(Image.unique_tag).where(Image.unique_tag.in_(list(drawn.values())))
        }
        found |= {image_id: tag for image_id, tag in drawn.items() if tag not in taken}
        left = {image_id: parent for image_id, parent in left.items() if image_id not in found}
    most = FIELDS["unique_tag"].max_length
    return {image_id: tag for image_id, tag in found.items() if len(tag) <= most}


def _highest(tags: dict[str, str]) -> dict[str, int]:
    """By id of a parent: the highest number that one of its variations has; `tags` are the parents' own ids."""
    highest = dict.fromkeys(tags, 0)
    children: Any = Image.select(Image.parent_id, Image.unique_tag).where(
        Image.parent_id.in_(list(tags)) & Image.unique_tag.is_null(False)
    )
    for parent, tag in children.tuples():
        number = re.fullmatch(re.escape(tags[parent]) + r"-v([0-9]{1,9})", tag)
        if number:
            highest[parent] = max(highest[parent], int(number[1]))
    return highest


def first(write: Callable[[], T]) -> T:
    """Inside a transaction: `write`, which chooses ids and writes them, once more when somebody else had one of them
    at the same moment. Raises Busy."""
    for _ in range(TRIES):
        try:
            with db.writing():
                return write()
        except IntegrityError as error:
            if "unique_tag" not in str(error):
                raise
    raise Busy("Too many variations of this picture are made at once. Try again in a moment.")


def of_new(image_id: str, parent_id: str | None) -> str:
    """Inside a transaction: the id of one new image."""
    parents = {image_id: parent_id} if parent_id else {}
    return variation_ids(parents).get(image_id) or new_ids()[0]


def give(images: list[Image], action_id: str) -> None:
    """Inside the transaction of an action that makes locked images active: an id for each that has none.

    What a person cleared stays empty. Undoing the action takes the ids back, and what was taken back is no choice of
    somebody's: the next time there is another id.
    """
    chosen = FieldEvent.select(FieldEvent.image_id).where(
        FieldEvent.image_id.in_([image.id for image in images])
        & (FieldEvent.field == "unique_tag")
        & (FieldEvent.writer == WriterKind.PERSON)
        & FieldEvent.undone_at.is_null()
    )
    by_people = {event.image_id for event in chosen}
    without = [image for image in images if image.unique_tag is None and image.id not in by_people]
    if not without:
        return
    tags = first(lambda: _put(without))
    now = db.now_ms()
    ledger.insert([ledger.row(i, "unique_tag", None, tag, ledger.RULE, action_id, now) for i, tag in tags.items()])


def _put(images: list[Image]) -> dict[str, str]:
    """Parents that become active together with their variations have their ids before them."""
    tags: dict[str, str] = {}
    rest = {image.id: image for image in images}
    while rest:
        now = [image for image in rest.values() if image.parent_id not in rest]
        numbered = variation_ids({image.id: image.parent_id for image in now if image.parent_id})
        others = [image.id for image in now if image.id not in numbered]
        made = numbered | dict(zip(others, new_ids(len(others)), strict=True))
        word_store.put(now, {image_id: {"unique_tag": tag} for image_id, tag in made.items()})
        tags |= made
        for image in now:
            del rest[image.id]
    return tags
