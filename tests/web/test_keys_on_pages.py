"""Pages are for people: what a proxy in front adds is ignored there, and a key of ours opens none of them."""

import pytest
from flask import Flask

from pindeck.access import Actor
from pindeck.models import User
from pindeck.services.clients import api_keys
from tests.conftest import HTMX, ClientFor, RunJobs, count_queries
from tests.factories import make_draft

FOREIGN = [
    {"Authorization": "Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJvbGdhIn0.c2ln"},
    {"Authorization": "Bearer "},
    {"Authorization": "Bearer pd-but-not-ours"},
    {"Authorization": "Basic b2xnYTpzZWNyZXQ="},
    {"Authorization": "Negotiate abc"},
    {"X-API-Key": "of-somebody-else"},
    {"X-API-Key": ""},
]


def ours(kind: str = "master") -> str:
    return api_keys.create(api_keys.NewClient(kind, name="Tool"))[2]


def key_headers(key: str) -> list[dict[str, str]]:
    return [{"X-API-Key": key}, {"Authorization": f"Bearer {key}"}, {"Authorization": f"bearer  {key}"}]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_foreign_header_changes_nothing_on_a_page(
    client_for: ClientFor, first: User, olga: Actor, run_jobs: RunJobs, headers: dict[str, str]
) -> None:
    draft = make_draft(olga)
    run_jobs()
    mine, visitor = client_for(olga), client_for()
    assert "Olga" in mine.get("/account", headers=headers).text
    assert visitor.get("/", headers=headers).status_code == 200
    # Who is not signed in is led to the door, and finds it open.
    sent = visitor.get("/account", headers=headers)
    assert (sent.status_code, sent.location) == (303, "/sign-in?next=/account?")
    assert visitor.get("/sign-in", headers=headers).status_code == 200
    if "X-API-Key" not in headers:  # the pictures of a page come with it
        assert mine.get(f"/i/{draft.id}?size=small", headers=headers).status_code == 200
        assert visitor.get(f"/i/{draft.id}?size=small", headers=headers).status_code == 404


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_foreign_header_is_no_way_round_the_token(
    client_for: ClientFor, olga: Actor, headers: dict[str, str]
) -> None:
    for browser in (client_for(olga, csrf=False), client_for(csrf=False)):
        assert browser.post("/account/name", data={"name": "Mallory"}, headers=headers).status_code == 400
    assert User.get_by_id(olga.user_id).name == "Olga"
    assert client_for(olga).post("/account/name", data={"name": "Olga B."}, headers=headers).status_code == 303
    assert User.get_by_id(olga.user_id).name == "Olga B."


def test_a_key_of_ours_opens_no_page_and_leads_nowhere(client_for: ClientFor, olga: Actor) -> None:
    good = ours()
    for key in (good, good[:-1] + "x", "pd_x_", "pd_m_" + "a" * 43):
        for headers in key_headers(key):
            for browser in (client_for(), client_for(olga)):
                for extra in ({}, HTMX):
                    for path in ("/", "/account", "/review/", "/sign-in"):
                        answer = browser.get(path, headers={**headers, **extra})
                        assert answer.status_code == 401, (path, headers)
                        assert "Location" not in answer.headers and "HX-Redirect" not in answer.headers
            assert client_for(olga).post("/account/name", data={"name": "X"}, headers=headers).status_code == 401
            assert client_for(olga).get("/no/such/page", headers=headers).status_code == 404
            assert client_for(olga).get("/static/css/base.css", headers=headers).status_code == 200
    assert User.get_by_id(olga.user_id).name == "Olga"


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_an_unknown_address_is_unknown(client_for: ClientFor, olga: Actor, headers: dict[str, str]) -> None:
    for browser in (client_for(), client_for(olga)):
        assert browser.get("/no/such/page", headers=headers).status_code == 404
        assert browser.post("/no/such/page", headers=headers).status_code == 404


def test_in_the_api_a_foreign_token_is_a_bad_key(client_for: ClientFor, olga: Actor) -> None:
    for headers in FOREIGN[:3] + FOREIGN[5:]:
        for path in ("/api/v1/session", "/api/v1/library/images/drafts", "/api/v1/no-such-thing"):
            assert client_for(olga).get(path, headers=headers).status_code == 401, (path, headers)
    for headers in FOREIGN[3:5]:  # no key at all: the session counts
        assert client_for(olga).get("/api/v1/library/images/drafts", headers=headers).status_code == 200
        assert client_for().get("/api/v1/library/images/drafts", headers=headers).status_code == 401


def test_a_bad_key_of_ours_never_falls_back_to_the_session_of_a_picture(
    client_for: ClientFor, olga: Actor, run_jobs: RunJobs
) -> None:
    draft = make_draft(olga)
    run_jobs()
    for headers in [*key_headers("pd_m_" + "a" * 43), {"X-API-Key": "wrong"}]:
        assert client_for(olga).get(f"/i/{draft.id}", headers=headers).status_code == 401


def test_health_looks_at_no_key_and_no_cookie(app: Flask, client_for: ClientFor, olga: Actor) -> None:
    for headers in [*FOREIGN, *key_headers(ours()), *key_headers("pd_m_bad")]:
        browser = client_for(olga)
        with count_queries() as seen:
            assert browser.get("/healthz", headers=headers).json == {"status": "ok"}
            assert browser.get("/readyz", headers=headers).status_code in (200, 503)
            assert browser.post("/healthz", headers=headers).status_code == 405
        assert [sql for sql in seen if sql != "SELECT 1"] == []
