"""Boards over the API: made, filled, arranged, frozen and shared; and who may."""

from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.models import Board, BoardImage
from tests.api.gallery import good
from tests.conftest import Browser, ClientFor, count_queries
from tests.factories import make_row
from tests.programs import ProgramFor, new_key, refused

BOARDS = "/api/v1/boards"


def add(caller: Any, **body: Any) -> dict[str, Any]:
    return good(caller.post(BOARDS, json={"name": "Night ride", **body}), 201)


def order(caller: Any, board_id: str) -> list[str]:
    return [each["imageId"] for each in good(caller.get(f"{BOARDS}/{board_id}/images"))["data"]]


def test_a_board_is_made_filled_arranged_and_deleted(owner: Browser, olga: Actor) -> None:
    ids = [make_row(olga, title=f"Still {n}").id for n in range(4)]
    made = add(owner, description="Sodium", ids=ids[:2])
    here = f"{BOARDS}/{made['id']}"
    assert (made["owner"], made["imageCount"], made["query"], made["shared"]) == ("Olga", 2, None, False)
    section = good(owner.post(f"{here}/sections", json={"name": "Exterior"}), 201)["id"]
    good(owner.post(f"{here}/images", json={"ids": ids[2:], "sectionId": section}))
    good(owner.put(f"{here}/images", json={"ids": [ids[1], ids[0], ids[3], ids[2]]}))
    assert order(owner, made["id"]) == [ids[1], ids[0], ids[3], ids[2]]
    good(owner.patch(f"{here}/images/{ids[2]}", json={"before": ids[0], "note": "The lamp"}))
    assert order(owner, made["id"]) == [ids[1], ids[2], ids[0], ids[3]]
    first = good(owner.get(f"{here}/images", query_string={"limit": 3}))
    rest = good(owner.get(f"{here}/images", query_string={"limit": 3, "cursor": first["nextCursor"]}))
    assert [each["note"] for each in first["data"]] == [None, "The lamp", None]
    assert [(each["imageId"], each["sectionId"]) for each in rest["data"]] == [(ids[3], section)] and rest["nextCursor"] is None
    good(owner.patch(f"{here}/sections/{section}", json={"name": "Night"}))
    good(owner.delete(f"{here}/images", json={"ids": [ids[0], ids[3]]}))
    good(owner.delete(f"{here}/sections/{section}"), 204)
    changed = good(owner.patch(here, json={"name": "Ride", "cover": ids[2]}))
    assert (changed["name"], changed["description"], changed["cover"], changed["sections"]) == ("Ride", "Sodium", ids[2], [])
    copy = good(owner.post(f"{here}/duplicate"), 201)
    assert (copy["name"], order(owner, copy["id"])) == ("Ride (copy)", [ids[1], ids[2]])
    assert [each["id"] for each in good(owner.get(BOARDS))["data"]] == [copy["id"], made["id"]]
    good(owner.delete(here), 204)
    refused(owner.get(here), 404, "BOARD_NOT_FOUND")


def test_what_was_read_is_what_is_changed(owner: Browser, olga: Actor) -> None:
    image = make_row(olga)
    made = owner.post(BOARDS, json={"name": "Night ride"})
    here, tag = f"{BOARDS}/{made.json['id']}", made.headers["ETag"]
    changed = owner.patch(here, json={"name": "Ride"}, headers={"If-Match": tag})
    assert changed.headers["ETag"] != tag == owner.get(here).headers["ETag"].replace("v2", "v1")
    for call in (
        lambda: owner.patch(here, json={"name": "Late"}, headers={"If-Match": tag}),
        lambda: owner.patch(here, json={"collaborators": []}, headers={"If-Match": tag}),
        lambda: owner.post(f"{here}/images", json={"ids": [image.id]}, headers={"If-Match": tag}),
        lambda: owner.delete(here, headers={"If-Match": tag}),
    ):
        refused(call(), 412, "PRECONDITION_FAILED")
    for odd in ('""', 'W/""', ",", '"', "x"):
        refused(owner.patch(here, json={"name": "Late"}, headers={"If-Match": odd}), 412, "PRECONDITION_FAILED")
    assert (Board.get().name, BoardImage.select().count()) == ("Ride", 0)


def test_a_smart_board_is_filled_by_its_query_until_it_is_frozen(owner: Browser, other: Browser, olga: Actor, sam: Actor) -> None:
    rain = [make_row(olga, title="Rain", tags=["rain"]).id for _ in range(3)]
    hidden = make_row(sam, title="Rain", tags=["rain"], visibility="private").id
    made = add(owner, query="tag:rain")
    here = f"{BOARDS}/{made['id']}"
    assert (made["query"], made["imageCount"]) == ("tag:rain", 3)
    page = good(owner.get(f"{here}/images", query_string={"limit": 2}))
    rest = good(owner.get(f"{here}/images", query_string={"limit": 2, "cursor": page["nextCursor"]}))
    assert [each["imageId"] for each in (*page["data"], *rest["data"])] == rain[::-1]
    rain.append(make_row(olga, title="Rain", tags=["rain"]).id)
    assert order(owner, made["id"]) == rain[::-1]
    for call in (
        lambda: owner.post(f"{here}/images", json={"ids": rain}),
        lambda: owner.post(f"{here}/share"),
        lambda: owner.post(f"{here}/sections", json={"name": "A"}),
    ):
        refused(call(), 409, "BOARD_IS_SMART")
    for wrong in ({"query": ""}, {"query": "nothing=1"}):
        assert "query" in refused(owner.patch(here, json=wrong), 400, "VALIDATION_ERROR")
        assert owner.post(BOARDS, json={"name": "A", **wrong}).status_code == 400
    assert owner.post(BOARDS, json={"name": "A", "query": "rain", "ids": rain}).status_code == 400
    good(owner.patch(here, json={"query": "tag=rain"}))
    frozen = good(owner.post(f"{here}/freeze"))
    assert (frozen["query"], frozen["imageCount"]) == (None, 4) and good(owner.post(f"{here}/freeze")) == frozen
    make_row(olga, title="Rain", tags=["rain"])
    assert order(owner, made["id"]) == rain[::-1] and hidden not in order(owner, made["id"])
    assert good(owner.get(BOARDS))["data"][0]["imageCount"] == 4


def test_the_link_is_told_once_and_revoked(owner: Browser, client_for: ClientFor, olga: Actor) -> None:
    made = add(owner, ids=[make_row(olga).id])
    here = f"{BOARDS}/{made['id']}"
    answer = owner.post(f"{here}/share")
    assert answer.status_code == 201 and answer.headers["Cache-Control"] == "no-store"
    path = "/" + answer.json["url"].split("/", 3)[3]
    visitor = client_for(None)
    assert visitor.get(path).status_code == 200 and good(owner.get(here))["shared"]
    refused(owner.post(f"{here}/share", headers={"Idempotency-Key": "once"}), 400, "IDEMPOTENCY_KEY_NOT_HEEDED")
    good(owner.delete(f"{here}/share"), 204)
    good(owner.delete(f"{here}/share"), 204)
    assert visitor.get(path).status_code == 404


def test_who_may(owner: Browser, other: Browser, client_for: ClientFor, program_for: ProgramFor, olga: Actor, sam: Actor, gus: Actor) -> None:
    image = make_row(olga)
    made = add(owner, ids=[image.id])
    here = f"{BOARDS}/{made['id']}"
    calls = (
        ("get", here, None), ("patch", here, {"name": "Mine"}), ("delete", here, None), ("get", f"{here}/images", None),
        ("post", f"{here}/images", {"ids": [image.id]}), ("delete", f"{here}/images", {"ids": [image.id]}),
        ("put", f"{here}/images", {"ids": [image.id]}), ("post", f"{here}/share", None), ("post", f"{here}/duplicate", None),
        ("patch", f"{here}/images/{image.id}", {"note": "x"}), ("post", f"{here}/freeze", None),
    )  # fmt: skip
    for caller, status in ((other, 404), (client_for(gus), 403), (client_for(None), 401)):
        for method, address, body in calls:
            answer = getattr(caller, method)(address, json=body) if body else getattr(caller, method)(address)
            assert answer.status_code == status, (method, address)
    good(owner.patch(here, json={"collaborators": [sam.user_id]}))
    good(other.patch(here, json={"description": "Ours"}))
    assert other.delete(here).status_code == other.post(f"{here}/share").status_code == 403
    assert other.patch(here, json={"collaborators": []}).status_code == 403
    reader = program_for(new_key("master", actor=olga, scopes=("boards:read",)))
    assert good(reader.get(here))["id"] == made["id"]
    assert reader.patch(here, json={"name": "Mine"}).status_code == 403
    assert program_for(new_key("master", actor=olga, scopes=("images:read",), identifier="second")).get(here).status_code == 403
    assert program_for("pdk_wrong").get(here).status_code == 401
    assert Board.get().name == "Night ride"


@pytest.mark.parametrize(
    ("path", "method", "body", "field"),
    [
        ("", "patch", {"name": " "}, "name"), ("", "patch", {"name": "x" * 201}, "name"), ("", "patch", {"cover": "no"}, "cover"),
        ("", "patch", {"collaborators": ["no"]}, "collaborators"), ("/images", "post", {"ids": []}, "ids"),
        ("/images", "put", {"ids": ["x"]}, "ids"), ("/sections", "post", {"name": ""}, "name"),
        ("/images?cursor=x", "get", None, "cursor"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(owner: Browser, path: str, method: str, body: Any, field: str) -> None:
    made = add(owner)
    answer = getattr(owner, method)(f"{BOARDS}/{made['id']}{path}", **({"json": body} if body is not None else {}))
    assert any(name.startswith(field) for name in refused(answer, 400, "VALIDATION_ERROR"))
    assert Board.get().version == 1


def test_a_list_costs_the_same_for_more_boards(owner: Browser, olga: Actor) -> None:
    image = make_row(olga)
    counted = []
    for _ in range(2):
        for n in range(8):
            add(owner, name=f"Board {n}", **({"query": "rain"} if n == 0 else {"ids": [image.id]}))
        with count_queries() as statements:
            good(owner.get(BOARDS))
        counted.append(len(statements))
    assert counted[0] == counted[1] <= 9
