"""The page of the tags: who may tidy them, each act with scripts and without, and wrong input."""

import re

import pytest

from pindeck.models import TagRule
from pindeck.services.images import ledger
from tests.conftest import HTMX
from tests.factories import make_row

PAGE = "/vocabulary/tags"


def test_who_may_tidy(client_for, olga, mo, gus):
    for actor, page, door in ((None, (302, 303), (303,)), (gus, (403,), (403,)), (olga, (200,), (303,)), (mo, (200,), (303,))):
        client = client_for(actor)
        assert client.get(PAGE).status_code in page
        assert client.post(f"{PAGE}/look").status_code in door
        assert client.post(f"{PAGE}/tend", data={"how": "rename", "tag": "a", "means": "b"}).status_code in door


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_finding_becomes_a_rule_that_can_be_removed_and_undone(client_for, olga, run_jobs, headers):
    image = make_row(olga, tags=["film-noir"])
    make_row(olga, tags=["film noir"])
    client = client_for(olga)
    assert "Nothing found yet" in client.get(PAGE, headers=headers).text
    client.post(f"{PAGE}/look", headers=headers)
    run_jobs()
    page = client.get(f"{PAGE}?kind=same", headers=headers).text
    assert "film-noir" in page and "Always “film noir”" in page
    for kind in ("plural", "near", "together", "single", "nonsense"):
        assert client.get(f"{PAGE}?kind={kind}&after=x", headers=headers).status_code == 200
    sent = {"how": "alias", "tag": "film-noir", "other": "film noir"}
    answer = client.post(f"{PAGE}/tend", data=sent, headers=headers)
    assert answer.status_code == (200 if headers else 303) and ledger.tags_of(image.id) == ["film noir"]
    rules = client.get(PAGE, headers=headers).text
    assert "“film-noir” means “film noir”" in rules
    assert client.post(re.search(r'action="([^"]+/remove)"', rules)[1], headers=headers).status_code in (200, 303)
    assert not TagRule.select().exists()
    for _ in range(2):
        assert client.post("/actions/last/undo", headers=headers).status_code in (200, 303)
    assert ledger.tags_of(image.id) == ["film-noir"]
    for data in ({}, {"how": "alias", "tag": "a"}, {"how": "burn", "tag": "a", "means": "b"}):
        assert client.post(f"{PAGE}/tend", data=data, headers=headers).status_code == 422
    assert client.post(f"{PAGE}/rules/strange/remove", headers=headers).status_code == 404
