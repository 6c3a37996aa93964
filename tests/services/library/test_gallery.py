"""The library as people browse it: order, filters, pages, what is never listed, and what it costs."""

import importlib.util
import json
from collections.abc import Callable
from typing import Any

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.errors import NotSignedIn
from pindeck.imaging import similar
from pindeck.models import Image, ImageColour
from pindeck.services.images import colours, ledger, trash
from pindeck.services.images import detail as images
from pindeck.services.library import counts, facets, filters, gallery, query, sparse
from pindeck.vocabulary import GROUPS
from tests.conftest import ChangeSettings, count_queries
from tests.factories import make_active, make_row

HIDDEN = [
    {"status": "draft"},
    {"status": "pending"},
    {"status": "broken"},
    {"visibility": "private"},
    {"visibility": "unlisted"},
    {"deleted_at": 1000},
]


def page_of(actor: Actor, *, after: str | None = None, limit: int = 50, **wanted: object) -> gallery.WallPage:
    return gallery.list_page(actor, filters.wanted(**wanted), after=after, limit=limit)


def ids(actor: Actor, **wanted: Any) -> list[str]:
    return [image.id for image in page_of(actor, **wanted).images]


def walk(actor: Actor, limit: int, between: Callable[[str], None] = lambda _: None, **wanted: object) -> list[str]:
    """All pages one after the other; `between` happens with the cursor of each."""
    seen: list[str] = []
    after = None
    while True:
        page = page_of(actor, after=after, limit=limit, **wanted)
        seen += [image.id for image in page.images]
        after = page.next_after
        if after is None:
            return seen
        between(after)


TEAL, NEAR_TEAL, RUST, GREY = "#1f6f78", "#256a70", "#b5502f", "#808080"


def painted(actor: Actor, *palette: str, **columns: Any) -> Image:
    """An image of the library with this palette."""
    image = make_row(actor, colors=list(palette), **columns)
    with db.writing():
        colours.write(image.seq, list(palette))
    return image


def test_the_newest_come_first(olga: Actor) -> None:
    rows = [make_row(olga) for _ in range(5)]
    assert ids(olga) == [row.id for row in reversed(rows)]


@pytest.mark.parametrize("limit", [1, 2, 3, 10, 11, 50])
def test_pages_show_every_image_exactly_once(olga: Actor, limit: int) -> None:
    rows = [make_row(olga) for _ in range(10)]
    assert walk(olga, limit) == [row.id for row in reversed(rows)]


def test_pages_go_on_where_the_last_image_was_purged(olga: Actor) -> None:
    rows = [make_row(olga) for _ in range(9)]
    assert walk(olga, 2, lambda after: trash.purge(olga, after)) == [row.id for row in reversed(rows)]


def test_pages_go_on_where_the_last_image_was_hidden(olga: Actor) -> None:
    rows = [make_row(olga) for _ in range(9)]
    seen = walk(olga, 2, lambda after: Image.update(visibility="private").where(Image.id == after).execute())
    assert seen == [row.id for row in reversed(rows)]


def test_what_is_published_meanwhile_moves_no_page(olga: Actor) -> None:
    rows = [make_row(olga) for _ in range(6)]
    seen = walk(olga, 2, lambda _: make_row(olga) and None)
    assert seen == [row.id for row in reversed(rows)]


def test_pages_of_filters_and_of_searches_show_everything_once(olga: Actor) -> None:
    rows = [make_row(olga, title=f"Rain {n}", category="Film" if n % 2 else "Art", group="Film") for n in range(11)]
    expected = [row.id for row in reversed(rows)]
    films = [row.id for row in reversed(rows) if row.category == "Film"]
    assert walk(olga, 3, group="Film") == walk(olga, 3, q="rain") == expected
    assert walk(olga, 2, category="Film") == walk(olga, 2, category="Film", group="Film", q="rai") == films


def test_a_cursor_that_never_was_begins_at_the_newest(olga: Actor) -> None:
    image = make_row(olga)
    for after in ("", "0", "zzzz", "%", "\u96ea"):
        assert ids(olga, after=after) == [image.id], after


def test_filters_narrow_and_combine(olga: Actor, sam: Actor) -> None:
    film = make_row(olga, category="Film", group="Film")
    art = make_row(olga, category="Art", group="Film")
    plain = make_row(olga)
    images.toggle_like(sam, film.id)
    images.toggle_like(olga, plain.id)
    assert ids(olga, category="Film") == [film.id]
    assert ids(olga, group="Film") == [art.id, film.id]
    assert ids(olga, category="Art", group="Film") == [art.id]
    assert ids(olga, category="Art", group="TV Series") == []
    assert (ids(sam, liked=True), ids(olga, liked=True), ids(VISITOR, liked=True)) == ([film.id], [plain.id], [])


def test_a_colour_finds_the_images_whose_palette_has_one_like_it(olga: Actor) -> None:
    teal, near = painted(olga, RUST, TEAL), painted(olga, NEAR_TEAL)
    painted(olga, RUST, GREY)
    make_row(olga)
    assert ids(olga, color=TEAL) == [near.id, teal.id]


@pytest.mark.parametrize("code", ["#000000", "#ffffff", "#808080", "#00ff00", "#0000ff", "#ff00ff", TEAL, RUST])
def test_an_image_is_found_by_each_of_its_own_colours(olga: Actor, code: str) -> None:
    image = painted(olga, code)
    assert ids(olga, color=code) == [image.id]
    opposite = "#{:02x}{:02x}{:02x}".format(*(int(code[i : i + 2], 16) ^ 0xFF for i in (1, 3, 5)))
    assert ids(olga, color=opposite) == ([image.id] if code == "#808080" else [])


def test_every_colour_is_kept_under_its_own_cell_and_few_others() -> None:
    for red in range(0, 256, 17):
        for green in range(0, 256, 17):
            for blue in range(0, 256, 17):
                code = f"#{red:02x}{green:02x}{blue:02x}"
                cells = similar.cells_around(code)
                assert similar.cell_of(code) in cells
                assert 1 <= len(cells) <= 8
                assert all(0 <= cell < 5 * 32 * 32 for cell in cells)


def test_a_colour_combines_with_everything_else(olga: Actor, sam: Actor) -> None:
    film = painted(olga, TEAL, title="Rain", category="Film", group="Film")
    art = painted(olga, TEAL, title="Fog", category="Art", group="Film")
    painted(olga, RUST, title="Rain", category="Film", group="Film")
    images.toggle_like(sam, art.id)
    assert ids(olga, color=TEAL, category="Film") == ids(olga, color=TEAL, q="rain") == [film.id]
    assert ids(olga, color=TEAL, group="Film") == [art.id, film.id]
    assert ids(sam, color=TEAL, liked=True) == [art.id]
    assert ids(olga, color=TEAL, q="fog", category="Film") == []


def test_pages_of_a_colour_show_everything_once(olga: Actor) -> None:
    rows = [painted(olga, TEAL, NEAR_TEAL, title="Rain") for _ in range(11)]
    painted(olga, RUST)
    expected = [row.id for row in reversed(rows)]
    assert walk(olga, 3, color=TEAL) == walk(olga, 2, color=TEAL, q="rain") == expected


@pytest.mark.parametrize("code", ["teal", "#fff", "1f6f78", "#1f6f7g", "#+f+f+f", "\u0661", "#1f6f78\n"], ids=ascii)
def test_what_is_no_colour_finds_nothing(olga: Actor, code: str) -> None:
    painted(olga, TEAL, "#ffffff", "#0f0f0f")
    assert ids(olga, color=code) == []


def test_a_palette_that_changes_leaves_nothing_behind(olga: Actor) -> None:
    image = painted(olga, TEAL)
    with db.writing():
        colours.write(image.seq, [RUST])
    assert (ids(olga, color=TEAL), ids(olga, color=RUST)) == ([], [image.id])
    with db.writing():
        colours.write(image.seq, [])
    assert ImageColour.select().count() == 0


def test_colours_go_with_their_image(olga: Actor) -> None:
    gone, kept = painted(olga, TEAL), painted(olga, TEAL)
    trash.purge(olga, gone.id)
    assert {row.seq for row in ImageColour.select()} == {kept.seq}


def test_the_migration_finds_the_colours_that_are_there_already(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches smaller than the library, an image without a palette, and one whose palette is broken."""
    path = db.migrations_dir() / "0003_image_colour.py"
    spec = importlib.util.spec_from_file_location("migration", path)
    assert spec and spec.loader
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    teal = [painted(olga, TEAL, RUST) for _ in range(5)]
    make_row(olga), make_row(olga, colors=["teal", "#12345"]), painted(olga, GREY)
    before = {(row.seq, row.cell) for row in ImageColour.select()}
    ImageColour.delete().execute()
    monkeypatch.setattr(migration, "BATCH", 2)
    with db.writing():
        migration.fill(db.database.obj)
    assert {(row.seq, row.cell) for row in ImageColour.select()} == before
    assert ids(olga, color=TEAL) == [image.id for image in reversed(teal)]


@pytest.mark.parametrize("columns", HIDDEN, ids=json.dumps)
def test_what_is_not_in_the_library_is_never_listed(
    olga: Actor, mo: Actor, sam: Actor, columns: dict[str, object]
) -> None:
    hidden = painted(olga, TEAL, title="Rain", category="Texture", group="Odd", **columns)
    shown = make_row(olga, title="Rain")
    for actor in (VISITOR, sam, olga, mo):
        assert ids(actor) == ids(actor, q="rain") == [shown.id]
        assert ids(actor, category="Texture") == ids(actor, group="Odd") == ids(actor, color=TEAL) == []
        assert hidden.id not in walk(actor, 1)
    assert "Odd" not in facets.groups(olga)
    assert not gallery.is_empty(olga)


def test_an_empty_library_is_empty(olga: Actor) -> None:
    make_row(olga, status="draft")
    assert gallery.is_empty(olga)
    assert ids(olga) == []


def test_a_private_library_is_closed_to_visitors(olga: Actor, gus: Actor, change_settings: ChangeSettings) -> None:
    image = make_row(olga)
    assert ids(VISITOR) == [image.id]
    change_settings(public_library=False)
    with pytest.raises(NotSignedIn):
        gallery.list_page(VISITOR)
    assert ids(gus) == [image.id]


def test_facets_are_those_in_use(olga: Actor) -> None:
    assert facets.groups(olga) == facets.categories(olga) == []
    make_row(olga, category="General", group=GROUPS[4])
    make_row(olga, category="alleys", group="documentary")
    make_row(olga, category="Zoo", group="Animation")
    make_row(olga, category="Zoo", group=GROUPS[1])
    assert facets.groups(olga) == [GROUPS[1], GROUPS[4], "Animation", "documentary"]  # the nine types in their order
    assert facets.categories(olga) == ["alleys", "General", "Zoo"]


def test_a_page_tells_what_a_grid_needs(olga: Actor, sam: Actor) -> None:
    image = make_active(olga, title="Rain", group="Film")
    images.toggle_like(sam, image.id)
    page = gallery.list_page(sam)
    (seen,) = page.images
    assert (seen.id, seen.title, seen.width, seen.height) == (image.id, "Rain", 64, 48)
    assert (seen.likes, page.liked, seen.group) == (1, {image.id}, "Film")
    assert json.loads(seen.colors) == image.colors
    assert seen.public_token == image.public_token
    assert gallery.list_page(olga).liked == set()


@pytest.mark.parametrize(
    "wanted",
    [{}, {"q": "rain"}, {"category": "General"}, {"liked": True}, {"color": TEAL}, {"color": TEAL, "q": "rain"}],
    ids=json.dumps,
)
def test_a_page_costs_the_same_queries_for_ten_images_and_for_a_hundred(
    olga: Actor, wanted: dict[str, object]
) -> None:
    def cost(limit: int) -> int:
        with count_queries() as seen:
            page = page_of(olga, limit=limit, **wanted)
        assert len(page.images) == limit
        return len(seen)

    for _ in range(101):
        image = painted(olga, TEAL, title="Rain")
        images.toggle_like(olga, image.id)
    assert cost(10) == cost(100) == 2 + ("liked" in wanted)  # whether they are few


@pytest.mark.plans
@pytest.mark.parametrize("engine", ["sqlite"], indirect=False)
@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({}, "image_listed (is_listed=?"),
        ({"category": "Film"}, "image_listed_category (category=? AND is_listed=?"),
        ({"group": "Film"}, "image_listed_group (group=? AND is_listed=?"),
        ({"category": "Film", "group": "Film"}, "image_listed_both (category=? AND group=? AND is_listed=?"),
        ({"q": "rain"}, "VIRTUAL TABLE INDEX"),
        ({"color": TEAL}, "t2 USING PRIMARY KEY (cell=?"),
        ({"color": TEAL, "category": "Film"}, "t2 USING PRIMARY KEY (cell=?"),
        ({"color": TEAL, "q": "rain"}, "image_colour_image (seq=? AND cell=?)"),
        ({"size": "Close-Up"}, "t2 USING PRIMARY KEY (field=? AND term=?"),
        ({"size": "Close-Up", "category": "Film"}, "t2 USING PRIMARY KEY (field=? AND term=?"),
        ({"size": "Close-Up", "time": "Night"}, "image_craft_image (seq=? AND field=? AND term=?)"),
        ({"size": "Close-Up", "color": TEAL}, "image_craft_image (seq=? AND field=? AND term=?)"),
        ({"angle": "Profile", "q": "rain"}, "VIRTUAL TABLE INDEX"),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
@pytest.mark.parametrize("later", [False, True], ids=["first", "later"])
def test_a_page_is_read_along_an_index(
    olga: Actor, engine: str, wanted: dict[str, object], index: str, later: bool
) -> None:
    rows = [painted(olga, TEAL, title="Rain", category="Film", group="Film") for _ in range(30)]
    after = rows[20].id if later else None
    with count_queries() as seen:
        page_of(VISITOR, after=after, limit=10, **wanted)
    statement = seen[-1]
    rows_of_plan = db.database.execute_sql(
        "EXPLAIN QUERY PLAN " + statement, [None] * statement.count("?")
    ).fetchall()
    plan = [row[3] for row in rows_of_plan]
    text = " / ".join(plan)
    assert "TEMP B-TREE" not in text, text
    assert all(not line.startswith("SCAN") or "VIRTUAL TABLE" in line for line in plan), text
    assert index in text, text


def test_neighbours_of_an_image_are_those_of_the_gallery(olga: Actor) -> None:
    old, hidden, middle, new = (
        make_row(olga),
        make_row(olga, visibility="private"),
        make_row(olga),
        make_row(olga),
    )
    detail = images.get_detail(olga, middle.id)
    assert (detail.previous_id, detail.next_id) == (new.id, old.id)
    assert images.get_detail(olga, new.id).previous_id is None
    assert images.get_detail(olga, old.id).next_id is None
    assert images.get_detail(olga, hidden.id).next_id == old.id


@pytest.mark.plans
@pytest.mark.parametrize("engine", ["postgres"], indirect=False)
def test_a_page_of_a_colour_is_read_along_its_index_on_postgresql(olga: Actor, engine: str) -> None:
    for _ in range(30):
        painted(olga, TEAL)
    with count_queries() as seen:
        page_of(VISITOR, color=TEAL, limit=10)
    with db.writing():  # thirty rows are quicker read at once; what counts is that a library need not be
        db.database.execute_sql("ANALYZE image, image_colour")
        db.database.execute_sql("SET LOCAL enable_sort = off")
        db.database.execute_sql("SET LOCAL enable_material = off")
        found = db.database.execute_sql("EXPLAIN " + seen[-1], [True, similar.cell_of(TEAL), 11, 0]).fetchall()
    plan = "\n".join(row[0] for row in found)
    assert "Backward using image_colour_pkey" in plan, plan
    assert "Sort" not in plan, plan


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
@pytest.mark.parametrize("few", [0, 500])
def test_what_few_or_many_pictures_have_is_found_in_the_same_way(
    olga: Actor, sam: Actor, engine: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sparse, "FEW", few)
    rows = [make_row(olga, title=f"Rain {n}", tags=["wet"] if n % 2 else ["dry"], category="Film") for n in range(9)]
    make_row(olga, tags=["wet"], visibility="private")
    for image in rows[2:7]:
        images.toggle_like(sam, image.id)
    wet, liked = [image.id for image in reversed(rows[1::2])], [image.id for image in reversed(rows[2:7])]
    assert ids(VISITOR, tag="wet") == wet and ids(VISITOR, tag="none") == []
    assert ids(VISITOR, after=wet[1], tag="wet") == wet[2:]
    assert ids(sam, liked=True) == liked
    assert ids(sam, liked=True, tag="wet", q="rain", category="Film") == [each for each in liked if each in wet]
    assert str(counts.of(sam, filters.wanted(liked=True, tag="wet"), filters.OF_GALLERY).total) == "2"


@pytest.mark.plans
@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("wanted", "few", "index"),
    [
        ({"tag": "wet"}, 500, "image_listed (is_listed=? AND seq=?"),
        ({"tag": "wet"}, 0, "image_listed (is_listed=?) / CORRELATED SCALAR SUBQUERY"),
        ({"liked": True}, 500, "image_listed (is_listed=? AND seq=?"),
        ({"project": "Blade"}, 500, "image_listed_project (project_id=? AND is_listed=?)"),
    ],
    ids=["few have the tag", "many have the tag", "few are liked", "project"],
)
def test_the_library_is_not_walked_for_what_few_have(
    olga: Actor, engine: str, wanted: dict[str, Any], few: int, index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sparse, "FEW", few)
    image = make_row(olga, tags=["wet"])
    ledger.edit(olga, image.id, "project", "Blade")
    statement, values = query.statements(gallery.GALLERY, olga, filters.wanted(**wanted))[0]
    plan = [row[3] for row in db.database.execute_sql("EXPLAIN QUERY PLAN " + statement, values).fetchall()]
    assert index in " / ".join(plan), plan
