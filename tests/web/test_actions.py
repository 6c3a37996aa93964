"""What was done, as a page, and its one address to take it back: with scripts and without, for each kind of person."""

import re

import pytest

from pindeck.models import Image
from pindeck.services.actions import log, shown
from pindeck.services.images import ledger, trash, undoing
from tests.conftest import HTMX
from tests.factories import fresh, make_row, make_stored_draft


def undo_of(text: str) -> str:
    """The address of the first undo that a page offers."""
    found = re.search(r'action="(/actions/[0-9a-f-]{36}/undo)"', text)
    assert found, text
    return found.group(1)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_the_page_lists_what_was_done_and_takes_it_back(client_for, olga, headers):
    image = make_row(olga, title="Rain <b>")
    ledger.edit(olga, image.id, "genre", "Noir")
    client = client_for(olga)
    page = client.get("/history", headers=headers)
    assert "Edited Genre" in page.text and "Rain &lt;b&gt;" in page.text and f"/images/{image.id}" in page.text
    assert ("<html" in page.text) == (not headers)
    answer = client.post(undo_of(page.text), data={"next": "/history"}, headers=headers)
    if headers:
        assert "Taken back: edited Genre." in answer.text and answer.headers["HX-Trigger"] == "pindeck:changed"
    else:
        assert (answer.status_code, answer.headers["Location"]) == (303, "/history")
    assert fresh(image).genre is None
    again = client.get("/history", headers=headers).text
    assert "taken back" in again and f'action="/actions/{shown.list_actions(olga)[0][0].id}/undo"' not in again
    redone = client.post(re.search(r'action="(/actions/[0-9a-f-]{36}/redo)"', again)[1], headers=headers)
    assert fresh(image).genre == "Noir" and ("Done again: edited Genre." in redone.text or not headers)
    assert client.post("/actions/last/undo", headers=headers).status_code in (200, 303) and fresh(image).genre is None
    assert client.post("/actions/last/redo", headers=headers).status_code in (200, 303) and fresh(image).genre == "Noir"
    assert client.post("/actions/last/redo", headers=headers).status_code == 404


def test_who_may_open_it(client_for, olga, sam, mo, gus):
    image = make_row(olga)
    action = ledger.edit(olga, image.id, "genre", "Noir").action_id
    for actor, page, door in ((None, 302, 303), (gus, 403, 403), (sam, 200, 404)):
        client = client_for(actor)
        assert client.get("/history").status_code in (page, 303)
        assert client.post(f"/actions/{action}/undo").status_code == door
    assert fresh(image).genre == "Noir"
    assert client_for(mo).post(f"/actions/{action}/undo").status_code == 303
    assert client_for(olga).post(f"/actions/{action}/undo").status_code == 409
    for strange in ("nothing", "%00", "x" * 3000):
        assert client_for(olga).post(f"/actions/{strange}/undo").status_code == 404


def test_the_last_one_is_taken_back_and_then_the_one_before(client_for, olga, sam):
    image = make_row(olga, title="Rain")
    ledger.edit(olga, image.id, "title", "Snow")
    trash.trash(olga, image.id)
    ledger.edit(sam, make_row(sam).id, "title", "Ice")
    client = client_for(olga)
    for state in ((None, "Snow"), (None, "Rain")):
        assert "Taken back" in client.post("/actions/last/undo", headers=HTMX).text
        assert (fresh(image).deleted_at, fresh(image).title) == state
    answer = client.post("/actions/last/undo", headers=HTMX)
    assert answer.status_code == 404 and "There is nothing to take back." in answer.text


def test_a_last_one_that_cannot_be_taken_back_is_named_once_and_then_the_one_before_it_is(client_for, olga, sam):
    image, other = make_row(olga, title="Rain"), make_row(olga, genre="Noir")
    ledger.edit(olga, other.id, "genre", "Drama")
    action = ledger.edit(olga, image.id, "title", "Snow").action_id
    theirs = ledger.edit(sam, image.id, "title", "Ice").action_id
    client = client_for(olga)
    answer = client.post("/actions/last/undo", headers=HTMX)
    assert answer.status_code == 409 and answer.headers["HX-Retarget"] == "#toasts"
    assert "“Edited Title” cannot be taken back. The picture has been changed since by Sam." in answer.text
    assert 'href="/history"' in answer.text
    assert "Taken back: edited Genre." in client.post("/actions/last/undo", headers=HTMX).text
    assert (fresh(image).title, fresh(other).genre) == ("Ice", "Noir")
    assert client.post("/actions/last/undo").status_code == 404
    undoing.undo(sam, theirs)
    assert f"/actions/{action}/undo" in client.get("/history").text  # it was passed over, and can be taken back
    assert client.post(f"/actions/{action}/undo", headers=HTMX).status_code == 200
    ledger.edit(olga, image.id, "title", "Fog")
    ledger.edit(sam, image.id, "title", "Ice")
    answer = client.post("/actions/last/undo")
    assert answer.status_code == 409 and "Undo again to take back" in answer.text


@pytest.mark.parametrize("door", ["publish", "discard"])
def test_the_toast_of_a_review_offers_it_without_scripts_too(client_for, olga, door):
    draft = make_stored_draft(olga)
    client = client_for(olga)
    page = client.post(f"/review/{draft.id}/{door}", follow_redirects=True)
    back = client.post(undo_of(page.text), data={"next": "/review/"})
    assert (back.status_code, back.headers["Location"]) == (303, "/review/")
    assert (fresh(draft).status, fresh(draft).deleted_at) == ("draft", None)
    assert shown.last(olga) is None


def test_the_list_is_read_page_by_page(client_for, olga):
    image = make_row(olga)
    for number in range(52):
        ledger.edit(olga, image.id, "title", f"Title {number}")
    first = client_for(olga).get("/history").text
    more = re.search(r'href="(/history\?after=[^"]+)"', first)
    assert first.count("Edited Title") == 50 and more
    assert client_for(olga).get(more.group(1)).text.count("Edited Title") == 2
    assert client_for(olga).get("/history?after=%00").status_code == 200


def test_each_entry_shows_the_pictures_it_is_about_and_leads_to_them(client_for, olga, sam, mo):
    rows = [make_row(olga, title=f"Still <{number}>") for number in range(6)]
    ledger.set_many(olga, [row.id for row in rows], {"genre": "Noir"})
    client = client_for(olga)
    page = client.get("/history").text
    assert "Set Genre, 6 pictures" in page and "and 2 more" in page
    assert page.count("<img src=") == 4 and 'alt="Still &lt;0&gt;"' in page
    assert all(f"/images/{row.id}" in page for row in rows[:4]) and rows[4].id not in page
    image = make_row(olga, title="Rain")
    ledger.edit(sam, image.id, "genre", "Drama")
    trash.trash(olga, image.id)
    page = client.get("/history").text
    assert f"/i/{image.id}?size=small" in page and 'href="/trash/"' in page
    for other, is_told in ((sam, False), (mo, True)):
        page = client_for(other).get("/history").text
        assert "Edited Genre" in page and (image.id in page, "Rain" in page) == (is_told, is_told)
    Image.update(persist_status="pending").where(Image.id == image.id).execute()  # nothing can be shown of it yet
    page = client.get("/history").text
    assert f"/i/{image.id}" not in page and "Rain" in page


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_what_a_job_does_is_followed_in_a_toast_to_its_end(client_for, olga, sam, headers, run_jobs, monkeypatch):
    monkeypatch.setattr(log, "PART", 3)
    drafts = [make_stored_draft(olga) for _ in range(4)]
    client = client_for(olga)
    for door, form, told in (
        ("/inspector/save", {"ids": " ".join(draft.id for draft in drafts), "genre": "Noir"}, "Set Genre"),
        ("/review/publish", {"all": "1"}, "Published"),
    ):
        answer = client.post(door, data=form, headers=headers)
        text = answer.text if headers else client.get(answer.headers["Location"]).text
        assert f"{told}: 0 of 4 pictures so far." in text
        follow = re.search(r'hx-get="(/actions/[0-9a-f-]{36})"', text).group(1)
        assert "0 of 4 pictures so far." in client.get(follow, headers=HTMX).text
        assert "still running" in client.get("/history").text
        assert client_for(sam).get(follow, headers=HTMX).headers.get("HX-Trigger") == "pindeck:changed"  # of no action of theirs
        run_jobs()
        end = client.get(follow, headers=HTMX)
        assert f"{told}: 4 pictures." in end.text and end.headers["HX-Trigger"] == "pindeck:changed"
        assert "hx-trigger" not in end.text
        assert ('<a class="btn" href="/">See them</a>' in end.text) == (told == "Published")
        assert client.get(follow).headers["Location"] == "/history"
    answer = client.post(undo_of(end.text), headers=headers)
    text = answer.text if headers else client.get(answer.headers["Location"]).text
    assert "Taking back: 0 of 4 pictures so far." in text
    run_jobs()
    follow = re.search(r'hx-get="(/actions/[0-9a-f-]{36})"', text).group(1)
    assert "Taken back: published." in client.get(follow, headers=HTMX).text
    assert {fresh(draft).status for draft in drafts} == {"draft"}


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_what_somebody_changed_since_is_compared_and_one_value_chosen(client_for, olga, sam, gus, headers):
    one, two = make_row(olga, title="Rain"), make_row(olga, title="Fog")
    action = str(ledger.set_many(olga, [one.id, two.id], {"title": "Snow"}))
    for image in (one, two):
        ledger.edit(sam, image.id, "title", "Ice")
    client = client_for(olga)
    refused = client.post(f"/actions/{action}/undo", headers=headers)
    assert refused.status_code == 409 and (not headers or f'href="/actions/{action}/compare"' in refused.text)
    page = client.get(f"/actions/{action}/compare", headers=headers).text
    assert page.count("<b>Ice</b>") == 2 and "by Sam" in page and "Rain" in page and "Fog" in page
    seen, ids = re.search(r'name="seen" value="(\d+)"', page)[1], re.findall(r'name="back" value="(\d+)"', page)
    for actor, status in ((sam, 404), (gus, 403)):
        other = client_for(actor)
        assert other.get(f"/actions/{action}/compare", headers=headers).status_code == status
        assert other.post(f"/actions/{action}/compare", data={"back": ids, "seen": seen}, headers=headers).status_code == status
    for data, status in (({}, 422), ({"back": "99999999", "seen": seen}, 409), ({"back": ids, "seen": "1"}, 409)):
        assert client.post(f"/actions/{action}/compare", data=data, headers=headers).status_code == status, data
    client.post(f"/actions/{action}/compare", data={"back": ids[:1], "seen": seen}, headers=headers)
    assert sorted([fresh(one).title, fresh(two).title]) in (["Fog", "Ice"], ["Ice", "Rain"])
    client.post("/actions/last/undo", headers=headers)
    assert {fresh(one).title, fresh(two).title} == {"Ice"}
    assert client.get("/actions/strange/compare", headers=headers).status_code == 404


def test_administrators_see_everybodys_acts_or_their_own(client_for, olga, mo):
    ledger.edit(olga, make_row(olga).id, "genre", "Noir")
    ledger.edit(mo, make_row(mo).id, "shot", "Wide")
    both, mine = client_for(mo).get("/history").text, client_for(mo).get("/history?who=mine").text
    assert "Edited Genre" in both and "Edited Shot" in both and "Edited Genre" not in mine and "Edited Shot" in mine
    assert "Whose acts" in mine and "Whose acts" not in client_for(olga).get("/history").text
