"""Signing in and out, as a browser does it."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from pindeck import db
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.errors import Busy
from pindeck.http import auth, sign_in
from pindeck.models import Attempt, Session, User
from pindeck.services.accounts import accounts, administration, invitations, passwords, sessions
from tests.conftest import HTMX, ChangeSettings, ClientFor
from tests.factories import make_draft, make_row
from tests.web.doors import FORM, PASSWORD, cookie, token_of, who


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


def test_who_signs_in_over_a_page_goes_on_with_it(client_for: ClientFor, first: User) -> None:
    client = client_for()
    door = client.get("/sign-in?here=1", headers=HTMX)
    assert 'name="here"' in door.text and "Create account" not in door.text
    wrong = client.post("/sign-in", data={**FORM, "password": "not this one", "here": "1"}, headers=HTMX)
    assert wrong.status_code == 422 and 'name="here"' in wrong.text
    answer = client.post("/sign-in", data={**FORM, "here": "1"}, headers=HTMX)
    told = json.loads(answer.headers["HX-Trigger"])["pindeck:signed-in"]
    assert answer.status_code == 200 and "HX-Redirect" not in answer.headers
    assert told["user"] == who(client) == first.id
    again = client.get("/sign-in?here=1", headers=HTMX)  # signed in already, in another tab
    assert json.loads(again.headers["HX-Trigger"])["pindeck:signed-in"]["token"]


def test_a_page_for_people_leads_to_the_door_and_back(client_for: ClientFor, first: User) -> None:
    client = client_for()
    response = client.get("/account")
    assert (response.status_code, response.location) == (303, "/sign-in?next=/account?")
    fragment = client.get("/account", headers=HTMX)
    assert (fragment.status_code, fragment.headers["HX-Retarget"]) == (401, "#toasts")
    assert "HX-Redirect" not in fragment.headers  # the page stays where it is
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


class TestBehindAProxyThatSpeaksHttps:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"TRUSTED_PROXIES": "1"}

    def test_the_cookies_are_secure_where_the_request_came_by_https(self, client_for: ClientFor, first: User) -> None:
        for scheme, secure in (("https", True), ("http", False)):
            client, proxy = client_for(csrf=False), {"X-Forwarded-Proto": scheme}
            page = client.get("/sign-in", headers=proxy)
            assert ("Secure" in page.headers["Set-Cookie"]) is secure
            same_site = {"X-CSRFToken": token_of(page), "Referer": f"{scheme}://localhost/sign-in"}
            response = client.post(
                "/sign-in", data=FORM, base_url=f"{scheme}://localhost", headers={**proxy, **same_site}
            )
            assert cookie(response)["secure"] is (True if secure else "")
            tweaked = client.post(
                "/tweaks", data={"theme": "light"}, base_url=f"{scheme}://localhost", headers={**proxy, **same_site}
            )
            assert ("Secure" in tweaked.headers["Set-Cookie"]) is secure


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
    administration.disable(mo, User.get(User.email == "gone@example.org").id)
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


def known(response: TestResponse) -> Any:
    """The cookie of a known browser, or None."""
    found = None
    for line in response.headers.getlist("Set-Cookie"):
        found = SimpleCookie(line).get(sign_in.COOKIE) or found
    return found


def test_whoever_was_in_is_known_by_a_cookie_of_its_own(
    client_for: ClientFor, app: Flask, first: User, gus: Actor, mo: Actor
) -> None:
    client = client_for()
    assert known(client.post("/sign-in", data={**FORM, "password": "wrong"})) is None
    assert known(client_for().post("/guest")) is None
    answers = [
        client.post("/sign-in", data=FORM),
        client_for().post(f"/reset/{invitations.make_reset(mo, first.id)}", data={"password": PASSWORD}),
        client_for().post(
            f"/invite/{invitations.make_invite(mo, 'curator')}", data={"email": "new@example.org", "password": PASSWORD}
        ),
        app.test_client().post("/api/v1/session", json=FORM),
    ]
    for answer in answers:
        made = known(answer)
        assert (made["httponly"], made["samesite"], made["path"]) == (True, "Lax", "/")
        assert int(made["max-age"]) >= 180 * 86400
        assert first.id not in made.value


def test_a_known_browser_gets_in_while_others_guess(
    client_for: ClientFor, app: Flask, first: User, database: Settings
) -> None:
    client = client_for()
    mine = known(client.post("/sign-in", data=FORM)).value
    for _ in range(10):
        assert client_for().post("/sign-in", data={**FORM, "password": "wrong"}).status_code == 422
    assert client_for().post("/sign-in", data=FORM).status_code == 429
    again, program = client_for(), app.test_client()
    again.set_cookie(sign_in.COOKIE, mine)
    program.set_cookie(sign_in.COOKIE, mine)
    assert program.post("/api/v1/session", json=FORM).status_code == 200
    assert again.post("/sign-in", data=FORM).status_code == 303
    again.csrf = token_of(again.get("/account"))
    changed = again.post("/account/password", data={"current": PASSWORD, "new": "another password"})
    assert changed.status_code == 303 and known(changed).value != mine
    program.set_cookie(sign_in.COOKIE, mine)
    assert program.post("/api/v1/session", json={**FORM, "password": "another password"}).status_code == 429


def test_who_finds_no_place_sees_the_form_again(
    client_for: ClientFor, app: Flask, first: User, mo: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def full() -> Iterator[None]:
        raise Busy(passwords.BUSY)
        yield

    monkeypatch.setattr(passwords, "place", full)
    reset, invite = invitations.make_reset(mo, first.id), invitations.make_invite(mo, "curator")
    data = {**FORM, "email": "new@example.org"}
    for path in ("/sign-in", f"/reset/{reset}", f"/invite/{invite}"):
        for headers in ({}, HTMX):
            response = client_for().post(path, data=data, headers=headers)
            assert (response.status_code, response.headers["Retry-After"]) == (503, "5"), path
            assert passwords.BUSY in response.text and 'id="accounts-door"' in response.text
    answer = app.test_client().post("/api/v1/session", json=FORM)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json["error"]["code"] == "SERVER_BUSY"
    assert Attempt.select().count() == 0


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
        assert "Too many failed sign-ins. Try again in 60 minutes, or ask an administrator" in response.text
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
    token = invitations.make_invite(mo, "curator")
    reset = invitations.make_reset(mo, first.id)
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


def test_doors_are_not_kept_by_caches_and_not_framed(client_for: ClientFor, first: User, app: Flask) -> None:
    headers = client_for().get("/sign-in").headers
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "HX-Request" in headers["Vary"] and "Cookie" in headers["Vary"]


def test_beside_the_door_is_the_newest_picture_that_strangers_may_see(
    client_for: ClientFor, olga: Actor, first: User, change_settings: ChangeSettings
) -> None:
    def shown() -> str:
        page = client_for().get("/sign-in").text
        return found[1] if (found := re.search(r'class="show[^>]*>\s*<img src="([^"]+)"', page)) else ""

    assert shown() == ""
    make_draft(olga, title="A draft")
    make_row(olga, title="A private one", visibility="private", public_token=f"{1:032x}")
    assert shown() == ""
    make_row(olga, title="Harbour", public_token=f"{2:032x}")
    assert shown().startswith(f"/media/00/{2:032x}")
    assert 'alt="Harbour"' in client_for().get("/sign-in").text
    change_settings(public_library=False)
    assert shown() == ""
