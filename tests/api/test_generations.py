"""Runs that made pictures, over the API: who reads which, and what is left of one whose picture is gone."""

from typing import Any

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Flow, Generation, Image
from pindeck.services.images import generations, projects
from tests.api.conftest import Program, ProgramFor, new_key, refused
from tests.api.gallery import good
from tests.conftest import Browser, ClientFor
from tests.factories import make_row

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
