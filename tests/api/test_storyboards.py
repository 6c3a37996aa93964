"""Storyboards over the API: made, read, arranged as a whole and shot by shot, and by whom."""

from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.models import Image, Storyboard
from pindeck.services.boards import people
from tests.api.gallery import good
from tests.conftest import Browser, ClientFor, count_queries
from tests.factories import make_row
from tests.programs import refused

BOARDS, STORYBOARDS = "/api/v1/boards", "/api/v1/storyboards"


@pytest.fixture
def ids(olga: Actor) -> list[str]:
    return [make_row(olga, title=f"Still {n}").id for n in range(5)]


@pytest.fixture
def board(owner: Browser, ids: list[str]) -> str:
    return str(good(owner.post(BOARDS, json={"name": "Night ride", "ids": ids[:4]}), 201)["id"])


def add(caller: Any, board: str, **body: Any) -> dict[str, Any]:
    return good(caller.post(STORYBOARDS, json={"boardId": board, **body}), 201)


def test_one_is_made_read_named_copied_and_deleted(owner: Browser, board: str, ids: list[str]) -> None:
    filled, empty = add(owner, board, filled=True), add(owner, board, title="Second")
    here = f"{STORYBOARDS}/{filled['id']}"
    assert filled["frames"][0]["slots"] == [*ids[:4], *[None] * 5] and filled["boardId"] == board
    assert [frame["style"] for frame in empty["frames"]] == ["grid", "hero"]
    assert good(owner.get(here)) == filled
    named = good(owner.patch(here, json={"title": "Ride", "aspect": "2.39"}))
    assert (named["title"], named["aspect"], named["version"]) == ("Ride", "2.39", filled["version"] + 1)
    assert good(owner.patch(here, json={"aspect": ""}))["aspect"] is None
    copy = good(owner.post(f"{here}/duplicate"), 201)
    assert (copy["title"], copy["frames"][0]["slots"]) == ("Ride (copy)", filled["frames"][0]["slots"])
    listed = good(owner.get(STORYBOARDS, query_string={"board": board, "limit": 2}))
    rest = good(owner.get(STORYBOARDS, query_string={"limit": 2, "cursor": listed["nextCursor"]}))
    assert [each["title"] for each in (*listed["data"], *rest["data"])] == ["Ride (copy)", "Second", "Ride"]
    good(owner.delete(here), 204)
    refused(owner.get(here), 404, "STORYBOARD_NOT_FOUND")


def test_frames_are_arranged(owner: Browser, board: str, ids: list[str]) -> None:
    made = add(owner, board)
    here, (one, two) = f"{STORYBOARDS}/{made['id']}", [frame["id"] for frame in made["frames"]]
    good(owner.put(f"{here}/shots/{ids[0]}", json={"frameId": one, "slot": 2}))
    moved = good(owner.put(f"{here}/shots/{ids[0]}", json={"frameId": two, "slot": 0}))
    assert [frame["slots"][0] for frame in moved["frames"]] == [None, ids[0]]
    strip = {"id": two, "style": "strip", "size": 2, "note": "Dawn", "slots": [ids[1], None, ids[2]]}
    saved = good(owner.put(f"{here}/frames", json={"frames": [strip, {"slots": [ids[1], ids[4]]}]}))
    assert saved["fallen"] == [ids[0]] and [frame["slots"][:3] for frame in saved["frames"]] == [strip["slots"], [None] * 3]
    assert saved["frames"][0] == {**strip, "collapsed": False}
    cleared = good(owner.delete(f"{here}/shots/{ids[1]}"))
    assert cleared["frames"][0]["slots"] == [None, None, ids[2]] and cleared["fallen"] == []


def test_shots_are_described(owner: Browser, board: str, ids: list[str]) -> None:
    made = add(owner, board, filled=True)
    here = f"{STORYBOARDS}/{made['id']}"
    told = good(owner.patch(f"{here}/shots/{ids[0]}", json={"number": "12A", "size": "MCU", "duration": "1:05"}))
    assert [(shot["imageId"], shot["number"], shot["size"], shot["durationMs"]) for shot in told["shots"]] == [(ids[0], "12A", "MCU", 65_000)]
    assert good(owner.patch(f"{here}/shots/{ids[0]}", json={"duration": None}))["shots"][0]["durationMs"] is None
    assert "duration" in refused(owner.patch(f"{here}/shots/{ids[0]}", json={"duration": "long"}), 400, "VALIDATION_ERROR")
    refused(owner.patch(f"{here}/shots/{ids[4]}", json={"number": "1"}), 404, "SHOT_NOT_FOUND")


def test_what_is_wrong_is_named_and_changes_nothing(owner: Browser, board: str, ids: list[str]) -> None:
    made = add(owner, board)
    here, frame = f"{STORYBOARDS}/{made['id']}", made["frames"][0]["id"]
    stale = {"If-Match": f'"{made["id"]}-v9"'}
    for call, status, code in (
        (lambda: owner.put(f"{here}/shots/{ids[4]}", json={"frameId": frame, "slot": 0}), 400, "VALIDATION_ERROR"),
        (lambda: owner.put(f"{here}/shots/{ids[0]}", json={"frameId": frame, "slot": 9}), 400, "VALIDATION_ERROR"),
        (lambda: owner.put(f"{here}/shots/{ids[0]}", json={"frameId": frame, "slot": -1}), 400, "VALIDATION_ERROR"),
        (lambda: owner.put(f"{here}/shots/{ids[0]}", json={"frameId": "no", "slot": 0}), 404, "FRAME_NOT_FOUND"),
        (lambda: owner.put(f"{here}/shots/no", json={"frameId": frame, "slot": 0}), 400, "VALIDATION_ERROR"),
        (lambda: owner.put(f"{here}/frames", json={"frames": [{"size": 6}]}), 400, "VALIDATION_ERROR"),
        (lambda: owner.put(f"{here}/frames", json={"frames": [{"style": "round"}]}), 400, "VALIDATION_ERROR"),
        (lambda: owner.patch(here, json={"title": ""}), 400, "VALIDATION_ERROR"),
        (lambda: owner.patch(here, json={"aspect": "3:2"}), 400, "VALIDATION_ERROR"),
        (lambda: owner.patch(here, json={"title": "A"}, headers=stale), 412, "PRECONDITION_FAILED"),
        (lambda: owner.put(f"{here}/frames", json={"frames": []}, headers=stale), 412, "PRECONDITION_FAILED"),
        (lambda: owner.post(STORYBOARDS, json={"boardId": ids[0]}), 404, "BOARD_NOT_FOUND"),
    ):
        refused(call(), status, code)
    assert good(owner.get(here)) == made


def test_who_edits_the_board_edits_its_storyboards(
    owner: Browser, other: Browser, client_for: ClientFor, olga: Actor, sam: Actor, gus: Actor, board: str
) -> None:
    made = add(owner, board)
    here = f"{STORYBOARDS}/{made['id']}"
    refused(other.get(here), 404, "STORYBOARD_NOT_FOUND")
    refused(other.get(STORYBOARDS, query_string={"board": board}), 404, "BOARD_NOT_FOUND")
    assert good(other.get(STORYBOARDS))["data"] == []
    assert client_for(gus).get(here).status_code == 403 and client_for(None).get(here).status_code == 401
    people.set_all(olga, board, [sam.user_id])
    assert good(other.get(here)) == made
    good(other.delete(here), 204)
    assert Storyboard.get_by_id(made["id"]).deleted_at is not None


def test_a_picture_that_an_editor_does_not_see_keeps_its_slot_and_is_not_told(
    owner: Browser, client_for: ClientFor, olga: Actor, sam: Actor, board: str, ids: list[str]
) -> None:
    made = add(owner, board, filled=True)
    here, (frame,) = f"{STORYBOARDS}/{made['id']}", made["frames"]
    good(owner.patch(f"{here}/shots/{ids[1]}", json={"action": "Secret"}))
    people.add(olga, board, str(sam.user_id))
    Image.update(visibility="private").where(Image.id == ids[1]).execute()
    other = client_for(sam)
    for page in (other.get(here).text, other.get(f"/storyboards/{made['id']}").text, other.get(f"/storyboards/{made['id']}/present").text):
        assert ids[1] not in page and "Secret" not in page and ids[0] in page
    told = good(other.get(here))["frames"][0]
    assert told["slots"][:4] == [ids[0], None, ids[2], ids[3]]
    swapped = good(other.put(f"{here}/frames", json={"frames": [{**told, "slots": [ids[2], None, ids[0]]}]}))
    assert swapped["fallen"] == [ids[3]] and ids[1] not in str(swapped)
    assert good(owner.get(here))["frames"][0]["slots"][:4] == [ids[2], ids[1], ids[0], None]
    assert good(other.put(f"{here}/frames", json={"frames": []}))["fallen"] == [ids[2], ids[0]]
    good(owner.put(f"{here}/frames", json={"frames": [{"slots": ids[:2]}]}))
    (frame,) = good(owner.get(here))["frames"]
    assert other.post(f"/storyboards/{made['id']}/clear?frame={frame['id']}&slot=1").status_code == 303
    assert other.post(f"/storyboards/{made['id']}/clear?frame={frame['id']}&slot=99").status_code == 422
    assert good(owner.get(here))["frames"][0]["slots"][:2] == [ids[0], None]


def test_lists_cost_the_same_for_many(owner: Browser, board: str) -> None:
    add(owner, board)
    with count_queries() as few:
        good(owner.get(STORYBOARDS))
    for _ in range(5):
        add(owner, board)
    with count_queries() as many:
        good(owner.get(STORYBOARDS))
    assert len(few) == len(many)
