"""For random queries the page, the API and a plain look at every row find the same pictures, over HTTP on both engines."""

import random
import re

import pytest

from pindeck.search import parse
from tests.conftest import ClientFor
from tests.services.library.test_grammar import LEAVES, Query, World, denied, every, shows, some, world

__all__ = ["world"]
QUERIES = 150  # on each engine
TILE = re.compile(r'<a href="/images/([0-9a-f-]{36})')


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def drawn(draw: random.Random, deep: int = 0) -> Query:
    turn = draw.random()
    if deep == 3 or turn < 0.4:
        text = draw.choice(sorted(LEAVES))
        return text, LEAVES[text]
    if turn < 0.6:
        return denied(drawn(draw, deep + 1))
    join = every if turn < 0.85 else some
    return join([drawn(draw, deep + 1) for _ in range(draw.randint(1, 3))])


def test_the_page_and_the_api_find_what_a_look_at_every_row_would(world: World, client_for: ClientFor, engine: str) -> None:  # noqa: F811
    draw = random.Random(f"{engine} 7")
    clients = {name: client_for(None if name == "visitor" else actor) for name, actor in world.actors.items()}
    found_some = 0
    for _ in range(QUERIES):
        text, holds = drawn(draw)
        name = draw.choice(sorted(clients))
        actor = world.actors[name]
        if len(text) > 500 or parse(text).problems:
            continue
        expected = [image.id for image in reversed(world.images) if shows(actor, image) and holds(world, actor, image)]
        page = clients[name].get("/", query_string={"q": text})
        told = clients[name].get("/api/v1/library/search", query_string={"q": text, "limit": 200, "sort": "newest"})
        assert list(dict.fromkeys(TILE.findall(page.text.split('id="results"')[1]))) == expected[:50], text
        assert [each["_id"] for each in told.json["data"]] == expected, text
        assert all("index is away" in each["says"] for each in told.json["problems"]), text  # no process runs here
        found_some += 0 < len(expected) < len(world.images)
    assert found_some > QUERIES / 4
