"""Orders by a word of each picture: those that have it come first, pages go on and back, and an index leads."""

from pathlib import Path
from runpy import run_path

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image, ImageCraft
from pindeck.services.images import ledger, undoing
from pindeck.services.library import filters, query, sorting, word_orders
from pindeck.services.library.lists import LIBRARY
from pindeck.services.library.query import NOTHING, Listing, Wanted
from pindeck.services.library.sorting import Sort
from tests.factories import make_row
from tests.services.library.test_query import explained, reads_all

IDS = sorting.replace(LIBRARY, columns=(Image.id, Image.title))
FIELD = {Sort.TYPE: "group", Sort.CATEGORY: "category", Sort.GENRE: "genre", Sort.SHOT: "shot", Sort.STYLE: "style", Sort.SREF: "sref", Sort.DESCRIPTION: "description", Sort.CREDIT: "attribution"}


def walked(actor: Actor, sort: Sort, limit: int, wanted: Wanted = NOTHING) -> tuple[list[str], list[str]]:
    """All titles in this order, and the place of each page."""
    places: list[str] = []
    return [title for _, title in pages(actor, sort, limit, wanted, places)], places


def pages(actor: Actor, sort: Sort, limit: int, wanted: Wanted = NOTHING, places: list[str] | None = None) -> list[tuple[str, str]]:
    """Id and title of all."""
    found: list[tuple[str, str]] = []
    after = None
    while True:
        rows, after = sorting.page(IDS, actor, wanted, sort, limit=limit, after=after)
        found += rows
        if after is None:
            return found
        if places is not None:
            places.append(after)


@pytest.mark.parametrize("sort", list(FIELD))
def test_a_table_by_a_word_goes_on_and_back_whatever_the_pages_hold(olga: Actor, sam: Actor, sort: Sort) -> None:
    words = ["B", "A", "B", "C", "A"] + ([] if sort == Sort.CATEGORY else [None, None])
    for n, word in enumerate(words):
        make_row(olga, title=f"{word} {n}", **{FIELD[sort]: word}, tags=["rain"] if n % 2 else [])
    make_row(sam, title="Hidden", **{FIELD[sort]: "A"}, visibility="private")
    expected = ["A 1", "A 4", "B 0", "B 2", "C 3"] + ([] if sort == Sort.CATEGORY else ["None 5", "None 6"])
    for limit in (1, 2, 3, 50):
        titles, places = walked(olga, sort, limit)
        assert titles == expected
        before = [None, *places][: len(places)]
        assert [sorting.start_before(IDS, olga, {}, sort, limit=limit, after=place) for place in places] == before
    assert walked(olga, sort, 2, filters.wanted(tag="rain"))[0] == [title for title in expected if int(title[-1]) % 2]
    assert sorting.page(IDS, olga, {}, sort, limit=1, after="nonsense")[0][0][1] == "A 1"
    assert not sorting.is_place("nonsense", sort) and sorting.is_place(places[0] if places else sorting.write([0, "A", "x"]), sort)


@pytest.mark.plans
def test_a_table_by_numbers_or_the_craft_is_read_along_an_index(olga: Actor, engine: str) -> None:
    lights = {0: "Sodium vapour", 1: "Neon", 2: None}
    for n in range(30):
        image = make_row(olga, title=f"{n}", views=n % 4, width=100 + n, height=50, hue=n, tags=["rain"] * (n % 2) + ["original"], colors=[f"#{n * 8:02x}2040"])
        if lights[n % 3]:
            ImageCraft.insert(field="light", term=lights[n % 3], seq=image.seq, place=0).execute()
            ImageCraft.insert(field="light", term="Aaa", seq=image.seq, place=1).execute()
    listings = [sorting._sorted(IDS, sort) for sort in (Sort.VIEWS, Sort.TAGS, Sort.HUE, Sort.PIXELS)]
    led(olga, engine, [*listings, *(word_orders._part(IDS, "light", part, False) for part in (0, 1))])
    expected = [f"{n}" for light in (1, 0, 2) for n in range(light, 30, 3)]
    for limit in (7, 50):
        titles, places = walked(olga, Sort.LIGHT, limit)
        assert titles == expected
        before = [None, *places][: len(places)]
        assert [sorting.start_before(IDS, olga, {}, Sort.LIGHT, limit=limit, after=place) for place in places] == before
    assert walked(olga, Sort.LIGHT, 7, filters.wanted(tag="rain"))[0] == [title for title in expected if int(title) % 2]
    assert walked(olga, Sort.PIXELS, 7)[0] == [f"{n}" for n in range(29, -1, -1)]
    assert [int(title) % 2 for title in walked(olga, Sort.TAGS, 9)[0]] == [1] * 15 + [0] * 15


def test_an_empty_word_is_none(olga: Actor) -> None:
    image = make_row(olga, title="Bare", sref="", genre="")
    make_row(olga, title="Named", sref="77")
    assert Image.get_by_id(image.seq).sref is None and walked(olga, Sort.SREF, 5)[0] == ["Named", "Bare"]
    db.sql("UPDATE image SET sref = '' WHERE seq = :seq", seq=image.seq)
    path = Path(__file__).parents[3] / "migrations" / "0055_no_empty_words.py"
    run_path(str(path))["up"](None, db.database)
    assert Image.get_by_id(image.seq).sref is None


NATURAL = ["apple", "Apple 2", "apple 10", "Scene 2", "scene 02 take 9", "Scene 2 take 10", "Scene 10", "ärger", "Ärger 3"]
SREFS = ["--sref 7", "--sref 70", "--sref 700", "--sref 4000000000", "--sref 40000000001"]


@pytest.mark.parametrize("sort", [Sort.NAME, Sort.PROJECT, Sort.CATEGORY, Sort.DESCRIPTION, Sort.CREDIT, Sort.TAG_WORDS, Sort.SREF])
def test_words_stand_by_their_numbers_and_without_regard_to_case(olga: Actor, sort: Sort) -> None:
    """However they were written: with the picture, by hand, and back by an undo."""
    words = SREFS if sort == Sort.SREF else NATURAL
    name = {Sort.NAME: "title", Sort.CREDIT: "source", Sort.TAG_WORDS: "tags"}.get(sort, sort.value)
    column = "attribution" if sort == Sort.CREDIT else name
    expected = []
    for n, word in enumerate(reversed(words)):
        value = [word] if name == "tags" else word
        image = make_row(olga, **{column: value if n % 2 else ["x"] if name == "tags" else "X"})
        if not n % 2:
            ledger.edit(olga, image.id, name, value)
        expected.insert(0, image.id)
    for limit in (3, 50):
        assert [image_id for image_id, _ in pages(olga, sort, limit)] == expected
    action = ledger.edit(olga, expected[0], name, "Zz").action_id
    assert [image_id for image_id, _ in pages(olga, sort, 50)] == ([*expected[1:], expected[0]] if sort == Sort.SREF else [*expected[1:-2], expected[0], *expected[-2:]])
    undoing.undo(olga, action)
    assert [image_id for image_id, _ in pages(olga, sort, 50)] == expected


@pytest.mark.plans
@pytest.mark.parametrize("name", list(word_orders.COLUMNS))
def test_no_page_by_a_word_reads_or_sorts_all(olga: Actor, name: str, engine: str) -> None:
    for n in range(30):
        make_row(olga, **({"tags": [f"w{n % 3}"]} if name == "tag_words" else {FIELD[Sort(name)]: f"W{n % 3}"}))
    led(olga, engine, [word_orders._part(IDS, name, part, False) for part in (0, 1)])


def led(actor: Actor, engine: str, listings: list[Listing]) -> None:
    for listing in listings:
        (sql, filling), *_ = query.statements(listing, actor)
        plan = explained(sql, filling, engine)
        assert not reads_all(plan, engine) and ("TEMP B-TREE" not in plan.upper() if engine == "sqlite" else True), plan
