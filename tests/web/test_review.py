"""What is done to several drafts at once: the chosen ones, or all of them, further than one page."""

import re

import pytest

from pindeck.models import Image, Job
from pindeck.services.images import ledger
from tests.conftest import HTMX, count_queries
from tests.factories import fresh, make_draft, make_stored_draft, new_photo


def test_a_value_can_be_set_for_all_drafts_and_not_for_those_of_others(client_for, olga, sam):
    mine, theirs = [make_draft(olga) for _ in range(23)], make_draft(sam)
    answer = client_for(olga).post("/review/set", data={"all": "1", "field": "group", "value": "Film"})
    assert answer.status_code == 303
    assert {fresh(image).group for image in mine} == {"Film"}
    assert fresh(theirs).group is None


def test_tags_set_for_several_are_added_to_those_there_are(client_for, olga):
    one, other = make_draft(olga, tags="rain"), make_draft(olga, tags="fog")
    client_for(olga).post("/review/set", data={"ids": [one.id, other.id], "field": "tags", "value": "night"})
    assert [ledger.tags_of(image.id) for image in (one, other)] == [["rain", "night"], ["fog", "night"]]


def test_all_drafts_can_be_discarded_and_come_back(client_for, olga, sam):
    for _ in range(22):
        make_draft(olga)
    other = make_draft(sam)
    client = client_for(olga)
    answer = client.post("/review/discard", data={"all": "1"}, headers=HTMX)
    assert Image.select().where(Image.deleted_at.is_null()).count() == 1
    assert fresh(other).deleted_at is None
    assert client.post(re.findall(r'hx-post="(/actions/[^"]+)"', answer.text)[-1]).status_code == 303
    assert Image.select().where(Image.deleted_at.is_null()).count() == 23


def test_nothing_chosen_is_told(client_for, olga):
    make_draft(olga)
    for door in ("publish", "discard", "set"):
        answer = client_for(olga).post(f"/review/{door}", data={"field": "group", "value": "Film"})
        assert answer.status_code == 422, door


def sent_beside(text: str, name: str) -> str | None:
    """What an answer puts into the element of that id, wherever it stands."""
    found = re.search(rf'<(\w+)[^>]* id="{name}" hx-swap-oob="true">(.*?)</\1>', text, re.S)
    return found and found.group(2).strip()


@pytest.mark.parametrize("verb", ["publish", "discard"])
def test_the_numbers_follow_a_card_that_goes(client_for, olga, verb):
    images = [make_stored_draft(olga) for _ in range(3)]
    client = client_for(olga)
    answer = client.post(f"/review/{images[0].id}/{verb}", headers=HTMX)
    assert sent_beside(answer.text, "review-count") == "2 drafts, seen by nobody else"
    assert [sent_beside(answer.text, name) for name in ("review-all", "nav-drafts", "bottom-drafts")] == ["2"] * 3
    assert "data-toast" in answer.text and "<article" not in answer.text
    assert "/actions/" in answer.text and "Undo" in answer.text
    page = client.get("/review/").text
    for name in ("review-count", "review-all", "nav-drafts", "bottom-drafts"):
        assert page.count(f'id="{name}"') == 1


@pytest.mark.parametrize("verb", ["publish", "discard"])
def test_with_the_last_card_the_whole_list_goes(client_for, olga, verb):
    image = make_stored_draft(olga)
    answer = client_for(olga).post(f"/review/{image.id}/{verb}", headers=HTMX)
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#review", "outerHTML")
    assert "Nothing waits for review" in answer.text
    assert sent_beside(answer.text, "nav-drafts") == ""


@pytest.mark.parametrize("verb", ["publish", "discard"])
def test_one_is_published_or_discarded_without_scripts_too(client_for, olga, sam, verb):
    image, theirs = make_stored_draft(olga), make_stored_draft(sam)
    client = client_for(olga)
    answer = client.post(f"/review/{image.id}/{verb}", data={"next": f"/images/{image.id}"})
    assert (answer.status_code, answer.location) == (303, f"/images/{image.id}")
    assert client.post(f"/review/{theirs.id}/{verb}").status_code == 404
    assert client.post(f"/review/{image.id}/{verb}").status_code == (409 if verb == "publish" else 404)
    assert (fresh(theirs).status, fresh(theirs).deleted_at) == ("draft", None)


def test_the_numbers_follow_what_is_done_to_several(client_for, olga):
    images = [make_stored_draft(olga) for _ in range(4)]
    answer = client_for(olga).post("/review/publish", data={"ids": [images[0].id, images[1].id]}, headers=HTMX)
    assert '<span id="review-all">2</span>' in answer.text
    assert sent_beside(answer.text, "nav-drafts") == sent_beside(answer.text, "bottom-drafts") == "2"


def test_what_could_not_be_stored_is_told_and_stays(client_for, olga):
    images = [make_stored_draft(olga) for _ in range(5)]
    for image in images[:2]:
        Image.update(persist_status="failed").where(Image.id == image.id).execute()
    client = client_for(olga)
    answer = client.post("/review/publish", data={"all": "1"}, headers=HTMX)
    assert "3 published, 2 could not be stored and stay here." in answer.text
    assert answer.text.count("<article") == 2
    Image.update(persist_status="pending").where(Image.id == images[0].id).execute()
    answer = client.post("/review/publish", data={"all": "1"}, headers=HTMX)
    assert "None published, 1 is still being stored, 1 could not be stored and stays here." in answer.text
    assert "See them" not in answer.text
    Image.update(persist_status="succeeded").where(Image.id == images[0].id).execute()
    answer = client.post("/review/publish", data={"all": "1"}, headers=HTMX)
    assert "1 published, 1 could not be stored and stays here." in answer.text
    assert '<a class="btn" href="/">See them</a>' in answer.text


def test_a_draft_is_published_when_it_is_stored(client_for, olga):
    image = make_draft(olga)
    client = client_for(olga)
    answer = client.post(f"/review/{image.id}/publish", headers=HTMX)
    assert answer.status_code == 409 and "still being stored" in answer.text
    assert fresh(image).status == "draft"


def test_chosen_cards_come_anew_and_stay_chosen(client_for, olga, sam):
    mine, other, theirs = make_stored_draft(olga), make_stored_draft(olga), make_stored_draft(sam)
    client = client_for(olga)
    data = {"ids": [mine.id], "field": "group", "value": "Film"}
    answer = client.post("/review/set", data=data, headers=HTMX)
    assert answer.headers["HX-Reswap"] == "none"
    assert f'id="card-{mine.id}" hx-swap-oob="true"' in answer.text and other.id not in answer.text
    assert re.search(r'name="ids" value="[^"]+" form="review-form" checked', answer.text)
    assert client.post("/review/set", data={**data, "ids": [theirs.id]}, headers=HTMX).status_code == 404


def test_all_that_could_not_be_stored_is_tried_again_at_once(client_for, olga, sam, gus, app, run_jobs):
    failed = [make_draft(olga), make_draft(olga), make_draft(olga, title="Fine")]
    theirs = make_draft(sam)
    Job.delete().execute()
    run_jobs()
    lost = [failed[0].id, failed[1].id, theirs.id]
    Image.update(persist_status="failed", persist_error="No room.").where(Image.id.in_(lost)).execute()
    page = client_for(olga).get("/review/").text
    assert "2 pictures could not be stored." in page and 'action="/review/retry"' in page
    answer = client_for(olga).post("/review/retry", headers=HTMX)
    assert answer.status_code == 200 and "2 pictures are tried again." in answer.text
    assert "could not be stored" not in answer.text
    assert fresh(theirs).persist_status == "failed"
    run_jobs()
    assert [fresh(image).persist_status for image in failed[:2]] == ["succeeded", "succeeded"]
    assert client_for(olga).post("/review/retry").status_code == 303  # without scripts, and with nothing to do
    assert client_for(gus).post("/review/retry").status_code == 403
    assert app.test_client().post("/review/retry").status_code in (302, 303, 400, 403)
    assert fresh(theirs).persist_status == "failed"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_picture_that_is_there_already_can_be_kept_instead_of_the_new_one(client_for, olga, sam, headers):
    data = new_photo()
    first = make_draft(olga, data, title="The first <one>")
    draft, alone = make_draft(olga, data), make_draft(olga)
    client = client_for(olga)
    page = client.get("/review/", headers=headers).text
    assert page.count("Keep the one that is there") == 1 and "The first &lt;one&gt;</a>" in page
    door = f"/review/{draft.id}/keep-earlier"
    assert f'action="{door}"' in page
    rows = client.get(f"/uploads/progress?ids={draft.id},{alone.id}", headers=HTMX).text
    assert rows.count("Keep the one that is there") == 1 and f"/images/{first.id}" in rows
    assert client_for(sam).post(door, headers=headers).status_code == 404
    answer = client.post(door, headers=headers)
    assert answer.headers["HX-Redirect" if headers else "Location"] == f"/images/{first.id}"
    assert answer.status_code == (204 if headers else 303)
    page = client.get(f"/images/{first.id}").text
    assert "is in the trash; the picture that was there is kept." in page
    assert fresh(draft).is_trashed
    client.post(re.findall(r'action="(/actions/[^"]+/undo)"', page)[-1])
    assert not fresh(draft).is_trashed
    answer = client.post(door, data={"stay": "1"}, headers=HTMX)
    assert "HX-Redirect" not in answer.headers and "See it" in answer.text and f'href="/images/{first.id}"' in answer.text
    assert sent_beside(answer.text, "nav-drafts") == "2"
    assert client.post(door, headers=headers).status_code == 404
    assert client.post(f"/review/{alone.id}/keep-earlier", headers=headers).status_code == 409


def test_the_page_asks_as_much_for_many_as_for_one(client_for, olga):
    data, costs = new_photo(), []
    client = client_for(olga)
    for count in (2, 15):
        for _ in range(count):
            make_draft(olga, data)
        client.get("/review/")
        with count_queries() as asked:
            client.get("/review/")
        costs.append(len(asked))
    assert costs[0] == costs[1]
