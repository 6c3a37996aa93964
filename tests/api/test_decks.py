"""Decks over the API: made, read with their blocks and as pages, changed as a whole and block by block, and by whom."""

from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.services.boards import people
from tests.api.gallery import good
from tests.conftest import Browser, ClientFor, count_queries
from tests.factories import make_row
from tests.programs import refused

BOARDS, DECKS = "/api/v1/boards", "/api/v1/decks"


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def ids(olga: Actor) -> list[str]:
    return [make_row(olga, title=f"Still {n}").id for n in range(5)]


@pytest.fixture
def board(owner: Browser, ids: list[str]) -> str:
    return str(good(owner.post(BOARDS, json={"name": "Night ride", "ids": ids}), 201)["id"])


def add(caller: Any, **body: Any) -> dict[str, Any]:
    return good(caller.post(DECKS, json=body), 201)


def test_one_is_made_read_changed_copied_and_deleted(owner: Browser, board: str, ids: list[str]) -> None:
    made = add(owner, boardId=board)
    here = f"{DECKS}/{made['id']}"
    assert (made["title"], made["boardId"], made["images"], len(made["blocks"])) == ("Night ride Deck", board, ids, 10)
    assert made["blocks"][1]["images"] == [{"id": ids[1], "focalX": 0.5, "focalY": 0.5}] and made["blocks"][0]["locked"]
    assert good(owner.get(here)) == made
    looks = {"title": "Ride", "style": "noir", "layout": "collage", "scrollFx": "dolly", "overlay": 7, "overlayVariation": 0, "overlaySeed": 3}
    changed = good(owner.patch(here, json={**looks, "palette": ["#AABBCC"] * 9, "fontFamily": "plex", "credits": False}))
    assert {name: changed[name] for name in looks} == looks and changed["palette"] == ["#aabbcc"] * 9 and changed["version"] == made["version"] + 1
    assert good(owner.patch(here, json={"palette": None}))["palette"][0] == "#8c8c8c"
    copy = good(owner.post(f"{here}/duplicate"), 201)
    again = add(owner, templateId=made["id"], ids=ids[:1], title="Third")
    assert copy["title"] == "Ride (copy)" and (again["style"], again["images"]) == ("noir", ids[:1])
    assert [block["kind"] for block in add(owner)["blocks"]] == ["hero"]
    listed = good(owner.get(DECKS, query_string={"limit": 2}))
    rest = good(owner.get(DECKS, query_string={"limit": 2, "cursor": listed["nextCursor"]}))
    assert [each["title"] for each in (*listed["data"], *rest["data"])] == ["New Deck", "Third", "Ride (copy)", "Ride"]
    assert [each["title"] for each in good(owner.get(DECKS, query_string={"board": board}))["data"]] == ["Ride (copy)", "Ride"]
    good(owner.delete(here), 204)
    refused(owner.get(here), 404, "DECK_NOT_FOUND")


def test_blocks_are_added_changed_moved_and_removed(owner: Browser, ids: list[str]) -> None:
    made = add(owner, ids=ids[:3])
    here, (hero, line, story, *_) = f"{DECKS}/{made['id']}", made["blocks"]
    block = f"{here}/blocks/{line['id']}"
    images = [{"id": ids[4], "focalX": 0.1, "focalY": 0.9}]
    told = good(owner.patch(block, json={"text": "Nobody sleeps.", "notes": "Slow", "variant": "B", "hidden": True, "images": images}))
    now = told["blocks"][1]
    assert (now["text"], now["notes"], now["variant"], now["hidden"], now["images"]) == ("Nobody sleeps.", "Slow", "B", True, images)
    assert told["images"] == [*ids[:3], ids[4]]
    added = good(owner.post(f"{here}/blocks", json={"kind": "theme", "text": "Why?", "before": story["id"]}), 201)
    assert [each["kind"] for each in added["blocks"]][:4] == ["hero", "logline", "theme", "story"]
    assert len(good(owner.post(f"{block}/duplicate"), 201)["blocks"]) == 12
    moved = good(owner.patch(block, json={"before": ""}))
    assert moved["blocks"][-1]["id"] == line["id"]
    gone = good(owner.delete(block))
    assert len(gone["blocks"]) == 11
    assert good(owner.put(f"{here}/images", json={"ids": [ids[4], ids[0]]}, headers={"If-Match": f'"{made["id"]}-v{gone["version"]}"'}))["images"] == [ids[4], ids[0]]
    refused(owner.patch(f"{here}/blocks/{hero['id']}", json={"title": "X"}), 409, "BLOCK_LOCKED")
    good(owner.patch(f"{here}/blocks/{hero['id']}", json={"locked": False}))
    good(owner.patch(f"{here}/blocks/{hero['id']}", json={"title": "", "text": "x " * 900}))
    found = good(owner.get(f"{here}/pages"))["pages"]
    assert [(page["kind"], page["part"]) for page in found][:4] == [("hero", 1), ("hero", 2), ("hero", 3), ("theme", 1)]
    assert found[0]["overlay"]["side"] and found[-1]["kind"] == "credits" and {each["imageId"] for each in found[-1]["credits"]} <= set(ids)
    assert {each["rights"] for each in found[-1]["credits"]} == {"unknown"}
    assert [page["number"] for page in found] == list(range(1, len(found) + 1))


def test_what_is_wrong_is_named_and_changes_nothing(owner: Browser, board: str, ids: list[str]) -> None:
    made = add(owner, ids=ids)
    here, line = f"{DECKS}/{made['id']}", made["blocks"][1]["id"]
    stale, far = {"If-Match": f'"{made["id"]}-v9"'}, {"id": ids[0], "focalX": 2, "focalY": 0}
    for call, status, code in (
        (lambda: owner.patch(here, json={"title": ""}), 400, "VALIDATION_ERROR"),
        (lambda: owner.patch(here, json={"style": "round"}), 400, "VALIDATION_ERROR"),
        (lambda: owner.patch(here, json={"overlay": 101}), 400, "VALIDATION_ERROR"),
        (lambda: owner.patch(here, json={"palette": ["red"] * 5}), 400, "VALIDATION_ERROR"),
        (lambda: owner.patch(here, json={"title": "A"}, headers=stale), 412, "PRECONDITION_FAILED"),
        (lambda: owner.patch(f"{here}/blocks/{line}", json={"images": [far]}), 400, "VALIDATION_ERROR"),
        (lambda: owner.patch(f"{here}/blocks/{line}", json={"images": [{"id": made["id"]}]}), 400, "VALIDATION_ERROR"),
        (lambda: owner.patch(f"{here}/blocks/{line}", json={"before": "", "text": "A"}), 400, "VALIDATION_ERROR"),
        (lambda: owner.patch(f"{here}/blocks/{made['id']}", json={"text": "A"}), 404, "BLOCK_NOT_FOUND"),
        (lambda: owner.post(f"{here}/blocks", json={"kind": "divider"}), 400, "VALIDATION_ERROR"),
        (lambda: owner.post(f"{here}/blocks", json={"kind": "tone", "before": "no"}), 404, "BLOCK_NOT_FOUND"),
        (lambda: owner.put(f"{here}/images", json={"ids": ids[1:]}), 409, "BLOCK_LOCKED"),
        (lambda: owner.put(f"{here}/images", json={"ids": [made["id"]]}), 404, "IMAGE_NOT_FOUND"),
        (lambda: owner.post(DECKS, json={"boardId": board, "ids": ids}), 400, "VALIDATION_ERROR"),
        (lambda: owner.post(DECKS, json={"boardId": ids[0]}), 404, "BOARD_NOT_FOUND"),
        (lambda: owner.post(DECKS, json={"templateId": ids[0]}), 404, "DECK_NOT_FOUND"),
        (lambda: owner.post(DECKS, json={"ids": [made["id"]]}), 404, "IMAGE_NOT_FOUND"),
    ):
        refused(call(), status, code)
    assert good(owner.get(here)) == made


def test_who_edits_it_sees_what_it_may_see(
    owner: Browser, other: Browser, client_for: ClientFor, olga: Actor, sam: Actor, gus: Actor, board: str, ids: list[str]
) -> None:
    made = add(owner, ids=ids)
    here = f"{DECKS}/{made['id']}"
    refused(other.get(here), 404, "DECK_NOT_FOUND")
    refused(other.get(f"{here}/pages"), 404, "DECK_NOT_FOUND")
    assert good(other.get(DECKS))["data"] == []
    assert client_for(gus).get(here).status_code == 403 and client_for(None).get(here).status_code == 401
    secret = make_row(olga, title="Secret", visibility="private").id
    people.set_all(olga, board, [sam.user_id])
    shared = add(owner, boardId=board)
    block = f"{DECKS}/{shared['id']}/blocks/{shared['blocks'][3]['id']}"
    good(owner.patch(block, json={"images": [{"id": secret}, {"id": ids[0]}]}))
    seen = good(other.get(f"{DECKS}/{shared['id']}"))
    assert seen["blocks"][3]["images"][:2] == [None, {"id": ids[0], "focalX": 0.5, "focalY": 0.5}] and secret not in str(seen)
    good(other.patch(block, json={"images": [None, {"id": ids[2]}]}))
    kept = good(owner.get(f"{DECKS}/{shared['id']}"))["blocks"][3]["images"]
    assert [each and each["id"] for each in kept[:2]] == [secret, ids[2]]  # what one does not see one does not throw out
    assert other.delete(f"{DECKS}/{shared['id']}").status_code == 403
    for call in (other.post(f"{DECKS}/{shared['id']}/share"), other.patch(f"{DECKS}/{shared['id']}", json={"collaborators": []})):
        assert call.status_code == 403
    assert good(owner.post(f"{DECKS}/{made['id']}/share"), 201)["url"].startswith("http://localhost/share/")
    told = good(owner.patch(here, json={"collaborators": [str(sam.user_id)], "title": "Ours"}))
    assert (told["collaborators"], told["title"], told["shared"]) == ([sam.user_id], "Ours", True)
    refused(owner.patch(here, json={"collaborators": [str(gus.user_id)], "title": "Lost"}), 400, "VALIDATION_ERROR")
    good(other.patch(here, json={"title": "Theirs"}))
    good(owner.delete(f"{here}/share"), 204)
    assert good(owner.get(here))["shared"] is False


def test_lists_cost_the_same_for_many(owner: Browser, board: str, ids: list[str]) -> None:
    add(owner, boardId=board)
    with count_queries() as few:
        good(owner.get(DECKS))
    for _ in range(5):
        add(owner, boardId=board)
    with count_queries() as many:
        good(owner.get(DECKS))
    assert len(few) == len(many)
