"""Runs that made pictures, over the API: who reads which, and what is left of one whose picture is gone."""

from typing import Any

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Flow, Generation, Image, Job
from pindeck.services.images import generations, projects
from tests.api.gallery import good
from tests.conftest import Browser, ChangeSettings, ClientFor, RunJobs
from tests.factories import make_active, make_row
from tests.programs import Program, ProgramFor, new_key, refused

RUNS = "/api/v1/generations"


def run_of(actor: Actor, image: Image | None, *inputs: str, **columns: Any) -> Generation:
    came = db.now_ms()
    while db.now_ms() == came:  # two of one millisecond have no order
        pass
    with db.writing():
        return generations.add(
            list(inputs),
            **{
                "project_id": image.project_id if image else projects.DEFAULT_ID,
                "user_id": actor.user_id,
                "status": "completed",
                "prompt": "At dawn",
                "output_image_id": image.id if image else None,
                **columns,
            },
        )


def test_a_run_outlives_its_picture(owner: Browser, program_for: ProgramFor, olga: Actor) -> None:
    parent, child = make_row(olga), make_row(olga, origin="ai")
    run = run_of(olga, child, parent.id)
    told = good(owner.get(f"{RUNS}/{run.id}"))
    assert set(told) == {
        "id", "projectId", "flowId", "status", "prompt", "inputImageIds", "outputImageId", "error", "createdAt", "updatedAt",
        "batchId", "modificationMode", "provider", "requestId", "cost",
    }  # fmt: skip
    assert (told["id"], told["status"], told["prompt"]) == (run.id, "completed", "At dawn")
    assert (told["inputImageIds"], told["outputImageId"]) == ([parent.id], child.id)
    good(owner.delete(f"/api/v1/library/images/{child.id}"))
    assert good(owner.get(f"{RUNS}/{run.id}")) == {**told, "outputImageId": None}
    good(owner.delete(f"/api/v1/library/images/{parent.id}"))
    left = good(owner.get(f"{RUNS}/{run.id}"))
    assert (left["inputImageIds"], left["outputImageId"]) == ([], None)


def test_who_reads_which_runs(
    owner: Browser, other: Browser, visitor: Program, client_for: ClientFor, program_for: ProgramFor, olga: Actor,
    sam: Actor, gus: Actor, mo: Actor,
) -> None:  # fmt: skip
    inside, outside = make_row(olga, project="Blade"), make_row(olga)
    theirs = make_row(sam, visibility="private")
    first, second, third = run_of(olga, inside), run_of(olga, outside, theirs.id), run_of(sam, theirs)
    wall = program_for(new_key(project="Blade"))
    master = program_for(new_key("master"))
    for caller, runs in (
        (owner, [second, first]), (other, [third]), (client_for(gus), []), (client_for(mo), [third, second, first]),
        (wall, [first]), (master, [third, second, first]),
        (program_for(new_key("master", actor=olga, scopes=("images:read",))), [third, second, first]),
    ):  # fmt: skip
        assert [run["id"] for run in good(caller.get(RUNS))["data"]] == [run.id for run in runs]
        for run in (first, second, third):
            answer = caller.get(f"{RUNS}/{run.id}")
            if run in runs:
                assert good(answer)["id"] == run.id
            else:
                refused(answer, 404, "GENERATION_NOT_FOUND")
    assert good(owner.get(f"{RUNS}/{second.id}"))["inputImageIds"] == []  # it is not hers to see
    assert good(master.get(f"{RUNS}/{third.id}"))["outputImageId"] is None  # private
    for path in (RUNS, f"{RUNS}/{first.id}"):
        refused(visitor.get(path), 401, "UNAUTHORIZED")
        refused(program_for("pd_m_wrong").get(path), 401, "UNAUTHORIZED")
        refused(program_for(new_key("master", scopes=("storage:read",))).get(path), 403, "FORBIDDEN")
    extension = program_for(new_key("extension", identifier="e", install_scope="user", actor=olga))
    refused(extension.get(RUNS), 403, "FORBIDDEN")


def test_runs_are_listed_page_by_page_and_by_flow(owner: Browser, olga: Actor) -> None:
    now = db.now_ms()
    flow = Flow.create(id=db.new_id(), project=projects.DEFAULT_ID, created_at=now, updated_at=now)
    made = [run_of(olga, None, flow_id=flow.id if n % 2 else None).id for n in range(5)][::-1]
    first = good(owner.get(RUNS, query_string={"limit": 3}))
    rest = good(owner.get(RUNS, query_string={"limit": 3, "cursor": first["nextCursor"]}))
    assert [run["id"] for run in first["data"] + rest["data"]] == made and rest["nextCursor"] is None
    found = good(owner.get(RUNS, query_string={"flowId": flow.id.upper()}))["data"]
    assert [run["id"] for run in found] == [made[1], made[3]]
    assert good(owner.get(RUNS, query_string={"flowId": db.new_id()}))["data"] == []
    for name, wrong in (("cursor", "x"), ("limit", "0"), ("flowId", "x")):
        assert name in refused(owner.get(RUNS, query_string={name: wrong}), 400, "VALIDATION_ERROR")
    refused(owner.get(f"{RUNS}/x"), 400, "VALIDATION_ERROR")


def test_an_order_over_the_api_is_made_and_told(
    owner: Browser, visitor: Program, client_for: ClientFor, olga: Actor, gus: Actor, run_jobs: RunJobs,
    change_settings: ChangeSettings,
) -> None:  # fmt: skip
    parent = make_active(olga)
    wish = {"imageId": parent.id.upper(), "variationCount": 2, "modificationMode": "b-roll", "variationDetail": "rain"}
    told = good(owner.get(f"{RUNS}/prompts", query_string=wish))
    assert len(told["prompts"]) == 2 and told["cost"] == 0.0
    first = owner.post(RUNS, json=wish, headers={"Idempotency-Key": "one"})
    assert first.status_code == 202
    batch = first.get_json()
    assert batch["status"] == "queued" and [run["prompt"] for run in batch["generations"]] == told["prompts"]
    assert {run["status"] for run in batch["generations"]} == {"queued"} and batch["generations"][0]["batchId"] == batch["id"]
    assert owner.post(RUNS, json=wish, headers={"Idempotency-Key": "one"}).get_json() == batch
    refused(owner.post(RUNS, json=wish), 409, "GENERATION_RUNNING")
    Generation.update(status="submitting").where(Generation.id == batch["generations"][0]["id"]).execute()
    assert good(owner.get(f"{RUNS}/{batch['generations'][0]['id']}"))["status"] == "processing"
    Generation.update(status="queued").where(Generation.status == "submitting").execute()
    run_jobs()
    made = good(owner.get(RUNS, query_string={"batchId": batch["id"]}))["data"]
    assert [run["status"] for run in made] == ["completed"] * 2 and Job.select().where(Job.kind == "vary").count() == 1
    assert all(run["requestId"] and run["cost"] == 0.0 and run["modificationMode"] == "b-roll" for run in made)
    assert good(owner.get(RUNS, query_string={"batchId": db.new_id()}))["data"] == []
    child = good(owner.get(f"/api/v1/library/images/{made[0]['outputImageId']}"))
    assert (child["parentImageId"], child["sourceType"], child["source"]) == (parent.id, "ai", "AI Generation (simulated)")
    kin = good(owner.get(f"/api/v1/library/images/{child['_id']}/lineage"))
    assert (kin["parent"]["_id"], [image["_id"] for image in kin["siblings"]], kin["children"]) == (
        parent.id, [made[1]["outputImageId"]], [],
    )  # fmt: skip
    below = good(owner.get(f"/api/v1/library/images/{parent.id}/lineage"))
    assert (below["parent"], below["siblings"], len(below["children"])) == (None, [], 2)
    refused(owner.get(f"/api/v1/library/images/{db.new_id()}/lineage"), 404, "IMAGE_NOT_FOUND")
    assert owner.post(RUNS, json={**wish, "variationCount": 0}).get_json()["status"] == "completed"
    for name, wrong in (
        ("imageId", "x"), ("variationCount", "2"), ("variationDetail", "x" * 501), ("resolution", "8K"), ("flowId", "x"),
    ):  # fmt: skip
        assert name in refused(owner.post(RUNS, json={**wish, name: wrong}), 400, "VALIDATION_ERROR")
    refused(owner.post(RUNS, json={**wish, "flowId": db.new_id()}), 404, "FLOW_NOT_FOUND")
    refused(owner.post(RUNS, json={**wish, "imageId": db.new_id()}), 404, "IMAGE_NOT_FOUND")
    for method, options in (("post", {"json": wish}), ("get", {"query_string": wish})):
        path = RUNS if method == "post" else f"{RUNS}/prompts"
        refused(getattr(visitor, method)(path, **options), 401, "UNAUTHORIZED")
        refused(getattr(client_for(gus), method)(path, **options), 403, "FORBIDDEN")
    change_settings(daily_generation_limit=2)
    refused(owner.post(RUNS, json={**wish, "variationCount": 12}), 429, "RATE_LIMIT_EXCEEDED")
    change_settings(generation_backend="off")
    refused(owner.post(RUNS, json=wish), 409, "GENERATION_OFF")
    assert good(owner.get(f"{RUNS}/prompts", query_string=wish))["cost"] is None


def test_a_project_key_orders_into_a_flow_and_the_documented_reads_find_it(
    program_for: ProgramFor, olga: Actor, run_jobs: RunJobs
) -> None:
    program = program_for(new_key(project="Blade"))
    parent, outside = make_active(olga, project="Blade"), make_active(olga)
    flow = good(program.post("/api/v1/flows"), 201)["data"]["id"]
    refused(program.post(RUNS, json={"imageId": outside.id}), 404, "IMAGE_NOT_FOUND")
    made = []
    for _ in range(2):
        batch = program.post(RUNS, json={"imageId": parent.id, "flowId": flow}).get_json()["id"]
        run_jobs()
        (run,) = good(program.get(RUNS, query_string={"batchId": batch}))["data"]
        made.append(run["outputImageId"])
    images = "/api/v1/images"
    for name, image_id in (("@first", made[0]), ("@last", made[1])):
        assert good(program.get(f"{images}/{name}", query_string={"flowId": flow}))["data"]["id"] == image_id
    listed = good(program.get(images, query_string={"source": "generated"}))["data"]
    assert {image["id"] for image in listed} == set(made) and {image["source"] for image in listed} == {"generated"}
    assert parent.id in {image["id"] for image in good(program.get(images, query_string={"source": "uploaded"}))["data"]}
    kept = good(program.delete(f"{images}/{parent.id}", query_string={"unused": "true"}))
    assert kept["deleted"] is False  # variations were made of it
    assert good(program.delete(f"{images}/{made[0]}", query_string={"unused": "true"}))["deleted"] is True
    assert [run["outputImageId"] for run in good(program.get(RUNS, query_string={"flowId": flow}))["data"]] == [made[1], None]
    refused(program_for(new_key(project="Blade", scopes=("images:read", "images:write"))).post(RUNS, json={"imageId": parent.id}),
            403, "FORBIDDEN")  # fmt: skip


def test_an_extension_orders_for_its_user_and_finds_its_picture_by_character(
    program_for: ProgramFor, olga: Actor, sam: Actor, run_jobs: RunJobs
) -> None:
    mine, theirs = make_active(olga), make_active(sam)
    extension = program_for(new_key("extension", identifier="x", install_scope="user", actor=olga))
    refused(extension.post(RUNS, json={"imageId": theirs.id}), 404, "IMAGE_NOT_FOUND")
    refused(extension.post(RUNS, json={"imageId": mine.id, "userId": sam.user_id}), 403, "USER_SCOPE_VIOLATION")
    order = {"imageId": mine.id, "characterId": " c1 ", "chatId": "h1"}
    assert extension.post(RUNS, json=order).status_code == 202
    run_jobs()
    listed = "/api/v1/extension/images"
    (found,) = good(extension.get(listed, query_string={"onlyOwned": "true", "characterId": "c1"}))["data"]
    child = Image.get(Image.id == found["id"])
    assert (child.parent_id, child.user_id, child.visibility, child.subject_chat) == (mine.id, olga.user_id, "private", "h1")
    assert good(extension.get(listed, query_string={"onlyOwned": "true", "characterId": "c2"}))["data"] == []
    assert "characterId" in refused(extension.post(RUNS, json={**order, "characterId": "x" * 129}), 400, "VALIDATION_ERROR")
    reader = program_for(new_key("extension", identifier="r", install_scope="user", actor=olga, scopes=("images:read",)))
    refused(reader.post(RUNS, json=order), 403, "PERMISSION_DENIED")
    operator = program_for(new_key("extension", identifier="o", install_scope="operator"))
    refused(operator.post(RUNS, json=order), 400, "USER_ID_REQUIRED")
    assert operator.post(RUNS, json={**order, "userId": olga.user_id}).status_code == 202
    run_jobs()
    assert Image.select().where(Image.parent_id == mine.id).count() == 2
