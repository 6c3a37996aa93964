"""What the tests of the history ask of an image."""

from typing import Any

from pindeck.models import FieldEvent, Image
from pindeck.services.images import ledger
from pindeck.services.images.ledger import Writer
from pindeck.states import WriterKind
from tests.factories import fresh

MACHINE = Writer(WriterKind.MACHINE, program="offline")


def events(image: Image) -> int:
    return FieldEvent.select().where(FieldEvent.image_id == image.id).count()


def value(image: Image, name: str) -> Any:
    return ledger.values_of(fresh(image), [name])[name]
