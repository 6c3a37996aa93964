"""Signing in and out, guests, invitations, resets, and one's own account, as a browser does it."""

import re
from http.cookies import SimpleCookie
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from pindeck import db
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.http import auth
from pindeck.models import Attempt, Like, Session, User
from pindeck.services import accounts, invites, people, sessions
from pindeck.states import Role
from tests.conftest import HTMX, Browser, ClientFor
from tests.factories import make_row

PASSWORD = "correct horse battery"
FORM = {"email": "first@example.org", "password": PASSWORD}


@pytest.fixture
def first(database: Settings) -> User:
    """An account with a password; being the first it is an administrator."""
    return accounts.create("first@example.org", PASSWORD, name="First")


def cookie(response: TestResponse) -> Any:
    """The session cookie as the last header sets it, or None."""
    found = None
    for line in response.headers.getlist("Set-Cookie"):
        found = SimpleCookie(line).get(auth.COOKIE) or found
    return found


def who(client: Browser) -> str | None:
    """The id of whoever this browser is signed in as."""
    held = client.get_cookie(auth.COOKIE)
    found = sessions.find(held.value, days=30) if held else None
    return found[0].user_id if found else None


def token_of(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found
    return found[1]


# Signing in


def test_signing_in_leads_to_where_one_wanted_to_go(client_for: ClientFor, first: User) -> None:
    client = client_for()
    page = client.get("/sign-in?next=/trash/")
    assert page.status_code == 200
    assert 'name="next" value="/trash/"' in page.text
    response = client.post("/sign-in", data={**FORM, "next": "/trash/"})
    assert (response.status_code, response.location) == (303, "/trash/")
    assert who(client) == first.id


def test_htmx_is_sent_on_by_a_header(client_for: ClientFor, first: User) -> None:
    client = client_for()
    response = client.post("/sign-in", data=FORM, headers=HTMX)
    assert (response.status_code, response.headers["HX-Redirect"]) == (204, "/")
    assert who(client) == first.id


def test_a_page_for_people_leads_to_the_door_and_back(client_for: ClientFor, first: User) -> None:
    client = client_for()
    response = client.get("/account")
    assert (response.status_code, response.location) == (303, "/sign-in?next=/account?")
    fragment = client.get("/account", headers=HTMX)
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, "/sign-in?next=/account?")
    response = client.post(response.location, data={**FORM, "next": "/account?"})
    assert client.get(response.location).status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example", "/\\evil.example", "https://evil.example", "\\\\evil.example", "javascript:alert(1)",
        "/\t/evil.example", "/\n/evil.example", "/\r\n/evil.example", "/\x00/evil.example", "evil.example", " //evil.example",
        "/\ud800",
    ],
    ids=ascii,
)  # fmt: skip
def test_nobody_is_sent_to_another_site(client_for: ClientFor, first: User, target: str) -> None:
    data = {**FORM, "next": target.encode("utf-8", "surrogatepass")}
    response = client_for().post("/sign-in", data=data)
    assert response.status_code == 303
    assert re.fullmatch(r"/(%[0-9A-F]{2})*", response.location)
    signed_in = client_for()
    signed_in.post("/sign-in", data=FORM)
    again = signed_in.get("/sign-in", query_string={"next": target.encode("utf-8", "surrogatepass")})
    assert again.status_code == 302
    assert re.fullmatch(r"/(%[0-9A-F]{2})*", again.location)


def test_the_session_cookie_is_for_this_site_and_not_for_scripts(client_for: ClientFor, first: User) -> None:
    set_cookie = cookie(client_for().post("/sign-in", data=FORM))
    assert (set_cookie["httponly"], set_cookie["samesite"], set_cookie["path"]) == (True, "Lax", "/")
    assert set_cookie["max-age"] == str(30 * 86400)
    assert not set_cookie["secure"]


class TestWithHttps:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"SITE_URL": "https://pins.example.org"}

    def test_the_cookies_are_secure(self, client_for: ClientFor, first: User) -> None:
        client = client_for()
        page = client.get("/sign-in", base_url="https://pins.example.org")
        assert "Secure" in page.headers["Set-Cookie"]
        response = client.post(
            "/sign-in",
            data={**FORM, "csrf_token": token_of(page)},
            base_url="https://pins.example.org",
            headers={"X-CSRFToken": token_of(page), "Referer": "https://pins.example.org/sign-in"},
        )
        assert response.status_code == 303
        assert cookie(response)["secure"] is True


def test_every_sign_in_makes_a_new_session_and_ends_the_old_one(client_for: ClientFor, first: User) -> None:
    client = client_for()
    old = sessions.start(first, days=30)
    client.set_cookie(auth.COOKIE, old)
    new = cookie(client.post("/sign-in", data=FORM)).value
    assert new != old
    assert sessions.find(old, days=30) is None
    assert Session.select().where(Session.user == first.id).count() == 1


def test_a_session_that_was_planted_is_not_taken_over(client_for: ClientFor, first: User) -> None:
    client = client_for()
    client.set_cookie(auth.COOKIE, "planted-by-somebody-else")
    assert cookie(client.post("/sign-in", data=FORM)).value != "planted-by-somebody-else"


def test_the_csrf_token_from_before_the_door_counts_no_more(client_for: ClientFor, first: User) -> None:
    client = client_for()
    client.post("/sign-in", data=FORM)
    assert client.post("/account/name", data={"name": "Stale"}).status_code == 400
    client.csrf = ""
    token = token_of(client.get("/account"))
    assert client.post("/account/name", data={"name": "Fresh", "csrf_token": token}).status_code == 303
    assert User.get_by_id(first.id).name == "Fresh"


def test_a_guest_who_signs_in_is_a_guest_no_more(client_for: ClientFor, gus: Actor, first: User) -> None:
    client = client_for(gus)
    mine = client.get_cookie(auth.COOKIE)
    # Used long enough ago that the cookie is due to be renewed by this very request.
    Session.update(last_used_at=db.now_ms() - 2 * sessions.TOUCH_MS).execute()
    client.post("/sign-in", data=FORM)
    assert who(client) == first.id
    assert mine and sessions.find(mine.value, days=30) is None


def test_a_session_in_use_is_prolonged_in_the_browser_too(client_for: ClientFor, olga: Actor) -> None:
    client = client_for(olga)
    assert cookie(client.get("/account")) is None
    Session.update(last_used_at=db.now_ms() - 2 * sessions.TOUCH_MS).execute()
    assert cookie(client.get("/account"))["max-age"] == str(30 * 86400)


def test_what_is_wrong_stands_at_its_field_and_the_address_stays(client_for: ClientFor, first: User) -> None:
    response = client_for().post("/sign-in", data={**FORM, "password": "wrong"})
    assert response.status_code == 422
    assert 'id="e-password">E-mail and password do not match an account.' in response.text
    assert 'value="first@example.org"' in response.text
    assert "wrong" not in response.text
    assert "<html" in response.text
    fragment = client_for().post("/sign-in", data={**FORM, "password": "wrong"}, headers=HTMX)
    assert fragment.status_code == 422
    assert 'id="accounts-door"' in fragment.text and "<html" not in fragment.text


def test_the_answer_does_not_tell_who_has_an_account(client_for: ClientFor, first: User, mo: Actor) -> None:
    accounts.create("gone@example.org", PASSWORD)
    people.disable(mo, User.get(User.email == "gone@example.org").id)
    seen = set()
    for email, password in (
        ("first@example.org", "wrong password"),
        ("nobody@example.org", PASSWORD),
        ("gone@example.org", PASSWORD),
        ("not an address", PASSWORD),
    ):
        response = client_for().post("/sign-in", data={"email": email, "password": password})
        text = response.text.replace(email, "")
        seen.add((response.status_code, re.sub(r'(value|content)="[^"]{40,}"', "", text)))
    assert len(seen) == 1


class TestAfterTooManyFailures:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"SIGN_IN_RATE": "3/hour", "GUEST_RATE": "1/hour"}

    def test_the_page_says_when_to_try_again(self, client_for: ClientFor, first: User) -> None:
        client = client_for()
        for _ in range(3):
            assert client.post("/sign-in", data={**FORM, "password": "wrong"}).status_code == 422
        response = client.post("/sign-in", data=FORM)
        assert response.status_code == 429
        assert 3500 < int(response.headers["Retry-After"]) <= 3600
        assert "Too many failed sign-ins. Try again in 60 minutes." in response.text
        assert who(client) is None
        Attempt.update(at=Attempt.at - 3_600_001).execute()
        assert client.post("/sign-in", data=FORM).status_code == 303

    def test_another_guest_has_to_wait(self, client_for: ClientFor) -> None:
        assert client_for().post("/guest").status_code == 303
        response = client_for().post("/guest")
        assert response.status_code == 429
        assert int(response.headers["Retry-After"]) > 3500
        assert User.select().count() == 1


@pytest.mark.parametrize("field", ["email", "password", "name", "code", "next"])
@pytest.mark.parametrize(
    "value", [None, "", "\x00", "a\x00@b.de", b"\xed\xa0\x80", "x" * 100_000, "\u202e" * 20, "😀" * 50], ids=ascii
)
def test_no_input_breaks_a_door(
    client_for: ClientFor, first: User, database: Settings, mo: Actor, field: str, value: str | bytes | None
) -> None:
    data: dict[str, Any] = {**FORM, "name": "N", "code": "1", "next": "/"}
    if value is None:
        del data[field]
    else:
        data[field] = value
    token = invites.make_invite(mo, "curator")
    reset = invites.make_reset(mo, first.id)
    for path in ("/sign-in", "/sign-up", f"/invite/{token}", f"/reset/{reset}"):
        assert client_for().post(path, data=data).status_code in (303, 403, 404, 422), path
    assert client_for().post("/guest", data=data).status_code == 303
    assert client_for().get("/sign-in", query_string={"next": value or ""}).status_code == 200


def test_odd_headers_and_cookies_do_no_harm(client_for: ClientFor, first: User) -> None:
    client = client_for()
    client.set_cookie(auth.COOKIE, "ü\x7f")
    headers = {"User-Agent": "caf\xe9 \x01" + "x" * 5000}
    assert client.post("/sign-in", data=FORM, headers=headers).status_code == 303
    agent = Session.get().agent
    assert agent.isprintable() and len(agent) == 200


# CSRF


@pytest.mark.parametrize("how", ["missing", "wrong", "other"])
def test_a_change_without_the_right_token_changes_nothing(
    client_for: ClientFor, first: User, olga: Actor, how: str
) -> None:
    headers = {"wrong": {"X-CSRFToken": "x"}, "other": {"X-CSRFToken": client_for(olga).csrf + "x"}}.get(how, {})
    stranger = client_for(csrf=False)
    for path in ("/sign-in", "/sign-up", "/guest"):
        assert stranger.post(path, data=FORM, headers=headers).status_code == 400, path
    mine = client_for(olga, csrf=False)
    before = Session.select().count()
    for path, data in (
        ("/sign-out", {}),
        ("/account/name", {"name": "Mallory"}),
        ("/account/password", {"current": PASSWORD, "new": "another password"}),
        ("/account/sessions/end-others", {}),
        (f"/account/sessions/{olga.session_id}/end", {}),
    ):
        assert mine.post(path, data=data, headers=headers).status_code == 400, path
    assert Session.select().count() == before
    assert User.get_by_id(olga.user_id).name == "Olga"
    assert User.select().count() == 2


def test_a_plain_form_carries_its_token_in_the_body(client_for: ClientFor, first: User) -> None:
    client = client_for(csrf=False)
    token = token_of(client.get("/sign-in"))
    assert client.post("/sign-in", data={**FORM, "csrf_token": token}).status_code == 303


# Signing up


def test_the_first_visitor_makes_the_first_account(client_for: ClientFor, database: Settings) -> None:
    client = client_for()
    response = client.get("/sign-in?next=/trash/")
    assert (response.status_code, response.location) == (302, "/sign-up?next=/trash/")
    page = client.get(response.location)
    assert "This is the first account. It becomes the administrator." in page.text
    assert 'name="code"' not in page.text
    assert "Continue as guest" not in page.text
    response = client.post("/sign-up", data={**FORM, "name": "Mo", "next": "/trash/"})
    assert (response.status_code, response.location) == (303, "/trash/")
    user = User.get()
    assert (user.role, user.name, who(client)) == (Role.ADMIN, "Mo", user.id)


class TestOffLoopback:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"HOST": "0.0.0.0", "SIGN_IN_RATE": "3/hour"}

    def test_the_first_account_needs_the_code(self, client_for: ClientFor, database: Settings) -> None:
        client = client_for()
        assert 'name="code"' in client.get("/sign-up").text
        code = str(accounts.first_account_code(database))
        for wrong in ("", "x"):
            response = client.post("/sign-up", data={**FORM, "code": wrong})
            assert response.status_code == 422
            assert 'id="e-code">This is not the code that was printed when Pindeck started.' in response.text
        assert User.select().count() == 0
        assert client.post("/sign-up", data={**FORM, "code": code}).status_code == 303
        assert User.get().role == Role.ADMIN

    def test_the_code_cannot_be_tried_for_long(self, client_for: ClientFor, database: Settings) -> None:
        client = client_for()
        for _ in range(3):
            client.post("/sign-up", data={**FORM, "code": "x"})
        response = client.post("/sign-up", data={**FORM, "code": str(accounts.first_account_code(database))})
        assert response.status_code == 429
        assert "Too many tries" in response.text and response.headers["Retry-After"]
        assert User.select().count() == 0


def test_mistakes_in_a_new_account_stand_at_their_fields(client_for: ClientFor, database: Settings) -> None:
    client = client_for()
    for data, sentence in (
        ({**FORM, "email": "x"}, 'id="e-email">This is not an e-mail address.'),
        ({**FORM, "password": "short"}, 'id="e-password">A password has at least 10 characters.'),
        ({**FORM, "name": "n" * 81}, 'id="e-name">This is too long: 81 characters, and 80 fit.'),
    ):
        for headers in ({}, HTMX):
            response = client.post("/sign-up", data=data, headers=headers)
            assert response.status_code == 422
            assert sentence in response.text
            assert ("<html" in response.text) == (not headers)
            assert data["password"] not in response.text
    assert User.select().count() == 0


def test_by_default_strangers_need_an_invitation(client_for: ClientFor, first: User) -> None:
    client = client_for()
    page = client.get("/sign-up")
    assert "Accounts are made by invitation here." in page.text
    assert 'name="password"' not in page.text
    assert client.post("/sign-up", data={**FORM, "email": "b@example.org"}).status_code == 403
    assert User.select().count() == 1


class TestOpenRegistration:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"REGISTRATION": "open"}

    def test_anyone_makes_a_curators_account(self, client_for: ClientFor, first: User) -> None:
        client = client_for()
        assert "Create account" in client.get("/sign-in").text
        assert client.post("/sign-up", data={**FORM, "email": "b@example.org"}).status_code == 303
        assert User.get(User.email == "b@example.org").role == Role.CURATOR

    def test_an_address_that_is_taken_is_told(self, client_for: ClientFor, first: User) -> None:
        response = client_for().post("/sign-up", data={**FORM, "email": "FIRST@example.org"})
        assert response.status_code == 422
        assert 'id="e-email">There is an account with this e-mail address already.' in response.text

    def test_a_guest_keeps_its_likes_and_pictures(self, client_for: ClientFor, gus: Actor, first: User) -> None:
        image = make_row(gus)
        Like.insert(user_id=gus.user_id, image_id=image.id, created_at=1).execute()
        client = client_for(gus)
        assert client.post("/sign-up", data={**FORM, "email": "gus@example.org"}).status_code == 303
        user = User.get(User.email == "gus@example.org")
        assert who(client) == user.id
        assert [like.user_id for like in Like.select()] == [user.id]
        assert User.get_or_none(User.id == gus.user_id) is None

    def test_a_guest_whose_account_is_refused_stays_what_it_is(
        self, client_for: ClientFor, gus: Actor, first: User
    ) -> None:
        client = client_for(gus)
        assert client.post("/sign-up", data=FORM).status_code == 422
        assert who(client) == gus.user_id


class TestClosedRegistration:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"REGISTRATION": "closed"}

    def test_nobody_makes_an_account_not_even_by_invitation(
        self, client_for: ClientFor, first: User, mo: Actor
    ) -> None:
        token = invites.make_invite(mo, "curator")
        client = client_for()
        assert "No new accounts are made here." in client.get("/sign-up").text
        assert client.post("/sign-up", data={**FORM, "email": "b@example.org"}).status_code == 403
        assert client.post(f"/invite/{token}", data={**FORM, "email": "b@example.org"}).status_code == 403
        assert User.select().count() == 2
        page = client_for(mo).get("/admin/users")
        assert "Make an invitation link" not in page.text
        assert client_for(mo).post("/admin/users/invite", data={"role": "curator"}).status_code == 403


def test_whoever_is_signed_in_needs_no_door(client_for: ClientFor, olga: Actor, first: User) -> None:
    client = client_for(olga)
    for path in ("/sign-in", "/sign-up"):
        assert (client.get(path).status_code, client.get(path).location) == (302, "/")
    before = User.select().count()
    assert client.post("/guest").status_code == 303
    assert User.select().count() == before
    assert who(client) == olga.user_id


# Guests


def test_a_guest_looks_around_and_changes_nothing(client_for: ClientFor, first: User) -> None:
    client = client_for()
    assert "Continue as guest" in client.get("/sign-in").text
    response = client.post("/guest", data={"next": "/?q=rain"})
    assert (response.status_code, response.location) == (303, "/?q=rain")
    guest = User.get(User.role == Role.GUEST)
    assert who(client) == guest.id
    page = client.get("/")
    assert "Guest" in page.text
    client.csrf = token_of(page)
    for path in ("/account/name", "/account/password", "/admin/users/invite"):
        assert client.post(path, data={"name": "x"}).status_code == 403
    assert client.get("/account").status_code == 403
    client.post("/guest")
    assert User.select().where(User.role == Role.GUEST).count() == 1


class TestAClosedLibrary:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"PUBLIC_LIBRARY": ""}

    def test_admits_no_guests(self, client_for: ClientFor, first: User) -> None:
        client = client_for()
        assert "Continue as guest" not in client.get("/sign-in").text
        assert client.post("/guest").status_code == 403
        assert User.select().count() == 1


# Signing out


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_signing_out_ends_the_session_at_once(client_for: ClientFor, olga: Actor, headers: dict[str, str]) -> None:
    client = client_for(olga)
    token = client.get_cookie(auth.COOKIE).value  # type: ignore[union-attr]
    Session.update(last_used_at=db.now_ms() - 2 * sessions.TOUCH_MS).execute()
    response = client.post("/sign-out", headers=headers)
    assert response.status_code == (204 if headers else 303)
    assert cookie(response)["max-age"] == "0"
    assert sessions.find(token, days=30) is None
    client.set_cookie(auth.COOKIE, token)
    assert client.get("/account").status_code == 303


def test_signing_out_twice_and_as_a_visitor_is_no_error(client_for: ClientFor) -> None:
    assert client_for().post("/sign-out").status_code == 303


def test_nobody_is_signed_out_by_a_link(client_for: ClientFor, olga: Actor) -> None:
    client = client_for(olga)
    assert client.get("/sign-out").status_code == 405
    assert who(client) == olga.user_id


# Links


def test_an_invitation_makes_an_account_once(client_for: ClientFor, mo: Actor, first: User) -> None:
    token = invites.make_invite(mo, "admin")
    client = client_for()
    assert "you will be an administrator" in client.get(f"/invite/{token}").text
    wrong = client.post(f"/invite/{token}", data={"email": "n@example.org", "password": "short"})
    assert wrong.status_code == 422
    assert 'id="e-password"' in wrong.text and "you will be an administrator" in wrong.text
    response = client.post(f"/invite/{token}", data={"email": "n@example.org", "password": PASSWORD})
    assert (response.status_code, response.location) == (303, "/")
    assert User.get_by_id(who(client)).role == Role.ADMIN
    again = client_for()
    assert again.get(f"/invite/{token}").status_code == 404
    assert again.post(f"/invite/{token}", data={"email": "m@example.org", "password": PASSWORD}).status_code == 404
    assert User.get_or_none(User.email == "m@example.org") is None


def test_a_guest_who_is_invited_keeps_its_pictures(client_for: ClientFor, mo: Actor, gus: Actor, first: User) -> None:
    image = make_row(gus)
    client = client_for(gus)
    token = invites.make_invite(mo, "curator")
    client.post(f"/invite/{token}", data={"email": "gus@example.org", "password": PASSWORD})
    assert User.get(User.email == "gus@example.org").id == who(client)
    assert User.get_or_none(User.id == gus.user_id) is None
    assert type(image).get_by_id(image.seq).user_id == who(client)


def test_a_reset_link_sets_a_password_once_and_signs_in(client_for: ClientFor, mo: Actor, first: User) -> None:
    elsewhere = sessions.start(first, days=30)
    used, spare = invites.make_reset(mo, first.id), invites.make_reset(mo, first.id)
    client = client_for()
    assert 'autocomplete="new-password"' in client.get(f"/reset/{used}").text
    assert client.post(f"/reset/{used}", data={"password": "short"}).status_code == 422
    assert client.post(f"/reset/{used}", data={}).status_code == 422
    assert client.post(f"/reset/{used}", data={"password": "another password"}).status_code == 303
    assert who(client) == first.id
    assert sessions.find(elsewhere, days=30) is None
    for token in (used, spare):
        assert client_for().post(f"/reset/{token}", data={"password": "a third password"}).status_code == 404
    assert client_for().post("/sign-in", data={**FORM, "password": "another password"}).status_code == 303


@pytest.mark.parametrize("door", ["invite", "reset"])
@pytest.mark.parametrize("token", ["x", "%00", "%ED%A0%80", "0" * 32, "..%2f..", "x" * 3000])
def test_a_link_nobody_made_leads_nowhere(client_for: ClientFor, first: User, door: str, token: str) -> None:
    assert client_for().get(f"/{door}/{token}").status_code == 404
    assert client_for().post(f"/{door}/{token}", data=FORM).status_code == 404


# One's own account


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
    assert page.text.count("This one") == 1
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
    assert client_for().post(path, headers=HTMX).headers["HX-Redirect"] == "/sign-in"
    assert client_for(gus).post(path).status_code == 403


def test_a_role_that_changes_and_an_account_that_is_disabled_count_at_once(
    client_for: ClientFor, olga: Actor, mo: Actor
) -> None:
    client = client_for(olga)
    assert client.get("/admin/users").status_code == 403
    people.set_role(mo, str(olga.user_id), "admin")
    assert client.get("/admin/users").status_code == 200
    User.update(disabled_at=1).where(User.id == olga.user_id).execute()
    assert client.get("/admin/users").status_code == 303


def test_doors_are_not_kept_by_caches_and_not_framed(client_for: ClientFor, first: User, app: Flask) -> None:
    headers = client_for().get("/sign-in").headers
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "HX-Request" in headers["Vary"] and "Cookie" in headers["Vary"]
