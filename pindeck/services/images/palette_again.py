"""Palettes that are read again: five colours as they were measured of the picture, in the place of what somebody wrote since."""

from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Image, Look, StoredFile
from pindeck.services.actions.steps import Step
from pindeck.services.images import ledger
from pindeck.services.images.fields import Kept
from pindeck.services.images.ledger import MEASURED, Writer
from pindeck.states import WriterKind


def some(actor: Actor, ids: list[str], action_id: str) -> tuple[list[Step], int]:
    """Inside a transaction: a slice of the pictures, as far as they were measured and the actor may edit them. What is written
    counts as measured, so a picture that is replaced gets the palette of the new one."""
    live = Image.select().where(Image.id.in_(ids) & Image.deleted_at.is_null()).order_by(Image.seq)
    images = [image for image in db.locked(live) if access.can(actor, "image.edit", image)]
    found = _measured(images)
    touched = [image for image in images if image.id in found]
    writer = Writer(WriterKind.PERSON, actor.user_id, actor.client_id, program=MEASURED)
    written = ledger.write_many(touched, found, writer, action_id) if touched else None
    return [], len(written.image_ids) if written else 0


def _measured(images: list[Image]) -> dict[str, dict[str, Kept]]:
    """By image id; one statement."""
    from pindeck.imaging import amounts
    from pindeck.imaging.lab import rgb_to_hex
    from pindeck.imaging.shades import COLOURS

    looks = StoredFile.select(StoredFile.id, Look.amounts).join(Look, on=(Look.blob == StoredFile.blob))
    rows: Any = looks.where(StoredFile.id.in_([image.file_id for image in images if image.file_id])).tuples()
    kept = {file_id: [rgb_to_hex(one.rgb) for one in amounts.unpacked(bytes(packed))[:COLOURS]] for file_id, packed in rows}
    return {image.id: {"colors": kept[image.file_id]} for image in images if kept.get(image.file_id)}
