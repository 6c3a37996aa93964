"""A memo is its writer's alone: at every door, in the log of actions, and when it is taken back."""

import re

import pytest

from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from pindeck.models import Activity, Memo
from pindeck.services.actions import shown
from pindeck.services.images import memos, trash, undoing
from tests.conftest import HTMX, ClientFor
from tests.factories import make_row, together
from tests.programs import new_key, refused


def test_each_person_has_one_of_their_own(olga: Actor, sam: Actor) -> None:
    image = make_row(olga)
    memos.write(olga, image.id, " Light\r\nof the end ")
    memos.write(sam, image.id, "Ask Jo")
    assert [memos.find(who, image.id).value for who in (olga, sam)] == ["Light\nof the end", "Ask Jo"]
    memos.write(olga, image.id, "  ")
    assert [memos.find(who, image.id).value for who in (olga, sam)] == ["", "Ask Jo"]
    assert Memo.select().count() == 1


def test_who_may_write_one(olga: Actor, sam: Actor, gus: Actor, mo: Actor) -> None:
    image, hidden = make_row(olga), make_row(olga, visibility="private")
    for actor, error in ((VISITOR, NotSignedIn), (gus, Forbidden)):
        with pytest.raises(error):
            memos.write(actor, image.id, "x")
        with pytest.raises(error):
            memos.find(actor, image.id)
        assert memos.shown_with(actor, image) is None
    for actor in (sam, gus):
        with pytest.raises(NotFound):
            memos.write(actor, hidden.id, "x")
    assert memos.write(mo, hidden.id, "x")
    with pytest.raises(Invalid, match="at most 2000"):
        memos.write(olga, image.id, "x" * 2001)
    assert Memo.select().count() == 1


def test_another_window_is_not_written_over(olga: Actor) -> None:
    image = make_row(olga)
    memos.write(olga, image.id, "Light", based_on=0)
    for based_on in (0, 7):
        with pytest.raises(Conflict):
            memos.write(olga, image.id, "Fog", based_on=based_on)
    view, action = memos.edit(olga, image.id, "Fog", based_on=0)
    assert (view.value, view.theirs, action) == ("Fog", "Light", None)
    assert memos.write(olga, image.id, "Fog", based_on=view.based_on)
    assert memos.write(olga, image.id, "Fog", based_on=0) is None  # it says that already


def test_of_many_windows_at_once_one_wins(olga: Actor) -> None:
    image = make_row(olga)
    results = together(6, lambda n: memos.write(olga, image.id, f"Window {n}", based_on=0))
    assert sorted(type(result).__name__ for result in results) == [*["Conflict"] * 5, "str"]
    assert Memo.select().count() == 1


def test_writing_is_taken_back_and_by_nobody_else(olga: Actor, mo: Actor) -> None:
    image = make_row(olga)
    memos.write(olga, image.id, "Light")
    action = memos.write(olga, image.id, "Fog")
    with pytest.raises(NotFound):
        undoing.undo(mo, str(action))
    undoing.undo(olga, str(action))
    assert memos.find(olga, image.id).value == "Light"
    last = shown.last(olga)
    assert last
    undoing.undo(olga, last.id)
    assert not Memo.select().exists()


def test_what_was_written_since_stays(olga: Actor) -> None:
    image = make_row(olga)
    action = memos.write(olga, image.id, "Light")
    memos.write(olga, image.id, "Fog")
    with pytest.raises(Conflict):
        undoing.undo(olga, str(action))
    assert memos.find(olga, image.id).value == "Fog"


def test_administrators_do_not_hear_of_it(olga: Actor, mo: Actor) -> None:
    image = make_row(olga)
    memos.write(olga, image.id, "Light")
    assert [view.what for view in shown.list_actions(olga)[0]] == ["Wrote a memo"]
    assert shown.list_actions(mo)[0] == []
    assert not Activity.select().where(Activity.verb == "image.memo").exists()
    assert memos.find(mo, image.id).value == ""


def test_it_goes_with_the_picture(olga: Actor, sam: Actor) -> None:
    image = make_row(olga)
    memos.write(sam, image.id, "Light")
    trash.trash(olga, image.id)
    assert Memo.select().count() == 1
    with pytest.raises(NotFound):
        memos.find(sam, image.id)
    trash.purge(olga, image.id)
    assert not Memo.select().exists()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_the_page_shows_it_and_takes_it(
    client_for: ClientFor, olga: Actor, sam: Actor, headers: dict[str, str]
) -> None:
    image = make_row(olga)
    page, client = f"/images/{image.id}", client_for(sam)
    address = re.search(r'action="(/images/[^"]+/memo)"', client.get(page, headers=headers).text)
    assert address
    answer = client.post(address[1], data={"value": "<b> sunlit", "based_on": "0"}, headers=headers)
    if headers:
        assert "saved" in answer.text and re.search(r'formaction="/actions/[^"]+/undo"', answer.text)
        clash = client.post(address[1], data={"value": "fog", "based_on": "0"}, headers=headers)
        assert clash.status_code == 409 and "It now says “&lt;b&gt; sunlit”" in clash.text
        assert client.post(address[1], data={"value": "x" * 2001}, headers=headers).status_code == 422
    else:
        assert (answer.status_code, answer.headers["Location"]) == (303, page)
        assert client.post(address[1], data={"value": "x" * 2001}).status_code == 422
    assert "&lt;b&gt; sunlit" in client.get(page, headers=headers).text
    assert "sunlit" not in client_for(olga).get(page, headers=headers).text
    assert "/memo" not in client_for(None).get(page, headers=headers).text
    assert client_for(None).post(address[1], headers=headers).status_code in (303, 401)


def test_programs_read_and_write_that_of_their_person(client_for: ClientFor, olga: Actor, sam: Actor) -> None:
    image = make_row(olga, project="Blade")
    address = f"/api/v1/images/{image.id}/memo"
    client = client_for(None)

    def key(**options: object) -> dict[str, str]:
        return {"X-API-Key": new_key(project="Blade", **options)}  # type: ignore[arg-type]

    mine, readonly, nobody = key(actor=olga), key(actor=olga, scopes=["images:read"]), key()
    assert client.get(address, headers=mine).json == {"success": True, "data": {"text": ""}}
    assert client.put(address, headers=mine, json={"text": "Light"}).json["data"] == {"text": "Light"}
    assert client.get(address, headers=key(actor=sam)).json["data"] == {"text": ""}
    refused(client.put(address, headers=readonly, json={"text": "Fog"}), 403, "FORBIDDEN")
    refused(client.put(address, headers=nobody, json={"text": "Fog"}), 403, "USER_REQUIRED")
    refused(client.put(address, headers={"X-API-Key": "wrong"}, json={"text": "Fog"}), 401, "UNAUTHORIZED")
    refused(client.put(address, headers=mine, json={"text": "x" * 2001}), 400, "VALIDATION_ERROR")
    refused(client.put(address, headers=mine, json={"text": None}), 400, "VALIDATION_ERROR")
    assert memos.find(olga, image.id).value == "Light"
