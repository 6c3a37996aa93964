"""What waits for a decision: listed, corrected together, kept, published, held and discarded."""

import pytest

from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from pindeck.models import Action, Activity, Image
from pindeck.services.images import chosen, inspector, ledger, review, trashed, undoing
from pindeck.services.library import own, sheet
from tests.conftest import RunJobs
from tests.factories import fresh, jobs_of, make_draft, make_row


def draft(actor: Actor, **columns: object) -> Image:
    return make_row(actor, status="draft", **columns)  # type: ignore[arg-type]


def test_own_drafts_and_imports_wait_the_newest_first_and_everybodys_for_an_administrator(
    olga: Actor, sam: Actor, mo: Actor
) -> None:
    first, second = draft(olga), make_row(olga, status="pending", origin="discord")
    theirs = draft(sam)
    make_row(olga), draft(olga, deleted_at=1), draft(olga, held_at=1)
    assert [image.id for image in sheet.list_page(olga)[0]] == [second.id, first.id]
    assert [image.id for image in sheet.list_page(mo)[0]] == [theirs.id, second.id, first.id]
    assert sheet.list_page(sam) == ([theirs], None)


def test_they_are_read_page_by_page(olga: Actor) -> None:
    rows = [draft(olga) for _ in range(5)]
    first, after = sheet.list_page(olga, limit=2)
    second, later = sheet.list_page(olga, after=after, limit=2)
    third, end = sheet.list_page(olga, after=later, limit=2)
    assert [image.id for image in [*first, *second, *third]] == [row.id for row in reversed(rows)]
    assert end is None


def test_they_are_counted_with_those_still_being_stored(olga: Actor, run_jobs: RunJobs) -> None:
    make_draft(olga)
    run_jobs()
    make_draft(olga)
    assert sheet.count(olga) == (2, 1)
    assert sheet.count(VISITOR) == (0, 0)


def test_for_visitors_and_guests_nothing_waits(gus: Actor) -> None:
    for ask in (sheet.list_page, sheet.ids):
        with pytest.raises(NotSignedIn):
            ask(VISITOR)
        with pytest.raises(Forbidden):
            ask(gus)


def pending(actor: Actor, **columns: object) -> Image:
    return make_row(actor, status="pending", ai_status="queued", **columns)  # type: ignore[arg-type]


def kept(rows: list[Image]) -> list[tuple[str, bool]]:
    return [(fresh(row).status, fresh(row).held_at is not None) for row in rows]


def test_keeping_many_is_one_action_and_drafts_stay_drafts(olga: Actor, sam: Actor) -> None:
    rows = [pending(olga, origin="discord"), pending(olga), draft(olga), pending(sam)]
    decided = review.keep(olga, [row.id for row in rows])
    assert (decided.ids, decided.drafts) == ([rows[0].id, rows[1].id], 1)
    assert [fresh(row).status for row in rows] == ["draft", "active", "draft", "pending"]
    assert [fresh(row).ai_status for row in rows[:2]] == ["processing", "processing"]
    assert {job.image_id for job in jobs_of("analyse")} == {rows[0].id, rows[1].id}
    assert fresh(rows[1]).unique_tag and not fresh(rows[0]).unique_tag
    assert review.keep(olga, [rows[0].id]).ids == []
    undoing.undo(olga, str(decided.action_id))
    assert [fresh(row).status for row in rows] == ["pending", "pending", "draft", "pending"]


def test_keeping_and_publishing_is_one_press_and_describes_what_waited_for_it(olga: Actor, mo: Actor) -> None:
    rows = [pending(olga, origin="discord"), draft(olga), pending(olga, persist_status="pending")]
    decided = review.publish(mo, [row.id for row in rows])  # an administrator decides about everybody's
    assert (decided.ids, decided.busy) == ([rows[0].id, rows[1].id], 1)
    assert fresh(rows[0]).ai_status == "processing" and len(jobs_of("analyse")) == 1
    undoing.undo(mo, str(decided.action_id))
    assert kept(rows) == [("pending", False), ("draft", False), ("pending", False)]


def test_what_is_held_is_out_of_the_way_until_it_is_released_or_decided(olga: Actor, sam: Actor) -> None:
    rows = [draft(olga), pending(olga), draft(sam), make_row(olga)]
    ids = [row.id for row in rows]
    held = review.hold(olga, ids, reason="Ask the gaffer")
    assert held.ids == ids[:2] and review.hold(olga, ids).ids == []
    assert (sheet.list_page(olga)[0], sheet.count_waiting(olga)) == ([], 0)
    assert {image.id for image in sheet.list_page(olga, {sheet.STATE: "held"})[0]} == set(ids[:2])
    assert review.publish(olga, None).ids == []  # all means all that is in the way
    noted = Activity.get(Activity.verb == "image.hold")
    assert noted.detail["reason"] == Action.get_by_id(held.action_id).detail["reason"] == "Ask the gaffer"
    released = review.release(olga, ids)
    assert released.ids == ids[:2] and sheet.count_waiting(olga) == 2
    undoing.undo(olga, str(released.action_id))
    assert kept(rows[:2]) == [("draft", True), ("pending", True)]
    undoing.undo(olga, str(held.action_id))
    assert kept(rows[:2]) == [("draft", False), ("pending", False)]


def test_a_reason_is_kept_with_a_discard(olga: Actor) -> None:
    row = pending(olga)
    gone, action = review.discard(olga, [row.id], reason="  Blurred\nand dark ")
    assert gone == [row.id] and Action.get_by_id(action).detail["reason"] == "Blurred and dark"
    assert Activity.get(Activity.verb == "image.trash").detail["reason"] == "Blurred and dark"
    undoing.undo(olga, str(action))
    assert kept([row]) == [("pending", False)]
    with pytest.raises(Invalid) as caught:
        review.discard(olga, [row.id], reason="x" * 201)
    assert list(caught.value.fields) == ["reason"] and not fresh(row).is_trashed


def test_one_is_decided_once(olga: Actor, sam: Actor) -> None:
    row, there = pending(olga), make_row(olga)
    with pytest.raises(NotFound):
        review.keep_one(sam, row.id)
    assert review.hold_one(olga, row.id, is_held=True).image.held_at
    for again in (lambda: review.hold_one(olga, row.id, is_held=True), lambda: review.keep_one(olga, there.id)):
        with pytest.raises(Conflict):
            again()
    assert review.hold_one(olga, row.id, is_held=False).image.held_at is None
    assert review.keep_one(olga, row.id).image.status == "active"
    lost = pending(olga, persist_status="failed")
    for act in (review.keep_one, review.publish_one):
        with pytest.raises(Conflict, match="could not be stored"):
            act(olga, lost.id)


def test_one_value_for_all_chosen_is_one_action(olga: Actor) -> None:
    rows = [draft(olga), draft(olga)]
    action = ledger.set_many(olga, [row.id for row in [*rows, rows[0]]], {"project": "Blade"})
    assert {fresh(row).project.name for row in rows} == {"Blade"}
    assert undoing.undo(olga, str(action)).image_ids == sorted(row.id for row in rows)


def test_drafts_of_others_cannot_be_set_published_or_discarded(olga: Actor, sam: Actor) -> None:
    mine, theirs = draft(olga), draft(sam)
    with pytest.raises(NotFound):
        ledger.set_many(olga, [mine.id, theirs.id], {"genre": "Noir"})
    assert fresh(mine).genre is None
    assert review.publish(olga, [theirs.id]).ids == review.discard(olga, [theirs.id])[0] == []
    assert review.own_images(olga, [mine.id, theirs.id]) == [mine]
    assert (fresh(theirs).status, fresh(theirs).deleted_at) == ("draft", None)


def test_chosen_drafts_or_all_are_published(olga: Actor) -> None:
    rows = [draft(olga) for _ in range(3)]
    assert review.publish(olga, [rows[1].id]).ids == [rows[1].id]
    assert review.publish(olga, [rows[1].id]).ids == []
    assert review.publish(olga, None).ids == [rows[0].id, rows[2].id]


def test_what_could_not_be_stored_stays_and_is_counted(olga: Actor, sam: Actor) -> None:
    good, *bad = draft(olga), draft(olga, persist_status="failed"), draft(olga, persist_status="failed")
    draft(sam, persist_status="failed")
    chosen = review.publish(olga, [good.id, bad[0].id])
    assert (chosen.ids, chosen.stayed) == ([good.id], 1)
    rest = review.publish(olga, None)
    assert (rest.ids, rest.stayed) == ([], 2)
    assert {fresh(image).status for image in bad} == {"draft"}


def test_a_discard_can_be_taken_back(olga: Actor, sam: Actor) -> None:
    rows = [draft(olga) for _ in range(3)]
    gone, action = review.discard(olga, [row.id for row in rows[:2]])
    assert gone == [row.id for row in rows[:2]]
    assert own.count_trash(olga) == 2
    with pytest.raises(NotFound):
        undoing.undo(sam, str(action))
    assert undoing.undo(olga, str(action)).image_ids == gone
    assert sheet.count_waiting(olga) == 3


def test_something_and_not_too_much_must_be_chosen(olga: Actor) -> None:
    for ids in ([], ["x"] * (chosen.MAX_IDS + 1)):
        for act in (review.publish, review.discard, trashed.restore, trashed.purge):
            with pytest.raises(Invalid) as caught:
                act(olga, ids)  # type: ignore[operator]
            assert list(caught.value.fields) == ["ids"]


@pytest.mark.parametrize("strange", ["missing", "", "\x00", "\ud800"], ids=ascii)
def test_ids_that_never_were_are_ignored_or_not_found(olga: Actor, strange: str) -> None:
    mine = draft(olga)
    with pytest.raises(NotFound):
        inspector.save(olga, [mine.id, strange], inspector.Changes({"genre": "Noir"}))
    assert review.discard(olga, [strange]) == ([], None)
    assert review.publish(olga, [strange, mine.id]).ids == [mine.id]
