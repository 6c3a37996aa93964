"""The operations on the canvas of a board: what they answer, what two callers are told, and who may not."""

from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.boards import boards, people, pictures
from tests.conftest import Browser, ClientFor
from tests.factories import make_row


@pytest.fixture
def board(olga: Actor) -> str:
    made, _ = boards.create(olga, name="Night ride")
    pictures.add(olga, made.id, [make_row(olga, title=f"Shot {n}").id for n in range(3)])
    return str(made.id)


def good(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json


def refused(answer: Any, status: int, code: str) -> Any:
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code), answer.text
    return answer.json["error"].get("details")


def test_objects_are_placed_changed_and_taken_off(client_for: ClientFor, olga: Actor, sam: Actor, board: str) -> None:
    owner, here = client_for(olga), f"/api/v1/boards/{board}/objects"
    note = good(owner.post(here, json={"kind": "note", "text": "Rain", "x": 10, "y": -5}), 201)
    assert (note["x"], note["y"], note["text"], note["imageId"], note["layer"]) == (10, -5, "Rain", None, 0)
    arrow = good(owner.post(here, json={"kind": "arrow", "width": -80, "height": 0}), 201)
    placed = good(owner.put(f"{here}/arrangement", json={"how": "packed"}))["objects"]
    assert len(placed) == 3 and {each["kind"] for each in placed} == {"picture"}
    first = good(owner.get(here, query_string={"limit": 3}))
    rest = good(owner.get(here, query_string={"limit": 3, "cursor": first["nextCursor"]}))
    assert [each["id"] for each in first["data"]][:2] == [note["id"], arrow["id"]] and len(rest["data"]) == 2 and rest["nextCursor"] is None
    (moved,) = good(owner.patch(here, json={"objects": [{"id": note["id"], "version": note["version"], "x": 90}]}))["objects"]
    assert (moved["x"], moved["y"], moved["text"]) == (90, -5, "Rain") and moved["version"] > note["version"]
    told = refused(owner.patch(here, json={"objects": [{"id": note["id"], "version": note["version"], "x": 1}]}), 409, "CHANGED_SINCE")
    assert told["objects"] == [{"id": note["id"], "version": moved["version"], "now": {"x": 90}, "yours": {"x": 1}}]
    ids = [note["id"], arrow["id"]]
    last = rest["data"][-1]["layer"]
    assert all(each["layer"] > last for each in good(owner.put(f"{here}/layer", json={"ids": ids, "to": "front"}))["objects"])
    assert [each["id"] for each in good(owner.put(f"{here}/layer", json={"ids": ids[:1], "to": "backward"}))["objects"]] == ids[:1]
    assert "to" in refused(owner.put(f"{here}/layer", json={"ids": ids, "to": "up"}), 400, "VALIDATION_ERROR")
    grouped = good(owner.put(f"{here}/group", json={"ids": ids}))["objects"]
    assert len({each["groupId"] for each in grouped}) == 1 and grouped[0]["groupId"]
    assert {each["groupId"] for each in good(owner.put(f"{here}/group", json={"ids": ids[:1], "grouped": False}))["objects"]} == {None}
    good(owner.delete(here, json={"ids": ids}), 204)
    refused(owner.delete(here, json={"ids": ids}), 404, "OBJECT_NOT_FOUND")
    assert "width" in refused(owner.patch(here, json={"objects": [{"id": placed[0]["id"], "width": 3}]}), 400, "VALIDATION_ERROR")
    people.set_all(olga, board, [sam.user_id])
    Image.update(visibility="private").where(Image.id == placed[0]["imageId"]).execute()
    other: Browser = client_for(sam)
    assert placed[0]["imageId"] not in other.get(here).text and len(good(other.get(here))["data"]) == 2
    refused(other.patch(here, json={"objects": [{"id": placed[0]["id"], "x": 3}]}), 404, "OBJECT_NOT_FOUND")
    people.set_all(olga, board, [])
    refused(other.get(here), 404, "BOARD_NOT_FOUND")
