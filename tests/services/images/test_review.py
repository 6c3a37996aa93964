"""A person's own drafts: listed, corrected together, published and discarded."""

import pytest

from pindeck.access import VISITOR, Actor
from pindeck.errors import Forbidden, Invalid, NotFound, NotSignedIn
from pindeck.models import Image
from pindeck.services.images import chosen, review, trashed, undoing
from pindeck.services.library import own
from tests.conftest import RunJobs
from tests.factories import fresh, make_draft, make_row


def draft(actor: Actor, **columns: object) -> Image:
    return make_row(actor, status="draft", **columns)  # type: ignore[arg-type]


def test_only_ones_own_drafts_are_listed_the_newest_first(olga: Actor, sam: Actor, mo: Actor) -> None:
    first, second = draft(olga), draft(olga)
    draft(sam), make_row(olga), draft(olga, deleted_at=1), make_row(olga, status="pending")
    assert [image.id for image in own.list_drafts(olga)[0]] == [second.id, first.id]
    assert own.list_drafts(mo) == ([], None)


def test_drafts_are_read_page_by_page(olga: Actor) -> None:
    rows = [draft(olga) for _ in range(5)]
    first, after = own.list_drafts(olga, limit=2)
    second, later = own.list_drafts(olga, after=after, limit=2)
    third, end = own.list_drafts(olga, after=later, limit=2)
    assert [image.id for image in [*first, *second, *third]] == [row.id for row in reversed(rows)]
    assert end is None


def test_drafts_are_counted_with_those_still_being_prepared(olga: Actor, run_jobs: RunJobs) -> None:
    make_draft(olga)
    run_jobs()
    make_draft(olga)
    assert own.count_drafts(olga) == (2, 1)
    assert own.count_drafts(VISITOR) == (0, 0)


def test_visitors_and_guests_have_no_drafts(gus: Actor) -> None:
    with pytest.raises(NotSignedIn):
        own.list_drafts(VISITOR)
    with pytest.raises(Forbidden):
        own.list_drafts(gus)


def test_one_value_for_all_chosen_is_one_action(olga: Actor) -> None:
    rows = [draft(olga), draft(olga)]
    action = review.set_field(olga, [row.id for row in [*rows, rows[0]]], "project", "Blade")
    assert {fresh(row).project.name for row in rows} == {"Blade"}
    assert undoing.undo(olga, str(action)).image_ids == sorted(row.id for row in rows)


def test_drafts_of_others_cannot_be_set_published_or_discarded(olga: Actor, sam: Actor) -> None:
    mine, theirs = draft(olga), draft(sam)
    with pytest.raises(NotFound):
        review.set_field(olga, [mine.id, theirs.id], "genre", "Noir")
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
    assert own.count_drafts(olga)[0] == 3


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
        review.set_field(olga, [mine.id, strange], "genre", "Noir")
    assert review.discard(olga, [strange]) == ([], None)
    assert review.publish(olga, [strange, mine.id]).ids == [mine.id]
