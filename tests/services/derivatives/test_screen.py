"""The size for a whole screen: made from the original when first asked for, and wherever the picture goes it goes too."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image as Picture

from pindeck import storage
from pindeck.access import VISITOR, Actor
from pindeck.imaging import confined
from pindeck.models import Derivative, Image
from pindeck.services.derivatives import delivery, on_demand, single_flight
from pindeck.services.images import image_urls, moderation, publishing, trash
from pindeck.storage import keys
from tests import invariants
from tests.conftest import RunJobs
from tests.factories import blob_of, fresh, make_active, new_photo, objects, public_objects, published

PHOTO = {"size": (3000, 2000)}


@pytest.fixture(autouse=True)
def forgiving() -> None:
    single_flight._failed.clear()


def size_of(found: delivery.Delivery) -> tuple[int, int]:
    with storage.current().open(found.key) as stream:
        return Picture.open(BytesIO(stream.read())).size


def copy_of(image: Image) -> str:
    return keys.public_key(str(fresh(image).public_token), "screen")


def all_copies(image: Image) -> list[str]:
    return sorted([*published(fresh(image)), copy_of(image)])


def test_it_comes_from_the_original_and_lies_beside_it(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    image = make_active(olga, new_photo(**PHOTO), name="Still Life.jpg")
    assert not Derivative.select().where(Derivative.preset == "screen").exists()
    monkeypatch.setattr(confined, "from_rendition", None)
    found = delivery.picture(VISITOR, image.id, "screen")
    assert size_of(found) == (2560, 1707)
    folder, _, name = blob_of(image).object_key.rpartition("/original/")
    assert found.key == f"{folder}/high/{name.removesuffix('.jpg')}-w2560.webp"
    monkeypatch.setattr(confined, "make", None)
    assert delivery.picture(VISITOR, image.id, "screen") == found
    invariants.check()


def test_pages_name_what_has_more_pixels_and_the_copy_when_there_is_one(olga: Actor) -> None:
    image = make_active(olga, new_photo(**PHOTO))
    original, asked = f"/i/{image.id}", f"/i/{image.id}?size=screen"
    assert image_urls.urls_of(fresh(image)).sharper == (asked, original)
    delivery.picture(VISITOR, image.id, "screen")
    assert image_urls.urls_of(fresh(image)).sharper == (f"/media/{copy_of(image)}", original)
    moderation.update(olga, image.id, {}, visibility="private")
    assert image_urls.urls_of(fresh(image)).sharper == (asked, original)


@pytest.mark.parametrize(("size", "sharper"), [((2000, 1000), 1), ((1280, 900), 0), ((600, 1400), 0), ((1000, 6000), 0)])
def test_nothing_is_enlarged_and_nothing_offered_that_is_no_sharper(
    olga: Actor, size: tuple[int, int], sharper: int
) -> None:
    image = make_active(olga, new_photo(size=size))
    assert len(image_urls.urls_of(fresh(image)).sharper) == sharper
    width, height = size_of(delivery.picture(VISITOR, image.id, "screen"))
    assert (width, height) == (size if max(size) <= 2560 else (427, 2560))


def test_it_is_published_hidden_and_deleted_with_the_picture(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_active(olga, new_photo(**PHOTO))
    delivery.picture(VISITOR, image.id, "screen")
    assert public_objects() == all_copies(image)
    moderation.update(olga, image.id, {}, visibility="private")
    assert public_objects() == []
    moderation.update(olga, image.id, {}, visibility="library")
    run_jobs()
    assert public_objects() == all_copies(image)
    invariants.check()
    trash.trash(olga, image.id)
    assert public_objects() == []
    trash.purge(olga, image.id)
    run_jobs(include_later=True)
    assert objects() == public_objects() == []


def test_every_picture_of_equal_bytes_gets_its_copy(olga: Actor, sam: Actor) -> None:
    data = new_photo(**PHOTO)
    one, two = make_active(olga, data), make_active(sam, data)
    delivery.picture(VISITOR, one.id, "screen")
    assert public_objects() == sorted(all_copies(one) + all_copies(two))


def test_a_picture_that_becomes_public_while_it_is_drawn_has_its_copy(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_active(olga, new_photo(**PHOTO))
    moderation.update(olga, image.id, {}, visibility="private")
    real = on_demand.public_copies.tokens_of

    def before(blob_id: str) -> set[str]:
        """Its job runs when the maker has looked whom to copy it for."""
        found = real(blob_id)
        monkeypatch.setattr(on_demand.public_copies, "tokens_of", real)
        moderation.update(olga, image.id, {}, visibility="library")
        run_jobs()
        return found

    monkeypatch.setattr(on_demand.public_copies, "tokens_of", before)
    delivery.picture(olga, image.id, "screen")
    assert public_objects() == all_copies(image)
    invariants.check()


def test_one_that_is_made_while_the_others_are_copied_is_copied_as_well(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_active(olga, new_photo(**PHOTO))
    moderation.update(olga, image.id, {}, visibility="private")
    moderation.update(olga, image.id, {}, visibility="library")
    real, asked = publishing._show_at, []

    def late(*args: Any) -> bool | None:
        if not asked:
            asked.append(delivery.picture(olga, image.id, "screen"))
        return real(*args)

    monkeypatch.setattr(publishing, "_show_at", late)
    run_jobs()
    assert asked and public_objects() == all_copies(image)
    invariants.check()


def test_one_that_is_hidden_while_it_is_drawn_does_not_become_public_again(
    olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_active(olga, new_photo(**PHOTO))
    real = storage.current().publish

    def hide_first(*args: Any, **more: Any) -> None:
        moderation.update(olga, image.id, {}, visibility="private")
        real(*args, **more)

    monkeypatch.setattr(storage.current(), "publish", hide_first)
    delivery.picture(olga, image.id, "screen")
    assert public_objects() == []
