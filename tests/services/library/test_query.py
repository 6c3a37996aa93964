"""One query for every list: each shows what a plain look at every row would, page by page, and is read along an index."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.models import Alias, Client, Flow, Image, ImageCraft, ImportBatch, Like, Project, Source
from pindeck.services.images import colours, craft, projects
from pindeck.services.ingest import extensions
from pindeck.services.library import filters, gallery, lists, managed_list, own, query, sheet, sheet_facets
from pindeck.services.library.query import Filter, Listing
from pindeck.terms import CRAFT
from tests.conftest import count_queries
from tests.factories import make_row

TEAL = "#1f6f78"
STATUSES, VISIBILITIES = ("draft", "pending", "active", "broken"), ("library", "unlisted", "private")


def library_shows(actor: Actor, image: Image, given: dict[Filter, Any]) -> bool:
    works = filters.PROJECT in given and (actor.is_curator or actor.is_manager)
    wanted = ("library", "unlisted") if works else ("library",)
    inside = actor.project_id in (None, image.project_id)
    return inside and image.status == "active" and not image.is_trashed and image.visibility in wanted


def managed_shows(actor: Actor, image: Image, given: dict[Filter, Any]) -> bool:
    if image.status != "active" or image.visibility == "private":
        return False
    if not image.is_trashed:
        return True
    return filters.TRASHED in given and (actor.is_manager or actor.is_admin or image.user_id == actor.user_id)


def is_own(actor: Actor, image: Image, _: dict[Filter, Any]) -> bool:
    return not image.is_trashed and image.user_id == actor.user_id and actor.project_id in (None, image.project_id)


def waits(actor: Actor, image: Image, given: dict[Filter, Any]) -> bool:
    mine = actor.is_admin or image.user_id == actor.user_id
    in_the_way = image.held_at is None or sheet.STATE in given
    return mine and in_the_way and not image.is_trashed and image.status in ("draft", "pending")


# Each list with the plain words for who sees what in it, its order, and the filters that it offers.
LISTS: dict[str, tuple[Listing, Callable[[Actor, Image, dict[Filter, Any]], bool], tuple[Filter, ...]]] = {
    "gallery": (gallery.GALLERY, lambda a, i, _: library_shows(a, i, {}), filters.OF_GALLERY),
    "library": (lists.LIBRARY, library_shows, (*filters.OF_LIBRARY, filters.TITLE)),
    "own": (own.OWN, is_own, (filters.STATUS,)),
    "drafts": (own.DRAFTS, lambda a, i, _: is_own(a, i, {}) and i.status == "draft", (filters.PERSIST_STATUS,)),
    "sheet": (sheet.SHEET, waits, sheet.OF_SHEET),
    "trash": (own.TRASH, lambda a, i, _: i.is_trashed and (a.is_admin or i.user_id == a.user_id), ()),
    "managed": (managed_list.MANAGED, managed_shows, (filters.IN_PROJECT, *filters.OF_MANAGED)),
    "pictures": (
        extensions.PICTURES,
        lambda a, i, _: i.user_id == a.user_id and not i.is_trashed and (i.status == "active" or i.client_id == a.client_id),
        filters.OF_EXTENSION,
    ),
}  # fmt: skip


@dataclass
class World:
    actors: dict[str, Actor]
    images: list[Image]
    likes: set[tuple[str, str]]
    painted: set[int]
    names: dict[str, str]
    tags: dict[str, list[str]]
    terms: set[tuple[int, str, str]]
    project: str
    flow: str
    source: str
    batch: str

    def holds(self, filter: Filter, value: Any, actor: Actor, image: Image) -> bool:
        """The plain meaning of each filter."""
        if filter in filters.OF_CRAFT:
            return (image.seq, filter.name, value) in self.terms
        made = "generated" if image.origin == "ai" else "uploaded"
        meanings: dict[str, Any] = {
            "q": lambda: value in image.title.lower().split(),
            "title": lambda: value in image.title.lower().split(),
            "group": lambda: image.group == value,
            "category": lambda: image.category == value,
            "tag": lambda: value in self.tags[image.id],
            "genre": lambda: image.genre == value,
            "shot": lambda: image.shot == value,
            "style": lambda: image.style == value,
            "sref": lambda: image.sref == value,
            "by": lambda: image.user_id == value,
            "state": lambda: self.is_in(value, image),
            "from": lambda: value == (self.source if image.import_batch_id == self.batch else image.origin),
            "batch": lambda: image.import_batch_id == value,
            "age": lambda: (image.created_at > 3) == (value != "older"),
            "color": lambda: image.seq in self.painted,
            "liked": lambda: (actor.user_id, image.id) in self.likes,
            "project": lambda: Project.get_by_id(image.project_id).name.lower() == value.lower(),
            "in_project": lambda: image.project_id == value,
            "flow": lambda: image.flow_id == value,
            "source": lambda: made == value,
            "alias": lambda: self.names.get(image.id) == value,
            "trashed": lambda: True,
            "status": lambda: image.status == value,
            "persist_status": lambda: image.persist_status == value,
            "owned": lambda: image.client_id == actor.client_id,
            "character": lambda: image.subject_character == value,
            "chat": lambda: image.subject_chat == value,
        }
        return bool(meanings[filter.name]())


    def is_in(self, state: str, image: Image) -> bool:
        if state == "held":
            return image.held_at is not None
        is_meant = {"import": image.status == "pending", "draft": image.status == "draft", "failed": image.persist_status == "failed"}
        return image.held_at is None and is_meant[state]


@pytest.fixture
def world(olga: Actor, sam: Actor, mo: Actor, gus: Actor) -> World:
    """Images in every state, of several people, projects and makers; who is who is drawn, and always the same."""
    draw = random.Random(7)
    project = projects.find_or_create("P").id
    more: dict[str, dict[str, Any]] = {
        "master": {},
        "project": {"project": project},
        "extension": {"install_scope": "user"},
    }
    clients = {
        kind: Client.create(
            id=db.new_id(), kind=kind, name=kind, identifier=f"{kind}_key", created_at=1, user=olga.user_id, **columns
        )
        for kind, columns in more.items()
    }
    flow = Flow.create(id=db.new_id(), project=project, created_at=1, updated_at=1).id
    source = Source.create(id=db.new_id(), kind="feed", name="Feed", user=olga.user_id, created_at=1, updated_at=1).id
    batch, loose = (
        ImportBatch.create(id=db.new_id(), user=olga.user_id, origin="upload", source_id=of, created_at=1).id
        for of in (source, None)
    )
    states = [(s, v, gone) for s in STATUSES for v in VISIBILITIES for gone in (None, 1000, 2000)] * 2
    states += [("active", "library", None)] * 24
    images, likes, painted, names, tags = [], set(), set(), {}, {}
    for status, visibility, deleted_at in draw.sample(states, len(states)):
        place = draw.choice([None, "P"])
        image = make_row(
            draw.choice([olga, olga, sam, mo]), title=draw.choice(["Rain alley", "Fog"]), project=place, status=status,
            visibility=visibility, deleted_at=deleted_at, category=draw.choice(["Film", "Art"]),
            group=draw.choice(["Film", None]), origin=draw.choice(["ai", "upload"]),
            client=draw.choice([None, *(client.id for client in clients.values())]),
            flow_id=flow if place and draw.random() < 0.5 else None,
            subject_character=draw.choice([None, "c1"]), subject_chat=draw.choice([None, "t1"]),
            persist_status=draw.choice(["succeeded", "pending", "failed"]), created_at=draw.choice([1, 2, 3, db.now_ms()]),
            import_batch_id=draw.choice([None, batch, loose]), held_at=draw.choice([None, None, 5]),
            genre=draw.choice(["Noir", None]), shot=draw.choice(["Wide", None]), style=draw.choice(["Grain", None]),
            sref=draw.choice(["123", None]), tags=(some := draw.choice([[], ["night"], ["night", "wet"]])),
        )  # fmt: skip
        images.append(image)
        tags[image.id] = some
        for person in (olga, sam):
            if draw.random() < 0.4:
                likes.add((str(person.user_id), image.id))
                Like.create(user_id=person.user_id, image_id=image.id, created_at=1)
        said = {name: draw.choice([None, field.names[0]]) for name, field in CRAFT.items()}
        said["time"] = draw.choice([None, "Golden Hour", "Dawn"])
        with db.writing():
            craft.write([image], {image.id: {n: [v] if v and CRAFT[n].many else v for n, v in said.items()}})
        if draw.random() < 0.5:
            painted.add(image.seq)
            with db.writing():
                colours.write(image.seq, [TEAL])
    held = next(image for image in images if image.project_id == project and image.status == "active")
    names[held.id] = "@hero"
    Alias.create(
        id=db.new_id(), project_id=project, name="hero", name_key="hero", image_id=held.id, created_at=1, updated_at=1
    )

    def program(kind: str, **more: Any) -> Actor:
        return Actor(
            olga.user_id,
            olga.role,
            client_id=clients[kind].id,
            client_kind=kind,
            scopes=frozenset({"images:read"}),
            **more,
        )

    actors = {
        "visitor": VISITOR, "olga": olga, "sam": sam, "mo": mo, "gus": gus, "master": program("master"),
        "project": program("project", project_id=project), "extension": program("extension", install_scope="user"),
    }  # fmt: skip
    terms = {(row.seq, row.field, row.term) for row in ImageCraft.select()}
    return World(actors, images, likes, painted, names, tags, terms, project, flow, source, batch)


WHO = {
    "gallery": ("visitor", "olga", "sam", "mo", "gus"),
    "library": ("visitor", "olga", "mo", "gus", "master", "project"),
    "own": ("olga", "sam", "mo", "project"),
    "drafts": ("olga", "sam", "mo"),
    "sheet": ("olga", "sam", "mo"),
    "trash": ("olga", "sam", "mo"),
    "managed": ("olga", "mo", "master", "project"),
    "pictures": ("extension",),
}
VALUES: dict[str, tuple[Any, ...]] = {
    "q": ("rain", "fog"), "title": ("rain", "fog"), "group": ("Film", "Nothing"), "category": ("Film", "Art"),
    "color": (TEAL,), "liked": (True,), "project": ("p", "library", "nowhere"), "source": ("generated", "uploaded"),
    "alias": ("@hero", "@nobody"), "trashed": (True,), "status": STATUSES, "persist_status": ("pending", "succeeded"),
    "owned": (True,), "character": ("c1", "c2"), "chat": ("t1",), "tag": ("night", "wet", "dry"), "genre": ("Noir",),
    "state": tuple(sheet.STATES), "age": tuple(sheet.AGES),
    "shot": ("Wide", "Close-up"), "style": ("Grain",), "sref": ("123",),
    **{name: field.names[:2] for name, field in CRAFT.items()}, "time": ("Golden Hour", "Day's End"), "setting": ("Exterior",),
}  # fmt: skip


@given(data=st.data())
@settings(
    max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
def test_every_list_shows_what_a_look_at_every_row_would(world: World, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(LISTS)))
    listing, shows, offered = LISTS[name]
    actor = world.actors[data.draw(st.sampled_from(WHO[name]))]
    values = {**VALUES, "in_project": (world.project, projects.DEFAULT_ID), "flow": (world.flow, db.new_id()),
        "by": (world.actors["olga"].user_id, db.new_id()), "batch": (world.batch, db.new_id()),
        "from": (world.source, "upload", "ai", db.new_id())}
    craft_too = data.draw(st.sets(st.sampled_from(filters.OF_CRAFT), max_size=2))
    asked = [filter for filter in offered if filter not in filters.OF_CRAFT or filter in craft_too]
    wanted = {filter: data.draw(st.sampled_from((None, *values[filter.name])), filter.name) for filter in asked}
    wanted = {filter: value for filter, value in wanted.items() if value is not None}
    if name == "managed":
        wanted.setdefault(filters.IN_PROJECT, world.project)
    expected = [
        image for image in world.images
        if shows(actor, image, wanted) and all(world.holds(f, value, actor, image) for f, value in wanted.items())
    ]  # fmt: skip
    order = [column.name for column in listing.order]
    expected.sort(key=lambda image: [getattr(image, column) for column in order], reverse=True)
    ids = [image.id for image in expected]
    at = next(n for n, column in enumerate(listing.columns) if column is Image.id)
    limit = data.draw(st.integers(1, 40))

    def page(**where: Any) -> list[str]:
        return [row[at] for row in query.rows(listing, actor, wanted, limit=limit, **where)]

    assert query.count(listing, actor, wanted) == len(ids)
    offset = data.draw(st.integers(0, 20))
    assert page(offset=offset) == ids[offset : offset + limit]
    if listing.is_deferred:
        return
    seen = found = page()
    while len(found) == limit:
        found = page(after=found[-1])
        seen += found
    assert seen == ids


CASES = [(name, filter) for name, (_, _, offered) in LISTS.items() for filter in (None, *offered)]


@pytest.mark.plans
def test_every_list_is_read_along_an_index(world: World, engine: str) -> None:
    values = {**VALUES, "in_project": (world.project,), "flow": (world.flow,), "by": (world.actors["olga"].user_id,),
        "batch": (world.batch,), "from": (world.source,)}  # fmt: skip
    for name, filter in CASES:
        wanted: dict[Filter, Any] = {filter: values[filter.name][0]} if filter else {}
        if name == "managed":
            wanted[filters.IN_PROJECT] = world.project
        for who in WHO[name]:
            actor = world.actors[who]
            found = query.statements(LISTS[name][0], actor, wanted)
            assert found or (actor is VISITOR and filter is filters.LIKED)
            for sql, filling in found:
                plan = explained(sql, filling, engine)
                assert not reads_all(plan, engine), (name, wanted, plan)


def test_the_numbers_beside_the_filters_of_the_sheet_are_those_of_the_lists_they_lead_to(world: World) -> None:
    for who, wanted in (("olga", {}), ("mo", {}), ("mo", {sheet.STATE: "held"}), ("olga", {sheet.AGE: "week", sheet.FROM: "ai"})):
        actor = world.actors[who]
        with count_queries() as asked:
            facets = sheet_facets.of(actor, wanted)
        assert len(asked) == 3
        assert {filter.name for filter, values in facets.items() if values} >= {"state", "from", "age"}
        for filter, values in facets.items():
            for value in values:
                there = query.count(sheet.SHEET, actor, {**wanted, filter: value.value})
                assert value.count == there, (who, wanted, filter.name, value)


def explained(sql: str, values: list[Any], engine: str) -> str:
    if engine == "sqlite":
        rows = db.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
        return "\n".join(row[3] for row in rows)
    with db.writing():  # a hundred rows are quicker read at once; what counts is that a library need not be
        db.database.execute_sql("SET LOCAL enable_seqscan = off")
        return "\n".join(row[0] for row in db.database.execute_sql(f"EXPLAIN {sql}", values).fetchall())


def reads_all(plan: str, engine: str) -> bool:
    """Whether all images are read."""
    if engine == "postgres":
        return "Seq Scan on image" in plan
    lines = [line for line in plan.split("\n") if line.startswith("SCAN t") and "VIRTUAL TABLE" not in line]
    return any("USING" not in line for line in lines)


def test_equal_requests_are_spelt_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two people, two values, one shape: the words of the SQL are the same, and nothing is spelt a second time."""
    olga, sam = world.actors["olga"], world.actors["sam"]
    query.rows(gallery.GALLERY, olga, {filters.CATEGORY: "Film", filters.LIKED: True}, limit=5)
    spelt: list[object] = []
    of = db.PreparedQuery.of
    monkeypatch.setattr(db.PreparedQuery, "of", lambda asked: spelt.append(asked) or of(asked))
    query.rows(gallery.GALLERY, sam, {filters.LIKED: True, filters.CATEGORY: "Art"}, limit=9)
    assert spelt == []


def test_a_filter_that_finds_nothing_asks_nothing(world: World) -> None:
    for wanted in ({filters.COLOUR: "teal"}, {filters.WORDS: "!?"}, {filters.LIKED: True}):
        assert query.rows(gallery.GALLERY, VISITOR, wanted, limit=5) == []
        assert query.count(gallery.GALLERY, VISITOR, wanted) == 0
