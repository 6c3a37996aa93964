"""One image: who sees it, likes and views that count right, and its place."""

import pytest

from pindeck.access import VISITOR, Actor
from pindeck.errors import Forbidden, NotFound, NotSignedIn
from pindeck.models import Like, User
from pindeck.services.images import detail as images
from pindeck.services.images import history, ledger, projects, undoing
from pindeck.services.images.fields import FIELDS
from tests import invariants
from tests.conftest import ChangeSettings, count_queries
from tests.factories import fresh, make_active, make_row, together


def test_the_detail_shows_owner_words_and_addresses(olga: Actor, sam: Actor) -> None:
    image = make_active(olga, title="Rain", tags="neon")
    images.toggle_like(sam, image.id)
    detail = images.get_detail(sam, image.id)
    assert (detail.owner_name, detail.liked, detail.has_place) == ("Olga", True, False)
    assert "neon" in detail.tags
    assert detail.urls.download == f"/i/{image.id}?download=1"
    assert [field.name for field in detail.fields] == list(FIELDS)
    title = detail.fields[0]
    assert (title.value, title.writer, title.editable) == ("Rain", "person", True)
    assert title.based_on == ledger.latest(image.id, ["title"])["title"].id


def test_a_person_without_a_name_is_not_called_by_an_address(olga: Actor, sam: Actor, gus: Actor) -> None:
    User.update(name="").execute()
    image = make_active(olga, title="Rain", tags="neon")
    ledger.edit(sam, image.id, "title", "Snow", based_on=None)
    told = {images.get_detail(sam, image.id).owner_name, *(event.who for event in history.history(olga, image.id))}
    assert {"olga", "sam"}.isdisjoint(name.casefold() for name in told) and "Somebody without a name" in told
    assert User.get_by_id(gus.user_id).display_name == "Guest"


def test_who_sees_an_image(olga: Actor, sam: Actor, mo: Actor, gus: Actor, change_settings: ChangeSettings) -> None:
    def seen(**columns: object) -> list[str]:
        image = make_row(olga, **columns)  # type: ignore[arg-type]
        people = {"visitor": VISITOR, "gus": gus, "sam": sam, "olga": olga, "mo": mo}
        found = []
        for name, actor in people.items():
            try:
                images.get_detail(actor, image.id)
                found.append(name)
            except NotFound:
                pass
        return found

    everybody = ["visitor", "gus", "sam", "olga", "mo"]
    assert seen() == everybody
    assert seen(visibility="unlisted") == everybody
    for hidden in ({"status": "draft"}, {"status": "pending"}, {"status": "broken"}, {"visibility": "private"}):
        assert seen(**hidden) == ["olga", "mo"], hidden
    assert seen(deleted_at=1) == []
    change_settings(public_library=False)
    assert seen() == everybody[1:]
    assert seen(visibility="unlisted") == everybody


def test_nobody_but_curators_is_offered_to_edit(olga: Actor, gus: Actor) -> None:
    image = make_row(olga)
    projects.find_or_create("Blade")
    for actor in (VISITOR, gus):
        fields = images.get_detail(actor, image.id).fields
        assert not any(field.editable or field.options for field in fields)
    make_row(olga, project="Noir")
    project = next(field for field in images.get_detail(olga, image.id).fields if field.name == "project")
    assert project.options == ["Noir"]  # a project without a picture that one may see is not offered


def test_a_detail_costs_the_same_queries_however_much_there_is(olga: Actor) -> None:
    first = make_row(olga)
    with count_queries() as few:
        images.get_detail(olga, first.id)
    for number in range(20):
        ledger.edit(olga, first.id, "title", f"Title {number}")
        make_row(olga)
    ledger.edit(olga, first.id, "tags", [f"tag {number}" for number in range(40)])
    with count_queries() as many:
        images.get_detail(olga, first.id)
    assert len(few) == len(many)


# Likes


def test_a_like_is_given_and_taken_back(olga: Actor, sam: Actor) -> None:
    image = make_row(olga)
    assert images.toggle_like(sam, image.id) == (True, 1)
    assert images.toggle_like(olga, image.id) == (True, 2)
    assert images.toggle_like(sam, image.id) == (False, 1)
    assert fresh(image).likes == Like.select().count() == 1


def test_parallel_toggles_leave_a_counter_that_equals_the_rows(olga: Actor, sam: Actor, mo: Actor) -> None:
    image, people = make_row(olga), [olga, sam, mo]

    def toggle(number: int) -> None:
        for _ in range(5):
            images.toggle_like(people[number % 3], image.id)

    assert together(6, toggle) == [None] * 6
    assert fresh(image).likes == Like.select().where(Like.image_id == image.id).count()
    # Ten toggles a person: an even number ends where it began.
    assert fresh(image).likes == 0


def test_parallel_likes_of_one_person_count_as_one_person(olga: Actor) -> None:
    image = make_row(olga)
    results = together(5, lambda _: images.toggle_like(olga, image.id))
    assert sorted(result[0] for result in results if isinstance(result, tuple)) == [False, False, True, True, True]
    assert fresh(image).likes == Like.select().count() == 1


def test_visitors_and_guests_do_not_like(olga: Actor, gus: Actor) -> None:
    image = make_row(olga)
    with pytest.raises(NotSignedIn):
        images.toggle_like(VISITOR, image.id)
    with pytest.raises(Forbidden):
        images.toggle_like(gus, image.id)
    assert fresh(image).likes == 0


def test_what_is_not_seen_is_not_liked(olga: Actor, sam: Actor) -> None:
    with pytest.raises(NotFound):
        images.toggle_like(sam, make_row(olga, status="draft").id)


# Views


def test_a_session_counts_one_view_of_an_image(olga: Actor, sam: Actor) -> None:
    one, other = make_row(olga), make_row(olga)
    assert [images.count_view(sam, one.id) for _ in range(3)] == [True, False, False]
    assert images.count_view(olga, one.id)
    assert images.count_view(sam, other.id)
    assert (fresh(one).views, fresh(other).views) == (2, 1)


def test_the_same_view_from_several_tabs_counts_once(olga: Actor, sam: Actor) -> None:
    image = make_row(olga)
    assert sorted(map(bool, together(5, lambda _: images.count_view(sam, image.id)))) == [False] * 4 + [True]
    assert fresh(image).views == 1


def test_a_visitor_does_not_count(olga: Actor) -> None:
    image = make_row(olga)
    assert images.count_view(VISITOR, image.id) is False
    assert fresh(image).views == 0


# The place


def test_the_place_is_for_owner_and_administrators(olga: Actor, sam: Actor, mo: Actor, gus: Actor) -> None:
    image = make_row(olga, gps=[52.5, 13.25])
    assert images.place_of(olga, image.id) == images.place_of(mo, image.id) == [52.5, 13.25]
    for actor, error in ((sam, Forbidden), (gus, Forbidden), (VISITOR, NotSignedIn)):
        with pytest.raises(error):
            images.place_of(actor, image.id)
    assert images.place_of(olga, make_row(olga).id) is None


# Editing through the drawer


def test_an_edit_comes_back_saved_with_its_action(olga: Actor) -> None:
    image = make_row(olga, title="Rain")
    view, action = images.edit_field(olga, image.id, "title", "Snow", based_on=None)
    assert (view.value, view.saved, view.error, view.writer) == ("Snow", True, None, "person")
    assert undoing.undo(olga, str(action)).image_ids == [image.id]


def test_an_edit_that_changes_nothing_offers_no_undo(olga: Actor) -> None:
    image = make_row(olga, title="Rain")
    assert images.edit_field(olga, image.id, "title", " Rain ", based_on=None)[1] is None


def test_a_bad_value_comes_back_at_its_field_as_it_was_typed(olga: Actor) -> None:
    image = make_row(olga, title="Rain")
    view, action = images.edit_field(olga, image.id, "title", "x" * 201, based_on=None)
    assert (view.value, view.saved, action) == ("x" * 201, False, None)
    assert "200" in str(view.error)
    assert fresh(image).title == "Rain"


def test_a_conflict_comes_back_with_both_values(olga: Actor, sam: Actor) -> None:
    image = make_row(olga, tags=["neon"])
    seen = ledger.latest(image.id, ["tags"])["tags"].id
    ledger.edit(sam, image.id, "tags", "wet, rain")
    view, action = images.edit_field(olga, image.id, "tags", "snow", based_on=seen)
    assert (view.value, view.theirs, action) == ("snow", "wet, rain", None)
    assert view.based_on > seen


def test_a_form_of_tags_that_is_sent_as_it_was_changes_nothing(olga: Actor) -> None:
    image = make_row(olga, tags=["neon", "original", "rain"])
    (shown,) = [field.value for field in images.get_detail(olga, image.id).fields if field.name == "tags"]
    assert shown == ["neon", "rain"]
    assert images.edit_field(olga, image.id, "tags", "neon, rain", based_on=None)[1] is None
    assert images.edit_field(olga, image.id, "tags", "", based_on=None)[0].value == []
    assert ledger.tags_of(image.id) == ["original"]


def test_a_unique_id_that_is_taken_is_told_at_the_field(olga: Actor) -> None:
    make_row(olga, unique_tag="BR-01")
    view, action = images.edit_field(olga, make_row(olga).id, "unique_tag", "BR-01", based_on=None)
    assert (view.value, view.theirs, action) == ("BR-01", None, None)
    assert view.error


def test_the_invariants_hold_after_all_of_it(olga: Actor, sam: Actor) -> None:
    image = make_active(olga)
    images.toggle_like(sam, image.id)
    images.count_view(sam, image.id)
    ledger.edit(sam, image.id, "project", "Blade")
    invariants.check()
