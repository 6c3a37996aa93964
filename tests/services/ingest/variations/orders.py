"""What the tests of variations ask of an order and its pictures."""

from pindeck.models import Generation, Image, ImageTag
from pindeck.services.images.variations.ordering import Wish

ONE = Wish(1)


def tags_of(image: Image) -> list[str]:
    return [row.tag for row in ImageTag.select().where(ImageTag.image_id == image.id).order_by(ImageTag.position)]


def children_of(image: Image) -> list[Image]:
    return list(Image.select().where(Image.parent_id == image.id).order_by(Image.seq))


def again(image: Image) -> Image:
    return Image.get_by_id(image.seq)


def runs_of(batch: str) -> list[Generation]:
    return list(Generation.select().where(Generation.batch == batch).order_by(Generation.position))
