"""A session over the API: password in, cookie and token out."""

import pytest
from flask import Flask

from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.models import Session
from pindeck.services.accounts import accounts
from tests.programs import ProgramFor, new_key, refused

PASSWORD = "a long pass phrase"


@pytest.fixture
def person(database: Settings) -> str:
    return str(accounts.create("ines@example.org", PASSWORD, role="curator", name="Ines").id)


def sign_in(client, password: str = PASSWORD, **more: object):
    return client.post("/api/v1/session", json={"email": "Ines@example.org", "password": password, **more})


def test_signing_in_gives_a_cookie_and_a_token_that_changes_need(app: Flask, person: str) -> None:
    client = app.test_client()
    assert client.get("/api/v1/session").json["user"] is None
    answer = sign_in(client)
    assert answer.status_code == 200
    assert answer.json["user"] == {"id": person, "name": "Ines", "email": "ines@example.org", "role": "admin"}
    assert "HttpOnly" in next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("pindeck_session="))
    token = answer.json["csrfToken"]
    refused(client.delete("/api/v1/session"), 400, "CSRF")
    assert client.get("/api/v1/session").json["user"]["id"] == person
    assert client.delete("/api/v1/session", headers={"X-CSRFToken": token}).json == {"success": True}
    assert client.get("/api/v1/session").json["user"] is None
    assert Session.select().count() == 0


@pytest.mark.parametrize("password", ["wrong wrong wrong", "", "\x00", "ü" * 200])
def test_a_wrong_password_opens_nothing(app: Flask, person: str, password: str) -> None:
    answer = sign_in(app.test_client(), password)
    assert answer.status_code in (400, 401) and Session.select().count() == 0
    assert answer.json["error"]["code"] in ("UNAUTHORIZED", "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b'{"email": 5, "password": "x"}', b'{"email": "x"}', b"NaN", b"[" * 100_000],
)
def test_a_body_that_is_wrong_is_named(app: Flask, body: bytes) -> None:
    answer = app.test_client().post("/api/v1/session", data=body, content_type="application/json")
    assert refused(answer, 400, "VALIDATION_ERROR")


def test_a_body_of_another_type_is_refused(app: Flask, person: str) -> None:
    answer = app.test_client().post("/api/v1/session", data={"email": "ines@example.org", "password": PASSWORD})
    refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_body_that_is_too_large_is_refused(app: Flask) -> None:
    answer = app.test_client().post("/api/v1/session", data=b" " * 1_000_001, content_type="application/json")
    refused(answer, 413, "FILE_TOO_LARGE")


def test_keys_have_no_session(program_for: ProgramFor, olga: Actor) -> None:
    program = program_for(new_key(actor=olga))
    refused(program.get("/api/v1/session"), 401, "UNAUTHORIZED")
    refused(program.post("/api/v1/session", json={}), 403, "FORBIDDEN")
    refused(program.delete("/api/v1/session"), 403, "FORBIDDEN")


def test_a_bad_key_never_falls_back_to_the_cookie(app: Flask, person: str) -> None:
    client = app.test_client()
    sign_in(client)
    for headers in ({"X-API-Key": "wrong"}, {"X-API-Key": ""}, {"Authorization": "Bearer wrong"}):
        refused(client.get("/api/v1/session", headers=headers), 401, "UNAUTHORIZED")
        refused(client.get("/api/v1/library/images/drafts", headers=headers), 401, "UNAUTHORIZED")


def test_keys_open_no_page(program_for: ProgramFor, mo: Actor) -> None:
    program = program_for(new_key("master", actor=mo))
    for path in ("/account", "/admin/users", "/review/", "/"):
        answer = program.get(path, headers={"Accept": "application/json"})
        assert answer.status_code == 401, path


def test_every_answer_names_its_request(program_for: ProgramFor, olga: Actor) -> None:
    program = program_for(new_key())
    assert program.get("/api/v1/images", headers={"X-Request-Id": "mine-1"}).headers["X-Request-Id"] == "mine-1"
    odd = program.get("/api/v1/images", headers={"X-Request-Id": "<script>"}).headers["X-Request-Id"]
    assert odd != "<script>" and len(odd) == 32
    assert "X-Request-Id" in program_for(None).get("/api/v1/nothing").headers
