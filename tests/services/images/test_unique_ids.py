"""The id that people can read out: who gets one, when, and that nobody has the same."""

import re
from io import BytesIO

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import FieldEvent, Image
from pindeck.services.images import ledger, moderation, projects, publishing, undoing, unique_ids
from pindeck.services.ingest import api_uploads, external, uploads
from pindeck.services.ingest.external import Candidate
from pindeck.services.library import filters, gallery
from pindeck.states import Origin
from tests.factories import fresh, make_draft, make_row, new_photo

GIVEN = re.compile(r"PD-[0-9A-HJKMNP-TV-Z]{5}")
HOSTED = "https://pictures.example.org/alley.jpg"


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def given(image: Image) -> str:
    tag = fresh(image).unique_tag
    assert tag and GIVEN.fullmatch(tag), tag
    return tag


def test_whatever_becomes_active_has_one_and_what_waits_has_none(olga: Actor) -> None:
    drafts = [make_draft(olga) for _ in range(3)]
    assert {fresh(draft).unique_tag for draft in drafts} == {None}
    action = publishing.publish(olga, drafts[0].id).action_id
    publishing.publish_many(olga, [draft.id for draft in drafts[1:]])
    kept = make_row(olga, status="pending")
    moderation.approve(olga, kept.id)
    stays = make_row(olga, status="pending", origin="discord")
    moderation.approve(olga, stays.id)
    program = api_uploads.take_in(olga, uploads.stage(BytesIO(new_photo())), "a.jpg", projects.DEFAULT_ID)
    made = [Image.get(Image.id == external.create_external(olga, Candidate(f"{HOSTED}?{n}", {"title": "x"}))) for n in range(2)]
    waits = Image.get(Image.id == external.create_external(olga, Candidate(HOSTED, {"title": "x"}, origin=Origin.DISCORD)))
    assert fresh(stays).unique_tag is None and waits.unique_tag is None
    everything = [*drafts, kept, program, *made]
    assert len({given(image) for image in everything}) == len(everything)
    event = FieldEvent.get((FieldEvent.image_id == drafts[0].id) & (FieldEvent.field == "unique_tag"))
    assert (event.writer, event.action_id) == ("rule", action)
    found = gallery.list_page(olga, filters.wanted(q=given(drafts[0]).lower())).images
    assert [image.id for image in found] == [drafts[0].id]


def test_what_a_person_typed_or_cleared_stays(olga: Actor) -> None:
    typed, cleared = make_draft(olga, unique_tag="BR-1"), make_draft(olga, unique_tag="BR-2")
    ledger.edit(olga, cleared.id, "unique_tag", "")
    publishing.publish_many(olga, [typed.id, cleared.id])
    assert {fresh(image).status for image in (typed, cleared)} == {"active"}
    assert (fresh(typed).unique_tag, fresh(cleared).unique_tag) == ("BR-1", None)
    image = Image.get(
        Image.id == external.create_external(olga, Candidate(HOSTED, {"title": "x", "unique_tag": "BR-3"}))
    )
    assert image.unique_tag == "BR-3"
    ledger.edit(olga, image.id, "unique_tag", "BR-4")
    assert fresh(image).unique_tag == "BR-4"


def test_undo_takes_it_back_and_the_next_publishing_gives_another(olga: Actor) -> None:
    draft = make_draft(olga)
    action = publishing.publish(olga, draft.id).action_id
    first = given(draft)
    undoing.undo(olga, str(action))
    assert (fresh(draft).status, fresh(draft).unique_tag) == ("draft", None)
    publishing.publish(olga, draft.id)
    assert given(draft) != first


def test_undo_leaves_it_where_the_picture_stays_in_the_library(olga: Actor) -> None:
    drafts = [make_draft(olga) for _ in range(3)]
    _, action = publishing.publish_many(olga, [draft.id for draft in drafts])
    stays, typed, back = drafts
    kept = given(stays)
    Image.update(status="broken").where(Image.id == stays.id).execute()
    ledger.edit(olga, typed.id, "unique_tag", "BR-1")
    told = undoing.undo(olga, str(action))
    assert sorted(told.image_ids) == sorted([typed.id, back.id])
    assert [(image.status, image.unique_tag) for image in map(fresh, drafts)] == [
        ("broken", kept), ("draft", "BR-1"), ("draft", None)
    ]  # fmt: skip
    Image.update(status="active").where(Image.id == stays.id).execute()
    undoing.undo(olga, str(action))
    assert (fresh(stays).status, fresh(stays).unique_tag) == ("draft", None)


def test_undo_takes_back_one_that_a_person_typed_for_a_picture_of_the_library(olga: Actor) -> None:
    image = make_row(olga)
    written = ledger.edit(olga, image.id, "unique_tag", "BR-1")
    undoing.undo(olga, str(written.action_id))
    assert (fresh(image).status, fresh(image).unique_tag) == ("active", None)


def test_a_drawn_id_that_is_taken_is_drawn_again_and_ids_grow_when_all_are(
    olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_row(olga, unique_tag="PD-00000")
    monkeypatch.setattr(unique_ids, "LETTERS", "01")
    monkeypatch.setattr(unique_ids, "LENGTH", 1)
    with db.writing():
        found = unique_ids.new_ids(20)
    assert len(set(found)) == 20 and "PD-00000" not in found
