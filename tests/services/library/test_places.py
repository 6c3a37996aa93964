"""Projects and people as places: who is shown which, with numbers that count what one finds there and nothing else."""

import pytest

from pindeck.access import VISITOR, Actor
from pindeck.errors import NotFound, NotSignedIn
from pindeck.models import Image, User
from pindeck.services.library import places
from pindeck.states import ImageStatus
from tests.conftest import ChangeSettings, count_queries
from tests.factories import make_row
from tests.services.library.test_gallery import HIDDEN


@pytest.fixture
def world(olga: Actor, sam: Actor) -> dict[str, list[Image]]:
    return {
        "Blade": [make_row(olga, title=title, project="Blade") for title in ("C", "A", "B")],
        "alien": [make_row(sam, title="Egg", project="alien")],
        "": [make_row(sam, title="Loose")],
    }


def test_projects_come_by_name_with_their_numbers_and_what_has_none_comes_last(world: object, gus: Actor) -> None:
    found, more = places.list_projects(gus)
    assert [(place.name, place.count) for place in found] == [("alien", 1), ("Blade", 3), ("Without a project", 1)]
    assert more is None and found[1].shown[0].title == "A"
    first, more = places.list_projects(gus, limit=2)
    rest, end = places.list_projects(gus, limit=2, after=more)
    assert [place.name for place in [*first, *rest]] == ["alien", "Blade", "Without a project"] and end is None
    assert [(place.name, place.count) for place in places.largest(gus)[0]] == [("alien", 1), ("Blade", 3)]


def test_a_row_stands_by_place_then_by_title_and_is_paged(world: dict[str, list[Image]], olga: Actor, gus: Actor) -> None:
    c = world["Blade"][0]
    Image.update(project_order=0).where(Image.seq == c.seq).execute()
    place = places.find(gus, "blade")
    assert [image.title for image in places.row_page(gus, place).images] == ["C", "A", "B"]
    titles, after = [], None
    for _ in range(3):
        page = places.row_page(gus, place, after=after, limit=1)
        titles += [image.title for image in page.images]
        after = page.next_after
    assert titles == ["C", "A", "B"] and after is None
    for title in ("Shot 10", "egg 2", "shot 2"):
        make_row(olga, title=title, project="alien")
    assert [image.title for image in places.row_page(gus, places.find(gus, "alien")).images] == ["Egg", "egg 2", "shot 2", "Shot 10"]


@pytest.mark.parametrize("columns", HIDDEN)
def test_what_is_hidden_makes_no_place_and_no_number(
    world: dict[str, list[Image]], olga: Actor, gus: Actor, columns: dict[str, object]
) -> None:
    make_row(olga, title="Secret", project="Secret film", **columns)
    make_row(olga, title="Also", project="Blade", **columns)
    for actor in (gus, VISITOR):
        found, _ = places.list_projects(actor)
        assert [(place.name, place.count) for place in found] == [("alien", 1), ("Blade", 3), ("Without a project", 1)]
        assert [place.count for place in places.largest(actor)[0]] == [1, 3]
        with pytest.raises(NotFound):
            places.find(actor, "secret-film")
    assert [(person.name, person.count) for person, _ in places.list_people(gus)[0]] == [("Olga", 3), ("Sam", 2)]


def test_people_without_a_name_are_listed_apart_and_no_address_of_theirs_is(world: object, olga: Actor, sam: Actor, gus: Actor) -> None:
    User.update(name="").where(User.id.in_([olga.user_id, sam.user_id])).execute()
    people = [person for person, _ in places.list_people(gus)[0]]
    assert {(person.id, person.name, person.count) for person in people} == {
        (olga.user_id, "Somebody without a name", 3), (sam.user_id, "Somebody without a name", 2),
    }  # fmt: skip


def test_a_page_says_who_brought_its_pictures_and_when(world: dict[str, list[Image]], sam: Actor, gus: Actor) -> None:
    make_row(sam, project="Blade", created_at=5)
    head = places.head(gus, places.find(gus, "blade"))
    assert [(person.name, person.count) for person in head.people] == [("Olga", 3), ("Sam", 1)]
    assert head.first and head.last == 5


def test_a_private_library_has_no_places_for_strangers(world: object, change_settings: ChangeSettings) -> None:
    change_settings(public_library=False)
    for ask in (places.list_projects, places.largest, places.list_people):
        with pytest.raises(NotSignedIn):
            ask(VISITOR)


def test_somebody_without_a_picture_on_the_walls_is_nobody(olga: Actor, gus: Actor) -> None:
    make_row(olga, status=ImageStatus.DRAFT)
    for user_id in (str(olga.user_id), "nobody"):
        with pytest.raises(NotFound):
            places.find_person(gus, user_id)


def test_the_number_of_statements_does_not_grow(olga: Actor, gus: Actor) -> None:
    make_row(olga, project="One")
    with count_queries() as few:
        places.list_projects(gus)
    for n in range(5):
        make_row(olga, project=f"Film {n}")
    with count_queries() as many:
        places.list_projects(gus)
    assert len(many) == len(few)
