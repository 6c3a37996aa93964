"""How many pictures there are: what a plain look would count, nothing that is hidden, and within bounds."""

import itertools
from typing import Any

import pytest

from pindeck.access import VISITOR, Actor
from pindeck.errors import NotSignedIn
from pindeck.models import Image
from pindeck.services.images import detail as images
from pindeck.services.library import counts, filters, gallery
from pindeck.services.library.query import Wanted
from tests.conftest import ChangeSettings, count_queries
from tests.factories import make_row
from tests.services.library.test_gallery import HIDDEN
from tests.services.library.test_query import explained


def of(actor: Actor, wanted: Wanted | None = None) -> counts.Counts:
    return counts.of(actor, wanted or {}, filters.OF_GALLERY)


def told(found: counts.Counts, filter: Any, *values: Any) -> list[str]:
    return [str(found.beside(filter, value)) for value in values]


@pytest.fixture
def world(olga: Actor, sam: Actor) -> list[Image]:
    made = [("Film", "Film"), ("Film", None), ("Art", "Film"), ("Art", "TV Series"), ("Art", "TV Series")] * 3
    rows = [
        make_row(olga, title="Rain" if n % 2 else "Fog", category=category, group=group)
        for n, (category, group) in enumerate(made)
    ]
    for row in rows[:4]:
        images.toggle_like(sam, row.id)
    return rows


def test_counts_are_those_of_a_plain_look(world: list[Image], olga: Actor, sam: Actor, gus: Actor) -> None:
    """For every filter that is on, and for everybody: the pictures that each link of the rail leads to."""

    def looked(actor: Actor, wanted: Wanted) -> int:
        return len(gallery.list_page(actor, wanted, limit=100).images)

    values: dict[Any, tuple[Any, ...]] = {
        filters.CATEGORY: (None, "Film", "Art", "Nothing"), filters.GROUP: (None, "Film", "TV Series"),
        filters.WORDS: (None, "rain"), filters.LIKED: (None, True),
    }  # fmt: skip
    for actor, chosen in itertools.product((VISITOR, gus, olga, sam), itertools.product(*values.values())):
        pairs = zip(values, chosen, strict=True)
        wanted = {filter: value for filter, value in pairs if value is not None}
        if filters.LIKED in wanted and not actor.is_signed_in:
            continue
        found = of(actor, wanted)
        assert found.total == counts.Count(looked(actor, wanted))
        for filter in (filters.CATEGORY, filters.GROUP):
            for value in values[filter][1:]:
                assert found.beside(filter, value) == counts.Count(looked(actor, {**wanted, filter: value}))
        liked = counts.Count(looked(actor, {**wanted, filters.LIKED: True})) if actor.is_curator else None
        assert found.beside(filters.LIKED, True) == liked


def test_nobody_hears_the_number_of_what_nobody_browses(olga: Actor, sam: Actor, gus: Actor, mo: Actor) -> None:
    make_row(olga, category="Film", group="Film")
    for columns in HIDDEN:
        make_row(olga, category="Film", group="Film", **columns)
        make_row(olga, category="Secret", group="Odd", **columns)
    for actor in (VISITOR, gus, sam, olga, mo):
        found = of(actor)
        assert str(found.total) == "1"
        assert told(found, filters.CATEGORY, "Film", "Secret") == ["1", "0"]
        assert told(found, filters.GROUP, "Film", "Odd") == ["1", "0"]
        assert str(of(actor, {filters.CATEGORY: "Secret"}).total) == "0"


def test_a_private_library_tells_visitors_no_number(world: list[Image], gus: Actor, change_settings: ChangeSettings) -> None:
    change_settings(public_library=False)
    assert str(of(gus).total) == "15"
    with pytest.raises(NotSignedIn):
        of(VISITOR)


def test_all_of_the_library_is_counted_and_a_selection_within_bounds(
    world: list[Image], sam: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "MOST", 3)
    assert str(of(sam).total) == "15"
    assert told(of(sam), filters.CATEGORY, "Film", "Art") == ["6", "9"]
    film = of(sam, {filters.GROUP: "Film"})
    assert str(film.total) == "3+"
    assert told(film, filters.CATEGORY, "Film", "Art", "Nothing") == ["3", "3", "0"]
    assert told(film, filters.GROUP, "Film", "TV Series") == ["6", "6"]
    assert told(of(sam, {filters.CATEGORY: "Art"}), filters.GROUP, "Film", "TV Series") == ["3", "3+"]
    # More are found than are looked at: only what is certain is told.
    monkeypatch.setattr(counts, "READ", 5)
    rain = of(sam, {filters.LIKED: True, filters.WORDS: "rain"})
    assert (str(rain.total), told(rain, filters.GROUP, "Film", "TV Series")) == ("2", ["0", "1"])
    monkeypatch.setattr(counts, "READ", 1)
    rain = of(sam, {filters.WORDS: "rain"})
    assert (str(rain.total), told(rain, filters.GROUP, "Film", "Odd")) == ("3+", ["None", "None"])


def test_a_large_library_is_counted_once_in_half_a_minute(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    make_row(olga)
    assert str(of(olga).total) == "1"
    make_row(olga)
    assert str(of(olga).total) == "2"  # a small one each time
    monkeypatch.setattr(counts, "LARGE", 1)
    monkeypatch.setattr(counts, "_kept", {})
    now = 1000.0
    monkeypatch.setattr(counts.time, "monotonic", lambda: now)
    assert str(of(olga).total) == "2"
    make_row(olga)
    now += counts.KEPT_S - 1
    assert str(of(VISITOR).total) == "2"
    now += 1
    assert str(of(VISITOR).total) == "3"


def test_what_finds_nothing_counts_nothing(world: list[Image], olga: Actor) -> None:
    for wanted in ({filters.WORDS: "!?"}, {filters.COLOUR: "teal"}):
        found = of(olga, wanted)
        assert str(found.total) == "0"
        assert told(found, filters.CATEGORY, "Film") == ["0"]


def test_counting_costs_the_same_statements_for_many_values(olga: Actor, engine: str) -> None:
    make_row(olga, category="A", group="Film")
    with count_queries() as few:
        of(olga)
    with count_queries() as few_found:
        of(olga, {filters.WORDS: "rain", filters.CATEGORY: "A"})
    for n in range(30):
        make_row(olga, title="Rain", category=f"C{n}", group=f"G{n}")
    with count_queries() as many:
        of(olga)
    with count_queries() as many_found:
        of(olga, {filters.WORDS: "rain", filters.CATEGORY: "A"})
    assert (len(few), len(few_found)) == (len(many), len(many_found)) == (4, 4)


@pytest.mark.plans
@pytest.mark.parametrize("engine", ["sqlite"], indirect=False)
def test_all_is_counted_along_an_index(olga: Actor, engine: str) -> None:
    for n in range(50):
        make_row(olga, category=f"C{n % 7}", group="Film")
    with count_queries() as seen:
        of(VISITOR)
    plan = explained(seen[0], [], engine)
    assert "USING COVERING INDEX image_counted" in plan, plan
    with count_queries() as seen:
        of(olga)
    plan = explained(seen[1], [olga.user_id], engine)
    assert "SEARCH image USING INDEX sqlite_autoindex_image" in plan and "file_id=?" in plan, plan


def test_what_has_not_come_is_counted_for_those_who_may_try_again(olga: Actor, sam: Actor, mo: Actor) -> None:
    make_row(olga, category="Film")
    make_row(olga, category="Film", file=None, external_url="https://elsewhere.example/a.jpg", persist_status="failed")
    for actor, number in ((VISITOR, "1"), (sam, "1"), (olga, "2"), (mo, "2")):
        assert str(of(actor).total) == str(of(actor, {filters.CATEGORY: "Film"}).total) == number
        assert told(of(actor), filters.CATEGORY, "Film") == [number]
