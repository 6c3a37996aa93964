"""The terms of the craft in the rail: those that occur, with the numbers of a plain look, read within bounds."""

import itertools

import pytest

from pindeck.access import VISITOR, Actor
from pindeck.errors import NotFound, NotSignedIn
from pindeck.models import Image, VocabularyTerm
from pindeck.services.images import ledger
from pindeck.services.library import counts, craft_facets, filters, gallery
from pindeck.terms import CRAFT
from tests.conftest import ChangeSettings, count_queries
from tests.factories import make_row
from tests.services.library.test_gallery import HIDDEN
from tests.services.library.test_query import explained

LIGHT, TIME = filters.NAMED["light"], filters.NAMED["time"]


def lit(actor: Actor, light: str, time: str = "", **columns: object) -> Image:
    image = make_row(actor, **columns)  # type: ignore[arg-type]
    ledger.write(image.id, {"light": light, "time": time}, ledger.person(actor))
    return image


def told(actor: Actor, name: str, wanted: object = None) -> dict[str, str]:
    return {each.term: str(each.count) for each in craft_facets.of(actor, wanted or {}, name)}  # type: ignore[arg-type]


@pytest.fixture
def world(olga: Actor, mo: Actor) -> None:
    made = [("soft", "night"), ("soft, hard", "night"), ("hard", "golden hour"), ("silhouette", ""), ("soft", "dusk")]
    for n, (light, time) in enumerate(made * 2):
        lit(olga, light, time, category="Film" if n % 2 else "Art", title="Rain" if n > 4 else "Fog")
    for columns in HIDDEN:
        lit(mo, "dappled, soft", "dawn", **columns)


def test_the_numbers_are_those_of_a_plain_look_and_tell_nothing_hidden(
    world: None, olga: Actor, sam: Actor, gus: Actor, mo: Actor
) -> None:
    values = {filters.CATEGORY: (None, "Film"), filters.WORDS: (None, "rain"), TIME: (None, "Night"), LIGHT: (None, "Soft")}
    for actor, chosen in itertools.product((VISITOR, gus, olga, sam, mo), itertools.product(*values.values())):
        wanted = {filter: value for filter, value in zip(values, chosen, strict=True) if value is not None}
        for name in ("light", "time"):
            filter = filters.NAMED[name]
            looked = {
                term: str(len(gallery.list_page(actor, {**wanted, filter: term}, limit=100).images))
                for term in CRAFT[name].names
            }
            assert told(actor, name, wanted) == {term: number for term, number in looked.items() if number != "0"}
    # In the order of the vocabulary, with what follows from a term, and nothing of pictures that nobody browses.
    assert told(sam, "light") == {"Soft": "6", "Hard": "4", "High Contrast": "2", "Silhouette": "2"}
    assert list(told(sam, "time")) == ["Golden Hour", "Day's End", "Dusk", "Night"]


def test_words_are_offered_once_they_are_terms(olga: Actor) -> None:
    lit(olga, "Foggy glow, soft")
    assert told(olga, "light") == {"Soft": "1"}
    VocabularyTerm.update(state="accepted").execute()
    assert told(olga, "light") == {"Soft": "1", "Foggy glow": "1"}
    assert craft_facets.fields() == ["light"]
    with pytest.raises(NotFound):
        craft_facets.of(olga, {}, "title")


def test_what_is_not_certain_is_not_told(world: None, sam: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "MOST", 3)
    assert told(sam, "light") == {"Soft": "3+", "Hard": "3+", "High Contrast": "2", "Silhouette": "2"}
    monkeypatch.setattr(counts, "READ", 2)  # of ten pictures, whose values might be any
    found = told(sam, "light", {filters.WORDS: "rain"})
    assert set(found) == {"Soft", "Hard", "High Contrast", "Silhouette"} and set(found.values()) == {"None"}


def test_a_private_library_tells_visitors_nothing(world: None, gus: Actor, change_settings: ChangeSettings) -> None:
    change_settings(public_library=False)
    assert told(gus, "light")
    with pytest.raises(NotSignedIn):
        craft_facets.of(VISITOR, {}, "light")


@pytest.mark.plans
def test_it_costs_the_same_statements_and_reads_along_indexes(olga: Actor, engine: str) -> None:
    lit(olga, "soft")
    wanted = {filters.CATEGORY: "General", TIME: "Night"}
    with count_queries() as few:
        craft_facets.of(olga, {}, "light")
        craft_facets.of(olga, wanted, "light")
    for _ in range(30):
        lit(olga, "hard, soft, low-key, flat", "night")
    with count_queries() as many:
        craft_facets.of(olga, {}, "light")
        craft_facets.of(olga, wanted, "light")
        craft_facets.fields()
    assert len(many) == len(few) + 1 == 7
    if engine != "sqlite":
        return
    all_terms, selected = many[1], many[4]
    terms = CRAFT["light"].names
    plan = explained(all_terms, [*(each for term in terms for each in ("light", term, olga.user_id, 9))], engine)
    assert "SCAN image_craft" not in plan and "SCAN c" not in plan and "SCAN i" not in plan, plan
    assert plan.count("SEARCH c USING PRIMARY KEY (field=? AND term=?)") == len(terms), plan
    assert plan.count("SEARCH i USING INTEGER PRIMARY KEY (rowid=?)") == len(terms), plan
    plan = explained(selected, [None] * selected.count("?"), engine)
    scanned = [line for line in plan.split("\n") if line.startswith("SCAN")]
    assert scanned == ["SCAN found"], plan  # which holds no more pictures than are read
    assert "SEARCH t1 USING COVERING INDEX image_craft_image (seq=? AND field=?)" in plan, plan
