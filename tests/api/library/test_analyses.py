"""Describing many pictures again, and deciding about suggestions of many, over the API."""

import pytest

from pindeck.access import Actor
from pindeck.models import AnalysisRound, Image, Job, MachineCall, Proposal
from pindeck.services.images import analysis, ledger, round_log
from pindeck.states import AiStatus, CallOutcome
from pindeck.vision.base import Analysis
from tests.api.gallery import good
from tests.conftest import Browser, ChangeSettings, ClientFor, count_queries
from tests.factories import fresh, jobs_of, make_row
from tests.programs import ProgramFor, new_key, refused
from tests.services.images.test_proposals import describe

HERE = "/api/v1/library/analyses"
SUGGESTED = "/api/v1/library/proposals"


@pytest.fixture
def rainy(olga: Actor, change_settings: ChangeSettings) -> list[Image]:
    change_settings(vision_base_url="http://127.0.0.1:9/v1", vision_model="eye", daily_analysis_limit=2)
    call = {"model": "eye", "prompt_version": "2", "form": "plain", "outcome": CallOutcome.ANSWERED, "created_at": 1}
    for number, cost in enumerate((100, 300)):
        MachineCall.create(id=str(number), cost_micro=cost, **call)
    return [make_row(olga, tags=["rain"], ai_status=AiStatus.COMPLETED) for _ in range(3)]


def test_a_plan_a_round_and_its_stop(owner: Browser, rainy: list[Image]) -> None:
    wanted = {"query": "tag=rain", "lacking": "genre"}
    assert good(owner.post(f"{HERE}/plan", json=wanted)) == {
        "count": 3, "isMore": False, "model": "eye", "priceMicro": 200, "costMicro": 600, "leftToday": 2,
        "leftThisMonth": None, "later": 1,
    }  # fmt: skip
    begun = owner.post(HERE, json=wanted)
    assert begun.status_code == 202
    told = begun.json
    assert (told["about"], told["state"], told["count"], told["leftCount"]) == ("#rain, without genre", "running", 3, 3)
    refused(owner.post(HERE, json={"all": True}), 409, "CONFLICT")
    assert good(owner.get(f"{HERE}/{told['id']}")) == told
    assert good(owner.get(HERE))["data"] == [told]
    stopped = good(owner.post(f"{HERE}/{told['id']}/stop"))
    assert (stopped["state"], stopped["stoppedCount"], stopped["leftCount"], stopped["error"]) == ("stopped", 3, 0, "It was stopped.")
    refused(owner.post(f"{HERE}/{told['id']}/stop"), 409, "CONFLICT")
    assert {fresh(image).ai_status for image in rainy} == {AiStatus.COMPLETED}


def test_a_round_is_taken_back_as_one_action(owner: Browser, rainy: list[Image], other: Browser, olga: Actor) -> None:
    kept, changed, asked = rainy
    told = owner.post(HERE, json={"ids": [image.id for image in rainy]}).json
    undo = f"/api/v1/actions/{told['id']}/undo"
    assert good(owner.get(undo.removesuffix("/undo")))["status"] == "running"
    refused(owner.post(undo), 409, "ACTION_RUNNING")
    for image in rainy:
        found = Analysis("openai", model="eye", prompt_version="1", title=f"Seen {image.id[-3:]}", tags=["fog"], genre="Drama")
        analysis.apply(fresh(image), found, round_id=told["id"])
    Job.update(status="completed").execute()
    round_log.settle(told["id"])
    assert fresh(kept).genre == "Drama" and fresh(asked).title.startswith("Seen")
    good(owner.patch(f"/api/v1/library/images/{changed.id}", json={"genre": "Comedy"}))
    refused(other.post(undo), 404, "ACTION_NOT_FOUND")
    taken = good(owner.post(undo))
    assert [(each["image"], each["field"], each["by"], each["before"], each["now"]) for each in taken["left"]] == [(changed.id, "genre", "Olga", None, "Comedy")]
    assert [(fresh(each).genre, fresh(each).title) for each in (kept, asked)] == [(None, each.title) for each in (kept, asked)]
    assert (fresh(changed).genre, fresh(changed).title) == ("Comedy", changed.title)
    assert ledger.values_of_many(rainy, ["tags"]) == {image.id: {"tags": ["rain"]} for image in rainy}
    assert not Proposal.select().where(Proposal.state == "proposed").exists()
    refused(owner.post(undo), 409, "CHANGED_SINCE")  # what is left stays, however often it is asked for


def test_what_is_wrong_is_named_and_leaves_nothing(
    owner: Browser, rainy: list[Image], client_for: ClientFor, sam: Actor, gus: Actor, olga: Actor, program_for: ProgramFor,
    change_settings: ChangeSettings,
) -> None:  # fmt: skip
    for body in ({}, {"ids": []}, {"ids": ["x"] * 501}, {"ids": [rainy[0].id], "all": True}, {"all": False}, {"query": "hue=1"},
                 {"lacking": "likes"}, {"all": True, "dry": True}, {"query": 7}):  # fmt: skip
        for path in (HERE, f"{HERE}/plan"):
            refused(owner.post(path, json=body), 400, "VALIDATION_ERROR")
    mine = {"ids": [rainy[0].id]}
    refused(owner.post(HERE, json={"ids": ["missing"]}), 404, "IMAGE_NOT_FOUND")
    refused(client_for(sam).post(HERE, json=mine), 403, "FORBIDDEN")
    refused(client_for(gus).post(HERE, json=mine), 403, "FORBIDDEN")
    refused(client_for(None).post(HERE, json=mine), 401, "UNAUTHORIZED")
    reader, unbound = new_key("master", actor=olga, scopes=["images:read"]), new_key("master")
    refused(program_for(reader).post(HERE, json=mine), 403, "FORBIDDEN")
    refused(program_for(unbound).post(HERE, json=mine), 403, "FORBIDDEN")
    refused(owner.get(f"{HERE}/{rainy[0].id}"), 404, "ROUND_NOT_FOUND")
    refused(owner.get(f"{HERE}/1"), 400, "VALIDATION_ERROR")
    change_settings(vision_base_url="")
    refused(owner.post(HERE, json=mine), 409, "VISION_OFF")
    assert not AnalysisRound.select().exists() and not jobs_of("analyse")


def test_a_key_describes_what_lies_inside_its_project(
    program_for: ProgramFor, owner: Browser, rainy: list[Image], olga: Actor
) -> None:
    inside = make_row(olga, project="Blade", ai_status=AiStatus.COMPLETED)
    program = program_for(new_key("project", project="Blade", actor=olga))
    begun = program.post(HERE, json={"all": True}).json
    assert begun["count"] == 1 and [job.image_id for job in jobs_of("analyse")] == [inside.id]
    refused(program.post(HERE, json={"ids": [rainy[0].id]}), 404, "IMAGE_NOT_FOUND")
    whole = owner.post(HERE, json={"all": True}).json
    assert [each["id"] for each in program.get(HERE).json["data"]] == [begun["id"]], "A key of a project sees its own rounds."
    refused(program.post(f"{HERE}/{whole['id']}/stop"), 404, "ROUND_NOT_FOUND")


def test_suggestions_of_many_are_counted_and_decided(owner: Browser, olga: Actor, sam: Actor, client_for: ClientFor) -> None:
    images = []
    for number in range(3):
        images.append(make_row(olga, tags=["rain"] if number else []))
        for name in ("title", "project"):
            ledger.edit(olga, images[-1].id, name, "Typed")
        describe(images[-1], title=f"Seen {number}", project="Blade")
    with count_queries() as seen:
        counted = good(owner.post(f"{SUGGESTED}/count", json={"query": "tag=rain"}))
    assert counted == {"data": [{"field": "title", "count": 2}, {"field": "projectName", "count": 2}]} and len(seen) < 9
    done = good(owner.post(f"{SUGGESTED}/accept", json={"query": "tag=rain", "field": "title"}))
    assert (done["count"], done["isRunning"]) == (2, False) and done["actionId"]
    assert [fresh(image).title for image in images] == ["Typed", "Seen 1", "Seen 2"]
    refusal = good(owner.post(f"{SUGGESTED}/refuse", json={"all": True, "field": "projectName"}))
    assert refusal["count"] == 3
    assert good(owner.post(f"{SUGGESTED}/refuse", json={"all": True, "field": "projectName"}))["actionId"] is None
    for body in ({"field": "title"}, {"all": True}, {"all": True, "field": "likes"}, {"ids": ["x"], "query": "a", "field": "title"}):
        refused(owner.post(f"{SUGGESTED}/accept", json=body), 400, "VALIDATION_ERROR")
    refused(owner.post(f"{SUGGESTED}/accept", json={"ids": ["missing"], "field": "title"}), 404, "IMAGE_NOT_FOUND")
    refused(client_for(None).post(f"{SUGGESTED}/accept", json={"all": True, "field": "title"}), 401, "UNAUTHORIZED")
    assert fresh(images[0]).title == "Typed"
