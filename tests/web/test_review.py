"""What is done to several drafts at once: the chosen ones, or all of them, further than one page."""

from pindeck.models import Image
from pindeck.services import ledger
from tests.factories import fresh, make_draft


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
    client.post("/review/discard", data={"all": "1"})
    assert Image.select().where(Image.deleted_at.is_null()).count() == 1
    assert fresh(other).deleted_at is None
    ids = ",".join(image.id for image in Image.select().where(Image.deleted_at.is_null(False)))
    client.post(f"/review/bring-back?ids={ids}")
    assert Image.select().where(Image.deleted_at.is_null()).count() == 23


def test_nothing_chosen_is_told(client_for, olga):
    make_draft(olga)
    for door in ("publish", "discard", "set"):
        answer = client_for(olga).post(f"/review/{door}", data={"field": "group", "value": "Film"})
        assert answer.status_code == 422, door
