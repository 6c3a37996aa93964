"""What a machine suggests, over the API: read, accepted, refused; and who hears of it."""

from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.models import Action, Image, Proposal
from pindeck.services.images import analysis, ledger
from pindeck.vision.base import Analysis
from tests.api.gallery import IMAGES, good
from tests.conftest import Browser, ClientFor
from tests.factories import fresh, make_row
from tests.programs import Program, refused


@pytest.fixture
def image(olga: Actor) -> Image:
    made = make_row(olga, title="x", tags=["fog"], project="Blade")
    for name, value in (("title", "Olga's"), ("tags", "fog"), ("moodboard", "Wet")):
        ledger.edit(olga, made.id, name, value)
    ledger.edit(olga, made.id, "tags", "fog, wet")
    Image.update(ai_status="processing").where(Image.seq == made.seq).execute()
    found = Analysis("openai", model="eye-1", prompt_version="3", title="Rain", tags=["rain"], moodboard="Dry")
    analysis.apply(fresh(made), found)
    return fresh(made)


def listed(caller: Any, image: Image) -> dict[str, dict[str, Any]]:
    page = good(caller.get(f"{IMAGES}/{image.id}/proposals"))
    assert page["nextCursor"] is None
    return {each["field"]: each for each in page["data"]}


def test_they_are_listed_as_the_record_names_fields(owner: Browser, image: Image) -> None:
    found = listed(owner, image)
    assert set(found) == {"title", "tags", "moodboardName"}
    title = found["title"]
    assert {name: title[name] for name in ("value", "current", "model", "promptVersion")} == {
        "value": "Rain", "current": "Olga's", "model": "eye-1", "promptVersion": "3",
    }  # fmt: skip
    assert (found["tags"]["value"], found["tags"]["current"]) == (["rain"], ["fog", "wet"])
    assert title["at"].endswith("Z")


def test_one_some_and_all_are_answered_once(owner: Browser, image: Image) -> None:
    found, here = listed(owner, image), f"{IMAGES}/{image.id}/proposals"
    action = good(owner.post(f"{here}/{found['title']['id']}/accept"))["actionId"]
    assert Action.get_by_id(action).verb == "proposals.accept"
    assert fresh(image).title == "Rain"
    refused(owner.post(f"{here}/{found['title']['id']}/refuse"), 409, "ALREADY_DECIDED")
    both = [found["tags"]["id"], found["title"]["id"]]
    refused(owner.post(f"{here}/accept", json={"ids": both}), 409, "ALREADY_DECIDED")
    assert ledger.tags_of(image.id) == ["fog", "wet"]  # all of them, or none
    assert good(owner.post(f"{here}/accept", json={"ids": [found["tags"]["id"]]}))["actionId"]
    assert good(owner.post(f"{here}/refuse", json={"all": True}))["actionId"]
    assert good(owner.post(f"{here}/refuse", json={"all": True})) == {"actionId": None, "released": []}
    assert (ledger.tags_of(image.id), fresh(image).moodboard) == (["fog", "wet", "rain"], "Wet")
    assert {row.state for row in Proposal.select()} == {"accepted", "refused"}


@pytest.mark.parametrize("body", [{}, {"ids": []}, {"ids": ["x"], "all": True}, {"all": False}, {"every": True}, []])
def test_a_wrong_choice_changes_nothing(owner: Browser, image: Image, body: Any) -> None:
    refused(owner.post(f"{IMAGES}/{image.id}/proposals/accept", json=body), 400, "VALIDATION_ERROR")
    assert len(listed(owner, image)) == 3


def test_what_is_not_there_is_not_found(owner: Browser, image: Image, olga: Actor) -> None:
    other = make_row(olga)
    one = Proposal.select().first().id
    for address in (f"{image.id}/proposals/x/accept", f"{other.id}/proposals/{one}/refuse"):
        refused(owner.post(f"{IMAGES}/{address}"), 404, "PROPOSAL_NOT_FOUND")
    refused(owner.get(f"{IMAGES}/missing/proposals"), 404, "IMAGE_NOT_FOUND")


def test_who_may(image: Image, client_for: ClientFor, visitor: Program, gus: Actor, sam: Actor) -> None:
    here = f"{IMAGES}/{image.id}/proposals"
    assert visitor.get(here).status_code == 401
    assert client_for(gus).get(here).status_code == 403
    Image.update(visibility="private").where(Image.seq == image.seq).execute()
    refused(client_for(sam).post(f"{here}/accept", json={"all": True}), 404, "IMAGE_NOT_FOUND")
    assert Proposal.select().where(Proposal.state == "proposed").count() == 3
