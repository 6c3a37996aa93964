"""The sweeps over the API: for administrators and master keys, and nobody else."""

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image, Job
from pindeck.services.maintenance import sweeps
from tests.conftest import ClientFor, RunJobs
from tests.factories import make_row
from tests.programs import Program, ProgramFor, new_key, refused

SWEEPS = "/api/v1/admin/sweeps"


@pytest.fixture
def master(program_for: ProgramFor, mo: Actor) -> Program:
    return program_for(new_key("master"))


def test_the_list_says_what_each_does(master: Program) -> None:
    answer = master.get(SWEEPS)
    assert answer.status_code == 200
    assert [sweep["name"] for sweep in answer.json["data"]["sweeps"]] == list(sweeps.SWEEPS)
    assert all(sweep["does"].endswith(".") for sweep in answer.json["data"]["sweeps"])
    assert answer.json["data"]["runs"] == []


def test_a_sweep_is_asked_for_and_a_worker_does_it(master: Program, olga: Actor, run_jobs: RunJobs) -> None:
    old = make_row(olga)
    Image.update(deleted_at=1).where(Image.id == old.id).execute()
    asked = master.post(SWEEPS, json={"names": ["trash", "jobs"]})
    assert asked.status_code == 202 and asked.json["data"]["status"] == "queued"
    assert asked.json["data"]["names"] == ["trash", "jobs"] and Image.select().where(Image.id == old.id).exists()
    assert master.get(f"/api/v1/jobs/{asked.json['data']['id']}").json["status"] == "queued"
    run_jobs()
    done = master.get(SWEEPS).json["data"]["runs"][0]
    assert done["id"] == asked.json["data"]["id"] and done["status"] == "done"
    assert done["found"] == {"trash": 1, "jobs": 0} and done["endedAt"] >= done["askedAt"]
    assert not Image.select().where(Image.id == old.id).exists()


def test_without_names_all_of_them_run(master: Program, run_jobs: RunJobs) -> None:
    assert master.post(SWEEPS).json["data"]["names"] == []
    run_jobs()
    assert list(master.get(SWEEPS).json["data"]["runs"][0]["found"]) == list(sweeps.SWEEPS)


def test_one_that_fails_is_named_beside_what_the_others_found(
    master: Program, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sweeps.SWEEPS, "trash", sweeps.Sweep("Fails.", lambda: 1 // 0))
    master.post(SWEEPS, json={"names": ["trash", "jobs"]})
    run_jobs(include_later=True)
    ended = master.get(SWEEPS).json["data"]["runs"][0]
    assert ended["status"] == "failed" and "trash" in ended["error"] and ended["found"] == {"jobs": 0}


def test_while_one_waits_the_same_is_not_asked_for_twice(master: Program, run_jobs: RunJobs) -> None:
    first, again = (master.post(SWEEPS, json={"names": ["trash"]}).json["data"]["id"] for _ in range(2))
    other = master.post(SWEEPS, json={"names": ["crops"]}).json["data"]["id"]
    assert first == again != other and Job.select().where(Job.kind == "sweep").count() == 2
    run_jobs()
    assert master.post(SWEEPS, json={"names": ["trash"]}).json["data"]["id"] not in (first, other)


def test_an_unknown_name_is_named(master: Program) -> None:
    answer = master.post(SWEEPS, json={"names": ["trash", "moon"]})
    refused(answer, 400, "VALIDATION_ERROR")
    assert "moon" in answer.json["error"]["details"]["names"] and not Job.select().exists()


def test_twenty_runs_are_listed(master: Program) -> None:
    for n in range(22):
        made = master.post(SWEEPS).json["data"]["id"]
        Job.update(status="completed", ended_at=db.now_ms(), created_at=n).where(Job.id == made).execute()
    assert [run["askedAt"] for run in master.get(SWEEPS).json["data"]["runs"]] == list(range(21, 1, -1))


def test_only_administrators_and_master_keys_sweep(
    program_for: ProgramFor, client_for: ClientFor, mo: Actor, olga: Actor, gus: Actor
) -> None:
    assert client_for(mo).get(SWEEPS).status_code == 200
    for session in (client_for(olga), client_for(gus)):
        refused(session.get(SWEEPS), 403, "FORBIDDEN")
    refused(program_for(new_key("project")).post(SWEEPS), 403, "FORBIDDEN")
    refused(program_for(new_key("master", scopes=["images:read"])).post(SWEEPS), 403, "FORBIDDEN")
    refused(program_for("").get(SWEEPS), 401, "UNAUTHORIZED")
    assert not Job.select().exists()
