"""Copies merged into one, as one action: nothing of what they were given is lost, and all of it can be taken back."""

import pytest

from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from pindeck.models import Image, InheritedEvent, Like, Memo, NotTwin, Project, Twin
from pindeck.services.boards import boards, pictures
from pindeck.services.boards.canvas import acting, objects
from pindeck.services.images import (
    aliases,
    detail,
    history,
    ledger,
    memos,
    parting,
    standing,
    trash,
    twins,
    undoing,
    uniting,
)
from pindeck.services.library import duplicates
from tests.conftest import count_queries, run_due_jobs
from tests.factories import fresh, make_active, make_draft, make_row
from tests.services.images import snapshots
from tests.services.images.test_twins import copy, group

pytestmark = pytest.mark.parametrize("engine", ["sqlite", "postgres"])


def test_the_picture_that_stays_has_all_that_the_copies_had_and_undo_gives_it_back(olga: Actor, sam: Actor, mo: Actor) -> None:
    keep = make_active(olga, copy(3, 0.9), title="Untitled", tags=["night"], project="Heist")
    large = make_active(olga, copy(3), title="The alley", tags=["rain", "night"], genre="Noir", project="Heist")
    third = make_active(olga, copy(3, quality=40), title="Third", project="Other", description="From the web")
    ledger.write(large.id, {"project_order": 4}, ledger.person(olga))
    aliases.assign(olga, large.id, "@alley")
    aliases.assign(olga, third.id, "@lost")
    for actor, image in ((sam, large), (mo, third), (sam, keep)):
        detail.toggle_like(actor, image.id, wanted=True)
    memos.write(mo, large.id, "Ask about the lens")
    run_due_jobs()
    keep, large = fresh(keep), fresh(large)
    before = snapshots.tables()
    merged = uniting.merge(olga, keep.id, [large.id, third.id])
    now = fresh(keep)
    assert (now.title, now.genre, now.description, now.project_order) == ("The alley", "Noir", "From the web", 4)
    assert {"night", "rain"} <= set(ledger.tags_of(keep.id)) and now.likes == 2
    assert {like.user_id for like in Like.select().where(Like.image_id == keep.id)} == {sam.user_id, mo.user_id}
    assert Memo.get(Memo.image_id == keep.id).text == "Ask about the lens"
    assert (now.file_id, now.width, now.size, now.phash) == (large.file_id, large.width, large.size, large.phash)
    assert fresh(large).file_id == keep.file_id and fresh(large).is_trashed and fresh(third).is_trashed
    assert aliases.of_image(keep.id) == "@alley" and merged.lost == ["@lost"]
    told = history.history(olga, keep.id)
    assert any("Third" in event.who for event in told) and all(not event.can_revert for event in told if event.copy_of)
    run_due_jobs()
    assert fresh(keep).public_token not in (None, keep.public_token)
    with pytest.raises(NotFound):
        uniting.merge(olga, keep.id, [large.id])
    undoing.undo(olga, merged.action_id)
    run_due_jobs()
    assert snapshots.tables() == before
    assert fresh(large).public_token is not None
    _, again = undoing.redo(olga)
    assert {like.user_id for like in Like.select().where(Like.image_id == keep.id)} == {sam.user_id, mo.user_id}
    assert fresh(keep).likes == 2 and Memo.get(Memo.image_id == keep.id).text == "Ask about the lens"
    assert InheritedEvent.select().where(InheritedEvent.image_id == keep.id).exists()
    assert fresh(keep).file_id == large.file_id and fresh(third).is_trashed and aliases.of_image(keep.id) == "@alley"
    undoing.undo(olga, again)
    run_due_jobs()
    assert snapshots.tables() == before


def test_boards_of_anybody_show_the_picture_where_its_copy_stood(olga: Actor, sam: Actor) -> None:
    keep, other = make_active(olga, copy(3)), make_active(olga, copy(3, quality=30))
    mine, theirs = boards.create(olga, name="Night")[0], boards.create(sam, name="Rain")[0]
    for actor, board in ((olga, mine), (sam, theirs)):
        pictures.add(actor, board.id, [other.id])
        pictures.write_note(actor, board.id, other.id, f"Note of {board.name}")
    before = snapshots.tables()
    merged = uniting.merge(olga, keep.id, [other.id])
    for board in (mine, theirs):
        row = pictures.on_board(board.id, [keep.id])[keep.id]
        assert row.note == f"Note of {board.name}" and row.position == pictures.on_board(board.id, [other.id])[other.id].position
    undoing.undo(olga, merged.action_id)
    assert snapshots.tables() == before
    again = undoing.redo(olga)[1]
    assert all(pictures.on_board(board.id, [keep.id]) for board in (mine, theirs))
    undoing.undo(olga, again)
    assert snapshots.tables() == before


def test_canvases_of_anybody_show_the_picture_where_its_copy_stood(olga: Actor, sam: Actor) -> None:
    keep, other = make_active(olga, copy(3)), make_active(olga, copy(3, quality=30))
    mine, theirs, own = boards.create(olga, name="Night")[0], boards.create(sam, name="Rain")[0], boards.create(sam, name="Fog")[0]
    for actor, board, ids in ((olga, mine, [other.id]), (sam, theirs, [other.id, keep.id]), (sam, own, [other.id, keep.id])):
        pictures.add(actor, board.id, ids)
        placed = acting.add(actor, board.id, "picture", image_id=other.id, x=30, y=-40, text="The alley").ids[0]
        acting.group(actor, board.id, [placed, *acting.add(actor, board.id, "note").ids])
    acting.add(sam, own.id, "picture", image_id=keep.id)
    before, of_own = snapshots.tables(), objects.read(own.id)

    def picture_on(board_id: str) -> dict[str, objects.State]:
        return {key: objects.state(row) for key, row in objects.read(board_id).items() if row.image_id}

    were = {board.id: picture_on(board.id) for board in (mine, theirs)}
    merged = uniting.merge(olga, keep.id, [other.id])
    for board_id, was in were.items():
        ((key, state),) = was.items()
        assert picture_on(board_id) == {key: {**state, "image_id": keep.id}}
    assert objects.read(own.id) == of_own
    undoing.undo(olga, merged.action_id)
    assert snapshots.tables() == before
    _, again = undoing.redo(olga)
    assert all(row["image_id"] == keep.id for row in picture_on(mine.id).values())
    undoing.undo(olga, again)
    assert snapshots.tables() == before
    merged = uniting.merge(olga, keep.id, [other.id])
    (key,) = picture_on(theirs.id)
    acting.change(sam, theirs.id, {key: {"x": 500}})
    (here,) = picture_on(mine.id)
    acting.change(olga, mine.id, {here: {"x": 600}})
    undone = undoing.undo(olga, merged.action_id)
    reasons = [left.reason for left in undone.left]
    assert reasons.count(standing.SINCE) == 2 and len(reasons) == 3  # the picture stays on the board where it was moved
    assert picture_on(theirs.id)[key] == {**were[theirs.id][key], "image_id": keep.id, "x": 500}
    assert picture_on(mine.id)[here]["x"] == 600 and not fresh(other).is_trashed


def test_variations_of_a_copy_are_those_of_the_picture_that_stays(olga: Actor, sam: Actor) -> None:
    first, keep, other = make_row(olga), make_active(olga, copy(3)), make_active(olga, copy(3, quality=30))
    ours, theirs = make_row(olga, parent_id=other.id), make_row(sam, parent_id=other.id, visibility="private")
    between = make_row(olga, parent_id=other.id)  # the picture that stays was made of the copy, by way of this one
    Image.update(parent_id=first.id).where(Image.id == other.id).execute()
    Image.update(parent_id=between.id).where(Image.id == keep.id).execute()
    before = snapshots.tables()

    def parents() -> list[str | None]:
        return [fresh(image).parent_id for image in (ours, theirs, between, keep, other)]

    merged = uniting.merge(olga, keep.id, [other.id])
    assert parents() == [keep.id, keep.id, keep.id, first.id, first.id]
    undoing.undo(olga, merged.action_id)
    assert parents() == [other.id, other.id, other.id, between.id, first.id]
    run_due_jobs()
    assert snapshots.tables() == before
    _, again = undoing.redo(olga)
    assert parents() == [keep.id, keep.id, keep.id, first.id, first.id]
    Image.update(parent_id=first.id).where(Image.id == ours.id).execute()
    undoing.undo(olga, again)
    assert parents() == [first.id, other.id, other.id, between.id, first.id]


def test_history_stays_when_the_copy_is_deleted_for_good(olga: Actor) -> None:
    keep, other = make_active(olga, copy(3)), make_active(olga, copy(3, quality=30), title="Old name")
    third = make_active(olga, copy(3, quality=35))
    uniting.merge(olga, keep.id, [other.id])
    trash.purge(olga, other.id)
    count = InheritedEvent.select().where(InheritedEvent.image_id == keep.id).count()
    assert count > 0 and any(event.copy_of == "Old name" for event in history.history(olga, keep.id))
    uniting.merge(olga, third.id, [keep.id])
    assert any(event.copy_of == "Old name" for event in history.history(olga, third.id))


def test_who_may_merge_and_what_is_refused(olga: Actor, sam: Actor, mo: Actor, gus: Actor) -> None:
    mine, other, theirs = make_active(olga, copy(3)), make_active(olga, copy(3, quality=30)), make_active(sam, copy(3, quality=35))
    hidden = make_draft(sam, copy(3, quality=50))
    for keep, ids, wrong in (
        (mine.id, [], Invalid), (mine.id, [mine.id], Invalid), (mine.id, [hidden.id], NotFound), (hidden.id, [mine.id], NotFound),
        (mine.id, [theirs.id], Forbidden), (mine.id, ["nothing"], NotFound), (mine.id, [other.id] * 2 + [f"x{n}" for n in range(70)], Invalid),
    ):  # fmt: skip
        with pytest.raises(wrong):
            uniting.merge(olga, keep, ids)
    for actor, wrong in ((gus, Forbidden), (VISITOR, NotSignedIn)):
        with pytest.raises(wrong):
            uniting.merge(actor, mine.id, [other.id])
    fresh_draft = make_draft(olga, copy(3, quality=60))
    with pytest.raises(Conflict, match="still being stored"):
        uniting.merge(olga, mine.id, [fresh_draft.id])
    assert not fresh(other).is_trashed and not fresh(theirs).is_trashed
    assert uniting.merge(mo, mine.id, [theirs.id]).action_id
    assert fresh(theirs).is_trashed


def test_groups_show_what_the_reader_sees_and_statements_do_not_grow(olga: Actor, sam: Actor, mo: Actor, gus: Actor, change_settings) -> None:
    made = [make_active(olga, copy(3, 0.9)), make_active(olga, copy(3)), make_active(sam, copy(3, quality=40))]
    draft = make_draft(sam, copy(3, quality=50))
    alone = [make_active(sam, copy(5)), make_draft(sam, copy(5, quality=40))]
    run_due_jobs()
    group()
    with count_queries() as few:
        (mine,), more = duplicates.list_groups(olga)
    assert more is None and {c.image.id for c in mine.copies} == {image.id for image in made}
    assert mine.best_id == made[1].id and not mine.is_exact and mine.can_merge
    assert {c.image.id for c in mine.copies if not c.may_go} == {made[2].id}
    theirs, _ = duplicates.list_groups(sam)
    assert [len(g.copies) for g in theirs] == [2, 4]
    assert len(duplicates.list_groups(mo)[0]) == 1  # drafts of others are told to nobody
    first, after = duplicates.list_groups(sam, limit=1)
    second, _ = duplicates.list_groups(sam, limit=1, after=after)
    assert [g.id for g in [*first, *second]] == [g.id for g in theirs]
    with count_queries() as many:
        duplicates.list_groups(sam)
    assert len(few) == len(many) == 3
    with pytest.raises(Forbidden):
        duplicates.list_groups(gus)
    with pytest.raises(NotSignedIn):
        duplicates.list_groups(VISITOR)
    assert duplicates.find(olga, Twin.get(Twin.seq == alone[0].seq).group_id) is None
    Image.update(visibility="private").where(Image.seq == made[2].seq).execute()
    assert [len(g.copies) for g in duplicates.list_groups(olga)[0]] == [2]
    assert draft.id not in {c.image.id for c in duplicates.list_groups(olga)[0][0].copies}


def test_not_the_same_is_remembered_and_can_be_taken_back(olga: Actor, gus: Actor) -> None:
    made = [make_active(olga, copy(3)), make_active(olga, copy(3, quality=40)), make_active(olga, copy(3, quality=30))]
    group()
    before = snapshots.tables()
    (mine,), _ = duplicates.list_groups(olga)
    for wrong, ids in ((Invalid, []), (Invalid, [made[0].id, "nothing"])):
        with pytest.raises(wrong):
            parting.part(olga, mine.id, ids)
    with pytest.raises(Forbidden):
        parting.part(gus, mine.id, [made[2].id])
    with pytest.raises(NotFound):
        parting.part(olga, "nothing", [made[2].id])
    action_id = parting.part(olga, mine.id, [made[2].id])
    twins.due(image.seq for image in made)
    group()
    (left,), _ = duplicates.list_groups(olga)
    assert {c.image.id for c in left.copies} == {made[0].id, made[1].id} and NotTwin.select().count() == 2
    undoing.undo(olga, action_id)
    assert snapshots.tables() == before
    again = undoing.redo(olga)[1]
    group()
    assert {c.image.id for c in duplicates.list_groups(olga)[0][0].copies} == {made[0].id, made[1].id}
    undoing.undo(olga, again)
    assert snapshots.tables() == before
    parting.part(olga, mine.id, [image.id for image in made])
    twins.due(image.seq for image in made)
    group()
    assert duplicates.list_groups(olga) == ([], None) and Project.select().count() == 1
