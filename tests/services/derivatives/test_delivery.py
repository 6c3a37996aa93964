"""Which object answers an address, and for how long that answer may be kept."""

import pytest

from pindeck.access import VISITOR, Actor
from pindeck.errors import Invalid, NotFound, NotSignedIn
from pindeck.models import Derivative, StoredFile
from pindeck.services.derivatives import delivery
from pindeck.services.images import aliases, moderation, publishing, trash
from pindeck.states import Visibility
from tests.conftest import ChangeSettings, RunJobs
from tests.factories import blob_of, fresh, make_active, make_draft

PUBLIC = "public, max-age=86400"
PRIVATE = "private, no-cache"


@pytest.mark.parametrize("size", [None, "full"])
def test_an_original_is_answered_with_its_hash(olga: Actor, size: str | None) -> None:
    image, found = make_active(olga, name="Gasse ü.jpg"), None
    found = delivery.picture(VISITOR, image.id, size)
    blob = blob_of(image)
    assert (found.key, found.sha256, found.size) == (blob.object_key, blob.sha256, blob.size)
    assert (found.mime, found.filename, found.is_public) == ("image/jpeg", "Gasse ü.jpg", True)
    assert found.cache == PUBLIC + ", immutable"


@pytest.mark.parametrize("size", delivery.SIZES)
def test_the_api_answers_for_the_eyes_of_the_caller(olga: Actor, size: str) -> None:
    image = make_active(olga)
    found = delivery.sized(olga, image, size)
    assert (found.cache, found.is_public) == ("private, max-age=86400", False)
    assert set(found.vary) == {"Cookie", "Authorization", "X-API-Key", "Accept"}
    assert found.key == delivery.picture(VISITOR, image.id, size).key
    with pytest.raises(NotSignedIn):
        trash.trash(olga, image.id)
        delivery.sized(VISITOR, fresh(image), size)


@pytest.mark.parametrize("size", delivery.SIZES)
def test_every_rendition_is_answered(olga: Actor, size: str) -> None:
    image = make_active(olga, name="alley.jpg")
    found = delivery.picture(VISITOR, image.id, size)
    row = Derivative.get(Derivative.preset == size)
    assert (found.key, found.sha256, found.size) == (row.object_key, row.sha256, row.bytes)
    assert (found.mime, found.filename, found.cache) == ("image/webp", f"alley-{size}.webp", PUBLIC)


@pytest.mark.parametrize("size", ["huge", "SM", "../small", "\x00", "x" * 999])
def test_a_size_that_does_not_exist_is_refused(olga: Actor, size: str) -> None:
    image = make_draft(olga)
    for ask in (lambda: delivery.picture(olga, image.id, size), lambda: delivery.sized(olga, image, size)):
        with pytest.raises(Invalid) as caught:
            ask()
        assert len(caught.value.message) < 200
        assert (caught.value.code, caught.value.status) == ("INVALID_SIZE", 400)


def test_a_draft_is_answered_to_its_owner_only_and_not_kept(
    olga: Actor, sam: Actor, mo: Actor, run_jobs: RunJobs
) -> None:
    image = make_draft(olga)
    assert delivery.picture(olga, image.id, None).cache == PRIVATE
    with pytest.raises(NotFound):
        delivery.picture(olga, image.id, "small")
    run_jobs()
    for actor in (olga, mo):
        found = delivery.picture(actor, image.id, "small")
        assert (found.cache, found.is_public) == (PRIVATE, False)
    for actor in (sam, VISITOR):
        with pytest.raises(NotFound):
            delivery.picture(actor, image.id, "small")


def test_what_lies_in_the_trash_is_answered_to_its_owner_only(olga: Actor, sam: Actor) -> None:
    image = make_active(olga)
    trash.trash(olga, image.id)
    assert delivery.picture(olga, image.id, "small").cache == PRIVATE
    for actor in (sam, VISITOR):
        with pytest.raises(NotFound):
            delivery.picture(actor, image.id, "small")


def test_a_private_library_is_answered_to_people_only_and_not_kept(olga: Actor, gus: Actor, change_settings: ChangeSettings) -> None:
    image = make_active(olga)
    change_settings(public_library=False)
    assert delivery.picture(gus, image.id, "small").cache == PRIVATE
    with pytest.raises(NotFound):
        delivery.picture(VISITOR, image.id, "small")
    moderation.update(olga, image.id, {}, visibility=Visibility.UNLISTED)
    assert delivery.picture(VISITOR, image.id, "small").is_public


def test_a_stored_file_is_answered_to_whoever_has_its_key(olga: Actor) -> None:
    image = make_active(olga, name="still.jpg")
    file = StoredFile.get()
    found = delivery.stored_file(VISITOR, file.file_key)
    assert (found.key, found.filename, found.is_public) == (blob_of(image).object_key, "still.jpg", False)
    assert found.cache == "private, max-age=3600"
    trash.purge(olga, image.id)
    for key in (file.file_key, file.id):
        with pytest.raises(NotFound):
            delivery.stored_file(olga, key)
    for key in ("", "x"):
        with pytest.raises(Invalid):
            delivery.stored_file(olga, key)


def test_the_file_of_a_picture_is_answered_like_the_picture(
    olga: Actor, sam: Actor, mo: Actor, run_jobs: RunJobs
) -> None:
    image = make_draft(olga)
    key = StoredFile.get().file_key

    def check_hidden() -> None:
        for actor in (olga, mo):
            assert delivery.stored_file(actor, key).cache == PRIVATE
        for actor in (sam, VISITOR):
            with pytest.raises(NotFound):
                delivery.stored_file(actor, key)

    def check_open() -> None:
        for actor in (olga, sam, VISITOR):
            assert delivery.stored_file(actor, key).cache == "private, max-age=3600"

    check_hidden()
    run_jobs()
    publishing.publish(olga, image.id)
    check_open()
    trash.trash(olga, image.id)
    check_hidden()
    trash.restore(olga, image.id)
    check_open()
    moderation.update(olga, image.id, {}, visibility=Visibility.PRIVATE)
    check_hidden()
    moderation.update(olga, image.id, {}, visibility=Visibility.UNLISTED)
    check_open()


def test_the_files_of_a_private_library_are_answered_to_people_only(olga: Actor, gus: Actor, change_settings: ChangeSettings) -> None:
    image, key = make_active(olga), StoredFile.get().file_key
    change_settings(public_library=False)
    assert delivery.stored_file(gus, key).cache == PRIVATE
    with pytest.raises(NotFound):
        delivery.stored_file(VISITOR, key)
    moderation.update(olga, image.id, {}, visibility=Visibility.UNLISTED)
    assert delivery.stored_file(VISITOR, key).cache == "private, max-age=3600"


def test_a_name_leads_to_its_picture_and_is_asked_again_each_time(olga: Actor) -> None:
    one, two = make_active(olga), make_active(olga, project="Noir")
    aliases.assign(olga, one.id, "@Hero")
    aliases.assign(olga, two.id, "@hero")
    assert delivery.picture(VISITOR, "@hero", None).image_id == one.id
    found = delivery.picture(VISITOR, "@HERO", "sm", project="noir")
    assert (found.image_id, found.cache, found.is_public) == (two.id, "public, no-cache", True)
    moderation.update(olga, one.id, {}, visibility=Visibility.PRIVATE)
    assert delivery.picture(olga, "@hero", None).cache == PRIVATE
    for ref, project in (("@hero", None), ("@nobody", None), ("@!", None), ("@last", None), ("@hero", "nowhere")):
        with pytest.raises(NotFound) as caught:
            delivery.picture(VISITOR, ref, None, project=project)
        assert (caught.value.code, caught.value.message) == ("IMAGE_NOT_FOUND", "There is no such image.")
