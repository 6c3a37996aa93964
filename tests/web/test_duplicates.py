"""The page of duplicates: groups with the best one proposed, merged or told apart, with scripts and without."""

import re

import pytest

from pindeck.models import NotTwin, Twin
from pindeck.services.images import trash
from tests.conftest import HTMX, count_queries
from tests.factories import fresh, make_active
from tests.services.images.test_twins import copy, group


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def copies(olga, sam):
    made = [make_active(olga, copy(3, 0.9), title="Crop"), make_active(olga, copy(3), title="Whole")]
    theirs = make_active(sam, copy(3, quality=40), title="Theirs")
    group()
    return [*made, theirs], Twin.get(Twin.seq == made[0].seq).group_id


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_copies_are_merged_into_the_best_and_come_back(client_for, olga, copies, headers):
    (crop, whole, theirs), group_id = copies
    client = client_for(olga)
    page = client.get("/duplicates").text
    assert re.search(f'value="{whole.id}" checked\\s+aria-label="Keep Whole"', page) and "3 pictures, copies of one scene" in page
    chosen = re.findall(r'name="ids" value="([^"]+)" checked', page)
    assert chosen == [crop.id]  # what is another person's is not hers to move
    answer = client.post(f"/duplicates/{group_id}/merge", data={"keep": whole.id, "ids": [crop.id, whole.id]}, headers=headers)
    told = answer.text if headers else client.get(answer.headers["Location"]).text
    assert "1 copy was merged into “Whole”." in told and "Theirs" in told and "Crop" not in told.replace("cropped", "")
    assert ("<html" in told) == (not headers) and fresh(crop).is_trashed
    client.post(re.findall(r'action="(/actions/[^"]+/undo)"', told)[-1])
    assert not fresh(crop).is_trashed and "3 pictures" in client.get("/duplicates").text


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_not_the_same_ends_the_group(client_for, olga, copies, headers):
    made, group_id = copies
    client = client_for(olga)
    answer = client.post(f"/duplicates/{group_id}/part", data={"ids": [image.id for image in made]}, headers=headers)
    told = answer.text if headers else client.get(answer.headers["Location"]).text
    assert "They are remembered as different pictures." in told and "copies of one scene" not in told
    assert "No duplicates" in client.get("/duplicates").text and NotTwin.select().count() == 3


def test_who_may_and_what_is_refused(client_for, app, olga, sam, gus, copies):
    (crop, whole, theirs), group_id = copies
    assert app.test_client().get("/duplicates").status_code in (302, 303, 401)
    assert client_for(gus).get("/duplicates").status_code == 403
    assert client_for(gus).post(f"/duplicates/{group_id}/part", data={"ids": [crop.id]}).status_code == 403
    door = f"/duplicates/{group_id}/merge"
    for data, status in (
        ({"keep": whole.id, "ids": [theirs.id]}, 403), ({"keep": whole.id, "ids": []}, 422), ({"keep": "", "ids": [crop.id]}, 404),
        ({"keep": whole.id, "ids": ["nothing"]}, 404), ({"keep": whole.id, "ids": ["\x00"]}, 404),
    ):  # fmt: skip
        assert client_for(olga).post(door, data=data, headers=HTMX).status_code == status, data
    assert client_for(olga).post("/duplicates/nothing/part", data={"ids": [crop.id]}).status_code == 404
    assert client_for(olga).post(f"/duplicates/{group_id}/part", data={"ids": []}, headers=HTMX).status_code == 422
    assert client_for(olga).get("/duplicates?after=nothing").status_code == 200
    trash.trash(olga, crop.id)
    trash.trash(sam, theirs.id)
    assert "No duplicates" in client_for(olga).get("/duplicates").text


def test_the_statements_of_the_page_do_not_grow(client_for, olga, copies):
    client = client_for(olga)
    client.get("/duplicates")
    with count_queries() as one:
        client.get("/duplicates")
    for seed in (5, 6):
        make_active(olga, copy(seed)), make_active(olga, copy(seed, quality=40))
    group()
    with count_queries() as many:
        page = client.get("/duplicates").text
    assert page.count('class="copies"') == 3 and len(one) == len(many)
