"""The trash as a page: chosen pictures are restored or deleted for good, with scripts and without, by each kind of person."""

import re

import pytest

from pindeck.models import Image
from pindeck.services.images import aliases, trash
from tests.conftest import HTMX, count_queries
from tests.factories import fresh, make_row


@pytest.fixture
def gone(olga):
    rows = [make_row(olga, title=f"Still {number}") for number in range(3)]
    for image in rows:
        trash.trash(olga, image.id)
    return rows


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_chosen_pictures_are_restored_with_one_undo(client_for, olga, gone, headers):
    client = client_for(olga)
    answer = client.post("/trash/restore", data={"ids": [gone[0].id, gone[1].id]}, headers=headers)
    page = answer.text if headers else client.get(answer.headers["Location"]).text
    assert ("<html" in page) == (not headers)
    assert "2 pictures are back." in page and "Still 2" in page and "Still 1" not in page
    assert [fresh(image).is_trashed for image in gone] == [False, False, True]
    if headers:
        assert 'id="nav-trash" hx-swap-oob="true">1<' in page
    client.post(re.findall(r'action="(/actions/[^"]+/undo)"', page)[-1])
    assert all(fresh(image).is_trashed for image in gone)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_chosen_pictures_are_deleted_for_good(client_for, olga, gone, headers):
    client = client_for(olga)
    answer = client.post("/trash/delete", data={"ids": [gone[0].id]}, headers=headers)
    page = answer.text if headers else client.get(answer.headers["Location"]).text
    assert "1 picture was deleted for good." in page and f"gone-{gone[0].id}" not in page and not re.search(r"/actions/[0-9a-f-]{36}", page)
    assert {image.id for image in Image.select()} == {image.id for image in gone[1:]}
    answer = client.post("/trash/delete", data={"all": "1"}, headers=headers)
    page = answer.text if headers else client.get(answer.headers["Location"]).text
    assert "The trash is empty" in page and not Image.select().exists()


def test_who_may(client_for, app, sam, gus, mo, gone):
    ids = {"ids": [image.id for image in gone]}
    for door in ("/trash/restore", "/trash/delete"):
        assert client_for(gus).post(door, data=ids).status_code == 403
        assert app.test_client().post(door, data=ids).status_code in (302, 303, 400, 403)
        answer = client_for(sam).post(door, data=ids, headers=HTMX)  # what is theirs is not there for others
        assert answer.status_code == 200 and "No pictures" in answer.text
        for nothing in ({}, {"ids": ["x"] * 501}):
            assert client_for(sam).post(door, data=nothing, headers=HTMX).status_code == 422
        for strange in ("%00", "x" * 3000, "\x00"):
            assert client_for(sam).post(door, data={"ids": [strange]}, headers=HTMX).status_code == 200
    assert all(fresh(image).is_trashed for image in gone)
    assert "3 pictures are back." in client_for(mo).post("/trash/restore", data=ids, headers=HTMX).text


def test_names_that_others_hold_by_now_are_told(client_for, olga):
    rows = [make_row(olga) for _ in range(2)]
    for number, image in enumerate(rows):
        aliases.assign(olga, image.id, f"@name{number}")
        trash.trash(olga, image.id)
        aliases.assign(olga, make_row(olga).id, f"@name{number}")
    client = client_for(olga)
    page = client.post(f"/images/{rows[0].id}/restore", headers=HTMX).text
    assert "is back. Another picture has the alias @name0 now." in page and "/undo" in page
    trash.trash(olga, rows[0].id)
    Image.update(last_alias="name0").where(Image.id == rows[0].id).execute()
    page = client.post("/trash/restore", data={"all": "1"}, headers=HTMX).text
    assert "2 pictures are back. Other pictures have the aliases @name0, @name1 now." in page


def test_the_numbers_follow_a_picture_that_goes_and_with_the_last_one_the_list(client_for, olga, gone):
    client = client_for(olga)
    answer = client.post(f"/images/{gone[0].id}/restore", headers=HTMX)
    assert 'id="trash-count" hx-swap-oob="true">2 pictures' in answer.text and "<article" not in answer.text
    answer = client.post(f"/images/{gone[1].id}/delete", headers=HTMX)
    assert 'id="nav-trash" hx-swap-oob="true">1<' in answer.text
    answer = client.post(f"/images/{gone[2].id}/restore", headers=HTMX)
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#trash", "outerHTML")
    assert "The trash is empty" in answer.text and "Still 2" in answer.text


def test_the_page_asks_as_much_for_many_as_for_one(client_for, olga, gone):
    client, costs = client_for(olga), []
    for more in (0, 30):
        for _ in range(more):
            trash.trash(olga, make_row(olga).id)
        client.get("/trash/")
        with count_queries() as asked:
            assert client.get("/trash/").status_code == 200
        costs.append(len(asked))
    assert costs[0] == costs[1]
