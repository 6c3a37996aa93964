"""The size for paper: a JPEG of 3508 pixels, made when a file of print quality first needs it, kept, and gone with its picture."""

import hashlib
import io

import pytest
from PIL import Image as Picture

from pindeck import storage
from pindeck.access import Actor
from pindeck.exports import pictures, sources
from pindeck.exports.content import Still
from pindeck.models import Blob, Derivative, Image
from pindeck.services.derivatives import on_demand
from pindeck.services.images import trash
from pindeck.services.maintenance import consistency
from tests import invariants
from tests.conftest import RunJobs
from tests.factories import make_active, new_photo, objects, public_objects

A4_PT = 841.89


def still_of(olga: Actor, image: Image) -> Still:
    (still,) = sources.content_of(olga, "ids", [image.id]).stills
    return still


def printed() -> list[Derivative]:
    return list(Derivative.select().where(Derivative.preset == "print"))


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_a_page_of_paper_gets_300_dots_an_inch_from_a_size_that_is_made_once(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    exif = Picture.Exif()
    exif[0x010F] = "A camera with a number"
    image = make_active(olga, new_photo(size=(3840, 2160), format="PNG", exif=exif.tobytes()))
    still = still_of(olga, image)
    on_screen = pictures.placed(still, A4_PT, A4_PT * 9 / 16, "screen", ratio=16 / 9)
    assert on_screen and on_screen.width == 1754 and printed() == []
    page = pictures.placed(still, A4_PT, A4_PT * 9 / 16, "print", ratio=16 / 9)
    (row,) = printed()
    assert page and (page.width, page.height) == (row.width, row.height) == (3508, 1973) and round(page.width / A4_PT * 72) == 300
    # What is stored goes in as it is, sRGB and without notes.
    assert hashlib.sha256(page.data).hexdigest() == row.sha256 and len(page.data) == row.bytes and row.mime == "image/jpeg"
    told = Picture.open(io.BytesIO(page.data))
    assert told.format == "JPEG" and not told.getexif() and "icc_profile" not in told.info and b"A camera" not in page.data
    assert row.object_key.endswith("-print.jpg") and "/print/" in row.object_key
    monkeypatch.setattr(on_demand, "make", None)
    assert pictures.placed(still, A4_PT, A4_PT * 9 / 16, "print", ratio=16 / 9) == page
    # One that is cut comes from it as well, no larger than its place needs.
    part = pictures.placed(still, 500, 500, "print", ratio=1)
    assert part and (part.width, part.height) == (1973, 1973)
    less = pictures.placed(still, 400, 225, "print", grey=1)
    assert less and (less.width, less.height) == (1667, 938)
    assert not [key for key in public_objects() if "print" in key]
    found = consistency.compare()
    assert (found.unnamed, found.missing) == (0, 0) and row.object_key in objects()
    invariants.check()
    trash.trash(olga, image.id)
    trash.purge(olga, image.id)
    run_jobs(include_later=True)
    assert objects() == [] and printed() == []


@pytest.mark.parametrize("engine", ["sqlite"])
def test_bytes_of_an_original_stay_where_they_can_and_a_turned_one_is_made_upright(olga: Actor) -> None:
    plain = still_of(olga, make_active(olga, new_photo(size=(4000, 2250))))
    exif = Picture.Exif()
    exif[0x0112] = 6
    turned = still_of(olga, make_active(olga, new_photo(size=(2250, 4000), exif=exif.tobytes())))
    assert (turned.width, turned.height) == (4000, 2250)
    whole, upright = (pictures.placed(each, A4_PT, A4_PT * 9 / 16, "print") for each in (plain, turned))
    assert whole and whole.width == 4000 and upright and upright.width == 3508
    with storage.current().open(Blob.get_by_id(plain.blob_id).object_key) as stream:
        original = stream.read()
    rows = original.index(b"\xff\xda")
    assert whole.data[whole.data.index(b"\xff\xda") :] == original[rows:]
    assert [row.blob_id for row in printed()] == [turned.blob_id]
