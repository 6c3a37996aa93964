"""Clients and keys over the API: for administrators and master keys, and nobody else."""

from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.access.scopes import ALLOWED_SCOPES, IMAGE_SCOPES, SCOPES
from pindeck.models import Activity, ApiKey, Client
from pindeck.services.clients import api_keys
from pindeck.services.images import projects
from tests.conftest import ClientFor, count_queries
from tests.programs import Program, ProgramFor, new_key, refused

CLIENTS = "/api/v1/admin/clients"


@pytest.fixture
def master(program_for: ProgramFor, mo: Actor) -> Program:
    return program_for(new_key("master"))


def make(master: Program, **body: Any) -> dict[str, Any]:
    answer = master.post(CLIENTS, json={"kind": "project", **body})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json["data"]
    return found


def test_a_key_is_made_used_and_revoked_at_once(master: Program, program_for: ProgramFor) -> None:
    projects.find_or_create("Blade Runner")
    made = make(master, name="Site", project="blade-runner", scopes=["images:read"], expiresInDays=7)
    assert made["client"]["project"] == "blade-runner" and made["client"]["scopes"] == ["images:read"]
    assert made["expiresAt"] - made["client"]["keys"][0]["createdAt"] == 7 * 86_400_000
    site = program_for(made["key"])
    assert site.get("/api/v1/images").status_code == 200
    assert master.delete(f"/api/v1/admin/keys/{made['id']}").json == {"success": True}
    refused(site.get("/api/v1/images"), 401, "UNAUTHORIZED")
    assert master.delete(f"/api/v1/admin/keys/{made['id']}").json == {"success": True}
    assert {row.verb for row in Activity.select()} >= {"key.create", "key.revoke"}


def test_a_key_is_never_told_again(master: Program) -> None:
    made = make(master)
    for path in (CLIENTS, f"{CLIENTS}/{made['client']['id']}"):
        text = master.get(path).text
        assert made["key"] not in text and made["prefix"] in text
        assert ApiKey.get_by_id(made["id"]).hash not in text


def test_scopes_and_disabling_act_on_the_next_request(master: Program, program_for: ProgramFor) -> None:
    made = make(master)
    one, site = f"{CLIENTS}/{made['client']['id']}", program_for(made["key"])
    assert master.patch(one, json={"scopes": ["storage:read"]}).json["data"]["scopes"] == ["storage:read"]
    refused(site.get("/api/v1/images"), 403, "FORBIDDEN")
    assert master.patch(one, json={"scopes": ["images"]}).json["data"]["scopes"] == list(IMAGE_SCOPES)
    assert site.get("/api/v1/images").status_code == 200
    assert master.patch(one, json={"disabled": True}).json["data"]["disabled"] is True
    refused(site.get("/api/v1/images"), 401, "UNAUTHORIZED")
    assert master.patch(one, json={"disabled": False}).json["data"]["disabled"] is False
    assert site.get("/api/v1/images").status_code == 200
    assert master.patch(one, json={}).status_code == 200


def test_another_key_for_a_change_without_a_gap(master: Program, program_for: ProgramFor) -> None:
    made = make(master)
    second = master.post(f"{CLIENTS}/{made['client']['id']}/keys")
    assert second.status_code == 201
    assert [key["id"] for key in second.json["data"]["client"]["keys"]] == [second.json["data"]["id"], made["id"]]
    for text in (made["key"], second.json["data"]["key"]):
        assert program_for(text).get("/api/v1/images").status_code == 200
    short = master.post(f"{CLIENTS}/{made['client']['id']}/keys", json={"expiresInDays": 1}).json["data"]
    ApiKey.update(expires_at=db.now_ms() - 1).where(ApiKey.id == short["id"]).execute()
    refused(program_for(short["key"]).get("/api/v1/images"), 401, "UNAUTHORIZED")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "kind"),
        ({"kind": "root"}, "kind"),
        ({"kind": "project", "project": "missing"}, "project"),
        ({"kind": "extension"}, "identifier"),
        ({"kind": "extension", "identifier": "a b", "installScope": "operator"}, "identifier"),
        ({"kind": "extension", "identifier": "ext", "installScope": "user"}, "user"),
        ({"kind": "master", "user": "nobody@example.org"}, "user"),
        ({"kind": "master", "scopes": ["root"]}, "scopes"),
        ({"kind": "master", "scopes": "images"}, "scopes"),
        ({"kind": "project", "scopes": ["images", "admin"]}, "scopes"),
        (
            {"kind": "extension", "identifier": "ext", "installScope": "operator", "scopes": ["storage:read"]},
            "scopes",
        ),
        ({"kind": "master", "expiresInDays": 0}, "expiresInDays"),
        ({"kind": "master", "expiresInDays": "7"}, "expiresInDays"),
        ({"kind": "master", "name": "x" * 121}, "name"),
        ({"kind": "master", "name": "\x00"}, "name"),
    ],
)
def test_what_is_wrong_is_named(master: Program, body: dict[str, Any], field: str) -> None:
    before = Client.select().count()
    assert list(refused(master.post(CLIENTS, json=body), 400, "VALIDATION_ERROR")) == [field]
    assert Client.select().count() == before


def test_an_identifier_is_never_given_to_another_publisher(master: Program, olga: Actor, sam: Actor) -> None:
    body = {"kind": "extension", "identifier": "ext", "installScope": "user"}
    make(master, **body, user=olga.email)
    answer = master.post(CLIENTS, json={**body, "user": sam.email})
    assert "identifier" in refused(answer, 400, "VALIDATION_ERROR")


def test_what_is_not_there(master: Program) -> None:
    refused(master.get(f"{CLIENTS}/x"), 404, "CLIENT_NOT_FOUND")
    refused(master.patch(f"{CLIENTS}/x", json={}), 404, "CLIENT_NOT_FOUND")
    refused(master.post(f"{CLIENTS}/x/keys"), 404, "CLIENT_NOT_FOUND")
    refused(master.delete("/api/v1/admin/keys/x"), 404, "KEY_NOT_FOUND")


def test_only_administrators_and_master_keys(
    program_for: ProgramFor, client_for: ClientFor, mo: Actor, olga: Actor, gus: Actor
) -> None:
    client, key, text = api_keys.create(api_keys.NewClient("master", scopes=("images",)))
    calls = [
        ("GET", CLIENTS, None),
        ("POST", CLIENTS, {"kind": "master"}),
        ("GET", f"{CLIENTS}/{client.id}", None),
        ("PATCH", f"{CLIENTS}/{client.id}", {"disabled": True}),
        ("POST", f"{CLIENTS}/{client.id}/keys", {}),
        ("DELETE", f"/api/v1/admin/keys/{key.id}", None),
    ]
    project_key = new_key(actor=mo)
    for method, path, body in calls:
        for who, status, code in (
            (None, 401, "UNAUTHORIZED"),
            ("pd_m_wrong", 401, "UNAUTHORIZED"),
            (text, 403, "FORBIDDEN"),  # a master key without the scope
            (project_key, 403, "FORBIDDEN"),
            (new_key("extension", identifier="e", install_scope="operator"), 403, "FORBIDDEN"),
        ):
            refused(program_for(who).call(method, path, json=body), status, code)
        for person in (gus, olga):
            refused(client_for(person).open(path, method=method, json=body), 403, "FORBIDDEN")
    assert client_for(mo).get(CLIENTS).status_code == 200
    assert Client.get_by_id(client.id).disabled_at is None and ApiKey.get_by_id(key.id).revoked_at is None


def test_a_client_cannot_be_made_to_hold_more_than_its_kind(master: Program, program_for: ProgramFor) -> None:
    made = make(master, scopes=["images:read"])
    one = f"{CLIENTS}/{made['client']['id']}"
    assert "scopes" in refused(master.patch(one, json={"scopes": ["admin"]}), 400, "VALIDATION_ERROR")
    assert master.get(one).json["data"]["scopes"] == ["images:read"]
    Client.update(permissions=["images:read", "admin"]).where(Client.id == made["client"]["id"]).execute()
    assert master.get(one).json["data"]["scopes"] == ["images:read"]
    refused(program_for(made["key"]).post(CLIENTS, json={"kind": "master"}), 403, "FORBIDDEN")


def test_a_key_of_an_administrator_does_not_grow(program_for: ProgramFor, mo: Actor) -> None:
    """Not even one from a time when nobody looked at its scopes makes a master key."""
    text = new_key(actor=mo)
    Client.update(permissions=list(SCOPES)).execute()
    refused(program_for(text).post(CLIENTS, json={"kind": "master"}), 403, "FORBIDDEN")
    refused(program_for(text).post("/api/v1/projects", json={"name": "X"}), 403, "FORBIDDEN")
    assert Client.select().count() == 1


def test_the_description_says_which_scopes_each_kind_may_hold(document: dict[str, Any]) -> None:
    for name in ("ClientInput", "ClientChange"):
        says = document["components"]["schemas"][name]["properties"]["scopes"]["description"]
        for kind, scopes in ALLOWED_SCOPES.items():
            assert f"kind {kind} may hold {', '.join(scopes)}." in says


def test_the_list_costs_the_same_for_more_clients(master: Program) -> None:
    master.get(CLIENTS)
    with count_queries() as few:
        master.get(CLIENTS)
    for _ in range(8):
        new_key("master")
    with count_queries() as many:
        assert len(master.get(CLIENTS).json["data"]) == 9
    assert len(few) == len(many)
