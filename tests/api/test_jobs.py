"""The list of jobs for programs: whose they are, pages that go on, cancelling and trying again."""

from dataclasses import replace

import pytest

from pindeck import db, queue
from pindeck.access import Actor
from pindeck.models import Generation, Job, MachineCall
from pindeck.services.clients import api_keys
from pindeck.services.maintenance import work
from tests.conftest import count_queries
from tests.factories import fresh, make_draft, make_row
from tests.programs import new_key, refused

JOBS = "/api/v1/jobs"


def test_each_sees_its_own_and_administrators_all(program_for, client_for, olga: Actor, sam: Actor, mo: Actor, gus: Actor) -> None:
    image = make_draft(olga)
    job = Job.get(Job.image_id == image.id)
    listed = client_for(olga).get(JOBS).json["data"]
    assert [(line["id"], line["state"], line["imageId"], line["canCancel"]) for line in listed] == [
        (job.id, "waiting", image.id, True)
    ]
    key = program_for(new_key("master", actor=olga))
    assert key.get(JOBS).json["data"] == []  # a program sees what it asked for itself
    Job.update(client_id=key_client(key)).execute()
    assert [line["id"] for line in key.get(JOBS).json["data"]] == [job.id]
    assert program_for(new_key("master", actor=olga)).get(JOBS).json["data"] == []
    for other in (client_for(sam), client_for(gus)):
        assert other.get(JOBS).json["data"] == []
        refused(other.post(f"{JOBS}/{job.id}/cancel"), 404, "JOB_NOT_FOUND")
        refused(other.post(f"{JOBS}/{job.id}/retry"), 404, "JOB_NOT_FOUND")
    for admin in (client_for(mo), program_for(new_key("master", actor=mo))):
        assert [line["id"] for line in admin.get(JOBS).json["data"]] == [job.id]
    refused(program_for(None).get(JOBS), 401, "UNAUTHORIZED")
    refused(program_for("pd_m_wrong").get(JOBS), 401, "UNAUTHORIZED")


def key_client(key) -> str:
    return str(api_keys.actor_of(key.key).client_id)


def test_a_program_cancels_and_tries_again_with_the_right_to_change_pictures(program_for, client_for, olga: Actor, run_jobs) -> None:
    image = make_draft(olga)
    job = Job.get(Job.image_id == image.id)
    reader = program_for(new_key("master", actor=olga, scopes=("images:read",)))
    writer = program_for(new_key("master", actor=olga, scopes=("images:read", "images:write")))
    Job.update(client_id=key_client(reader)).execute()
    refused(reader.post(f"{JOBS}/{job.id}/cancel"), 403, "FORBIDDEN")
    refused(reader.post(f"{JOBS}/{job.id}/retry"), 403, "FORBIDDEN")
    Job.update(client_id=key_client(writer)).execute()
    refused(writer.post(f"{JOBS}/{job.id}/retry"), 409, "CONFLICT")
    done = writer.post(f"{JOBS}/{job.id}/cancel").json
    assert (done["state"], done["canRetry"], done["canCancel"]) == ("cancelled", True, False)
    assert fresh(image).persist_status == "failed"
    refused(writer.post(f"{JOBS}/{job.id}/cancel"), 409, "CONFLICT")
    again = writer.post(f"{JOBS}/{job.id}/retry").json
    assert (again["state"], again["lane"]) == ("waiting", "now")
    run_jobs()
    assert fresh(image).persist_status == "succeeded"
    refused(writer.post(f"{JOBS}/{job.id}/retry"), 409, "CONFLICT")
    assert [line["state"] for line in writer.get(f"{JOBS}?state=done&kind=persist").json["data"]] == ["done"]
    for strange in ("nothing", "%00"):
        assert writer.post(f"{JOBS}/{strange}/cancel").status_code in (400, 404)
    refused(writer.post(f"{JOBS}/{db.new_id()}/cancel"), 404, "JOB_NOT_FOUND")


def test_pages_go_on_and_cost_the_same(client_for, olga: Actor) -> None:
    image, now = make_row(olga), db.now_ms()
    for number in range(9):
        ends = dict(status="completed", ended_at=now + number // 2, started_at=now) if number > 3 else dict(status="queued")
        Job.insert(
            id=db.new_id(), kind="analyse", queue="ai", user_id=olga.user_id, image_id=image.id, payload={}, due_at=now,
            created_at=now, **ends,
        ).execute()  # fmt: skip
    whole = client_for(olga).get(JOBS).json["data"]
    assert [line["state"] for line in whole] == ["waiting"] * 4 + ["done"] * 5
    assert [line["endedAt"] or "" for line in whole][4:] == sorted((line["endedAt"] for line in whole[4:]), reverse=True)
    for limit in (1, 2, 4, 5):
        seen, cursor = [], ""
        while True:
            answer = client_for(olga).get(f"{JOBS}?limit={limit}{cursor}").json
            seen += answer["data"]
            if answer["nextCursor"] is None:
                break
            cursor = f"&cursor={answer['nextCursor']}"
        assert [line["id"] for line in seen] == [line["id"] for line in whole], limit
    client = client_for(olga)
    with count_queries() as few:
        client.get(f"{JOBS}?limit=1")
    with count_queries() as many:
        client.get(JOBS)
    assert len(many) <= len(few) + 1  # a page that is not full looks at what ended as well
    for wrong, field in (("cursor=x", "cursor"), ("state=x", "state"), ("kind=x", "kind"), ("limit=x", "limit")):
        assert field in refused(client.get(f"{JOBS}?{wrong}"), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("whose", ["user", "client"])
def test_the_jobs_of_one_are_found_by_an_index(olga: Actor, whose: str) -> None:
    actor = olga if whose == "user" else replace(olga, client_id="c", client_kind="master")
    with count_queries() as statements:
        work.list_page(actor, limit=5)
    for sql in statements:
        plan = " ".join(row[3] for row in db.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", [0] * sql.count("?")).fetchall())
        assert f"job_of_{whose}" in plan and "SCAN" not in plan and "B-TREE" not in plan, plan


def test_what_a_job_cost_is_told(client_for, olga: Actor) -> None:
    with db.writing():
        looked = queue.enqueue(queue.ANALYSE, user_id=olga.user_id)
        varied = queue.enqueue(queue.VARY, user_id=olga.user_id, payload={"batch": "b"})
        free = queue.enqueue(queue.SWEEP, user_id=olga.user_id, payload={"names": []})
    MachineCall.insert(
        id=db.new_id(), job_id=looked, model="m", prompt_version="1", form="plain", outcome="answered", cost_micro=2100,
        created_at=db.now_ms(),
    ).execute()  # fmt: skip
    columns = dict(project_id=make_row(olga).project_id, user_id=olga.user_id, created_at=1, updated_at=1, batch="b")
    for position in range(2):
        Generation.insert(id=db.new_id(), status="completed", position=position, cost=0.04, **columns).execute()
    costs = {line["id"]: line["cost"] for line in client_for(olga).get(JOBS).json["data"]}
    assert (costs[looked], costs[varied], costs[free]) == (0.0021, 0.08, None)
