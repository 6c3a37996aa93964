"""The history over the API: what was done is listed, taken back and done again by its id; and who may."""

from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.models import Action, Image
from pindeck.services.actions import log
from pindeck.services.boards import boards
from pindeck.services.images import ledger, memos, trash
from tests.api.gallery import good
from tests.conftest import Browser, ClientFor, RunJobs, count_queries
from tests.factories import fresh, make_row
from tests.programs import ProgramFor, new_key, refused

ACTIONS = "/api/v1/actions"


def test_what_was_done_is_listed_taken_back_and_done_again(owner: Browser, olga: Actor) -> None:
    image = make_row(olga, title="Rain")
    action = str(ledger.edit(olga, image.id, "title", "Snow").action_id)
    _, made = boards.create(olga, name="Night ride")
    first = good(owner.get(ACTIONS, query_string={"limit": 1}))
    assert [(each["id"], each["what"], each["about"]) for each in first["data"]] == [(made, "Made a board", "“Night ride”")]
    (told,) = good(owner.get(ACTIONS, query_string={"cursor": first["nextCursor"]}))["data"]
    assert (told["id"], told["status"], told["imageIds"], told["canUndo"], told["refused"]) == (action, "done", [image.id], True, None)
    assert good(owner.get(f"{ACTIONS}/{action}")) == told
    taken = good(owner.post(f"{ACTIONS}/{action}/undo"))
    assert (taken["status"], taken["says"], fresh(image).title) == ("done", "Taken back: edited Title.", "Rain")
    assert good(owner.get(f"{ACTIONS}/{taken['id']}"))["undoes"] == action
    refused(owner.post(f"{ACTIONS}/{action}/undo"), 409, "ALREADY_UNDONE")
    assert good(owner.get(f"{ACTIONS}/{action}"))["canRedo"] is True
    again = good(owner.post(f"{ACTIONS}/{action}/redo"))
    assert fresh(image).title == "Snow" and good(owner.get(f"{ACTIONS}/{again['id']}"))["status"] == "done"
    refused(owner.post(f"{ACTIONS}/{action}/redo"), 409, "ALREADY_REDONE")
    refused(owner.post(f"{ACTIONS}/{made}/redo"), 404, "ACTION_NOT_FOUND")


def test_what_somebody_changed_since_is_named(owner: Browser, olga: Actor, sam: Actor) -> None:
    image = make_row(olga, title="Rain")
    action = ledger.edit(olga, image.id, "title", "Snow").action_id
    ledger.edit(sam, image.id, "title", "Ice")
    left = refused(owner.post(f"{ACTIONS}/{action}/undo"), 409, "CHANGED_SINCE")["left"]
    assert [(each["image"], each["field"], each["by"]) for each in left] == [(image.id, "title", "Sam")] and fresh(image).title == "Ice"


def test_many_are_taken_back_by_a_worker(owner: Browser, olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "PART", 2)
    images = [make_row(olga) for _ in range(5)]
    action = str(ledger.set_many(olga, [image.id for image in images], {"genre": "Noir"}))
    for way, genre in (("undo", None), ("redo", "Noir")):
        answer = owner.post(f"{ACTIONS}/{action}/{way}")
        assert (answer.status_code, answer.json["status"]) == (202, "running")
        assert good(owner.get(f"{ACTIONS}/{answer.json['id']}"))["status"] == "running"
        run_jobs()
        assert {image.genre for image in Image.select()} == {genre}
        assert (good(owner.get(f"{ACTIONS}/{answer.json['id']}"))["done"]) == 5


def test_who_may(
    owner: Browser, other: Browser, client_for: ClientFor, program_for: ProgramFor, olga: Actor, mo: Actor, gus: Actor
) -> None:
    image = make_row(olga, title="Rain", project="Alley")
    action = str(ledger.edit(olga, image.id, "title", "Snow").action_id)
    memo = str(memos.write(olga, image.id, "Ask") or Action.select().order_by(Action.id.desc()).get().id)
    calls = [("get", f"{ACTIONS}/{action}"), ("post", f"{ACTIONS}/{action}/undo"), ("post", f"{ACTIONS}/{action}/redo")]
    reader = program_for(new_key("master", actor=olga, scopes=("images:read",)))
    wall = program_for(new_key("project", project="Alley", actor=olga, scopes=("images:read", "images:write", "actions:undo")))
    for caller, status in ((other, 404), (client_for(gus), 403), (client_for(None), 401), (program_for("pdk_wrong"), 401), (wall, 404)):
        for method, address in calls:
            assert getattr(caller, method)(address).status_code == status, (method, address)
    assert [each["id"] for each in good(reader.get(ACTIONS))["data"]] == [memo, action]
    refused(reader.post(f"{ACTIONS}/{action}/undo"), 403, "FORBIDDEN")
    refused(program_for(new_key("extension", identifier="x", install_scope="user", actor=olga)).get(ACTIONS), 403, "FORBIDDEN")
    refused(program_for(new_key("project", project="Alley", actor=olga)).post(f"{ACTIONS}/{action}/undo"), 403, "FORBIDDEN")
    assert good(wall.get(ACTIONS))["data"] == []
    good(wall.patch(f"/api/v1/library/images/{image.id}", json={"title": "Ice"}))
    (mine,) = good(wall.get(ACTIONS))["data"]
    assert good(wall.post(f"{ACTIONS}/{mine['id']}/undo"))["left"] == [] and fresh(image).title == "Snow"
    admin = client_for(mo)
    assert action in [each["id"] for each in good(admin.get(ACTIONS))["data"]] and good(admin.get(f"{ACTIONS}?own=true"))["data"] == []
    refused(admin.get(f"{ACTIONS}/{memo}"), 404, "ACTION_NOT_FOUND")
    good(admin.post(f"{ACTIONS}/{action}/undo"))
    assert fresh(image).title == "Rain"


def test_a_list_costs_the_same_for_more_and_wrong_words_are_named(owner: Browser, olga: Actor) -> None:
    counted = []
    for many in (1, 9):
        trash.trash_many(olga, [make_row(olga) for _ in range(many)])
        with count_queries() as statements:
            good(owner.get(ACTIONS))
        counted.append(len(statements))
    assert counted[0] == counted[1]
    for path, field in ((f"{ACTIONS}/x", "action_id"), (f"{ACTIONS}?cursor=x", "cursor"), (f"{ACTIONS}?own=1", "own")):
        details: Any = refused(owner.get(path), 400, "VALIDATION_ERROR")
        assert field in details
