"""Facets: each number is what its link leads to, under every other filter and for everybody, and within bounds."""

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.errors import NotSignedIn
from pindeck.models import Image, Source, SourceItem
from pindeck.search import editing
from pindeck.services.images import colours, ledger
from pindeck.services.library import facet_values, filters, gallery
from tests.conftest import ChangeSettings, ClientFor, count_queries
from tests.factories import make_row
from tests.services.library.test_gallery import HIDDEN


@pytest.fixture
def world(olga: Actor, sam: Actor) -> list[Image]:
    made = [
        make_row(olga, title="Rain", tags=["wet", "neon"], group="Film", genre="Film Noir", project="Night Ride", width=2390, height=1000),
        make_row(olga, title="Rain", tags=["wet"], group="Film", genre="Drama", width=1600, height=900, created_at=1_600_000_000_000),
        make_row(sam, title="Fog", tags=["neon"], group="TV Series", genre="Drama", project="Harbour", width=900, height=1600),
        make_row(sam, title="Fog", width=1000, height=1000),
    ]
    with db.writing():
        colours.write(made[0].seq, ["#c8102e", "#1f6f78"])
        colours.write(made[1].seq, ["#c8102e"])
    ledger.edit(olga, made[0].id, "time", "Golden Hour")
    ledger.edit(olga, made[1].id, "time", "Night")
    ledger.edit(olga, made[0].id, "rights", "cleared")
    ledger.edit(olga, made[1].id, "rights", "reference")
    return made


def looked(actor: Actor, text: str) -> int:
    return len(gallery.list_page(actor, {filters.WORDS: text} if text else {}, limit=500).images)


TEXTS = [
    "", "rain", "genre:drama", "tag:wet", "tag:wet tag:neon", "tag:wet,neon", "-tag:wet", "color:red", "-has:project", "-has:words",
    "ratio:>1.02", "orientation:landscape", "orientation:portrait ratio:2:3", "type:film -genre:drama", "added:2020", 'project:"night ride",harbour', "time:night", "by:sam", "(rain or fog) tag:neon", "rights:cleared", "rights:unknown",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_each_number_is_what_its_link_leads_to(world: list[Image], olga: Actor, text: str) -> None:
    for actor in (VISITOR, olga):
        offered = facet_values.of(actor, text, {})
        assert offered
        for each in offered:
            field = each.facet.field
            for value in each.values:
                alone = editing.without(text, field) if not each.facet.many else editing.drop(text, field, value.value)
                if each.facet.many and (editing.chosen(text, field) or editing.denied(text, field)):
                    continue  # how many a further condition leaves is another question than how many have the value
                to = editing.deny(alone, field, value.value) if each.facet.denies else editing.put(alone, field, value.value, joins=False)
                assert value.count is not None and value.count.number == looked(actor, to), (text, field, value.value)


def test_only_what_occurs_is_offered_and_what_is_on_stays(world: list[Image], olga: Actor) -> None:
    named = {each.facet.label: [value.says for value in each.values] for each in facet_values.of(olga, "rain", {})}
    assert named["Type"] == ["Film"] and named["Project"] == ["Night Ride"] and named["Colour"] == ["Red", "Teal"]
    assert named["Lacks"] == ["Without project"] and named["Year added"][:1] == ["2020"] and "Source" in named
    assert named["Rights"] == ["Cleared", "Reference only"] and "Unknown" in [
        value.says for each in facet_values.of(olga, "", {}) if each.facet.label == "Rights" for value in each.values
    ]
    gone = {each.facet.label: each.values for each in facet_values.of(olga, "fog genre:thriller", {})}
    assert "Rights" not in gone  # nobody wrote any there
    assert [(value.says, value.is_on, str(value.count)) for value in gone["Genre"]] == [("Drama", False, "1"), ("thriller", True, "0")]


def test_orientation_and_ratio_narrow_one_another(world: list[Image], olga: Actor) -> None:
    text = editing.put(editing.put("", "orientation", "landscape", joins=True), "ratio", "2.39", joins=True)
    assert text == "orientation:landscape ratio:2.39" and looked(olga, text) == 1 and looked(olga, "orientation:landscape") == 2
    on = {each.facet.label: [(v.says, v.is_on, str(v.count)) for v in each.values] for each in facet_values.of(olga, text, {})}
    assert on["Orientation"] == [("Landscape", True, "1")]
    assert on["Ratio"] == [("2.39", True, "1"), ("16:9", False, "1")]
    square = {each.facet.label for each in facet_values.of(olga, "ratio:1:1", {}) if any(value.is_on for value in each.values)}
    assert square == {"Ratio"}


def test_sources_are_offered_by_name_to_those_who_know_them(world: list[Image], olga: Actor, sam: Actor) -> None:
    for n, (keeper, name) in enumerate(((olga, "Stills Weekly"), (olga, "stills  weekly"), (sam, "Stills of Sam"))):
        source = Source.create(id=db.new_id(), kind="feed", name=name, user=keeper.user_id, created_at=1, updated_at=1)
        for image in world[: 2 - n % 2]:
            SourceItem.create(id=db.new_id(), source=source.id, external_id=image.id, state="sent", image_id=image.id, created_at=1, updated_at=1)

    def offered(actor: Actor) -> list[tuple[str, str]]:
        return [(v.says, str(v.count)) for each in facet_values.of(actor, "", {}) if each.facet.label == "Source" for v in each.values]

    assert offered(olga) == [("Upload", "4"), ("Stills Weekly", "2")] and offered(VISITOR) == [("Upload", "4")]
    assert offered(sam) == [("Upload", "4"), ("Stills of Sam", "2")]
    assert looked(olga, editing.put("", "from", "Stills Weekly", joins=True)) == 2


@pytest.mark.parametrize("columns", HIDDEN)
def test_what_is_hidden_is_no_value_and_in_no_number(
    world: list[Image], olga: Actor, gus: Actor, columns: dict[str, object]
) -> None:
    before = {actor.name: facet_values.of(actor, "", {}) for actor in (gus, VISITOR)}
    make_row(olga, title="Secret", tags=["secret"], genre="Secret genre", project="Secret film", group="Art", rights="Own", **columns)
    for actor in (gus, VISITOR):
        assert facet_values.of(actor, "", {}) == before[actor.name]


def test_a_private_library_tells_strangers_nothing(world: list[Image], change_settings: ChangeSettings) -> None:
    change_settings(public_library=False)
    with pytest.raises(NotSignedIn):
        facet_values.of(VISITOR, "", {})


def test_of_a_large_selection_a_value_has_a_number_only_if_it_is_sure(
    world: list[Image], olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facet_values, "READ", 2)
    values = [value for each in facet_values.of(olga, "", {}) for value in each.values]
    assert values and all(value.count is None for value in values)


def test_the_number_of_statements_does_not_grow_with_pictures(world: list[Image], olga: Actor) -> None:
    with count_queries() as few:
        facet_values.of(olga, "tag:wet", {})
    for n in range(20):
        make_row(olga, tags=["wet", f"tag {n}"], project=f"Film {n}", genre=f"Genre {n}")
    with count_queries() as many:
        facet_values.of(olga, "tag:wet", {})
    assert len(many) == len(few)


def test_a_query_is_changed_where_its_field_stands_and_nowhere_else() -> None:
    text = 'rain (a or b) genre:Noir,"film noir" -tag:wet'
    assert editing.put(text, "genre", "Drama", joins=True) == 'rain (a or b) genre:Noir,"film noir",Drama -tag:wet'
    assert editing.drop(text, "genre", "noir") == 'rain (a or b) genre:"film noir" -tag:wet'
    assert editing.put(text, "tag", "wet", joins=False) == 'rain (a or b) genre:Noir,"film noir" tag:wet'
    assert editing.deny("tag:wet tag:neon", "tag", "wet") == "tag:neon -tag:wet"
    assert editing.without(text, "genre") == "rain (a or b) -tag:wet"
    assert editing.any_of("tag:a x tag:b", "tag") == "x tag:a,b" and editing.all_of("tag:a,b x", "tag") == "x tag:a tag:b"
    assert editing.put("", "project", "O, “K”", joins=True) == 'project:"O, “K”"'
    assert editing.chosen('project:"O, K"', "project") == ["O, K"]


def test_the_panel_leads_to_the_gallery_and_takes_plain_doors_along(world: list[Image], client_for: ClientFor, olga: Actor) -> None:
    client = client_for(olga)
    panel = client.get("/facets?genre=Drama&tag=wet&liked=1").text
    assert 'href="/?q=tag%3Awet+genre%3ADrama%2C%22Film+Noir%22&amp;liked=1"' in panel or "liked=1" in panel
    panel = client.get("/facets?tag=wet").text
    assert "/?q=tag%3Awet+tag%3Aneon" in panel and "/?q=tag%3Awet+-tag%3Aneon" in panel
    assert "/?q=tag%3Awet%2Cneon" in client.get("/facets?q=tag:wet+tag:neon").text
    assert "/facets?tag=wet" in client.get("/?tag=wet").text.replace("&amp;", "&")
    assert client.get("/facets?q=" + "(" * 400).status_code == 200
