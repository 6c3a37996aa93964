"""Sizes that are made when somebody first asks: from what, how often, and what is left when things go wrong."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image as Picture

from pindeck import storage
from pindeck.access import VISITOR, Actor
from pindeck.errors import NotFound, Unavailable
from pindeck.imaging import confined
from pindeck.models import Derivative, Image
from pindeck.services.derivatives import build, delivery, on_demand, single_flight
from pindeck.services.images import publishing, trash
from pindeck.services.ingest import uploads
from pindeck.services.ingest.uploads import Arrival
from pindeck.states import ImageStatus, Visibility
from tests import invariants
from tests.conftest import RunJobs
from tests.factories import blob_of, fresh, make_active, make_draft, new_photo, objects, overwrite, together

SQUARES = {"sm": 300, "lg": 700}
PHOTO = {"size": (1600, 1000)}


@pytest.fixture(autouse=True)
def forgiving() -> None:
    single_flight._failed.clear()


def arrived(actor: Actor, data: bytes | None = None, name: str = "still.jpg") -> Image:
    """An active image as the API brings it: its job has not had its turn."""
    staged = uploads.stage(BytesIO(data or new_photo(**PHOTO)))
    return uploads.record(
        actor, staged, name, Arrival(status=ImageStatus.ACTIVE, visibility=Visibility.UNLISTED)
    ).image


def read(key: str) -> bytes:
    with storage.current().open(key) as stream:
        return stream.read()


def opened(found: delivery.Delivery) -> Picture.Image:
    data = read(found.key)
    assert len(data) == found.size
    picture = Picture.open(BytesIO(data))
    picture.load()
    return picture


@pytest.mark.parametrize(("size", "box"), SQUARES.items())
def test_small_ones_come_from_the_stored_medium(
    olga: Actor, size: str, box: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_active(olga, new_photo(**PHOTO), name="Still Life.jpg")
    assert not Derivative.select().where(Derivative.preset == size).exists()
    monkeypatch.setattr(confined, "make", None)
    found = delivery.picture(VISITOR, image.id, size)
    assert opened(found).size == (box, round(box * 0.625))
    stem = blob_of(image).object_key.rpartition("/")[2].removesuffix(".jpg")
    folder = blob_of(image).object_key.rpartition("/original/")[0]
    assert found.key == f"{folder}/thumb/{stem}-{size}.webp"
    monkeypatch.setattr(confined, "from_rendition", None)
    assert delivery.picture(VISITOR, image.id, size) == found
    invariants.check()


@pytest.mark.parametrize("size", delivery.SIZES)
def test_every_size_is_there_before_the_job_had_its_turn(olga: Actor, size: str, run_jobs: RunJobs) -> None:
    image = arrived(olga)
    early = delivery.picture(VISITOR, image.id, size)
    shape = opened(early).size
    run_jobs()
    late = delivery.picture(VISITOR, image.id, size)
    assert opened(late).size == shape
    assert opened(early).size == shape  # whoever began to read it can read on
    run_jobs(include_later=True)
    invariants.check()
    assert len(objects()) == 1 + Derivative.select().count()


def test_a_draft_waits_for_its_job_but_for_the_small_ones(olga: Actor) -> None:
    draft = make_draft(olga, new_photo(**PHOTO))
    assert opened(delivery.picture(olga, draft.id, "sm")).size == (300, 188)
    for size in ("preview", "small", "medium", "large"):
        with pytest.raises(NotFound):
            delivery.picture(olga, draft.id, size)


@pytest.mark.parametrize("size", ["lg", "medium"])
@pytest.mark.parametrize("staged", [True, False])
def test_many_at_once_get_one_object(olga: Actor, size: str, staged: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    image = arrived(olga) if staged else make_active(olga, new_photo(**PHOTO))
    Derivative.delete().where(Derivative.preset == size).execute()
    before = set(objects())
    calls, real = [], on_demand._draw

    def counted(*args: Any) -> Any:
        calls.append(1)
        return real(*args)

    monkeypatch.setattr(on_demand, "_draw", counted)
    found = together(6, lambda _: [delivery.picture(VISITOR, image.id, size) for _ in range(9)])
    flat = {each for answers in found for each in answers}  # type: ignore[union-attr]
    assert (len(flat), len(calls)) == (1, 1)
    made = flat.pop()
    assert set(objects()) - before <= {made.key}
    assert Derivative.select().where(Derivative.preset == size).count() == 1
    opened(made)


@pytest.mark.parametrize("size", ["sm", "medium"])
def test_a_size_of_an_older_preset_is_made_anew(olga: Actor, size: str, run_jobs: RunJobs) -> None:
    image = make_active(olga, new_photo(**PHOTO))
    before = delivery.picture(VISITOR, image.id, size)
    Derivative.update(preset_version=0).where(Derivative.preset == size).execute()
    overwrite(before.key, b"the old look")
    after = delivery.picture(VISITOR, image.id, size)
    assert after.key != before.key
    opened(after)
    assert read(before.key) == b"the old look"  # somebody may be reading it
    run_jobs(include_later=True)
    assert before.key not in objects()
    invariants.check()


def test_an_older_one_is_better_than_none(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    image = make_active(olga, new_photo(**PHOTO))
    before = delivery.picture(VISITOR, image.id, "small")
    Derivative.update(preset_version=0).execute()
    overwrite(blob_of(image).object_key, b"damaged")
    assert delivery.picture(VISITOR, image.id, "small") == before


def test_what_cannot_be_made_is_said_and_not_tried_again_at_once(
    olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = arrived(olga)
    overwrite(blob_of(image).object_key, b"damaged")
    for _ in range(2):
        with pytest.raises(Unavailable) as caught:
            delivery.picture(VISITOR, image.id, "sm")
        assert caught.value.code == "DERIVATIVE_UNAVAILABLE" and caught.value.retry_after_s > 0
        monkeypatch.setattr(on_demand, "_draw", None)
    assert Derivative.select().count() == 0
    single_flight._failed.clear()
    storage.current().delete(blob_of(image).object_key)
    monkeypatch.undo()
    with pytest.raises(Unavailable):
        delivery.picture(VISITOR, image.id, "sm")


@pytest.mark.parametrize("staged", [True, False])
def test_deleted_while_it_is_made_nothing_remains(
    olga: Actor, staged: bool, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = arrived(olga) if staged else make_active(olga, new_photo(**PHOTO))
    real = on_demand._draw

    def late(*args: Any) -> Any:
        made = real(*args)
        trash.purge(olga, image.id)
        return made

    monkeypatch.setattr(on_demand, "_draw", late)
    with pytest.raises(NotFound):
        delivery.picture(olga, image.id, "sm")
    run_jobs(include_later=True)
    assert (objects(), Derivative.select().count()) == ([], 0)


def test_deleted_while_it_is_made_it_stays_for_another_image_of_the_same_bytes(
    olga: Actor, sam: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = new_photo(**PHOTO)
    mine, other = make_active(olga, data), make_active(sam, data)
    real = on_demand._draw

    def late(*args: Any) -> Any:
        trash.purge(olga, mine.id)
        return real(*args)

    monkeypatch.setattr(on_demand, "_draw", late)
    with pytest.raises(NotFound):
        delivery.picture(olga, mine.id, "sm")
    run_jobs(include_later=True)
    opened(delivery.picture(VISITOR, other.id, "sm"))
    invariants.check()


def test_equal_bytes_that_come_back_while_the_first_ones_go_keep_their_sizes(olga: Actor, run_jobs: RunJobs) -> None:
    data = new_photo(**PHOTO)
    first = arrived(olga, data)
    before = delivery.picture(olga, first.id, "sm")
    trash.purge(olga, first.id)
    again = arrived(olga, data)
    found = delivery.picture(olga, again.id, "sm")
    assert found.key != before.key
    run_jobs(include_later=True)
    opened(delivery.picture(olga, again.id, "sm"))
    invariants.check()


def test_the_job_and_a_request_may_make_the_same_size_at_once(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = arrived(olga)
    real = on_demand._draw

    def meanwhile(*args: Any) -> Any:
        made = real(*args)
        build.run(image.id, lambda stage, percent: None)
        return made

    monkeypatch.setattr(on_demand, "_draw", meanwhile)
    found = delivery.picture(VISITOR, image.id, "medium")
    assert found.key == Derivative.get(Derivative.preset == "medium").object_key
    opened(found)
    publishing.request(image.id)
    run_jobs(include_later=True)
    invariants.check()
    assert len(objects()) == 1 + Derivative.select().count()


def test_the_first_frame_upright_and_never_enlarged(olga: Actor) -> None:
    exif = Picture.Exif()
    exif[0x0112] = 6
    turned = arrived(olga, new_photo(size=(400, 200), exif=exif))
    assert opened(delivery.picture(VISITOR, turned.id, "sm")).size == (150, 300)
    tiny = make_active(olga, new_photo(size=(100, 80), format="PNG"))
    assert opened(delivery.picture(VISITOR, tiny.id, "lg")).size == (100, 80)
    assert fresh(tiny).width == 100
