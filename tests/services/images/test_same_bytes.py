"""The picture that is there already: who is told of which one, and keeping it instead of a new draft."""

import pytest

from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, NotFound
from pindeck.models import Action, Image
from pindeck.services.images import publishing, same_bytes, trash, undoing
from tests import invariants
from tests.conftest import count_queries
from tests.factories import fresh, make_active, make_draft, make_row, new_photo, together


def test_the_first_that_came_before_is_told_to_who_sees_it(olga: Actor, sam: Actor, mo: Actor) -> None:
    data, other = new_photo(), new_photo()
    hidden = make_draft(olga, data)
    theirs, later, alone = make_draft(sam, data), make_draft(sam, data), make_draft(sam, other)
    mine = [theirs, later, alone, make_row(sam)]
    assert same_bytes.earlier_ones(sam, mine) == {later.id: theirs}
    assert same_bytes.earlier_ones(mo, mine) == {theirs.id: hidden, later.id: hidden}
    publishing.publish(olga, hidden.id)
    assert same_bytes.earlier_ones(sam, mine) == {theirs.id: hidden, later.id: hidden}
    assert same_bytes.earlier_ones(olga, [hidden]) == {}
    trash.trash(olga, hidden.id)
    assert same_bytes.earlier_ones(sam, mine) == {later.id: theirs}
    assert same_bytes.earlier_ones(sam, []) == {}


def test_it_asks_as_much_for_many_as_for_one(olga: Actor) -> None:
    data = new_photo()
    drafts = [make_draft(olga, data) for _ in range(12)]
    costs = []
    for some in (drafts[1:2], drafts):
        with count_queries() as asked:
            same_bytes.earlier_ones(olga, some)
        costs.append(len(asked))
    assert costs == [3, 3]


def test_keeping_the_earlier_one_discards_the_draft_as_one_act_that_can_be_taken_back(olga: Actor, sam: Actor) -> None:
    data = new_photo()
    first, draft = make_active(olga, data), make_draft(sam, data)
    for actor, error in ((olga, NotFound), (VISITOR, NotFound)):
        with pytest.raises(error):
            same_bytes.keep_earlier(actor, draft.id)
    gone, kept = same_bytes.keep_earlier(sam, draft.id)
    assert kept == first and fresh(draft).is_trashed and not fresh(first).is_trashed
    assert Action.select().where(Action.user_id == sam.user_id).count() == 1
    undoing.undo(sam, str(gone.action_id))
    assert not fresh(draft).is_trashed
    invariants.check()


def test_nothing_is_discarded_when_the_other_one_is_gone_or_there_is_none(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    data = new_photo()
    first, draft = make_draft(olga, data), make_draft(olga, data)
    with pytest.raises(Conflict):
        same_bytes.keep_earlier(olga, first.id)
    earlier = same_bytes.earlier_ones
    with monkeypatch.context() as patched:  # it goes between the look and the act
        patched.setattr(same_bytes, "earlier_ones", lambda actor, images: (earlier(actor, images), trash.trash(olga, first.id))[0])
        with pytest.raises(Conflict):
            same_bytes.keep_earlier(olga, draft.id)
    assert not fresh(draft).is_trashed
    with pytest.raises(Conflict):
        same_bytes.keep_earlier(olga, draft.id)
    trash.restore(olga, first.id)
    publishing.publish(olga, draft.id)
    with pytest.raises(Conflict, match="active already"):
        same_bytes.keep_earlier(olga, draft.id)


def test_both_do_not_go_at_once(olga: Actor) -> None:
    data = new_photo()
    first, draft = make_draft(olga, data), make_draft(olga, data)
    acts = (lambda: trash.trash(olga, first.id), lambda: same_bytes.keep_earlier(olga, draft.id))
    found = together(2, lambda number: acts[number]())
    assert not isinstance(found[0], Exception)
    if isinstance(found[1], Exception):
        assert isinstance(found[1], Conflict) and not fresh(draft).is_trashed
    assert Image.select().count() == 2
