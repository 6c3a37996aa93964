"""Rights of pictures: one of a few words or nothing, written for many as one action, known to the history and to undo."""

import pytest
from peewee import IntegrityError

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Forbidden, Invalid
from pindeck.models import FieldEvent, Image
from pindeck.services.images import inspector, ledger, undoing
from pindeck.services.images.inspector import Changes
from tests.factories import make_row


def rights(images: list[Image]) -> list[str | None]:
    return [Image.get_by_id(image.seq).rights for image in images]


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_rights_are_written_for_many_and_taken_back(olga: Actor, gus: Actor) -> None:
    images = [make_row(olga, title="Rain") for _ in range(3)]
    ledger.edit(olga, images[0].id, "rights", "own")
    ids = [image.id for image in images]
    saved = inspector.save(olga, ids, Changes({"rights": "reference ONLY", "source": "Roger Deakins"}))
    assert rights(images) == ["Reference only"] * 3 and saved.labels == ["Rights", "Credit"] and saved.action_id
    event = FieldEvent.select().where((FieldEvent.image_id == ids[0]) & (FieldEvent.field == "rights")).order_by(FieldEvent.id.desc()).get()
    assert (event.old, event.new, event.user_id) == ("Own", "Reference only", olga.user_id)
    undoing.undo(olga, saved.action_id)
    assert rights(images) == ["Own", None, None] and Image.get_by_id(images[1].seq).attribution is None
    ledger.edit(olga, ids[0], "rights", "Unknown")
    assert rights(images[:1]) == [None]
    with pytest.raises(Invalid, match="Reference only, Cleared, Own, Generated, unknown"):
        ledger.edit(olga, ids[0], "rights", "licensed")
    with pytest.raises(Forbidden):
        ledger.edit(gus, ids[0], "rights", "own")
    with pytest.raises(IntegrityError), db.writing():
        Image.update(rights="licensed").where(Image.id == ids[0]).execute()
