"""What a query of the search box finds: the same as a plain look at every row, on both engines, page by page."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.imaging import similar
from pindeck.models import Alias, Board, BoardImage, Image, ImageCraft, Like, Memo, Source, SourceItem
from pindeck.search import FIELDS, Kind, parse
from pindeck.services.images import colours, craft, projects, search_words, word_store
from pindeck.services.library import filters, gallery, grammar, meanings, query, sorting, word_orders
from pindeck.services.library.sorting import Sort
from tests.conftest import count_queries
from tests.factories import make_row
from tests.services.library.test_query import explained, reads_all

TEAL, RUST = "#1f6f78", "#b5502f"
Holds = Callable[["World", Actor, Image], Any]


@dataclass
class World:
    actors: dict[str, Actor]
    images: list[Image]
    tags: dict[str, list[str]]
    terms: dict[str, set[str]]
    likes: set[tuple[str | None, str]]
    memos: set[tuple[str | None, str]]
    named: set[str]
    found: set[str]
    pinned: set[str]

    def words(self, image: Image) -> list[list[str]]:
        texts = [image.title, image.description, *self.tags[image.id], image.genre, image.category, image.sref, *self.terms[image.id]]
        texts.append(None if image.project.is_default else image.project.name)
        return [search_words.tokens(text) for text in texts if text]


@pytest.fixture
def world(olga: Actor, sam: Actor, mo: Actor) -> World:
    draw = random.Random(11)
    actors = {"olga": olga, "sam": sam, "mo": mo, "visitor": VISITOR}
    world = World(actors, [], {}, {}, set(), set(), set(), set(), set())
    source = Source.create(id=db.new_id(), kind="feed", name="Stills Weekly", user=olga.user_id, created_at=1, updated_at=1)
    board = Board.create(id=db.new_id(), user_id=sam.user_id, name="Night looks", name_key="night looks", created_at=1, updated_at=1)
    for n in range(60):
        tags = draw.choice([[], ["rain"], ["rain", "wet street"]])
        project = draw.choice([None, "Night Ride", "Böse Öde"])
        image = make_row(
            draw.choice([olga, olga, sam]), title=draw.choice(["Neon alley", "Alley of neon", "Fog", "Café teal"]), tags=tags, project=project,
            description=draw.choice([None, "neon city night", "teal neon city"]), genre=draw.choice([None, "Noir", "noir", "Western"]),
            category=draw.choice(["Film", "Art"]), group=draw.choice([None, "Music Video"]), sref=draw.choice([None, "", "12", "--sref 12 3", "0012", "123", "3 312"]),
            width=draw.choice([None, 1000, 2390, 4000]), height=draw.choice([None, 1000, 1020]), likes=draw.choice([0, 3, 4]),
            parent_id=draw.choice([None, world.images[0].id]) if n else None, origin=draw.choice(["upload", "discord"]), colors=draw.choice([[], [TEAL], [RUST]]),
            exif=draw.choice([{}, {"taken_at": "2026-05-31T23:59:59"}, {"taken_at": "2025-01-01T00:00:00"}]),
            created_at=draw.choice([1, 1_780_272_000_000, db.now_ms() - 1000]), status=draw.choice(["active"] * 5 + ["draft"]),
            visibility=draw.choice(["library"] * 5 + ["private"]), rights=[None, "Cleared", "Reference only"][n % 3], deleted_at=draw.choice([None] * 9 + [5]),
        )  # fmt: skip
        said = {"time": draw.choice([None, "Night"]), "light_source": draw.choice([[], ["Street Light"]]), "setting": draw.choice([None, "Interior"])}
        with db.writing():
            craft.write([image], {image.id: said})
            colours.write(image.seq, image.colors)
        world.images.append(image)
        world.tags[image.id] = tags
        world.terms[image.id] = set(craft.words_of([image])[image.seq])
        if draw.random() < 0.3:
            Like.create(user_id=olga.user_id, image_id=image.id, created_at=1)
            world.likes.add((olga.user_id, image.id))
        if draw.random() < 0.3:
            Memo.create(user_id=sam.user_id, image_id=image.id, text="x", updated_at=1)
            world.memos.add((sam.user_id, image.id))
        if draw.random() < 0.2:
            Alias.create(id=db.new_id(), project_id=image.project_id, name=f"n{n}", name_key=f"n{n}", image_id=image.id, created_at=1, updated_at=1)
            world.named.add(image.id)
        if draw.random() < 0.2:
            SourceItem.create(id=db.new_id(), source=source.id, external_id=f"k{n}", state="sent", image_id=image.id, created_at=1, updated_at=1)
            world.found.add(image.id)
        if draw.random() < 0.2:
            BoardImage.create(board=board.id, image_id=image.id, position=f"{n:03d}", user_id=sam.user_id, created_at=1)
            world.pinned.add(image.id)
    with db.writing():
        word_store.index(world.images)
    world.images = [Image.get_by_id(image.seq) for image in world.images]
    return world


def has_words(*wanted: str, start: str = "") -> Holds:
    def holds(world: World, _: Actor, image: Image) -> bool:
        words = {word for text in world.words(image) for word in text}
        return words.issuperset(wanted) and (not start or any(word.startswith(start) for word in words))

    return holds


def has_phrase(*wanted: str) -> Holds:
    def holds(world: World, _: Actor, image: Image) -> bool:
        size = len(wanted)
        return any(tuple(text[n : n + size]) == wanted for text in world.words(image) for n in range(len(text)))

    return holds


def has_colour(code: str, tolerance: int | None = None) -> Holds:
    cells = set(similar.cells_within(code, tolerance)) if tolerance else {similar.cell_of(code)}
    return lambda _, __, image: any(cells & similar.cells_around(each) for each in image.colors)


def is_shaped(low: float, high: float = 1e9) -> Holds:
    return lambda _, __, i: i.width and i.height and i.width >= low * i.height and i.width <= high * i.height


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


# Each text of the grammar with its plain meaning. A picture without a value has not the value, so its opposite holds.
LEAVES: dict[str, Holds] = {
    "neon": has_words("neon"), '"neon city"': has_phrase("neon", "city"), '"alley neon"': has_phrase("alley", "neon"), "cafe": has_words("cafe"),
    "teal": lambda w, a, i: has_words("teal")(w, a, i) or has_colour(TEAL)(w, a, i), "fog neon": has_words("fog", "neon"),
    "tag:rain": lambda w, _, i: "rain" in w.tags[i.id], 'tag:"wet street",nothing': lambda w, _, i: "wet street" in w.tags[i.id],
    "genre:noir": lambda _, __, i: i.genre in ("noir", "Noir"), "genre:western,drama": lambda _, __, i: i.genre == "Western",
    "category:FILM": lambda _, __, i: i.category == "Film", 'type:"music video"': lambda _, __, i: i.group == "Music Video",
    'project:"night ride"': lambda _, __, i: i.project.name == "Night Ride", 'project:"böse öde"': lambda _, __, i: i.project.name == "Böse Öde",
    "sref:12": lambda _, __, i: i.sref in ("12", "--sref 12 3", "0012"), "sref:\"--sref 12 3\"": lambda _, __, i: i.sref == "--sref 12 3", "by:olga": lambda w, _, i: i.user_id == w.actors["olga"].user_id, "by:nobody": lambda *_: False,
    "by:me": lambda _, a, i: i.user_id == a.user_id, "is:mine": lambda _, a, i: i.user_id == a.user_id,
    "from:discord": lambda _, __, i: i.origin == "discord", "is:variation": lambda _, __, i: i.parent_id, "is:original": lambda _, __, i: not i.parent_id,
    "is:liked": lambda w, a, i: (a.user_id, i.id) in w.likes, "is:new": lambda _, __, i: i.created_at > 1_790_000_000_000,
    "has:palette": lambda _, __, i: i.colors, "has:sref": lambda _, __, i: i.sref, "has:alias": lambda w, _, i: i.id in w.named,
    "has:memo": lambda w, a, i: (a.user_id, i.id) in w.memos, "has:project": lambda _, __, i: not i.project.is_default,
    'from:"stills weekly"': lambda w, a, i: i.id in w.found and (a.is_admin or a == w.actors["olga"]),
    'board:"night looks"': lambda w, a, i: i.id in w.pinned and (a.is_admin or a == w.actors["sam"]),
    "rights:reference,unknown": lambda _, __, i: i.rights in (None, "Reference only"), "rights:cleared": lambda _, __, i: i.rights == "Cleared",
    "color:teal": has_colour(TEAL), f"color:{RUST}~30": has_colour(RUST, 30), "ratio:2.39": is_shaped(2.39 * 0.98, 2.39 * 1.02),
    "orientation:landscape": lambda _, __, i: i.width and i.height and i.width > 1.02 * i.height,
    "orientation:portrait,square": is_shaped(0, 1.02), "ratio:>=1": is_shaped(1), "width:>1000": lambda _, __, i: i.width and i.width > 1000, "width:1000..2390": lambda _, __, i: i.width in (1000, 2390),
    "height:1020": lambda _, __, i: i.height == 1020, "likes:>3": lambda _, __, i: i.likes > 3, "likes:<2.5": lambda _, __, i: i.likes < 2.5,
    "date:2026-05": lambda _, __, i: i.exif.get("taken_at", "").startswith("2026-05"), "date:<=2025": lambda _, __, i: "" < i.exif.get("taken_at", "") < "2026",
    "added:<7d": lambda _, __, i: i.created_at > 1_790_000_000_000, "added:2026-06-01..": lambda _, __, i: i.created_at >= ms("2026-06-01"),
    "added:..2026-05": lambda _, __, i: i.created_at < ms("2026-06-01"), "time:night": lambda w, _, i: "Night" in w.terms[i.id],
    "light:sodium": lambda w, _, i: "Street Light" in w.terms[i.id], "int:": lambda w, _, i: "Interior" in w.terms[i.id],
}  # fmt: skip

Query = tuple[str, Holds]
leaves = st.sampled_from(sorted(LEAVES)).map(lambda text: (text, LEAVES[text]))


def denied(of: Query) -> Query:
    return f"-({of[0]})", lambda w, a, i: not of[1](w, a, i)


def every(of: list[Query]) -> Query:
    return "(" + " ".join(text for text, _ in of) + ")", lambda w, a, i: all(holds(w, a, i) for _, holds in of)


def some(of: list[Query]) -> Query:
    return "(" + " or ".join(text for text, _ in of) + ")", lambda w, a, i: any(holds(w, a, i) for _, holds in of)


def deeper(inner: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    many = st.lists(inner, min_size=1, max_size=3)
    return inner.map(denied) | many.map(every) | many.map(some)


queries = st.lists(st.recursive(leaves, deeper, max_leaves=5), min_size=1, max_size=3)


def shows(actor: Actor, image: Image) -> bool:
    return image.status == "active" and image.visibility == "library" and not image.is_trashed


def found(actor: Actor, text: str, *, limit: int) -> list[str]:
    """Page by page."""
    seen: list[str] = []
    page = [row[0] for row in query.rows(gallery.GALLERY, actor, {filters.WORDS: text}, limit=limit)]
    seen += page
    while len(page) == limit:
        page = [row[0] for row in query.rows(gallery.GALLERY, actor, {filters.WORDS: text}, limit=limit, after=seen[-1])]
        seen += page
    return seen


@given(data=st.data())
@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
def test_a_query_finds_what_a_look_at_every_row_would(world: World, data: st.DataObject) -> None:
    actor = world.actors[data.draw(st.sampled_from(sorted(world.actors)))]
    asked = data.draw(queries)
    check(world, actor, *every(asked), limit=data.draw(st.integers(7, 40)))


def check(world: World, actor: Actor, text: str, holds: Holds, *, limit: int = 40) -> None:
    expected = [image.id for image in reversed(world.images) if shows(actor, image) and holds(world, actor, image)]
    assert parse(text).problems == ()
    assert found(actor, text, limit=limit) == expected, text
    assert query.count(gallery.GALLERY, actor, {filters.WORDS: text}) == len(expected)
    # And spelt with its values, as the changes of many are.
    plain = grammar.fill(text, actor)
    rows = query.Rows(Image.select(Image.id).where(Image.is_listed == True), Image.seq, frozenset())  # noqa: E712
    spelt = set() if plain is None else {row.id for row in grammar.narrow_now(rows, plain).query}
    assert spelt == set(expected), text


@pytest.mark.plans
def test_every_field_alone_finds_what_it_says_and_is_read_along_an_index(world: World, engine: str) -> None:
    covered = set()
    for text, holds in LEAVES.items():
        for actor in world.actors.values():
            check(world, actor, text, holds)
        for sql, values in query.statements(gallery.GALLERY, world.actors["olga"], {filters.WORDS: text}):
            plan = explained(sql, values, engine)
            assert not reads_all(plan, engine), (text, plan)
        covered.add(text.split(":")[0])
    # `like:` has tests of its own (`test_looks.py`), and of the craft one field stands for all.
    assert set(meanings.MEANINGS) == {name for name, field in FIELDS.items() if field.kind != Kind.BARE}
    assert set(meanings.MEANINGS) - covered <= {"like", "shot", "style", *(filter.name for filter in filters.OF_CRAFT)}


def test_drafts_are_ones_own(world: World) -> None:
    for name in ("olga", "sam", "mo"):
        actor = world.actors[name]
        own = {i.id for i in world.images if i.status == "draft" and i.user_id == actor.user_id and not i.is_trashed}
        assert set(found(actor, "is:draft", limit=50)) == own
        assert set(found(actor, "is:draft or neon", limit=50)) == set(found(actor, "neon", limit=50))
    assert found(VISITOR, "is:draft", limit=50) == []


def test_equal_forms_are_spelt_once_and_asked_in_as_many_statements(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    olga, sam = world.actors["olga"], world.actors["sam"]
    text = 'neon (tag:{} or width:>{}) -genre:western "{}"'
    with count_queries() as first:
        found(olga, text.format("rain", 5, "neon city"), limit=50)
    spelt: list[object] = []
    of = db.PreparedQuery.of
    monkeypatch.setattr(db.PreparedQuery, "of", lambda asked: spelt.append(asked) or of(asked))
    with count_queries() as second:
        found(sam, text.format("rain", 6, "teal neon"), limit=50)
    assert spelt == [] and len(first) == len(second) == 7


def test_what_could_not_be_understood_is_told_and_the_rest_finds(world: World) -> None:
    olga = world.actors["olga"]
    assert found(olga, "(neon is:big", limit=50) == found(olga, "neon", limit=50) != []
    assert found(olga, "is:big", limit=50) == found(olga, "-by:nobody", limit=50)
    assert [found(olga, text, limit=50) for text in ("!?", "tag:nothing", "neon by:nobody")] == [[], [], []]


BEGIN = "7f0000000000"


def first_light(image: Image) -> str | None:
    found = ImageCraft.get_or_none((ImageCraft.seq == image.seq) & (ImageCraft.field == "light") & (ImageCraft.place == 0))
    return found and found.term


ORDERS = [sort for sort in Sort if sort.value not in word_orders.CRAFT] + [Sort.LIGHT]  # of the craft one stands for all
KEYS: dict[Sort, Callable[[Image], Any]] = {
    Sort.NEWEST: lambda i: -i.seq, Sort.OLDEST: lambda i: i.seq, Sort.LIKES: lambda i: (-i.likes, -i.seq),
    Sort.NAME: lambda i: (word_store.sort_key(i.title) or "", i.seq),
    Sort.PROJECT: lambda i: (word_store.key_of_project(projects.name_of(i.project_id)), i.project_id, sorting.LAST if i.project_order is None else i.project_order, i.seq),
    Sort.RANDOM: lambda i: (i.id[24:] < BEGIN, i.id[24:], i.seq),
    Sort.NEAREST: lambda i: -i.seq,  # where nothing is measured; `test_looks.py` has the rest
    Sort.FIT: lambda i: (-round(sorting.closeness(["neon", "alley", "fog"], i.title) * 1e6), -i.seq),
    Sort.VIEWS: lambda i: (-i.views, -i.seq), Sort.TAGS: lambda i: (-i.tag_count, -i.seq), Sort.PIXELS: lambda i: (-(i.width or 0) * (i.height or 0), -i.seq),
    Sort.HUE: lambda i: (9999 if i.hue is None else i.hue, i.seq), Sort.LIGHT: lambda i: ((word := first_light(i)) is None, word or "", i.seq),
    # Those that have the word first
    **{Sort(name): lambda i, name=column.name: (getattr(i, name) is None, getattr(i, name) or "", i.seq) for name, column in word_orders.COLUMNS.items()},
}  # fmt: skip


# How a page is found: along the order to its end, beyond the first look, or out of the few that match.
WAYS = {"walked": {}, "walked on": {"WALKED": 3, "DENSE": 0}, "collected": {"WALKED": 3, "DENSE": 99}, "too many": {"WALKED": 3, "DENSE": 99, "FEW": 5}}


@pytest.mark.parametrize("way", WAYS)
def test_each_order_shows_everything_once_page_by_page(world: World, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WAYS[way].items():
        monkeypatch.setattr(sorting, name, value)
    for n, image in enumerate(world.images):
        if n % 3:
            Image.update(project_order=n % 5).where(Image.seq == image.seq).execute()
    images = [Image.get_by_id(image.seq) for image in world.images]
    for sort in ORDERS:
        for text in ("neon alley or fog", "", "genre:noir"):
            with monkeypatch.context() as at_night:
                check_order(world, images, sort, text, at_night)


def check_order(world: World, images: list[Image], sort: Sort, text: str, at_night: pytest.MonkeyPatch) -> None:
    olga = world.actors["olga"]
    wanted = {filters.WORDS: text} if text else {}
    holds = {"": lambda _: True, "genre:noir": lambda i: i.genre in ("Noir", "noir")}.get(
        text, lambda i: has_words("neon", "alley")(world, olga, i) or has_words("fog")(world, olga, i)
    )
    key = KEYS[sort] if sort != Sort.FIT or text.startswith("neon") else KEYS[Sort.NEWEST]
    expected = [i.id for i in sorted((i for i in images if shows(olga, i) and holds(i)), key=key)]
    at_night.setattr(sorting, "begin_of", lambda _: BEGIN)
    seen: list[str] = []
    after = None
    while True:
        rows, after = sorting.page(gallery.GALLERY, olga, wanted, sort, limit=7, after=after)
        seen += [row[0] for row in rows]
        if after is None:
            break
        assert sorting.is_place(after, sort)
        at_night.setattr(sorting, "begin_of", lambda _: "midnight has passed")
    assert seen == expected, (sort, text)


@pytest.mark.plans
def test_each_order_lies_along_an_index_whatever_narrows_it(world: World, engine: str) -> None:
    index = {Sort.LIKES: "listed_likes", Sort.NAME: "listed_name", Sort.PROJECT: "listed_row", Sort.RANDOM: "listed_random"}
    for sort in sorted(set(Sort) - {Sort.FIT, Sort.NEAREST}):
        for text in ("", 'type:Film or color:teal', 'neon type:Film (tag:rain or width:>5)'):
            sql, values = query.statements(sorting._sorted(gallery.GALLERY, sort), world.actors["olga"], {filters.WORDS: text} if text else {})[0]
            plan = explained(sql, values, engine)
            assert not reads_all(plan, engine), (sort, plan)
            if sort not in index:
                continue
            if engine == "sqlite":
                assert index[sort] in plan and "TEMP B-TREE" not in plan, (sort, plan)
            else:  # a hundred rows are quicker sorted: what counts is that the index can serve
                with db.writing():
                    db.sql("SET LOCAL enable_sort = off")
                    db.sql("SET LOCAL enable_incremental_sort = off")
                    plan = explained(sql, values, engine)
                assert index[sort] in plan and "Sort" not in plan, (sort, plan)


def test_a_place_that_no_page_gave_is_the_beginning(world: World) -> None:
    first = sorting.page(gallery.GALLERY, VISITOR, {}, Sort.LIKES, limit=5)
    assert all(sorting.is_place(sorting.write([title, "a"]), Sort.NAME) for title in ("夜\u3000雨", "New\u00a0York", "\U0001f469\u200d\U0001f680"))
    for text in ("x", "W10", sorting.write([1]), sorting.write([True, "a"]), sorting.write([2**80, "a"]), sorting.write([1, "\0"]), "é"):
        assert not sorting.is_place(text, Sort.LIKES)
        assert sorting.page(gallery.GALLERY, VISITOR, {}, Sort.LIKES, limit=5, after=text) == first


def test_the_shuffled_library_begins_elsewhere_for_another_person_and_on_another_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Tomorrow":
            return cls(2099, 1, 2, tzinfo=tz)

    begins = {sorting.begin_of(actor) for actor in world.actors.values()}
    monkeypatch.setattr(sorting, "datetime", Tomorrow)
    begins |= {sorting.begin_of(actor) for actor in world.actors.values()}
    assert len(begins) == 2 * len(world.actors)
