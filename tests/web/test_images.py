"""Every change through its door: as a page and as a fragment, for each kind of person, twice, and with bad input."""

import re
from pathlib import Path

import pytest

from pindeck.access import Actor
from pindeck.imaging import extensions
from pindeck.models import FieldEvent, Image
from pindeck.services.images import ledger, trash
from tests.conftest import HTMX, ClientFor, count_queries
from tests.factories import fresh, make_active, make_draft, make_row, make_stored_draft, photo


@pytest.fixture
def image(olga, run_jobs):
    image = make_active(olga, title="Pier")
    run_jobs()
    return fresh(image)


# who may: (visitor, guest, stranger, owner, administrator) → status without htmx
DOORS = {
    "like": (303, 403, 303, 303, 303),
    "fields/title": (303, 403, 303, 303, 303),
    "trash": (303, 403, 403, 303, 303),
    "retry": (303, 403, 403, 409, 409),
    "describe": (303, 403, 403, 303, 303),
    "proposals/accept": (303, 403, 303, 303, 303),
    "proposals/refuse": (303, 403, 303, 303, 303),
    "proposals/missing/accept": (303, 403, 404, 404, 404),
    "runs/missing/undo": (303, 403, 404, 404, 404),
}


@pytest.mark.parametrize("door", DOORS)
def test_who_may_open_which_door(door, client_for, image, gus, sam, olga, mo):
    for actor, expected in zip((None, gus, sam, olga), DOORS[door], strict=False):
        before = FieldEvent.select().count(), fresh(image).likes, fresh(image).deleted_at
        answer = client_for(actor).post(f"/images/{image.id}/{door}", data={"value": f"Pier {actor and actor.name}"})
        assert answer.status_code == expected, (door, actor)
        if actor is None:
            assert answer.location.startswith("/sign-in")
        if expected == 403 or actor is None:
            assert (FieldEvent.select().count(), fresh(image).likes, fresh(image).deleted_at) == before


@pytest.mark.parametrize("door", [*DOORS, "restore", "delete"])
def test_a_draft_of_somebody_else_does_not_exist(door, client_for, olga, sam):
    draft = make_draft(olga)
    answer = client_for(sam).post(f"/images/{draft.id}/{door}", data={"value": "Mine now"})
    assert answer.status_code == 404
    assert fresh(draft).title == draft.title


@pytest.mark.parametrize("door", [*DOORS, "restore", "delete"])
def test_without_the_token_nothing_happens(door, client_for, image, olga):
    answer = client_for(olga, csrf=False).post(f"/images/{image.id}/{door}", data={"value": "Forged"})
    assert answer.status_code == 400
    assert (fresh(image).title, fresh(image).likes, fresh(image).deleted_at) == ("Pier", 0, None)


def test_a_field_saved_by_htmx_comes_back_alone_with_its_mark(client_for, image, olga):
    answer = client_for(olga).post(f"/images/{image.id}/fields/title", data={"value": "Pier at noon"}, headers=HTMX)
    assert answer.status_code == 200
    assert ">saved<" in answer.text
    assert "Pier at noon" in answer.text
    assert "<html" not in answer.text
    assert "HX-Request" in answer.headers["Vary"]


def test_a_bad_value_comes_back_at_the_field(client_for, image, olga):
    answer = client_for(olga).post(f"/images/{image.id}/fields/title", data={"value": "x" * 201}, headers=HTMX)
    assert answer.status_code == 422
    assert "201 characters" in answer.text
    assert fresh(image).title == "Pier"


def test_a_conflict_shows_both_values(client_for, image, olga, sam):
    last = ledger.latest(image.id)["title"].id
    ledger.edit(sam, image.id, "title", "Sam's pier")
    answer = client_for(olga).post(
        f"/images/{image.id}/fields/title", data={"value": "Olga's pier", "based_on": last}, headers=HTMX
    )
    assert answer.status_code == 409
    assert "Sam&#39;s pier" in answer.text
    assert "Olga&#39;s pier" in answer.text
    assert fresh(image).title == "Sam's pier"


@pytest.mark.parametrize("place", ["drawer", "page"])
def test_what_is_put_back_is_answered_for_the_place_where_it_was_asked(client_for, image, olga, place):
    client = client_for(olga)
    ledger.edit(olga, image.id, "title", "Quay")
    first = client.get(f"/images/{image.id}", headers=HTMX if place == "drawer" else {}).text
    assert first.count(f'id="{place}-sheet"') == 1
    event = re.search(r'hx-post="([^"]+/revert)"', client.get(f"/images/{image.id}/history", headers=HTMX).text)[1]
    answer = client.post(event, headers={**HTMX, "HX-Target": f"{place}-sheet"}).text
    assert f'id="{place}-sheet"' in answer and fresh(image).title == "Pier"
    assert ("data-removes" in answer) is (place == "drawer")


def test_the_second_deletion_is_told(client_for, image, olga):
    client = client_for(olga)
    assert client.post(f"/images/{image.id}/trash").status_code == 303
    assert client.post(f"/images/{image.id}/trash").status_code == 404


def test_deleting_by_htmx_answers_with_the_toast_alone_and_its_undo(client_for, image, olga):
    answer = client_for(olga).post(f"/images/{image.id}/trash", headers=HTMX)
    assert "in the trash" in answer.text and "Sign in" not in answer.text
    undo = re.search(r'hx-post="(/actions/[0-9a-f-]{36}/undo)"', answer.text)
    assert undo
    back = client_for(olga).post(undo.group(1), headers=HTMX)
    assert "Taken back" in back.text and back.headers["HX-Trigger"] == "pindeck:changed"
    assert not fresh(image).is_trashed


def test_an_error_for_htmx_is_a_toast_in_the_live_region(client_for, database, olga):
    answer = client_for(olga).post("/images/nothing/like", headers=HTMX)
    assert answer.status_code == 404
    assert answer.headers["HX-Retarget"] == "#toasts"
    assert "There is no such image." in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/?q=%00", "/?q=%ed%a0%80", "/?category=%00&after=%00", "/?after=zzz", "/?q=" + "x" * 5000, "/?q=%22%22%27*%28",
        "/images/%00", "/images/" + "x" * 3000, "/i/%00", "/i/x?size=%00", "/storage/%ed%a0%80", "/media/%00",
        "/uploads/progress?ids=%00,%ed%a0%80", "/review/?after=%00", "/trash/?after=%ff", "/images/tags?q=%00",
        "/static/../app.py", "/static/%2e%2e/app.py", "/nothing", "/images/x/history", "/images/x/place",
    ],
)  # fmt: skip
@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_no_address_a_stranger_can_write_breaks_anything(client_for, olga, path):
    for actor in (None, olga):
        for headers in ({}, HTMX, {"Accept": "application/json"}):
            assert client_for(actor).get(path, headers=headers).status_code < 500


@pytest.mark.parametrize("value", ["\x00", "\ud800", "x" * 100_000, "🎬" * 60, "<script>alert(1)</script>", "\u202e"])
@pytest.mark.parametrize("field", ["title", "tags", "description", "project", "unique_tag", "no_such_field"])
def test_no_value_breaks_anything(client_for, image, olga, field, value):
    data = {"value": value.encode("utf-8", "surrogatepass")}
    answer = client_for(olga).post(f"/images/{image.id}/fields/{field}", data=data, headers=HTMX)
    assert answer.status_code in (200, 404, 413, 422)
    page = client_for(olga).get(f"/images/{image.id}")
    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_the_gallery_costs_the_same_number_of_queries_for_ten_and_for_fifty(client_for, olga):
    client = client_for(olga)
    for _ in range(10):
        make_row(olga)
    client.get("/")
    with count_queries() as few:
        assert client.get("/").text.count('class="tile"') == 10
    for _ in range(60):
        make_row(olga)
    with count_queries() as many:
        assert client.get("/").text.count('class="tile"') == 50
    assert len(many) == len(few) + 1  # where there is a further page, all are counted for the number above the wall


def test_a_page_of_fifty_fits_its_budget(client_for, olga, run_jobs):
    for _ in range(55):
        make_row(olga, title="A title of a usual length here")
    page = client_for(olga).get("/")
    assert len(page.data) <= 45_000


def test_the_next_link_walks_through_everything_once(client_for, olga):
    import re

    expected = {make_row(olga).id for _ in range(120)}
    seen, address = [], "/"
    while address:
        page = client_for(olga).get(address).text
        seen += re.findall(r'<a href="/images/([^"]+)">\s*<img', page)
        found = re.search(r'<a class="next" href="([^"]+)"', page)
        address = found.group(1).replace("&amp;", "&") if found else None
    assert len(seen) == len(expected)
    assert set(seen) == expected


def test_every_page_carries_its_policy_and_says_nothing_of_the_inside(client_for, olga, image):
    for path in ("/", f"/images/{image.id}", "/upload", "/review/", "/trash/", "/nothing"):
        answer = client_for(olga).get(path)
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Traceback" not in answer.text
        assert str(Path(__file__).resolve().parents[2]) not in answer.text  # where the code lies


def test_the_private_library_sends_visitors_to_the_door(client_for, change_settings, image):
    change_settings(public_library=False)
    assert client_for().get("/").location.startswith("/sign-in")
    assert client_for().get(f"/images/{image.id}").status_code == 404
    assert client_for().get(f"/i/{image.id}").status_code == 404


def test_a_view_counts_once_a_session_and_not_for_visitors(client_for, image, olga):
    client = client_for(olga)
    client.get(f"/images/{image.id}")
    client.get(f"/images/{image.id}", headers=HTMX)
    client_for().get(f"/images/{image.id}")
    assert Image.get_by_id(image.seq).views == 1


def test_uploading_takes_each_file_by_itself(client_for, olga):
    from io import BytesIO

    files = [(BytesIO(photo(mark="a")), "a.jpg"), (BytesIO(b"<html>no"), "b.jpg"), (BytesIO(photo(mark="c")), "c.jpg")]
    answer = client_for(olga).post("/upload", data={"files": files}, headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.count("data-id=") == 2
    assert "b.jpg" in answer.text
    assert "HTML" in answer.text


def test_a_form_without_files_or_of_the_wrong_kind_is_told(client_for, olga):
    client = client_for(olga)
    assert client.post("/upload", data={}, content_type="multipart/form-data; boundary=x").status_code in (400, 422)
    assert client.post("/upload", data=b"x", content_type="application/json").status_code == 400
    assert client.post("/upload", data=b"--x\r\nbroken", content_type="multipart/form-data; boundary=x").status_code in (400, 422)


def test_the_form_names_what_is_accepted(client_for, olga):
    assert f"{', '.join(extensions.accepted())}. At most 50 MB and 100 megapixels each." in client_for(olga).get("/upload").text


def test_the_token_of_the_upload_form_may_stand_in_its_address(client_for, olga):
    import re
    from io import BytesIO

    client = client_for(olga, csrf=False)
    action = re.search(r'action="(/upload\?csrf_token=[^"]+)"', client.get("/upload").text).group(1)
    answer = client.post(action, data={"files": [(BytesIO(photo(mark="z")), "z.jpg")]})
    assert (answer.status_code, answer.location) == (303, "/review/")
    assert client.post("/upload", data={"files": [(BytesIO(photo(mark="y")), "y.jpg")]}).status_code == 400


def test_the_review_costs_the_same_number_of_queries_for_two_and_for_twenty_drafts(client_for, olga):
    client = client_for(olga)
    make_draft(olga, project="Nocturne"), make_draft(olga, project="Harbour")
    client.get("/review/")
    with count_queries() as few:
        assert client.get("/review/").text.count('class="tile waits') == 2
    for number in range(18):
        make_draft(olga, project=f"Project {number}")
    with count_queries() as many:
        assert client.get("/review/").text.count('class="tile waits') == 20
    assert len(many) == len(few)


@pytest.mark.parametrize("has_file", [True, False])
def test_what_is_said_of_a_picture_that_is_not_stored_depends_on_who_asks(
    client_for: ClientFor, olga: Actor, sam: Actor, mo: Actor, gus: Actor, has_file: bool
) -> None:
    image = make_row(olga, persist_status="failed", persist_error="The server said 500.")
    if not has_file:
        Image.update(file=None, external_url="https://elsewhere.example/a.jpg").where(Image.seq == image.seq).execute()
    for actor in (olga, mo):
        page = client_for(actor).get(f"/images/{image.id}").text
        assert "The server said 500." in page and "Try again" in page
        assert ("What you sent is safe" in page) == has_file
        assert ("Open the original" in page) == ("It never arrived" in page) == (not has_file)
    for other in (None, gus, sam):
        page = client_for(other).get(f"/images/{image.id}").text
        assert "not here yet" in page
        assert not any(word in page for word in ("server said", "Try again", "is safe", "elsewhere.example"))
    Image.update(persist_status="pending").where(Image.seq == image.seq).execute()
    assert "The server said 500." in client_for(olga).get(f"/images/{image.id}").text
    assert "server said" not in client_for(sam).get(f"/images/{image.id}").text


def test_what_is_deleted_for_good_before_the_answer_is_there_is_not_found(client_for, image, olga, monkeypatch):
    edit = ledger.edit

    def and_purged(*args, **options):
        written = edit(*args, **options)
        trash.purge(olga, image.id)
        return written

    monkeypatch.setattr(ledger, "edit", and_purged)
    answer = client_for(olga).post(f"/images/{image.id}/fields/title", data={"value": "Pier at noon"}, headers=HTMX)
    assert answer.status_code == 404 and "deleted a moment ago" in answer.text


def test_the_tag_that_every_upload_bears_is_out_of_sight_and_stays(client_for: ClientFor, olga: Actor) -> None:
    image = make_row(olga, title="Alley", tags=["original", "neon"])
    browser = client_for(olga)
    page = browser.get(f"/images/{image.id}").text
    assert "neon" in page and 'value="original"' not in page and "tag=original" not in page
    assert "original" not in browser.get("/images/tags?q=orig").text
    browser.post(f"/images/{image.id}/fields/tags", data={"value": "fog"})
    assert ledger.tags_of(image.id) == ["original", "fog"]


def test_a_description_is_followed_to_its_end_where_it_was_asked_for(client_for, olga, sam):
    image, client = make_stored_draft(olga), client_for(olga)
    Image.update(ai_status="failed", ai_error="No credit is left.").where(Image.id == image.id).execute()
    place, door = f'id="described-{image.id}"', f"/images/{image.id}/described"
    drawer = client.get(f"/images/{image.id}", headers=HTMX).text
    assert place in drawer and "No credit is left." in drawer and f'hx-get="{door}' not in drawer
    asked = client.post(f"/images/{image.id}/describe", data={"part": "drawer", "drawer": "1"}, headers=HTMX).text
    assert place in asked and "It is being described." in asked and f'hx-get="{door}?drawer=1"' in asked
    assert "It is being described." in client.get(door, query_string={"drawer": "1"}).text
    for state, said in (("completed", "Show the words"), ("failed", "Describe again")):
        Image.update(ai_status=state, ai_error=None).where(Image.id == image.id).execute()
        told = client.get(door, query_string={"drawer": "1"}).text
        assert said in told and "hx-trigger" not in told
    assert client_for(sam).get(door).status_code == 404
    assert client.post(f"/images/{image.id}/describe", data={"part": "drawer"}).status_code == 303
