"""The log of actions and its undo: whose it is, for how long, what stays and who changed it, and what it costs."""

from typing import Any

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.db import dialect
from pindeck.errors import Conflict, NotFound
from pindeck.models import Action, ActionStep, Alias, FieldEvent, Image, Job, Project, StoredFile
from pindeck.services.actions import log, shown
from pindeck.services.images import aliases, ledger, managed, moderation, moving, projects, review, trash, undoing
from pindeck.services.images.managed import Change
from pindeck.services.images.undoing import forgetting
from pindeck.states import ActionStatus, ImageStatus
from tests.conftest import count_queries
from tests.factories import fresh, make_active, make_row, public_objects, together


def last(actor: Actor) -> str:
    action = shown.last(actor)
    assert action
    return str(action.id)


# Whose it is, and for how long


def test_an_action_is_taken_back_by_who_did_it_or_by_an_administrator(olga: Actor, sam: Actor, mo: Actor) -> None:
    image = make_row(olga, title="Rain")
    for actor in (olga, mo):
        action = ledger.edit(olga, image.id, "title", "Snow").action_id
        for stranger in (sam, VISITOR):
            with pytest.raises(NotFound):
                undoing.undo(stranger, action)
        assert undoing.undo(actor, action).image_ids == [image.id]
        assert fresh(image).title == "Rain"
    with pytest.raises(Conflict, match="already"):
        undoing.undo(olga, action)


def test_after_thirty_days_it_is_forgotten_and_the_history_of_the_words_stays(olga: Actor) -> None:
    image = make_row(olga, title="Rain")
    old = ledger.edit(olga, image.id, "title", "Snow").action_id
    trash.trash(olga, image.id)
    young = last(olga)
    Action.update(created_at=db.now_ms() - log.DAYS * db.DAY_MS - 1000).where(Action.id == old).execute()
    with pytest.raises(NotFound):
        undoing.undo(olga, old)
    assert forgetting.sweep() == 1
    assert [row.id for row in Action.select()] == [young]
    assert {row.action_id for row in ActionStep.select()} == {young}
    assert FieldEvent.select().where(FieldEvent.action_id == old).count() == 1


def test_one_that_runs_is_not_taken_back_and_ends_when_it_was_broken_off(olga: Actor) -> None:
    rows = [make_row(olga, title="Rain") for _ in range(2)]
    action = str(ledger.set_many(olga, [row.id for row in rows], {"title": "Snow"}))
    Action.update(status=ActionStatus.RUNNING, total=9).where(Action.id == action).execute()
    with pytest.raises(Conflict, match="still running"):
        undoing.undo(olga, action)
    assert shown.last(olga) is None
    assert forgetting.sweep() == 0
    Action.update(created_at=db.now_ms() - forgetting.BROKEN_OFF_MS - 1000).where(Action.id == action).execute()
    assert forgetting.sweep() == 1
    assert Action.get_by_id(action).total == 2
    assert len(undoing.undo(olga, action).image_ids) == 2


def test_two_undos_at_once_are_one(olga: Actor) -> None:
    image = make_row(olga, title="Rain")
    action = ledger.edit(olga, image.id, "title", "Snow").action_id
    found = together(2, lambda _: undoing.undo(olga, action).image_ids)
    assert sorted(map(type, found), key=str) == sorted([list, Conflict], key=str)
    assert fresh(image).title == "Rain"
    assert Action.select().where(Action.undoes_id == action).count() == 1


# What stays, and who changed it


def test_what_a_person_changed_since_is_named_with_both_values(olga: Actor, sam: Actor) -> None:
    image = make_row(olga, title="Rain")
    action = ledger.edit(olga, image.id, "title", "Snow").action_id
    theirs = ledger.edit(sam, image.id, "title", "Ice").action_id
    with pytest.raises(Conflict, match="The picture has been changed since by Sam") as caught:
        undoing.undo(olga, action)
    assert "It is “Ice” now." in caught.value.message
    assert caught.value.details["left"] == [
        {"image": image.id, "kind": "word", "field": "title", "reason": "has been changed since", "by": "Sam", "before": "Rain", "now": "Ice"}
    ]
    undoing.undo(sam, theirs)
    assert undoing.undo(olga, action).image_ids == [image.id]
    assert fresh(image).title == "Rain"


def test_what_a_job_changed_since_is_left(olga: Actor) -> None:
    image = make_row(olga)
    moderation.update(olga, image.id, {}, visibility="private")
    Image.update(visibility="unlisted").where(Image.seq == image.seq).execute()
    with pytest.raises(Conflict, match="It is “unlisted” now"):
        undoing.undo(olga, last(olga))


def test_what_is_gone_hidden_or_in_the_trash_is_left_and_the_rest_comes_back(olga: Actor, sam: Actor) -> None:
    rows = [make_row(sam, genre="Noir") for _ in range(4)]
    action = str(ledger.set_many(olga, [row.id for row in rows], {"genre": "Drama"}))
    trash.trash(sam, rows[0].id)
    trash.purge(sam, rows[1].id)
    moderation.update(sam, rows[2].id, {}, visibility="private")
    undone = undoing.undo(olga, action)
    assert undone.image_ids == [rows[3].id]
    # Others do not see what lies in the trash or is private; of what was purged no word is left.
    reasons = {one.step.image_id: one.reason for one in undone.left}
    assert reasons == dict.fromkeys([rows[0].id, rows[2].id], "is no longer there")
    assert shown.told(undone).startswith("2 of 4 pictures are no longer there.")
    trash.restore(sam, rows[0].id)
    assert undoing.undo(olga, action).image_ids == [rows[0].id]  # what was left can be taken back later


def test_nothing_is_kept_of_what_was_deleted_for_good(olga: Actor) -> None:
    image, other = make_row(olga, meta={"secret": 1}), make_row(olga)
    ledger.edit(olga, other.id, "title", "Snow")
    before = last(olga)
    managed.update(olga, image.id, Change(True, None, {}))
    ledger.edit(olga, image.id, "title", "Ice")
    trash.purge(olga, image.id)
    assert {row.image_id for row in ActionStep.select()} == set()
    for _ in range(2):
        with pytest.raises(Conflict, match="deleted for good"):
            undoing.undo(olga, last(olga))
    assert last(olga) == before  # those that are about nothing stand in nobody's way


def test_a_move_takes_back_all_that_it_let_go(olga: Actor) -> None:
    image = make_row(olga, project="Blade")
    blade = image.project_id
    StoredFile.update(project=blade).where(StoredFile.id == image.file_id).execute()
    aliases.assign(olga, image.id, "@hero")
    (name,) = Alias.select().dicts()
    action = ledger.edit(olga, image.id, "project", "Solaris").action_id
    solaris = fresh(image).project_id
    assert (Alias.select().count(), StoredFile.get_by_id(image.file_id).project_id) == (0, solaris)
    assert undoing.undo(olga, action).notices == []
    assert (fresh(image).project_id, StoredFile.get_by_id(image.file_id).project_id) == (blade, blade)
    assert list(Alias.select().dicts()) == [name]
    assert not Project.select().where(Project.id == solaris).exists()


def test_a_project_that_an_action_made_stays_while_others_use_it(olga: Actor, sam: Actor) -> None:
    mine, theirs = make_row(olga), make_row(sam)
    first = ledger.edit(olga, mine.id, "project", "Solaris").action_id
    second = ledger.edit(sam, theirs.id, "project", "solaris").action_id
    undoing.undo(olga, first)
    assert projects.name_of(fresh(theirs).project_id) == "Solaris"
    undoing.undo(sam, second)
    assert not Project.select().where(Project.name == "Solaris").exists()


def test_a_project_that_was_made_and_left_stays_until_its_making_is_taken_back(olga: Actor, sam: Actor) -> None:
    mine, theirs = make_row(olga), make_row(sam, project="Blade")
    made = ledger.edit(sam, theirs.id, "project", "Solaris").action_id
    left = ledger.edit(sam, theirs.id, "project", "Blade").action_id
    undoing.undo(olga, ledger.edit(olga, mine.id, "project", "Solaris").action_id)
    assert Project.select().where(Project.name == "Solaris").exists()  # where Sam's second undo leads back to
    undoing.undo(sam, left)
    assert projects.name_of(fresh(theirs).project_id) == "Solaris"
    undoing.undo(sam, made)
    assert not Project.select().where(Project.name == "Solaris").exists()


def test_an_undo_that_is_refused_changes_nothing(olga: Actor) -> None:
    image = make_row(olga)
    first = ledger.edit(olga, image.id, "project", "Solaris").action_id
    second = ledger.edit(olga, image.id, "project", "Alien").action_id
    with pytest.raises(Conflict):
        undoing.undo(olga, first)
    assert Project.select().where(Project.name == "Solaris").exists()  # where the second undo leads back to
    for action in (second, first):
        undoing.undo(olga, action)
    assert Project.select().where(~Project.is_default).count() == 0


def test_whatever_a_project_can_hold_keeps_it(olga: Actor) -> None:
    named = {table for table, _, other in dialect.references() if other == "project"}
    assert set(moving.HOLDS) == named - {"project_count"}


def test_a_name_that_somebody_took_stays_there_and_is_told(olga: Actor, sam: Actor) -> None:
    one, two = make_row(olga), make_row(sam)
    aliases.assign(olga, one.id, "@hero")
    action = trash.trash(olga, one.id).action_id
    aliases.assign(sam, two.id, "@Hero")
    undone = undoing.undo(olga, str(action))
    assert shown.told(undone) == "Taken back: moved to the trash. Another picture has the alias @hero now."
    assert (fresh(one).deleted_at, fresh(one).last_alias) == (None, None)
    assert aliases.of_image(two.id) == "@Hero"


def test_a_name_that_was_taken_from_another_goes_back_there(olga: Actor, sam: Actor) -> None:
    one, two = make_row(olga), make_row(sam)
    aliases.assign(olga, one.id, "@hero")
    rows = list(Alias.select().dicts())
    aliases.assign(sam, two.id, "@hero")
    undoing.undo(sam, last(sam))
    assert list(Alias.select().dicts()) == rows


def test_a_name_that_was_taken_from_a_hidden_picture_goes_back_there_and_nobody_hears_of_it(
    olga: Actor, sam: Actor
) -> None:
    hidden, mine = (make_row(actor, status=ImageStatus.DRAFT) for actor in (olga, sam))
    aliases.assign(olga, hidden.id, "@hero")
    rows = list(Alias.select().dicts())
    assert aliases.assign(sam, mine.id, "@hero")[1] is None
    undoing.undo(sam, last(sam))
    assert list(Alias.select().dicts()) == rows
    aliases.assign(sam, mine.id, "@hero")
    taken = last(sam)
    aliases.assign(olga, hidden.id, "@secret")
    aliases.assign(sam, mine.id, "@else")
    with pytest.raises(Conflict) as caught:
        undoing.undo(sam, taken)
    left = caught.value.details["left"]
    assert {(one["image"], one["by"], one["now"]) for one in left} == {(None, None, None), (mine.id, "Sam", None)}  # type: ignore[attr-defined]
    assert "secret" not in caught.value.message and "Olga" not in caught.value.message


def test_a_picture_is_published_and_withdrawn_again(olga: Actor, run_jobs: Any) -> None:
    image = make_active(olga)
    action = Action.select().where(Action.verb == "image.publish").get()
    assert public_objects()
    undoing.undo(olga, action.id)
    assert (fresh(image).status, fresh(image).public_token) == (ImageStatus.DRAFT, None)
    assert public_objects() == []
    run_jobs()
    gone = trash.trash(olga, image.id)
    undoing.undo(olga, str(gone.action_id))
    assert fresh(image).status == ImageStatus.DRAFT


def test_what_comes_back_from_the_trash_is_public_again(olga: Actor, run_jobs: Any) -> None:
    image = make_active(olga)
    undoing.undo(olga, str(trash.trash(olga, image.id).action_id))
    run_jobs()
    assert fresh(image).public_token not in (None, image.public_token)
    assert len(public_objects()) > 0


def test_what_goes_back_into_the_trash_does_not_fall_to_the_next_sweep(olga: Actor) -> None:
    image = make_row(olga)
    trash.trash(olga, image.id)
    Image.update(deleted_at=db.now_ms() - 40 * db.DAY_MS).where(Image.seq == image.seq).execute()
    trash.restore(olga, image.id)
    undoing.undo(olga, last(olga))
    assert trash.sweep(days=30) == 0
    assert fresh(image).is_trashed


def test_one_correction_of_words_and_visibility_is_one_action(olga: Actor) -> None:
    image = make_row(olga, title="Rain")
    moderation.update(olga, image.id, {"title": "Snow"}, visibility="private")
    (action,) = Action.select()
    assert (shown.what_of(action), action.total) == ("Edited Title, Visibility", 1)
    undoing.undo(olga, action.id)
    assert (fresh(image).title, fresh(image).visibility) == ("Rain", "library")


def test_a_focal_point_and_data_come_back(olga: Actor) -> None:
    image = make_row(olga, meta={"a": True})
    managed.update(olga, image.id, Change(True, (0.5, 0.25), {"a": 1}))
    undoing.undo(olga, last(olga))
    found = fresh(image)
    assert (found.focal_x, found.focal_y, found.meta["a"]) == (None, None, True)


def test_nothing_that_changed_nothing_is_an_action(olga: Actor) -> None:
    image = make_row(olga, title="Rain")
    ledger.edit(olga, image.id, "title", " Rain ")
    moderation.update(olga, image.id, {}, visibility="library")
    managed.update(olga, image.id, Change(True, None))
    aliases.assign(olga, image.id, None)
    assert ledger.set_many(olga, [image.id], {"title": "Rain"}) is None
    assert review.discard(olga, [image.id]) == ([], None)
    assert Action.select().count() == 0


# The list


def test_people_see_what_they_did_and_administrators_see_everything(olga: Actor, sam: Actor, mo: Actor) -> None:
    mine, theirs = make_row(olga, title="Mine"), make_row(sam, title="Theirs", status=ImageStatus.DRAFT)
    ledger.edit(olga, mine.id, "genre", "Noir")
    ledger.edit(sam, theirs.id, "genre", "Noir")
    undoing.undo(sam, last(sam))
    (own,), _ = shown.list_actions(olga)
    assert (own.what, own.about, own.who, own.can_undo) == ("Edited Genre", "Mine", "Olga", True)
    both, _ = shown.list_actions(mo)
    assert [(view.who, view.is_undone) for view in both] == [("Sam", True), ("Olga", False)]
    page, more = shown.list_actions(mo, limit=1)
    rest, end = shown.list_actions(mo, after=more, limit=1)
    assert ([view.who for view in page + rest], end) == (["Sam", "Olga"], None)


def test_the_list_names_a_few_pictures_and_none_that_the_reader_may_not_see(olga: Actor, sam: Actor, mo: Actor) -> None:
    rows = [make_row(olga, title=f"Still {number}") for number in range(9)]
    trash.trash_many(olga, rows)
    ledger.set_many(sam, [make_row(sam).id, make_row(olga).id], {"genre": "Noir"})
    hidden = make_row(olga, title="Hidden")
    ledger.edit(sam, hidden.id, "genre", "Noir")
    Image.update(visibility="private").where(Image.id == hidden.id).execute()
    one, two = shown.list_actions(sam)[0]
    assert (one.what, one.images, one.pictures, one.about, one.more) == ("Edited Genre", 1, [], None, 0)
    assert (two.images, len(two.pictures), two.about, two.more) == (2, 2, None, 0)
    (many,), _ = shown.list_actions(olga)
    assert ([image.id for image in many.pictures], many.images, many.more) == ([row.id for row in rows[:4]], 9, 5)
    assert [view.about for view in shown.list_actions(mo)[0]] == ["Hidden", None, None]
    for row in rows:
        trash.purge(olga, row.id)
    (many,), _ = shown.list_actions(olga)
    assert (many.images, many.pictures, many.more) == (9, [], 0)


def test_the_list_asks_as_much_for_many_actions_of_many_pictures_as_for_one(olga: Actor) -> None:
    ledger.edit(olga, make_row(olga).id, "genre", "Noir")
    with count_queries() as before:
        shown.list_actions(olga)
    rows = [make_row(olga).id for _ in range(30)]
    for number in range(60):
        ledger.set_many(olga, rows[: number % 30 + 1], {"genre": f"Genre {number}"})
    with count_queries() as after:
        found, more = shown.list_actions(olga)
    assert (len(found), bool(more)) == (50, True) and len(after) == len(before)
    assert {len(view.pictures) for view in found} == {1, 2, 3, 4}


# Many at once


def drafts_of(actor: Actor, count: int) -> list[str]:
    with db.writing():
        return [make_row(actor, title="Rain", status=ImageStatus.DRAFT, project="Blade").id for _ in range(count)]


@pytest.mark.parametrize(
    "act",
    [
        lambda olga, ids: ledger.set_many(olga, ids, {"genre": "Noir"}),
        lambda olga, ids: ledger.set_many(olga, ids, {"tags": "neon, wet"}),
        lambda olga, ids: ledger.set_many(olga, ids, {"project": "Solaris"}),
        lambda olga, ids: moderation.set_row_order(olga, "Alien", ids),
        lambda olga, ids: review.publish(olga, ids),
        lambda olga, ids: review.discard(olga, ids),
    ],
    ids=["genre", "tags", "project", "row", "publish", "discard"],
)
def test_many_cost_as_many_statements_as_two_and_so_does_their_undo(olga: Actor, act: Any) -> None:
    counts = []
    for number in (2, 60):
        ids = drafts_of(olga, number)
        with count_queries() as doing:
            act(olga, ids)
        action = last(olga)
        with count_queries() as taking_back:
            assert undoing.undo(olga, action).left == []
        counts.append((len(doing), len(taking_back)))
    assert counts[0] == counts[1], counts


def test_more_than_250_are_one_action_in_parts(olga: Actor) -> None:
    ids = drafts_of(olga, 260)
    action = str(ledger.set_many(olga, ids, {"genre": "Noir"}))
    kept = Action.get_by_id(action)
    assert (kept.status, kept.done, kept.total) == ("done", 260, 260)
    gone, discarded = review.discard(olga, None)
    assert sorted(gone) == sorted(ids)
    assert len(undoing.undo(olga, str(discarded)).image_ids) == 260
    assert undoing.undo(olga, action).image_ids == sorted(ids)
    assert Image.select().where(Image.genre.is_null() & Image.deleted_at.is_null()).count() == 260
    assert Action.select().where(Action.undoes_id.is_null(False)).count() == 2


def test_public_copies_of_many_go_with_one_job_each(olga: Actor, run_jobs: Any) -> None:
    tokens = set()
    rows = [make_active(olga) for _ in range(2)]
    tokens = {fresh(row).public_token for row in rows}
    trash.trash_many(olga, [fresh(row) for row in rows])
    jobs = Job.select().where((Job.kind == "unpublish") & (Job.status == "queued"))
    assert {job.payload["token"] for job in jobs} == tokens
    assert public_objects() == []
