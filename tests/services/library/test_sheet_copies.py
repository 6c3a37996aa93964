"""What may be a copy among what waits, on both engines."""

from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.library import sheet, sheet_copies, sheet_facets
from pindeck.services.library.sheet_copies import COPIES
from tests.factories import make_draft, make_row, new_photo


def test_copies_are_those_of_the_same_bytes_and_those_that_look_alike(olga: Actor, sam: Actor) -> None:
    data = new_photo()
    first, again = make_draft(olga, data), make_draft(olga, data)
    pair = [make_row(olga, status="pending", phash=-(1 << 40) + number) for number in range(2)]
    make_row(olga, status="draft", phash=1 << 60)
    make_row(sam, status="draft", phash=1 << 60)
    wanted = sheet_copies.settled(olga, {COPIES: True})
    assert sheet_copies.settled(olga, wanted) is wanted
    assert sheet.ids(olga, wanted) == [pair[1].id, pair[0].id, again.id] and first.id not in sheet.ids(olga, wanted)
    assert sheet.count(olga, wanted)[0] == 3
    imports = {**wanted, sheet.STATE: "import"}
    assert [image.id for image in sheet.list_page(olga, imports, limit=1)[0]] == [pair[1].id]
    assert {each.value: each.count for each in sheet_facets.of(olga, wanted)[sheet.STATE]} == {"import": 2, "draft": 1}
    Image.update(deleted_at=1).where(Image.id.in_([first.id, pair[0].id])).execute()
    assert sheet.ids(olga, sheet_copies.settled(olga, {COPIES: True})) == []
