"""An image built from a bare row is the one peewee builds."""

from pindeck import access
from pindeck.access import Actor
from pindeck.models import Image
from tests.factories import make_active


def test_a_row_becomes_the_same_image(olga: Actor) -> None:
    image = make_active(olga, title="A title")
    Image.update(meta={"a": [1, None]}, gps=[1.5, 2.5], focal_x=0.25, focal_y=0).where(
        Image.seq == image.seq
    ).execute()
    slow, quick = Image.get_by_id(image.seq), access.find_image(olga, image.id)
    assert quick.__data__ == slow.__data__
    assert {name: type(value) for name, value in quick.__data__.items()} == {
        name: type(value) for name, value in slow.__data__.items()
    }
    assert quick.file.id == slow.file_id and not quick.dirty_fields
