"""The id that people can read out: who gets one, when, and that nobody has the same."""

import re
from io import BytesIO

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid
from pindeck.models import FieldEvent, Image
from pindeck.services.images import ledger, moderation, projects, publishing, trash, undoing, unique_ids
from pindeck.services.ingest import api_uploads, external, uploads
from pindeck.services.ingest.external import Candidate
from pindeck.services.library import filters, gallery, lists
from pindeck.states import Origin
from tests.conftest import count_queries
from tests.factories import fresh, make_draft, make_row, new_photo, together

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


def variation(actor: Actor, parent: str, number: int, **more: object) -> Image:
    wanted = Candidate(f"{HOSTED}?v={number}", {"title": "x", **more}, parent_id=parent)
    found: Image = Image.get(Image.id == external.create_external(actor, wanted))
    return found


def test_variations_are_numbered_after_their_parent(olga: Actor) -> None:
    parent = make_row(olga, unique_tag="PD-ABCDE")
    assert [variation(olga, parent.id, n).unique_tag for n in (1, 2)] == ["PD-ABCDE-v1", "PD-ABCDE-v2"]
    make_row(olga, unique_tag="PD-ABCDE-v3")  # typed for another picture
    fourth = variation(olga, parent.id, 3)
    assert fourth.unique_tag == "PD-ABCDE-v4" and fourth.parent_id == parent.id
    assert variation(olga, fourth.id, 4).unique_tag == "PD-ABCDE-v4-v1"
    assert variation(olga, parent.id, 5, unique_tag="MINE").unique_tag == "MINE"
    nameless = variation(olga, make_row(olga).id, 6)
    given(nameless)
    longest = make_row(olga, unique_tag="x" * 120)
    given(variation(olga, longest.id, 7))
    trash.purge(olga, trash.trash(olga, fourth.id).image.id)
    assert variation(olga, parent.id, 8).unique_tag == "PD-ABCDE-v4"  # whose picture is gone for good


def test_drafts_are_numbered_when_they_are_published_in_as_many_statements_however_many(olga: Actor) -> None:
    parent = make_draft(olga)
    costs, found = [], []
    for count in (2, 9):
        drafts = [make_draft(olga) for _ in range(count)]
        Image.update(parent_id=parent.id).where(Image.id.in_([draft.id for draft in drafts])).execute()
        if count == 9:  # with a parent that becomes active beside them
            other = make_draft(olga)
            Image.update(parent_id=other.id).where(Image.id == drafts[0].id).execute()
        else:
            publishing.publish(olga, parent.id)
        with count_queries() as asked:
            publishing.publish_many(olga, [draft.id for draft in drafts] + ([other.id] if count == 9 else []))
        costs.append(len(asked))
        found += drafts
    base = given(parent)
    assert fresh(found[2]).unique_tag == f"{given(other)}-v1"
    assert [fresh(draft).unique_tag for draft in found[:2] + found[3:]] == [f"{base}-v{n}" for n in range(1, 11)]
    assert costs[1] - costs[0] <= 12  # a second step for those whose parent had no id before, whatever their number


def test_a_parent_that_nobody_may_see_is_refused_and_not_told(olga: Actor, sam: Actor) -> None:
    hidden, gone = make_row(olga, visibility="private"), make_row(sam)
    trash.trash(sam, gone.id)
    for parent in (hidden.id, gone.id, "nothing", "\x00"):
        with pytest.raises(Invalid, match="parentImageId"):
            variation(sam, parent, 1)
    seen = variation(sam, make_row(olga, unique_tag="PD-1").id, 1)
    assert lists.get(sam, seen.id).parent_id == seen.parent_id  # type: ignore[union-attr]
    Image.update(visibility="private").where(Image.id == seen.parent_id).execute()
    assert lists.get(sam, seen.id).parent_id is None  # type: ignore[union-attr]
    assert lists.get(olga, seen.id).parent_id == seen.parent_id  # type: ignore[union-attr]


def test_variations_made_at_once_have_numbers_of_their_own(olga: Actor, sam: Actor) -> None:
    parent = make_row(olga, unique_tag="PD-ABCDE")
    typed = make_row(olga)

    def work(n: int) -> object:
        if n == 5:
            return ledger.edit(olga, typed.id, "unique_tag", "PD-ABCDE-v3")
        return variation((olga, sam)[n % 2], parent.id, n)

    done = together(10, work)
    failed = [each for each in done if isinstance(each, Exception)]
    assert all(isinstance(each, Conflict) for each in failed) and len(failed) <= 1, failed  # the typed one came too late
    tags = [row.unique_tag for row in Image.select().where(Image.parent_id == parent.id)]
    taken = {fresh(typed).unique_tag} - {None}
    assert sorted([*tags, *taken]) == sorted(f"PD-ABCDE-v{n}" for n in range(1, 10 + len(taken)))
