"""Searching over the API: the grammar of the search box, orders, cursors, and what could not be read."""

import pytest

from pindeck.access import Actor
from tests.conftest import ClientFor
from tests.factories import make_row

URL = "/api/v1/library/search"


def test_a_search_answers_pages_in_an_order_and_tells_what_it_could_not_read(client_for: ClientFor, olga: Actor, sam: Actor) -> None:
    made = [make_row(olga, title=f"Neon {n}", tags=["rain"] * (n != 2), likes=n).id for n in range(5)]
    make_row(olga, title="Neon of my own", visibility="private", tags=["rain"])
    client = client_for(sam)
    query = {"q": "neon tag:rain (", "sort": "likes", "limit": 3}
    first = client.get(URL, query_string=query).json
    assert [image["_id"] for image in first["data"]] == [made[4], made[3], made[1]]
    assert first["problems"] == [{"at": 14, "end": 15, "says": "“(” at character 15 is never closed."}]
    second = client.get(URL, query_string={**query, "cursor": first["nextCursor"]}).json
    assert [image["_id"] for image in second["data"]] == [made[0]] and second["nextCursor"] is None
    whole = client.get(URL).json
    assert len(whole["data"]) == 5 and whole["problems"] == []
    assert client.get(URL, query_string={"q": "is:draft"}).json["data"] == []


@pytest.mark.parametrize("query", [{"sort": "best"}, {"cursor": "W10"}, {"cursor": "x", "sort": "likes"}, {"limit": "-1"}, {"q": "x" * 601}])
def test_what_a_search_cannot_be_asked_is_named(client_for: ClientFor, olga: Actor, query: dict[str, str]) -> None:
    answer = client_for(olga).get(URL, query_string=query)
    assert answer.status_code == 400
    assert list(query)[0] in str(answer.json["error"])


def test_a_closed_library_is_searched_by_nobody_outside(client_for: ClientFor, olga: Actor, change_settings) -> None:  # type: ignore[no-untyped-def]
    make_row(olga, title="Neon")
    client = client_for(None)
    assert len(client.get(URL, query_string={"q": "neon"}).json["data"]) == 1
    change_settings(public_library=False)
    assert client.get(URL, query_string={"q": "neon"}).status_code == 401
