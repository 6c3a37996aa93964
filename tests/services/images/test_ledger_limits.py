"""What a field takes, which project it makes, and who may correct it."""

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from pindeck.models import Alias, ImageTag, Project
from pindeck.services.images import history, ledger, projects
from pindeck.services.images.fields import FIELDS
from pindeck.services.library import facets
from tests.conftest import ChangeSettings
from tests.factories import fresh, make_row, together
from tests.services.images.words import MACHINE, events, value

# Limits and bad text


@pytest.mark.parametrize("bad", ["a\x00b", "a\ud800b"], ids=["NUL", "lone surrogate"])
@pytest.mark.parametrize("name", sorted(FIELDS))
def test_text_that_cannot_be_stored_is_refused_at_its_field(olga: Actor, name: str, bad: str) -> None:
    image = make_row(olga)
    before = events(image)
    with pytest.raises(Invalid) as caught:
        ledger.edit(olga, image.id, name, bad)
    assert list(caught.value.fields) == [name]
    assert events(image) == before


@pytest.mark.parametrize("name", sorted(name for name, s in FIELDS.items() if s.kind not in ("tags", "terms") and not s.known))
def test_text_fits_up_to_its_limit(olga: Actor, name: str) -> None:
    image, most = make_row(olga), FIELDS[name].max_length
    ledger.edit(olga, image.id, name, "x" * most)
    assert value(image, name) == "x" * most
    with pytest.raises(Invalid) as caught:
        ledger.edit(olga, image.id, name, "x" * (most + 1))
    assert str(most) in caught.value.fields[name]


def test_a_title_has_at_most_200_characters_whatever_they_weigh(olga: Actor) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "title", "雪" * 200)
    with pytest.raises(Invalid):
        ledger.edit(olga, image.id, "title", "x" * 201)


def test_fifty_tags_of_sixty_characters_fit(olga: Actor) -> None:
    image = make_row(olga)
    fifty = [f"{number:060}" for number in range(50)]
    ledger.edit(olga, image.id, "tags", fifty)
    assert value(image, "tags") == fifty
    for bad in ([*fifty, "one more"], ["x" * 61]):
        with pytest.raises(Invalid) as caught:
            ledger.edit(olga, image.id, "tags", bad)
        assert list(caught.value.fields) == ["tags"]
    assert ImageTag.select().count() == 50


@pytest.mark.parametrize("raw", [7, ["a"], {"a": 1}, True], ids=["number", "list", "object", "true"])
def test_a_title_must_be_text(olga: Actor, raw: object) -> None:
    with pytest.raises(Invalid):
        ledger.edit(olga, make_row(olga).id, "title", raw)


@pytest.mark.parametrize("raw", [7, [1], {"a": 1}, [None]], ids=["number", "numbers", "object", "nulls"])
def test_tags_must_be_words(olga: Actor, raw: object) -> None:
    with pytest.raises(Invalid):
        ledger.edit(olga, make_row(olga).id, "tags", raw)


@pytest.mark.parametrize(
    "raw",
    [
        ["ﬁlm noir", "film\u00a0noir", "ＦＩＬＭ NOIR", "fi\u200blm noir", "film\u00ad noir\ufeff", "＃film noir", "film noir\ufe0f"],
        "ﬁlm noir，film noir, film\u2060 noir\nfilm noir,\u200b,\u3164",
    ],
)
def test_tags_that_look_the_same_are_one_tag(olga: Actor, raw: object) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "tags", raw)
    assert value(image, "tags") == ["film noir"]
    assert facets.tags_like(olga, "Ｆ\u200bIL") == ["film noir"]


def test_a_joiner_that_shapes_a_word_or_an_emoji_stays(olga: Actor) -> None:
    image = make_row(olga)
    england = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    shaped = ["👩\u200d🚀", "می\u200cخواهم", "क्\u200dष", england]
    ledger.edit(olga, image.id, "tags", [*shaped, "ab\u200dc", "東\u200c京", "\u200cabc", "東京"])
    assert value(image, "tags") == [*shaped, "abc", "東京"]


def test_a_comma_ends_a_tag_in_a_list_as_in_a_text(olga: Actor) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "tags", ["red, blue", "green\nred"])
    assert value(image, "tags") == ["red", "blue", "green"]
    ledger.edit(olga, image.id, "tags", ", ".join(value(image, "tags")))
    assert value(image, "tags") == ["red", "blue", "green"]


def test_a_title_that_nobody_sees_is_none(olga: Actor) -> None:
    image = make_row(olga)
    for raw in ("\u200b", " \u2060\ufeff", "\u3164", "\u2800", "\u00ad\u200e"):
        ledger.edit(olga, image.id, "title", "Rain")
        ledger.edit(olga, image.id, "title", raw)
        assert value(image, "title") == "Untitled"


def test_a_project_has_no_twin_that_looks_the_same(olga: Actor) -> None:
    one, other = make_row(olga), make_row(olga)
    ledger.edit(olga, one.id, "project", "Blade Runner")
    ledger.edit(olga, other.id, "project", "Bla\u200bde Runner\ufeff")
    assert value(other, "project") == "Blade Runner"
    assert fresh(one).project_id == fresh(other).project_id


@pytest.mark.parametrize("name", ["nonsense", "id", "user_id", "likes", "", "status"])
def test_only_fields_can_be_written(olga: Actor, name: str) -> None:
    with pytest.raises(NotFound):
        ledger.edit(olga, make_row(olga).id, name, "x")


def test_a_unique_id_belongs_to_one_image(olga: Actor) -> None:
    one, other = make_row(olga), make_row(olga)
    ledger.edit(olga, one.id, "unique_tag", "BR-01")
    with pytest.raises(Conflict):
        ledger.edit(olga, other.id, "unique_tag", "BR-01")
    assert value(other, "unique_tag") is None
    ledger.edit(olga, one.id, "unique_tag", "")
    ledger.edit(olga, other.id, "unique_tag", "BR-01")
    assert value(other, "unique_tag") == "BR-01"


# Projects


def test_a_project_is_found_whatever_its_case(olga: Actor) -> None:
    one, other = make_row(olga), make_row(olga)
    ledger.edit(olga, one.id, "project", "Blade Runner")
    ledger.edit(olga, other.id, "project", "  bLADE   rUNNER ")
    assert fresh(one).project_id == fresh(other).project_id != projects.DEFAULT_ID
    assert projects.names(olga) == ["Blade Runner"]
    assert value(other, "project") == "Blade Runner"


def test_two_who_name_a_new_project_at_once_share_it(olga: Actor) -> None:
    rows = [make_row(olga) for _ in range(4)]
    results = together(4, lambda n: ledger.edit(olga, rows[n].id, "project", "Blade"))
    assert [type(result).__name__ for result in results] == ["EditResult"] * 4
    assert Project.select().where(~Project.is_default).count() == 1
    assert len({fresh(row).project_id for row in rows}) == 1


def test_projects_of_equal_slugs_are_told_apart(olga: Actor) -> None:
    assert projects.find_or_create("A-B").id != projects.find_or_create("A B").id
    assert projects.find_or_create("雪").id != projects.find_or_create("雨").id


def test_an_image_without_a_project_is_in_the_default_one(olga: Actor) -> None:
    image = make_row(olga, project="Blade")
    ledger.edit(olga, image.id, "project", "")
    assert (fresh(image).project_id, value(image, "project")) == (projects.DEFAULT_ID, None)


def test_a_move_releases_the_alias_and_says_so(olga: Actor) -> None:
    image = make_row(olga)
    now = db.now_ms()
    Alias.create(
        id=db.new_id(),
        project_id=projects.DEFAULT_ID,
        name="Hero",
        name_key="hero",
        image_id=image.id,
        created_at=now,
        updated_at=now,
    )
    assert ledger.edit(olga, image.id, "title", "Snow").released == []
    assert ledger.edit(olga, image.id, "project", "Blade").released == ["Hero"]
    assert Alias.select().count() == 0


# Who may


def test_visitors_and_guests_correct_nothing(olga: Actor, gus: Actor) -> None:
    image = make_row(olga)
    with pytest.raises(NotSignedIn):
        ledger.edit(VISITOR, image.id, "title", "x")
    with pytest.raises(Forbidden):
        ledger.edit(gus, image.id, "title", "x")
    with pytest.raises(Forbidden):
        history.history(gus, image.id)


def test_only_owners_and_administrators_correct_where_the_policy_says_so(olga: Actor, sam: Actor, mo: Actor, change_settings: ChangeSettings) -> None:
    image = make_row(olga)
    ledger.edit(sam, image.id, "title", "Sam's")
    change_settings(metadata_edit_policy="owner")
    with pytest.raises(Forbidden):
        ledger.edit(sam, image.id, "title", "Sam's again")
    ledger.edit(mo, image.id, "title", "Mo's")
    ledger.edit(olga, image.id, "title", "Olga's")
    assert not any(event.can_revert for event in history.history(sam, image.id))
    assert all(event.can_revert for event in history.history(olga, image.id))


def test_the_history_names_people_machines_and_rules(olga: Actor, sam: Actor) -> None:
    image = make_row(olga, title="Rain", tags=["neon", "wet"])
    ledger.write(image.id, {"genre": "Noir"}, MACHINE)
    ledger.edit(sam, image.id, "title", "Snow")
    shown = history.history(olga, image.id)
    assert [(event.field, event.who, event.old, event.new) for event in shown[:2]] == [
        ("title", "Sam", "Rain", "Snow"),
        ("genre", "Offline description", "", "Noir"),
    ]
    assert {event.who for event in shown[2:]} == {"On arrival"}
    assert next(event.new for event in shown if event.field == "tags") == "neon, wet"
    assert [event.id for event in shown] == sorted((event.id for event in shown), reverse=True)
    assert len(history.history(olga, image.id, limit=1)) == 1


def test_an_image_that_is_gone_is_not_found(olga: Actor) -> None:
    with pytest.raises(NotFound):
        ledger.edit(olga, "missing", "title", "x")
    with pytest.raises(NotFound):
        ledger.write("missing", {"title": "x"}, MACHINE)
