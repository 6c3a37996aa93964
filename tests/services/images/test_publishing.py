"""Into the library and out of it: public copies appear, and are gone before the answer."""

import pytest

from pindeck import jobs, storage
from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, Forbidden, NotFound, NotSignedIn, Upstream
from pindeck.models import Activity, Image
from pindeck.services.images import image_urls, moderation, publishing, trash
from pindeck.states import ImageStatus, Visibility
from tests import invariants
from tests.conftest import ChangeSettings, RunJobs
from tests.factories import fresh, jobs_of, make_active, make_draft, public_objects, published


def test_publishing_makes_a_token_and_copies(olga: Actor) -> None:
    image = make_active(olga)
    assert image.status == ImageStatus.ACTIVE
    assert len(str(image.public_token)) == 32
    assert public_objects() == published(image)
    assert Activity.select().where((Activity.verb == "image.publish") & (Activity.image_id == image.id)).count() == 1
    invariants.check()


def test_the_pages_name_the_copies(olga: Actor) -> None:
    image = make_active(olga)
    urls = image_urls.urls_of(image)
    assert [urls.preview, urls.small, urls.medium, urls.large] == [
        f"/media/{storage.keys.public_key(str(image.public_token), size)}" for size in ("preview", "small", "medium", "large")
    ]


def test_a_draft_has_no_copies(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_draft(olga)
    run_jobs()
    assert fresh(image).public_token is None
    assert public_objects() == []
    assert image_urls.urls_of(fresh(image)).small == f"/i/{image.id}?size=small"


def test_a_draft_published_before_it_is_safe_gets_its_copies_once_it_is(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_draft(olga)
    publishing.publish(olga, image.id)
    assert jobs_of("publish") == []
    run_jobs()
    assert public_objects() == published(fresh(image))


def test_a_draft_is_published_once(olga: Actor) -> None:
    image = make_draft(olga)
    publishing.publish(olga, image.id)
    with pytest.raises(Conflict):
        publishing.publish(olga, image.id)


def test_the_trash_takes_the_copies_away_at_once(olga: Actor) -> None:
    image = make_active(olga)
    trash.trash(olga, image.id)
    assert public_objects() == []
    assert fresh(image).public_token is None


def test_copies_that_could_not_be_taken_away_at_once_go_by_a_job(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_active(olga)

    def away(key: str) -> None:
        raise Upstream("The store does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(storage.current(), "unpublish", away)
        trash.trash(olga, image.id)
        run_jobs()
    assert fresh(image).public_token is None
    assert len(public_objects()) == 4
    run_jobs(include_later=True)
    assert public_objects() == []


def test_a_restored_image_gets_a_new_address(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_active(olga)
    trash.trash(olga, image.id)
    trash.restore(olga, image.id)
    run_jobs()
    again = fresh(image)
    assert again.public_token not in (None, image.public_token)
    assert public_objects() == published(again)


def test_a_private_image_loses_its_copies_at_once_and_comes_back_under_a_new_address(
    olga: Actor, run_jobs: RunJobs
) -> None:
    image = make_active(olga)
    moderation.update(olga, image.id, {}, visibility=Visibility.PRIVATE)
    assert public_objects() == []
    moderation.update(olga, image.id, {}, visibility=Visibility.LIBRARY)
    run_jobs()
    again = fresh(image)
    assert again.public_token not in (None, image.public_token)
    assert public_objects() == published(again)


def test_an_unlisted_image_keeps_its_copies(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_active(olga)
    moderation.update(olga, image.id, {}, visibility=Visibility.UNLISTED)
    run_jobs()
    assert public_objects() == published(image)


def test_a_private_library_publishes_only_what_is_unlisted(olga: Actor, run_jobs: RunJobs, change_settings: ChangeSettings) -> None:
    change_settings(public_library=False)
    listed, unlisted = make_active(olga), make_active(olga)
    assert public_objects() == []
    assert fresh(listed).public_token is None
    moderation.update(olga, unlisted.id, {}, visibility=Visibility.UNLISTED)
    run_jobs()
    assert public_objects() == published(fresh(unlisted))
    moderation.update(olga, unlisted.id, {}, visibility=Visibility.LIBRARY)
    assert public_objects() == []


def test_the_job_run_twice_copies_once(olga: Actor) -> None:
    image = make_active(olga)
    (job,) = jobs_of("publish")
    jobs.function_of("pindeck.jobs.images.publish")(job)
    assert fresh(image).public_token == image.public_token
    assert public_objects() == published(image)


def test_a_second_token_loses_and_its_copies_go(olga: Actor) -> None:
    image = make_active(olga)
    publishing.copy_out(image.id, "f" * 32)
    assert fresh(image).public_token == image.public_token
    assert public_objects() == published(image)


def test_an_image_hidden_while_it_is_copied_leaves_no_copies(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_draft(olga)
    run_jobs()
    publishing.publish(olga, image.id)
    publish, done = storage.current().publish, []

    def hide_first(*args: object, **kwargs: object) -> None:
        if not done:
            done.append(trash.trash(olga, image.id))
        publish(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(storage.current(), "publish", hide_first)
    run_jobs()
    assert done
    assert public_objects() == []
    assert fresh(image).public_token is None


def test_an_image_that_is_gone_leaves_no_copies(olga: Actor) -> None:
    image = make_active(olga)
    trash.purge(olga, image.id)
    assert public_objects() == []
    publishing.copy_out(image.id, str(image.public_token))
    assert public_objects() == []


def test_strangers_do_not_see_a_draft_and_visitors_do_not_either(olga: Actor, sam: Actor, gus: Actor) -> None:
    image = make_draft(olga)
    for actor in (sam, gus, VISITOR):
        with pytest.raises(NotFound):
            publishing.publish(actor, image.id)
    assert fresh(image).status == ImageStatus.DRAFT


def test_an_administrator_may_publish_the_draft_of_somebody_else(olga: Actor, mo: Actor) -> None:
    assert publishing.publish(mo, make_draft(olga).id).image.status == ImageStatus.ACTIVE


def test_only_owner_and_administrators_change_who_sees_an_image(
    olga: Actor, sam: Actor, mo: Actor, gus: Actor
) -> None:
    image = make_active(olga)
    for actor, error in ((sam, Forbidden), (gus, Forbidden), (VISITOR, NotSignedIn)):
        with pytest.raises(error):
            moderation.update(actor, image.id, {}, visibility=Visibility.PRIVATE)
    moderation.update(mo, image.id, {}, visibility=Visibility.PRIVATE)
    assert fresh(image).visibility == Visibility.PRIVATE
    with pytest.raises(NotFound):
        moderation.update(sam, image.id, {}, visibility=Visibility.LIBRARY)


def test_a_draft_in_the_trash_is_not_published(olga: Actor) -> None:
    image = make_draft(olga)
    trash.trash(olga, image.id)
    with pytest.raises(NotFound):
        publishing.publish(olga, image.id)
    assert publishing.publish_many(olga, [image.id]) == ([], None)
    assert Image.get().status == ImageStatus.DRAFT


def test_the_public_place_follows_the_setting_when_it_changes(olga, run_jobs, change_settings: ChangeSettings):
    image = make_active(olga)
    run_jobs()
    assert fresh(image).public_token
    change_settings(public_library=False)
    assert publishing.sweep() == 1
    run_jobs()
    assert fresh(image).public_token is None
    assert public_objects() == []
    change_settings(public_library=True)
    assert publishing.sweep() == 1
    run_jobs()
    assert len(published(fresh(image))) == 4
    assert publishing.sweep() == 0
