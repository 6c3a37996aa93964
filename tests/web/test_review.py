"""What is decided about one picture that waits or several at once: the chosen ones, or all that the sheet shows."""

import re

import pytest

from pindeck.models import Action, Image, Job
from pindeck.services.images import ledger
from tests.conftest import HTMX, count_queries
from tests.factories import fresh, make_draft, make_row, make_stored_draft, new_photo


def test_a_value_can_be_set_for_all_that_wait_and_not_for_those_of_others(client_for, olga, sam):
    mine, theirs = [make_draft(olga) for _ in range(23)], make_draft(sam)
    client = client_for(olga)
    page = client.post("/review/edit", data={"all": "1"}).text
    ids = re.search(r'name="ids" value="([^"]+)"', page)[1]
    assert len(ids.split()) == 23 and theirs.id not in ids and "Save for all 23" in page
    answer = client.post("/inspector/save", data={"ids": ids, "group": "Film", "genre": "Noir", "title": "", "was-title": ""})
    assert answer.status_code == 303
    assert {(fresh(image).group, fresh(image).genre) for image in mine} == {("Film", "Noir")}
    assert fresh(theirs).group is None
    assert Action.select().where(Action.verb == "image.set").count() == 1
    client.post("/actions/last/undo")
    assert {(fresh(image).group, fresh(image).genre) for image in mine} == {(None, None)}
    both = f"{mine[0].id} {theirs.id}"
    assert client.post("/inspector/save", data={"ids": both, "group": "Film"}).status_code == 404
    assert fresh(mine[0]).group is None


def test_the_inspector_shows_what_they_hold_together_and_writes_what_was_changed_alone(client_for, olga, sam, gus):
    one, other = make_draft(olga, tags="rain", genre="Noir", project="Blade"), make_draft(olga, tags="rain, fog", project="Blade")
    client = client_for(olga)
    sent = {"ids": [one.id, other.id]}
    page = client.post("/inspector/", data=sent, headers=HTMX).text
    assert re.search(r'name="project" type="text" value="Blade"', page)
    assert re.search(r'name="genre" type="text" value=""[^>]*placeholder="Mixed"', page)
    held = re.sub(r"<[^>]+>|\s+", " ", page)
    assert "rain 2" in re.sub(" +", " ", held) and "fog 1" in re.sub(" +", " ", held)
    saved = {**sent, "tags": "night", "project": "Blade", "was-project": "Blade", "genre": "", "was-genre": ""}
    answer = client.post("/inspector/save", data=saved, headers=HTMX)
    assert "Tags saved." in answer.text and "/undo" in answer.text
    assert [ledger.tags_of(image.id) for image in (one, other)] == [["rain", "night"], ["rain", "fog", "night"]]
    assert fresh(one).genre == "Noir"
    wrong = client.post("/inspector/save", data={**sent, "group": "Opera", "genre": "Drama"}, headers=HTMX)
    assert wrong.status_code == 422 and "Choose one of" in wrong.text and 'value="Drama"' in wrong.text
    assert fresh(one).genre == "Noir"
    assert client.post("/inspector/", data={}).status_code == 422
    assert client.post("/inspector/", data={"ids": ["x"] * 3}).status_code == 404
    assert client.post("/inspector/", data={"ids": " ".join(["x"] * 10_001)}).status_code == 422
    assert client_for(sam).post("/inspector/", data=sent).status_code == 404  # a stranger sees no drafts
    assert client_for(sam).post("/inspector/save", data={**sent, "genre": "Drama"}).status_code == 404
    assert client_for(gus).post("/inspector/", data=sent).status_code == 403


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
    for door in ("publish", "keep", "hold", "release", "discard", "edit"):
        assert client_for(olga).post(f"/review/{door}").status_code == 422, door
    assert client_for(olga).post("/review/nothing", data={"all": "1"}).status_code == 404


def test_all_means_all_that_the_filters_show(client_for, olga, sam, mo):
    draft, came = make_stored_draft(olga), make_row(olga, status="pending", origin="discord")
    old, theirs = make_row(olga, status="draft", created_at=5), make_row(sam, status="pending", origin="pinterest")
    client = client_for(olga)
    answer = client.get("/review/?state=import")
    assert answer.headers["Cache-Control"] == "no-store"
    page = answer.text
    assert f"t-{came.id}" in page and f"t-{draft.id}" not in page and 'action="/review/publish?state=import"' in page
    assert client.get("/review/?from=discord&age=day").text.count('class="tile waits') == 1
    assert client.get("/review/?from=nothing&state=never&age=x&batch=%00").status_code == 200
    client.post("/review/hold?age=older", data={"all": "1"})
    assert [fresh(image).held_at is not None for image in (draft, came, old)] == [False, False, True]
    assert f"t-{old.id}" not in client.get("/review/").text and f"t-{old.id}" in client.get("/review/?state=held").text
    client.post("/review/release?state=held", data={"all": "1"})
    assert fresh(old).held_at is None
    admin = client_for(mo)
    rail = admin.get("/review/").text
    assert "Pinterest</a>" in rail and "Olga</a>" in rail and "Sam</a>" in rail
    assert "Pinterest</a>" not in client.get("/review/").text
    admin.post(f"/review/keep?by={sam.user_id}", data={"all": "1"})
    assert (fresh(theirs).status, fresh(came).status) == ("draft", "pending")
    assert client.post("/review/publish?from=ai", data={"all": "1"}, headers=HTMX).status_code == 200


def test_all_means_no_picture_that_came_after_the_page_was_read(client_for, olga):
    seen = [make_stored_draft(olga) for _ in range(2)]
    client = client_for(olga)
    read = client.get("/review/").text
    until = re.findall(r'name="until" value="(\d+)"', read)
    unseen = make_stored_draft(olga)
    sent = {"all": "1", "until": until}
    assert client.post("/review/publish", data={"all": "1", "until": "x"}).status_code == 422
    answer = client.post("/review/publish", data=sent, headers=HTMX).text
    assert "2 pictures are in the library. 1 has come since and waits here." in answer and f"t-{unseen.id}" in answer
    assert [fresh(image).status for image in (*seen, unseen)] == ["active", "active", "draft"]
    for act in ("keep", "discard", "hold", "publish"):
        client.post(f"/review/{act}", data=sent)
    left = fresh(unseen)
    assert (left.status, left.deleted_at, left.held_at) == ("draft", None, None)
    assert client.post("/review/edit", data=sent).status_code == 422


def test_a_sheet_is_read_again_as_long_as_it_was_and_what_is_only_not_shown_stays_chosen(client_for, olga):
    rows = [make_row(olga, status="draft") for _ in range(70)]
    came = make_row(olga, status="pending", origin="discord")
    client = client_for(olga)
    for many, shown in (("", 60), ("?many=65", 65), ("?many=5", 60), ("?many=x", 60), ("?many=9999", 71), ("?many=-1", 60)):
        assert client.get(f"/review/{many}").text.count('class="tile waits') == shown, many
    ids = [came.id, rows[0].id, rows[1].id]
    answer = client.post("/review/keep?state=import", data={"ids": ids}, headers=HTMX)
    assert answer.headers["HX-Retarget"] == "#results"  # nothing is left of the imports
    other = make_row(olga, status="pending", origin="discord")
    make_row(olga, status="pending", origin="discord")
    answer = client.post("/review/keep?state=import", data={"ids": [other.id, rows[0].id]}, headers=HTMX).text
    assert f'data-gone="{other.id}"' in answer and f'<div id="t-{rows[0].id}" hx-swap-oob="delete">' in answer


def test_what_is_kept_although_its_bytes_did_not_come_is_asked_for_again(client_for, olga):
    lost = [make_row(olga, status="pending", origin="discord", persist_status="failed", ai_status="failed") for _ in range(3)]
    client = client_for(olga)
    client.post(f"/review/{lost[0].id}/keep")
    client.post("/review/keep", data={"ids": [image.id for image in lost[1:]]})
    assert {(fresh(image).status, fresh(image).persist_status) for image in lost} == {("draft", "pending")}
    assert Job.select().where(Job.kind == "persist").count() == 3


def test_what_a_decision_takes_from_the_sheet_is_told_and_the_rest_comes_anew(client_for, olga, sam):
    came, other, draft = make_row(olga, status="pending", origin="discord"), make_row(olga, status="pending"), make_row(olga, status="draft")
    client = client_for(olga)
    kept = client.post("/review/keep", data={"ids": [came.id, other.id]}, headers=HTMX).text
    assert f'<div id="t-{other.id}" hx-swap-oob="delete">' in kept and f'data-gone="{other.id}"' in kept
    assert f'id="t-{came.id}"' in kept and "1 picture is in the library, 1 is drafts" not in kept
    assert "1 picture is in the library, 1 is a draft now." in kept
    gone = client.post("/review/keep?state=import", data={"ids": [draft.id]}, headers=HTMX).text
    assert "These are drafts already." in gone
    answer = client.post("/review/discard", data={"ids": [came.id], "reason": "Blurred"}, headers=HTMX)
    assert "is in the trash." in answer.text and "— Blurred" in client.get("/history").text
    assert client.post("/review/discard", data={"ids": [draft.id], "reason": "x" * 300}, headers=HTMX).status_code == 422
    assert client_for(sam).post("/review/hold", data={"ids": [draft.id]}, headers=HTMX).status_code == 200
    assert fresh(draft).held_at is None  # of a stranger nothing is held
    for act, told in (("hold", "is held"), ("release", "waits again"), ("hold", "is held")):
        assert told in client.post(f"/review/{draft.id}/{act}", headers=HTMX).text
        assert client_for(sam).post(f"/review/{draft.id}/{act}", headers=HTMX).status_code == 404
    assert client.post(f"/review/{draft.id}/keep", headers=HTMX).status_code == 409


def sent_beside(text: str, name: str) -> str | None:
    """What an answer puts into the element of that id, wherever it stands."""
    found = re.search(rf'<(\w+)[^>]* id="{name}" hx-swap-oob="true">(.*?)</\1>', text, re.S)
    return found and found.group(2).strip()


@pytest.mark.parametrize("verb", ["publish", "discard"])
def test_the_numbers_follow_a_picture_that_goes(client_for, olga, verb):
    images = [make_stored_draft(olga) for _ in range(3)]
    client = client_for(olga)
    answer = client.post(f"/review/{images[0].id}/{verb}", headers=HTMX)
    assert sent_beside(answer.text, "review-count") == "2 pictures wait"
    assert [sent_beside(answer.text, name) for name in ("review-all", "nav-drafts", "bottom-drafts")] == ["2"] * 3
    assert "data-toast" in answer.text and 'class="tile' not in answer.text
    assert "/actions/" in answer.text and "Undo" in answer.text
    page = client.get("/review/").text
    for name in ("review-count", "review-all", "nav-drafts", "bottom-drafts"):
        assert page.count(f'id="{name}"') == 1


@pytest.mark.parametrize("verb", ["publish", "discard"])
def test_with_the_last_one_the_whole_sheet_goes(client_for, olga, verb):
    image = make_stored_draft(olga)
    answer = client_for(olga).post(f"/review/{image.id}/{verb}", headers=HTMX)
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#results", "outerHTML")
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
    assert sent_beside(answer.text, "review-all") == "2"
    assert sent_beside(answer.text, "nav-drafts") == sent_beside(answer.text, "bottom-drafts") == "2"


def test_what_could_not_be_stored_is_told_and_stays(client_for, olga):
    images = [make_stored_draft(olga) for _ in range(5)]
    for image in images[:2]:
        Image.update(persist_status="failed").where(Image.id == image.id).execute()
    client = client_for(olga)
    answer = client.post("/review/publish", data={"all": "1"}, headers=HTMX)
    assert "3 published, 2 could not be stored and stay here." in answer.text
    assert answer.text.count('class="tile waits') == 2
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
    assert page.count("Here already") == 1
    door = f"/review/{draft.id}/keep-earlier"
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


def test_the_sheet_shows_copies_only(client_for, olga, sam):
    there = make_row(olga, title="Here already", phash=7)
    near = make_row(olga, status="pending", title="Looks alike", phash=3)
    make_row(olga, status="draft", title="Nothing like it", phash=-1)
    pair = [make_row(olga, status="draft", title=f"Pair {number}", phash=-(1 << 40)) for number in range(2)]
    make_row(sam, status="draft", title="Of somebody else", phash=7)
    client = client_for(olga)
    page = client.get("/review/").text
    assert 'href="/review/?copies=1"' in page and "Nothing like it" in page
    page = client.get("/review/?copies=1").text
    assert [title in page for title in ("Looks alike", "Pair 0", "Pair 1", "Nothing like it", "Of somebody else")] == [True, True, True, False, False]
    assert "3 pictures wait" in page and 'aria-current="true">Copies only</a><span class="count">3</span>' in page
    assert "Pair 0" not in client.get("/review/?copies=1&state=import").text
    with count_queries() as few:
        client.get("/review/?copies=1", headers=HTMX)
    for _ in range(5):
        make_row(olga, status="draft")
    with count_queries() as more:
        client.get("/review/?copies=1", headers=HTMX)
    assert len(few) == len(more)
    gone = client.post("/review/discard?copies=1", data={"all": "1"}, headers=HTMX).text
    assert "3 pictures are in the trash." in gone and "Nothing waits here" in gone
    assert not fresh(there).is_trashed and {fresh(image).is_trashed for image in (near, *pair)} == {True}
    assert client.get("/review/?copies=nonsense").status_code == 200
