"""Saved and recent searches and what the search box suggests, over the API."""

from pindeck.access import Actor
from pindeck.models import RecentSearch
from pindeck.services.boards import recent_searches
from tests.factories import make_row
from tests.programs import ProgramFor, new_key, refused

API = "/api/v1/searches"


def test_the_operations(program_for: ProgramFor, olga: Actor, sam: Actor) -> None:
    mine, others, reads = (program_for(key) for key in (new_key("master", actor=olga), new_key("master", actor=sam), new_key("master", actor=olga, scopes=["images:read"])))
    made = mine.post(API, json={"name": "Rain", "query": "rain", "sort": "likes"})
    assert made.status_code == 201 and mine.get(API).json["data"] == [made.json] and others.get(API).json["data"] == []
    one = f"{API}/{made.json['id']}"
    assert mine.patch(one, json={"query": "fog"}).json == {**made.json, "query": "fog", "updatedAt": mine.get(API).json["data"][0]["updatedAt"]}
    refused(others.patch(one, json={"query": "x"}), 404, "SEARCH_NOT_FOUND")
    refused(others.delete(one), 404, "SEARCH_NOT_FOUND")
    refused(reads.delete(one), 403, "FORBIDDEN")
    refused(mine.post(API, json={"name": "", "query": "rain"}), 400, "VALIDATION_ERROR")
    refused(mine.patch(one, json={"query": "ratio:x"}), 400, "VALIDATION_ERROR")
    refused(program_for(new_key("master")).get(API), 403, "FORBIDDEN")
    assert reads.get(API).status_code == 200 and mine.delete(one).status_code == 204
    refused(mine.delete(one), 404, "SEARCH_NOT_FOUND")
    recent_searches.note(olga, "neon")
    assert mine.get(f"{API}/recent").json == {"data": ["neon"]} and others.get(f"{API}/recent").json == {"data": []}
    assert mine.delete(f"{API}/recent").status_code == 204 and not RecentSearch.select().exists()
    make_row(olga, tags=["rain"])
    make_row(olga, tags=["raw secret"], visibility="private")
    told = {"kind": "value", "text": "fog tag:rain ", "says": "rain", "count": 1, "isMore": False}
    assert others.get("/api/v1/library/suggest?q=fog+tag:ra").json == {"data": [told]}
    refused(mine.get("/api/v1/library/suggest?q=" + "x" * 501), 400, "VALIDATION_ERROR")
