"""Out of sight and back, and gone for good with all that hung on it."""

from collections.abc import Callable
from typing import Any

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, Forbidden, NotFound, NotSignedIn
from pindeck.models import (
    Activity,
    Alias,
    Blob,
    Derivative,
    FieldEvent,
    Generation,
    Image,
    ImageTag,
    Like,
    StoredFile,
)
from pindeck.services.actions import shown
from pindeck.services.clients import api_keys
from pindeck.services.images import aliases, detail, generations, projects, trash, trashed, undoing
from pindeck.services.library import own
from tests import invariants
from tests.conftest import ChangeSettings, RunJobs, count_queries
from tests.factories import fresh, make_active, make_draft, make_row, new_photo, objects, public_objects, together

Act = Callable[[Actor, str], object]


def gone_for(image: Image, days: int) -> None:
    Image.update(deleted_at=db.now_ms() - days * db.DAY_MS).where(Image.seq == image.seq).execute()


def test_a_trashed_image_keeps_everything_and_comes_back_to_where_it_was(
    olga: Actor, sam: Actor, run_jobs: RunJobs
) -> None:
    image = make_active(olga, tags="neon")
    detail.toggle_like(sam, image.id)
    trash.trash(olga, image.id)
    gone = fresh(image)
    assert (gone.is_trashed, gone.deleted_by, gone.status) == (True, olga.user_id, "active")
    assert Like.select().count() == 1
    trash.restore(olga, image.id)
    run_jobs()
    back = fresh(image)
    assert (back.deleted_at, back.deleted_by, back.status, back.likes) == (None, None, "active", 1)
    assert "neon" in [row.tag for row in ImageTag.select()]
    invariants.check()


def test_a_draft_comes_back_as_a_draft(olga: Actor) -> None:
    image = make_draft(olga)
    trash.trash(olga, image.id)
    assert trash.restore(olga, image.id).status == "draft"


def test_an_alias_is_released_remembered_and_given_back(olga: Actor) -> None:
    image = make_row(olga)
    aliases.assign(olga, image.id, "@Hero")
    trash.trash(olga, image.id)
    assert Alias.select().count() == 0
    assert fresh(image).last_alias == "Hero"
    back = trash.bring_back(olga, image.id)
    assert (back.restored_alias, back.lost_alias) == ("@Hero", None)
    assert aliases.of_image(image.id) == "@Hero"
    assert fresh(image).last_alias is None


def test_an_alias_that_went_to_another_image_stays_there(olga: Actor) -> None:
    image, other = make_row(olga), make_row(olga)
    aliases.assign(olga, image.id, "@hero")
    trash.trash(olga, image.id)
    aliases.assign(olga, other.id, "@HERO")
    back = trash.bring_back(olga, image.id)
    assert (back.restored_alias, back.lost_alias) == (None, "@hero")
    assert [aliases.of_image(each.id) for each in (image, other)] == [None, "@HERO"]


def test_what_lies_in_the_trash_is_not_found_there_by_other_doors(olga: Actor) -> None:
    image = make_row(olga)
    trash.trash(olga, image.id)
    with pytest.raises(NotFound):
        detail.get_detail(olga, image.id)
    with pytest.raises(NotFound):
        trash.trash(olga, image.id)


def test_only_what_lies_in_the_trash_can_be_restored(olga: Actor) -> None:
    with pytest.raises(Conflict):
        trash.restore(olga, make_row(olga).id)


def test_purging_removes_rows_and_objects(olga: Actor, sam: Actor, run_jobs: RunJobs) -> None:
    image = make_active(olga, tags="neon")
    detail.toggle_like(sam, image.id)
    detail.count_view(sam, image.id)
    trash.purge(olga, image.id)
    assert public_objects() == []
    run_jobs(include_later=True)
    for model in (Image, StoredFile, Blob, Derivative, ImageTag, Like, FieldEvent):
        assert model.select().count() == 0, model
    assert objects() == []
    note = Activity.get(Activity.verb == "image.purge")
    assert (note.image_id, note.user_id, note.detail["title"]) == (image.id, olga.user_id, image.title)
    with pytest.raises(NotFound):
        trash.purge(olga, image.id)


def test_purging_one_of_two_equal_pictures_keeps_the_bytes(olga: Actor, sam: Actor, run_jobs: RunJobs) -> None:
    data = new_photo()
    first, second = make_active(olga, data), make_active(sam, data)
    run_jobs(include_later=True)
    before = objects()
    trash.purge(olga, first.id)
    run_jobs(include_later=True)
    assert objects() == before
    assert fresh(second).public_token
    invariants.check()
    trash.purge(sam, second.id)
    run_jobs(include_later=True)
    assert objects() == []
    assert Blob.select().count() == 0


def test_a_purged_parent_leaves_its_children(olga: Actor) -> None:
    parent = make_row(olga)
    child = make_row(olga, parent_id=parent.id)
    trash.purge(olga, parent.id)
    assert fresh(child).parent_id is None


def test_emptying_removes_only_ones_own_trash(olga: Actor, mo: Actor, sam: Actor) -> None:
    mine = [make_row(olga) for _ in range(3)]
    kept, theirs = make_row(olga), make_row(sam)
    for image in mine:
        trash.trash(olga, image.id)
    trash.trash(sam, theirs.id)
    assert trash.empty(mo) == 0
    assert trash.empty(olga) == 3
    assert {image.id for image in Image.select()} == {kept.id, theirs.id}


def in_trash(actor: Actor, count: int = 1, **columns: object) -> list[Image]:
    rows = [make_row(actor, **columns) for _ in range(count)]  # type: ignore[arg-type]
    for image in rows:
        trash.trash(actor, image.id)
    return rows


def gone() -> set[str]:
    return {image.id for image in Image.select().where(Image.deleted_at.is_null(False))}


def test_chosen_pictures_come_back_as_one_action_that_can_be_taken_back(olga: Actor, sam: Actor) -> None:
    rows, theirs = in_trash(olga, 3), in_trash(sam)[0]
    wanted = [rows[0].id, rows[2].id, theirs.id, rows[2].id, make_row(olga).id, "\x00"]
    count, lost, action = trashed.restore(olga, wanted)
    assert (count, lost) == (2, []) and gone() == {rows[1].id, theirs.id}
    last = shown.last(olga)
    assert last and (last.id, last.total, last.verb) == (action, 2, "image.restore")
    assert set(undoing.undo(olga, str(action)).image_ids) == {rows[0].id, rows[2].id}
    assert gone() == {theirs.id, *(row.id for row in rows)}
    assert trashed.restore(olga, [theirs.id]) == (0, [], None)


def test_all_that_the_trash_shows_come_back_and_an_administrator_restores_those_of_others(
    olga: Actor, sam: Actor, mo: Actor
) -> None:
    in_trash(olga, 2)
    theirs = in_trash(sam)[0]
    assert trashed.restore(olga, None)[0] == 2 and gone() == {theirs.id}
    assert trashed.restore(mo, None)[0] == 1 and gone() == set()


def test_names_come_back_with_the_pictures_and_of_two_the_later_deleted_has_it(olga: Actor) -> None:
    rows = [make_row(olga) for _ in range(3)]
    for image, name in zip(rows, ("@Hero", "@hero", "@boat"), strict=True):
        aliases.assign(olga, image.id, name)
        trash.trash(olga, image.id)
        Image.update(deleted_at=db.now_ms() + image.seq).where(Image.seq == image.seq).execute()
    other = make_row(olga)
    aliases.assign(olga, other.id, "@BOAT")
    count, lost, action = trashed.restore(olga, [image.id for image in rows])
    assert count == 3 and sorted(lost) == ["@Hero", "@boat"]
    assert [aliases.of_image(image.id) for image in [*rows, other]] == [None, "@hero", None, "@BOAT"]
    undoing.undo(olga, str(action))
    assert [fresh(image).last_alias for image in rows] == ["Hero", "hero", "boat"]


def test_restoring_asks_as_much_for_many_as_for_two(olga: Actor) -> None:
    costs = []
    for count in (2, 40):
        rows = in_trash(olga, count)
        for image in rows:
            Image.update(last_alias=f"name{image.seq}").where(Image.seq == image.seq).execute()
        with count_queries() as asked:
            trashed.restore(olga, [image.id for image in rows])
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_chosen_pictures_are_deleted_for_good_and_others_stay(olga: Actor, sam: Actor, gus: Actor) -> None:
    rows, theirs, kept = in_trash(olga, 3), in_trash(sam)[0], make_row(olga)
    assert trashed.purge(olga, [rows[0].id, rows[1].id, theirs.id, kept.id]) == 2
    assert {image.id for image in Image.select()} == {rows[2].id, theirs.id, kept.id}
    assert trashed.purge(olga, [rows[0].id]) == 0
    assert trashed.purge(olga, None) == 1
    for act in (trashed.restore, trashed.purge):
        with pytest.raises(Forbidden):
            act(gus, [theirs.id])
        with pytest.raises(NotSignedIn):
            act(VISITOR, None)
    assert gone() == {theirs.id}


def test_two_who_restore_and_delete_the_same_at_once_end_with_one_of_both(olga: Actor) -> None:
    rows = in_trash(olga, 6)
    ids = [image.id for image in rows]
    found = together(2, lambda n: trashed.restore(olga, ids)[0] if n else trashed.purge(olga, ids))
    assert sum(map(int, found)) == 6 == Image.select().count() + int(found[0])  # type: ignore[call-overload]


def test_the_sweep_removes_what_lay_there_too_long(olga: Actor) -> None:
    old, young, kept = make_row(olga), make_row(olga), make_row(olga)
    gone_for(old, 31)
    gone_for(young, 29)
    assert trash.sweep(days=30) == 1
    assert {image.id for image in Image.select()} == {young.id, kept.id}
    assert Activity.get(Activity.verb == "image.purge").user_id is None
    assert trash.sweep(days=30) == 0


def test_the_list_shows_ones_own_trash_and_an_administrator_everything(
    olga: Actor, sam: Actor, mo: Actor, gus: Actor
) -> None:
    rows = [make_row(actor) for actor in (olga, olga, sam)]
    for number, image in enumerate(rows):
        gone_for(image, 10 - number)
    make_row(olga)
    assert [image.id for image in own.list_trash(olga)[0]] == [rows[1].id, rows[0].id]
    assert [image.id for image in own.list_trash(mo)[0]] == [rows[2].id, rows[1].id, rows[0].id]
    assert [own.count_trash(actor) for actor in (olga, sam, mo, gus, VISITOR)] == [2, 1, 3, 0, 0]
    with pytest.raises(NotSignedIn):
        own.list_trash(VISITOR)
    with pytest.raises(Forbidden):
        own.list_trash(gus)


def test_the_list_is_read_page_by_page_and_misses_nothing(olga: Actor) -> None:
    rows = [make_row(olga) for _ in range(7)]
    Image.update(deleted_at=1000).where(Image.seq.in_([image.seq for image in rows[:4]])).execute()
    Image.update(deleted_at=2000).where(Image.seq.in_([image.seq for image in rows[4:]])).execute()
    seen: list[str] = []
    after = None
    while True:
        page, after = own.list_trash(olga, after=after, limit=2)
        seen += [image.id for image in page]
        if after is None:
            break
    assert seen == [image.id for image in [*reversed(rows[4:]), *reversed(rows[:4])]]


@pytest.mark.parametrize("act", [trash.trash, trash.purge], ids=["trash", "purge"])
def test_only_owner_and_administrators_remove_an_image_of_the_library(
    act: Act, olga: Actor, sam: Actor, mo: Actor, gus: Actor
) -> None:
    image = make_row(olga)
    for actor, error in ((VISITOR, NotSignedIn), (gus, Forbidden), (sam, Forbidden)):
        with pytest.raises(error):
            act(actor, image.id)
    assert not fresh(image).is_trashed
    act(mo, image.id)
    act(olga, make_row(olga).id)
    assert Image.select().where(Image.deleted_at.is_null()).count() == 0


@pytest.mark.parametrize("act", [trash.restore, trash.purge], ids=["restore", "purge"])
def test_the_trash_of_others_does_not_exist_for_strangers(
    act: Act, olga: Actor, sam: Actor, mo: Actor, gus: Actor
) -> None:
    image = make_row(olga)
    trash.trash(olga, image.id)
    for actor in (VISITOR, gus, sam):
        with pytest.raises(NotFound):
            act(actor, image.id)
    act(mo, image.id)


def test_drafts_and_private_images_of_others_do_not_exist_for_strangers(olga: Actor, sam: Actor) -> None:
    for image in (make_row(olga, status="draft"), make_row(olga, visibility="private")):
        with pytest.raises(NotFound):
            trash.trash(sam, image.id)


def test_a_guest_who_may_upload_may_remove_its_own(gus: Actor, change_settings: ChangeSettings) -> None:
    change_settings(guest_uploads=True)
    image = make_row(gus)
    trash.trash(gus, image.id)
    assert trash.empty(gus) == 1
    assert Image.select().count() == 0


def test_two_purges_at_once_are_one(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_draft(olga)
    results = together(2, lambda _: trash.purge(olga, image.id))
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "NotFound"]
    run_jobs(include_later=True)
    assert objects() == []
    assert Activity.select().where(Activity.verb == "image.purge").count() == 1


def test_what_something_uses_stays_when_asked_for(olga: Actor) -> None:
    used, output = make_row(olga), make_row(olga)
    run = generations.add([used.id], project_id=projects.DEFAULT_ID, status="completed", output_image_id=output.id)
    for act in (trash.trash, trash.purge):
        with pytest.raises(Conflict) as refused:
            act(olga, used.id, unused=True)
        assert refused.value.code == "IN_USE"
    assert not fresh(used).is_trashed
    trash.purge(olga, output.id, unused=True)
    assert Generation.get_by_id(run.id).output_image_id is None
    trash.purge(olga, used.id)
    assert Generation.get_by_id(run.id).inputs == []


def test_a_program_is_written_down_with_what_it_did(olga: Actor) -> None:
    client, _, text = api_keys.create(api_keys.NewClient("master"))
    program = api_keys.actor_of(text)
    assert program
    image = make_row(olga)
    trash.trash(program, image.id)
    trash.restore(program, image.id)
    trash.purge(program, image.id)
    notes = Activity.select().where(Activity.image_id == image.id).order_by(Activity.id)
    assert [(note.verb, note.client_id, note.user_id) for note in notes] == [
        (verb, client.id, None) for verb in ("image.trash", "image.restore", "image.purge")
    ]


def test_what_is_deleted_for_good_right_after_it_went_to_the_trash_is_told_of_as_it_was(
    olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, act = make_row(olga), trash._trash

    def and_purged(*given: Any, **named: Any) -> tuple[list[str], str | None]:
        done = act(*given, **named)
        trash.purge(olga, image.id)
        return done

    monkeypatch.setattr(trash, "_trash", and_purged)
    assert trash.trash(olga, image.id).image.title == image.title
