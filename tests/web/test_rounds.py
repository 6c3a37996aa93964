"""The pages on which many pictures are described again, and suggestions of many are decided."""

from urllib.parse import quote

import pytest

from pindeck.access import Actor
from pindeck.models import AnalysisRound, Image, Job
from pindeck.services.images import analysis, ledger, round_log
from pindeck.states import AiStatus
from pindeck.vision.base import Analysis
from tests.conftest import HTMX, ChangeSettings, ClientFor, count_queries
from tests.factories import fresh, jobs_of, make_row
from tests.services.images.test_proposals import describe


@pytest.fixture
def on(client_for: ClientFor, change_settings: ChangeSettings) -> None:
    change_settings(vision_base_url="http://127.0.0.1:9/v1", vision_model="eye")


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_somebody_counts_begins_and_stops(on: None, client_for: ClientFor, olga: Actor, sam: Actor, headers: dict[str, str]) -> None:
    image = make_row(olga, tags=["rain"], ai_status=AiStatus.COMPLETED)
    make_row(olga, ai_status=AiStatus.COMPLETED)
    owner = client_for(olga)
    page = owner.get("/describe?query=tag%3Drain&lacking=genre").text
    assert "1 picture</b>" in " ".join(page.split()) and "the provider has named no price so far" in page
    begun = owner.post("/describe", data={"query": "tag=rain", "lacking": "genre"}, headers=headers)
    assert begun.status_code == (200 if headers else 303)
    page = begun.text if headers else owner.get("/describe").text
    assert "0 of 1 described, 1 to come." in page and "#rain, without genre" in page
    assert [job.image_id for job in jobs_of("analyse")] == [image.id]
    (row,) = AnalysisRound.select()
    assert client_for(sam).post(f"/describe/{row.id}/stop", headers=headers).status_code == 404
    assert owner.post(f"/describe/{row.id}/stop", headers=headers).status_code == (200 if headers else 303)
    assert "1 stopped" in owner.get("/describe").text
    assert owner.post(f"/describe/{row.id}/stop", headers=HTMX).status_code == 409
    with count_queries() as seen:
        owner.get("/describe")
    for _ in range(3):
        make_row(olga, ai_status=AiStatus.COMPLETED)
        owner.post("/describe", data={})
    with count_queries() as later:
        owner.get("/describe")
    assert len(seen) == len(later)


def test_who_may_not_and_what_is_wrong(on: None, client_for: ClientFor, olga: Actor, gus: Actor, change_settings: ChangeSettings) -> None:
    owner = client_for(olga)
    for path in ("/describe", "/suggestions"):
        assert client_for(gus).get(path).status_code == 403
        assert client_for(None).get(path).status_code in (302, 303, 401)
        wrong = owner.get(f"{path}?query=hue%3D1")
        assert wrong.status_code == 200 and "is not a filter" in wrong.text
    assert owner.post("/describe", data={"query": "hue=1"}, headers=HTMX).status_code == 422
    make_row(olga, title="Дождь")
    for query in ("liked=yes", "tag=", "q=tag%3Arain+is%3Anonsense"):  # none of them may mean the whole library
        assert owner.post("/describe", data={"query": query}, headers=HTMX).status_code == 422, query
    owner.post("/describe", data={"query": "q=" + quote("Дождь " * 30) + "&genre=Noir"}, headers=HTMX)
    assert not AnalysisRound.select().exists()
    told = owner.post("/describe", data={"query": "nothing"}, headers=HTMX)
    assert told.status_code == 200 and "None of these pictures" in told.text
    change_settings(vision_base_url="")
    assert "Describe it again" not in owner.get("/describe").text
    assert not AnalysisRound.select().exists()


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_all_of_a_field_are_answered_with_one_press(client_for: ClientFor, olga: Actor, headers: dict[str, str]) -> None:
    images: list[Image] = []
    for number in range(2):
        images.append(make_row(olga))
        for name in ("title", "moodboard"):
            ledger.edit(olga, images[-1].id, name, "Typed")
        describe(images[-1], title=f"Seen {number}", moodboard="Wet")
    owner = client_for(olga)
    page = owner.get("/suggestions").text
    assert "Accept all 2" in page and "Seen 1" in page
    answer = owner.post("/suggestions/accept", data={"field": "title"}, headers=headers)
    assert answer.status_code == (200 if headers else 303)
    assert [fresh(image).title for image in images] == ["Seen 0", "Seen 1"]
    if headers:
        assert "2 suggestions are accepted." in answer.text and "Undo" in answer.text
    owner.post("/suggestions/refuse", data={"field": "moodboard"}, headers=headers)
    assert "No suggestions are waiting" in owner.get("/suggestions").text
    assert owner.post("/suggestions/accept", data={"field": "likes"}, headers=HTMX).status_code == 422


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_chosen_pictures_are_described_after_a_dry_run(
    on: None, client_for: ClientFor, olga: Actor, sam: Actor, gus: Actor, change_settings: ChangeSettings, headers: dict[str, str]
) -> None:
    mine = [make_row(olga, status="draft", ai_status=AiStatus.COMPLETED) for _ in range(2)]
    others = [make_row(olga, status="pending"), make_row(sam), make_row(sam, visibility="private")]
    ids, owner = [image.id for image in (*mine, *others)], client_for(olga)
    for path in ("/review/describe", "/describe/chosen"):
        page = owner.post(path, data={"ids": ids}, headers=headers)
        told = " ".join(page.text.split())
        assert page.status_code == 200 and "<b>2 pictures</b>, described by eye." in told
        assert "3 of the chosen are left out" in told and ("<html" in page.text) == (not headers)
        assert owner.post(path, data={}, headers=headers).status_code == 422
        assert client_for(gus).post(path, data={"ids": ids}, headers=headers).status_code == 403
        too_many = owner.post(path, data={"ids": [str(number) for number in range(5001)]}, headers=headers)
        assert too_many.status_code == 422 and "at most 5,000 pictures" in too_many.text
    all_here = owner.post("/review/describe?state=draft", data={"all": "1"}, headers=headers).text
    assert "<b>2 pictures</b>" in " ".join(all_here.split())
    all_of_them = " ".join(owner.post("/describe/chosen", data={"all": "1", "query": "tag=rain"}, headers=headers).text.split())
    assert "<b>0 pictures</b>" in all_of_them and "Describe them again" not in all_of_them
    assert not jobs_of("analyse") and not AnalysisRound.select().exists()
    begun = owner.post("/describe", data={"ids": " ".join(ids), "next": "/review/"}, headers=headers)
    assert {job.image_id for job in jobs_of("analyse")} == {image.id for image in mine}
    told = begun.text if headers else owner.get("/describe").text
    assert "2 pictures are described again." in told and ("See how far it is" in told) == bool(headers)
    change_settings(vision_base_url="")
    assert "Describe them again" not in owner.post("/describe/chosen", data={"ids": ids}, headers=headers).text


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_suggestions_of_chosen_pictures_are_answered_beside(client_for: ClientFor, olga: Actor, headers: dict[str, str]) -> None:
    images = [make_row(olga) for _ in range(3)]
    for number, image in enumerate(images):
        ledger.edit(olga, image.id, "title", "Typed")
        describe(image, title=f"Seen {number}")
    owner, ids = client_for(olga), " ".join(image.id for image in images[:2])
    assert "Accept all 2" in owner.post("/describe/chosen", data={"ids": ids}, headers=headers).text
    form = {"ids": ids, "field": "title", "next": "/review/?state=draft", "sheet": "1"}
    answer = owner.post("/suggestions/accept", data=form, headers=headers)
    assert answer.status_code == (200 if headers else 303)
    assert [fresh(image).title for image in images] == ["Seen 0", "Seen 1", "Typed"]
    if headers:
        assert "No suggestions are waiting" in answer.text and "2 suggestions are accepted." in answer.text and "hx-get" not in answer.text
    else:
        assert answer.headers["Location"] == "/review/?state=draft"


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_round_is_taken_back_on_its_page(on: None, client_for: ClientFor, olga: Actor, sam: Actor, headers: dict[str, str]) -> None:
    image = make_row(olga, title="x", ai_status=AiStatus.COMPLETED)
    owner = client_for(olga)
    owner.post("/describe", data={"ids": image.id})
    (row,) = AnalysisRound.select()
    undo = f"/actions/{row.id}/undo"
    assert undo not in owner.get("/describe").text and owner.post(undo, headers=HTMX).status_code == 409
    analysis.apply(fresh(image), Analysis("openai", model="eye", prompt_version="1", title="Seen"), round_id=row.id)
    Job.update(status="completed").execute()
    assert "data-every" in owner.get("/describe", headers=HTMX).text  # until the worker has closed the action
    round_log.settle(row.id)
    assert "data-every" not in owner.get("/describe", headers=HTMX).text
    assert undo in owner.get("/describe").text and undo in owner.get("/history").text
    assert client_for(sam).post(undo, headers=headers).status_code == 404
    assert owner.post(undo, data={"next": "/describe"}, headers=headers).status_code == (200 if headers else 303)
    assert fresh(image).title == "x" and "Taken back." in owner.get("/describe").text
    assert owner.post(undo, headers=HTMX).status_code == 409
