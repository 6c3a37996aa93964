"""Webhooks over the API: for administrators and master keys that may administer."""

from collections.abc import Iterator

import pytest

from pindeck.access import Actor
from pindeck.models import Webhook
from tests.conftest import ChangeSettings, ClientFor, RunJobs
from tests.programs import Program, ProgramFor, new_key, refused
from tests.servers.receiver import Receiver, receiving, status

API = "/api/v1/webhooks"


@pytest.fixture
def receiver(app: object, change_settings: ChangeSettings) -> Iterator[Receiver]:
    with receiving() as running:
        change_settings(fetch_allow_hosts=f"127.0.0.1:{running.port}")
        yield running


@pytest.fixture
def program(program_for: ProgramFor) -> Program:
    return program_for(new_key("master"))


def test_one_is_added_changed_tested_followed_and_deleted(program: Program, receiver: Receiver, run_jobs: RunJobs) -> None:
    made = program.post(API, json={"url": receiver.url, "events": ["image.published"], "name": "Studio"})
    assert made.status_code == 201 and made.headers["Cache-Control"] == "no-store" and made.json["secret"].startswith("whsec_")
    here = f"{API}/{made.json['id']}"
    assert program.get(API).json == {"data": [{k: v for k, v in made.json.items() if k != "secret"}], "nextCursor": None}
    stale = program.patch(here, json={"name": "A"}, headers={"If-Match": '"other"'})
    refused(stale, 412, "PRECONDITION_FAILED")
    changed = program.patch(here, json={"name": "Archive", "url": None}, headers={"If-Match": made.headers["ETag"]})
    assert (changed.json["name"], changed.json["url"], changed.json["version"]) == ("Archive", receiver.url, 2)
    renewed = program.post(f"{here}/secret")
    assert renewed.json["secret"] != made.json["secret"] and "secret" not in program.get(here).json
    receiver.answers.append(status(500, body=b"oops"))
    asked = program.post(f"{here}/test")
    assert asked.status_code == 202 and asked.json["status"] == "waiting"
    run_jobs()
    (told,) = program.get(f"{here}/deliveries").json["data"]
    assert told["id"] == asked.json["id"] and told["body"].encode() == receiver.messages[0].body
    assert [(each["status"], each["error"], each["said"]) for each in told["attempts"]] == [
        (500, "It answered with status 500.", "oops")
    ]
    assert program.get(here).json["failingSince"] and program.get(here).json["waitingCount"] == 1
    again = program.post(f"{here}/deliveries/{asked.json['id']}/again")
    assert again.status_code == 202
    run_jobs()
    assert program.get(f"{here}/deliveries").json["data"][0]["status"] == "sent"
    for _ in range(2):
        program.post(f"{here}/test")
    first = program.get(f"{here}/deliveries?limit=2").json
    rest = program.get(f"{here}/deliveries?limit=2&cursor={first['nextCursor']}").json
    assert [each["id"] for each in rest["data"]] == [asked.json["id"]] and rest["nextCursor"] is None
    assert program.patch(here, json={"disabled": True}).json["disabled"] is True
    refused(program.post(f"{here}/test"), 409, "CONFLICT")
    assert program.delete(here).status_code == 204
    refused(program.get(here), 404, "WEBHOOK_NOT_FOUND")


def test_a_wrong_field_is_named(program: Program) -> None:
    for body, field in (
        ({"events": ["image.published"]}, "url"),
        ({"url": "https://127.0.0.1/", "events": ["image.published"]}, "url"),
        ({"url": "https://a.example/", "events": []}, "events"),
        ({"url": "https://a.example/", "events": ["image.eaten"]}, "events"),
        ({"url": "https://a.example/", "events": ["image.published"], "secret": "mine"}, "secret"),
    ):
        answer = program.post(API, json=body)
        refused(answer, 400, "VALIDATION_ERROR")
        assert any(field in name for name in answer.json["error"]["details"]), answer.json
    assert Webhook.select().count() == 0


def test_others_are_refused(program_for: ProgramFor, client_for: ClientFor, olga: Actor, mo: Actor) -> None:
    body = {"url": "https://a.example/", "events": ["image.published"]}
    made = client_for(mo).post(API, json=body)
    assert made.status_code == 201
    callers = [client_for(olga), program_for(new_key("project")), program_for(new_key("master", scopes=("images:read",)))]
    for caller in callers:
        refused(caller.post(API, json=body), 403, "FORBIDDEN")
        refused(caller.get(f"{API}/{made.json['id']}"), 403, "FORBIDDEN")
        refused(caller.delete(f"{API}/{made.json['id']}"), 403, "FORBIDDEN")
    refused(client_for(None).get(API), 401, "UNAUTHORIZED")
    assert Webhook.select().count() == 1
