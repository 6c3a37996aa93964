"""What looks like a picture stands beside it before it is published, and in its drawer; never what is hidden."""

import pytest

from pindeck.access import Actor
from pindeck.models import Image
from tests.conftest import HTMX, ClientFor, run_due_jobs
from tests.factories import fresh, make_active, make_draft
from tests.stills import jpeg


@pytest.fixture
def pair(olga: Actor) -> tuple[Image, Image]:
    """One of the library, and a smaller draft of the same."""
    there = make_active(olga, jpeg(1, (720, 405)), name="there.jpg")
    draft = make_draft(olga, jpeg(1, (360, 203)), name="smaller.jpg")
    run_due_jobs()
    return fresh(there), fresh(draft)


def test_review_and_drawer_show_both_side_by_side(client_for: ClientFor, olga: Actor, sam: Actor, pair) -> None:
    there, draft = pair
    page = client_for(olga).get("/review/").text
    assert "Looks alike" in page and str(there.public_token) in page
    mine = client_for(olga).get(f"/images/{draft.id}", headers=HTMX).text
    assert "Looks like one that is here" in mine and "360 × 203" in mine and "720 × 405" in mine
    assert f"/review/{draft.id}/keep-earlier" in mine and f"/images/{there.id}" in mine
    drawer = client_for(olga).get(f"/images/{there.id}", headers=HTMX).text
    assert "Looks like this one" in drawer and f"/images/{draft.id}" in drawer and "360 × 203, draft" in drawer
    assert "Keep the one that is there" not in drawer
    strangers = client_for(sam).get(f"/images/{there.id}").text
    assert "Looks like this one" not in strangers and draft.id not in strangers


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_draft_is_discarded_for_the_one_that_is_there(client_for: ClientFor, olga: Actor, sam: Actor, pair, headers) -> None:
    there, draft = pair
    url = f"/review/{draft.id}/keep-earlier"
    assert client_for(sam).post(url, data={"other": there.id}, headers=headers).status_code == 404
    assert client_for(olga).post(url, data={"other": "nothing"}, headers=headers).status_code == 409
    assert not fresh(draft).is_trashed
    answer = client_for(olga).post(url, data={"other": there.id}, headers=headers)
    assert answer.status_code == (204 if headers else 303)
    assert f"/images/{there.id}" in answer.headers["HX-Redirect" if headers else "Location"]
    assert fresh(draft).is_trashed and not fresh(there).is_trashed
    assert client_for(olga).post(url, data={"other": there.id}, headers=headers).status_code in (404, 409)
