"""One's own account: name, password and sessions."""

import re

import pytest

from pindeck.access import Actor
from pindeck.models import Session, User
from pindeck.services.accounts import administration, sessions
from tests.conftest import HTMX, Browser, ClientFor
from tests.web.doors import PASSWORD


@pytest.fixture
def mine(client_for: ClientFor, first: User) -> Browser:
    """The browser of somebody who knows the password."""
    return client_for(Actor(first.id, first.role))


def test_a_name_is_saved(mine: Browser, first: User) -> None:
    response = mine.post("/account/name", data={"name": " Ólga  "})
    assert (response.status_code, response.location) == (303, "/account")
    page = mine.get("/account")
    assert 'value="Ólga"' in page.text and "Name saved." in page.text
    fragment = mine.post("/account/name", data={"name": "<b>"}, headers=HTMX)
    assert fragment.status_code == 200
    assert 'value="&lt;b&gt;"' in fragment.text
    assert "Name saved." in fragment.text and "<html" not in fragment.text


@pytest.mark.parametrize("name", ["x" * 81, "\x00", None], ids=ascii)
def test_a_name_that_cannot_be_is_told_at_its_field(mine: Browser, first: User, name: str | None) -> None:
    data = {} if name is None else {"name": name}
    page = mine.post("/account/name", data=data)
    assert page.status_code == 422
    assert 'id="e-name"' in page.text and "<html" in page.text
    fragment = mine.post("/account/name", data=data, headers=HTMX)
    assert fragment.status_code == 422
    assert 'id="e-name"' in fragment.text and "<html" not in fragment.text
    assert User.get_by_id(first.id).name == "First"


def test_a_password_is_changed_and_other_browsers_are_out(mine: Browser, first: User) -> None:
    elsewhere = sessions.start(first, days=30)
    response = mine.post("/account/password", data={"current": PASSWORD, "new": "another password"})
    assert (response.status_code, response.location) == (303, "/account")
    assert sessions.find(elsewhere, days=30) is None
    page = mine.get("/account")
    assert page.status_code == 200
    assert "Password changed. Every other session has ended." in page.text


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"current": "wrong", "new": "another password"}, "current"),
        ({"new": "another password"}, "current"),
        ({"current": PASSWORD, "new": "short"}, "new"),
        ({"current": PASSWORD, "new": "x" * 201}, "new"),
        ({"current": PASSWORD}, "new"),
        ({}, "current"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_password_that_cannot_be_changed_is_told_at_its_field(
    mine: Browser, first: User, data: dict[str, str], field: str, headers: dict[str, str]
) -> None:
    before = User.get_by_id(first.id).password_hash
    response = mine.post("/account/password", data=data, headers=headers)
    assert response.status_code == 422
    assert f'id="e-{field}"' in response.text
    assert ("<html" in response.text) == (not headers)
    assert "another password" not in response.text
    assert User.get_by_id(first.id).password_hash == before


def test_the_present_password_cannot_be_guessed_on_and_on(mine: Browser, first: User) -> None:
    for _ in range(10):
        assert mine.post("/account/password", data={"current": "x", "new": "another password"}).status_code == 422
    response = mine.post("/account/password", data={"current": PASSWORD, "new": "another password"})
    assert response.status_code == 429
    assert response.headers["Retry-After"]


def test_sessions_are_listed_and_each_can_be_ended(mine: Browser, first: User) -> None:
    there = sessions.start(first, days=30, address="192.0.2.7", agent="<Other> browser")
    page = mine.get("/account")
    assert "&lt;Other&gt; browser" in page.text and "192.0.2.7" in page.text
    assert page.text.count("this browser") == 1
    target = re.search(r'action="(/account/sessions/[0-9a-f]+/end)"', page.text)
    assert target
    response = mine.post(target[1])
    assert (response.status_code, response.location) == (303, "/account")
    assert sessions.find(there, days=30) is None
    assert "Signed out there." in mine.get("/account").text
    again = mine.post(target[1], headers=HTMX)
    assert again.status_code == 200
    assert "That session had ended already." in again.text
    assert 'id="accounts-sessions"' in again.text and "<html" not in again.text


def test_all_other_sessions_are_ended_at_once(mine: Browser, first: User) -> None:
    tokens = [sessions.start(first, days=30) for _ in range(2)]
    response = mine.post("/account/sessions/end-others", headers=HTMX)
    assert response.status_code == 200
    assert "Signed out in 2 other places." in response.text
    assert "Sign out everywhere else" not in response.text
    assert [sessions.find(token, days=30) for token in tokens] == [None, None]
    assert mine.post("/account/sessions/end-others").status_code == 303


def test_nobody_ends_the_sessions_of_others(mine: Browser, olga: Actor) -> None:
    mine.post(f"/account/sessions/{olga.session_id}/end")
    assert Session.get_or_none(Session.id == olga.session_id) is not None


@pytest.mark.parametrize(
    "path", ["/account/name", "/account/password", "/account/sessions/end-others", "/account/sessions/x/end"]
)
def test_visitors_and_guests_have_no_account_to_change(
    client_for: ClientFor, first: User, gus: Actor, path: str
) -> None:
    response = client_for().post(path)
    assert (response.status_code, response.location) == (303, "/sign-in")
    fragment = client_for().post(path, headers=HTMX)
    assert fragment.status_code == 401 and 'hx-get="/sign-in?here=1"' in fragment.text
    assert client_for(gus).post(path).status_code == 403


def test_a_role_that_changes_and_an_account_that_is_disabled_count_at_once(
    client_for: ClientFor, olga: Actor, mo: Actor
) -> None:
    client = client_for(olga)
    assert client.get("/admin/users").status_code == 403
    administration.set_role(mo, str(olga.user_id), "admin")
    assert client.get("/admin/users").status_code == 200
    User.update(disabled_at=1).where(User.id == olga.user_id).execute()
    assert client.get("/admin/users").status_code == 303
