"""The id that people can read out: given to an image that becomes part of the library without one."""

import secrets

from pindeck import db
from pindeck.models import FieldEvent, Image
from pindeck.services.images import ledger, word_store
from pindeck.states import WriterKind

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without those that are taken for others
LENGTH = 5
ROUNDS = 8  # of equal ids before they become longer


def new_ids(count: int = 1) -> list[str]:
    """Inside a transaction: so many ids that no image has, such as PD-7K3QX."""
    found: list[str] = []
    rounds = 0
    while len(found) < count:
        length = LENGTH + rounds // ROUNDS
        drawn = {f"PD-{''.join(secrets.choice(LETTERS) for _ in range(length))}" for _ in range(count - len(found))}
        taken = {row.unique_tag for row in Image.select(Image.unique_tag).where(Image.unique_tag.in_(list(drawn)))}
        found += drawn - taken - set(found)
        rounds += 1
    return found


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
    tags = dict(zip((image.id for image in without), new_ids(len(without)), strict=True))
    word_store.put(without, {image_id: {"unique_tag": tag} for image_id, tag in tags.items()})
    now = db.now_ms()
    ledger.insert([ledger.row(i, "unique_tag", None, tag, ledger.RULE, action_id, now) for i, tag in tags.items()])
