"""Pictures in the row of their project, and what is done to the project: who may, what moves, and the way back."""

import pytest

from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from pindeck.models import Action, Image, Project
from pindeck.services.actions import log, shown
from pindeck.services.images import aliases, arranging, large, project_words, projects, undoing
from pindeck.services.library import filters, gallery, places
from pindeck.states import ImageStatus
from tests.conftest import ChangeSettings, RunJobs
from tests.factories import fresh, make_row


def row(actor: Actor, slug: str) -> list[str]:
    return [image.title for image in places.row_page(actor, places.find(actor, slug)).images]


@pytest.fixture
def blade(olga: Actor) -> dict[str, Image]:
    return {title: make_row(olga, title=title, project="Blade") for title in "ABCDE"}


def test_every_move_within_a_row_is_what_a_list_would_do(olga: Actor, blade: dict[str, Image]) -> None:
    expected = list("ABCDE")
    for moved, before in [("C", "A"), ("A", None), ("E", "C"), ("B", "D"), ("D", "D"), ("C", "E"), ("A", "B"), ("A", "B")]:
        if moved != before:
            expected.remove(moved)
            expected.insert(expected.index(before) if before else len(expected), moved)
            arranging.put(olga, "blade", [blade[moved].id], before=blade[before].id if before else None)
        assert row(olga, "blade") == expected
    action = Action.select().where(Action.verb == "image.order").order_by(Action.id.desc()).first()
    undoing.undo(olga, action.id)
    assert row(olga, "blade") != expected


def test_what_stands_behind_a_move_and_has_no_place_gets_none(olga: Actor, blade: dict[str, Image]) -> None:
    arranging.put(olga, "blade", [blade["B"].id], before=blade["A"].id)
    assert [fresh(blade[title]).project_order for title in "BACDE"] == [0, 1, None, None, None]
    assert arranging.put(olga, "blade", [blade["B"].id], before=blade["A"].id).action_id is None


def test_a_picture_goes_to_another_row_and_both_are_numbered(olga: Actor, blade: dict[str, Image]) -> None:
    for n, title in enumerate("ABCDE"):
        Image.update(project_order=n).where(Image.seq == blade[title].seq).execute()
    egg = make_row(olga, title="Egg", project="Alien")
    put = arranging.put(olga, "alien", [blade["B"].id], before=egg.id)
    assert row(olga, "alien") == ["B", "Egg"] and row(olga, "blade") == list("ACDE")
    assert [fresh(blade[title]).project_order for title in "ACDE"] == [0, 1, 2, 3]
    assert put.action_id
    undoing.undo(olga, put.action_id)
    assert row(olga, "alien") == ["Egg"] and row(olga, "blade") == list("ABCDE")


def test_a_move_that_releases_an_alias_asks_first(olga: Actor, blade: dict[str, Image]) -> None:
    make_row(olga, project="Alien")
    aliases.assign(olga, blade["A"].id, "@hero")
    with pytest.raises(Conflict) as asked:
        arranging.put(olga, "alien", [blade["A"].id, blade["B"].id])
    assert asked.value.code == "RELEASES_ALIASES" and asked.value.details == {"aliases": ["@hero"]}
    assert fresh(blade["B"]).project_id == blade["B"].project_id
    put = arranging.put(olga, "alien", [blade["A"].id, blade["B"].id], confirmed=True)
    assert put.released == ["@hero"]
    arranging.put(olga, "alien", [blade["A"].id])  # inside the row nothing is released


def test_what_leaves_all_projects_is_in_none_of_that_name(olga: Actor, blade: dict[str, Image]) -> None:
    arranging.put(olga, Project.get_by_id(projects.DEFAULT_ID).slug, [blade["A"].id])
    assert fresh(blade["A"]).project_id == projects.DEFAULT_ID
    assert not Project.select().where(Project.name_key.in_(["unassigned project", "without a project"])).exists()


def test_who_may_arrange(
    olga: Actor, sam: Actor, gus: Actor, blade: dict[str, Image], change_settings: ChangeSettings
) -> None:
    theirs = [blade["A"].id]
    arranging.put(sam, "blade", theirs)
    with pytest.raises(Forbidden):
        arranging.put(gus, "blade", theirs)
    with pytest.raises(NotSignedIn):
        arranging.put(VISITOR, "blade", theirs)
    change_settings(metadata_edit_policy="owner")
    with pytest.raises(Forbidden):
        arranging.put(sam, "blade", theirs)
    hidden = make_row(olga, project="Secret", status=ImageStatus.DRAFT)
    with pytest.raises(NotFound):
        arranging.put(sam, "secret", [make_row(sam).id])
    with pytest.raises(NotFound):
        arranging.put(sam, "blade", [hidden.id])
    with pytest.raises(Invalid):
        arranging.put(sam, "blade", [])


# Names


def found(actor: Actor, words: str) -> int:
    return len(gallery.list_page(actor, {filters.WORDS: words}).images)


def test_a_project_is_renamed_and_its_pictures_are_found_by_the_new_name_until_it_is_undone(
    olga: Actor, blade: dict[str, Image]
) -> None:
    renamed, action_id = project_words.rename(olga, "blade", "  Night   ride ")
    assert (renamed.name, renamed.slug) == ("Night ride", "blade")
    assert (found(olga, "night ride"), found(olga, "blade")) == (5, 0)
    assert {image.project_key for image in Image.select()} == {"night ride"}
    assert project_words.rename(olga, "blade", "Night ride")[1] is None
    undoing.undo(olga, str(action_id))
    assert Project.get(Project.slug == "blade").name == "Blade" and found(olga, "blade") == 5


def test_many_pictures_are_indexed_by_a_job(
    olga: Actor, blade: dict[str, Image], run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "PART", 2)
    project_words.rename(olga, "blade", "Night ride")
    assert found(olga, "night ride") == 0
    run_jobs()
    assert (found(olga, "night ride"), found(olga, "blade")) == (5, 0)
    assert {image.project_key for image in Image.select()} == {"night ride"}


def test_names_that_cannot_be_are_refused(olga: Actor, blade: dict[str, Image]) -> None:
    make_row(olga, project="Alien")
    for wrong in ("", " ", "x" * 121, 7):
        with pytest.raises(Invalid) as refused:
            project_words.rename(olga, "blade", wrong)
        assert "name" in refused.value.fields
    with pytest.raises(Conflict):
        project_words.rename(olga, "blade", "ALIEN")
    action_id = project_words.rename(olga, "blade", "Bladed")[1]
    project_words.rename(olga, "alien", "Blade")
    with pytest.raises(Conflict):
        undoing.undo(olga, str(action_id))


def test_who_may_rename_and_merge(
    olga: Actor, sam: Actor, gus: Actor, blade: dict[str, Image], change_settings: ChangeSettings
) -> None:
    make_row(olga, project="Alien")
    for act in (lambda a: project_words.rename(a, "blade", "New"), lambda a: large.merge_projects(a, "blade", "alien")):
        with pytest.raises(Forbidden):
            act(gus)
        with pytest.raises(NotSignedIn):
            act(VISITOR)
    change_settings(metadata_edit_policy="owner")
    with pytest.raises(Forbidden):
        project_words.rename(sam, "blade", "New")
    change_settings(metadata_edit_policy="any_user")
    project_words.rename(sam, "blade", "New")


def test_two_projects_become_one_and_two_again(olga: Actor, blade: dict[str, Image]) -> None:
    make_row(olga, title="Egg", project="Alien")
    with pytest.raises(Invalid):
        large.merge_projects(olga, "blade", "blade")
    action_id, running = large.merge_projects(olga, "blade", "alien")
    assert running is None and sorted(row(olga, "alien")) == ["A", "B", "C", "D", "E", "Egg"]
    with pytest.raises(NotFound):
        places.find(olga, "blade")
    undoing.undo(olga, str(action_id))
    assert row(olga, "blade") == list("ABCDE")


def test_pictures_go_to_the_project_that_was_meant_whatever_it_is_called_by_then(
    olga: Actor, blade: dict[str, Image], run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "PART", 2)
    make_row(olga, title="Egg", project="Alien")
    _, running = large.merge_projects(olga, "blade", "alien")
    assert running
    project_words.rename(olga, "alien", "Aliens")
    run_jobs()
    assert sorted(row(olga, "alien")) == ["A", "B", "C", "D", "E", "Egg"] and not Project.select().where(Project.name == "Alien").exists()
    make_row(olga, title="Z", project="Zed")
    real = arranging._project

    def renamed_meanwhile(actor: Actor, named: str) -> Project:
        found = real(actor, named)
        project_words.rename(olga, "zed", "Zod")
        return found

    monkeypatch.setattr(arranging, "_project", renamed_meanwhile)
    arranging.put(olga, "zed", [blade["A"].id])
    assert sorted(row(olga, "zed")) == ["A", "Z"] and not Project.select().where(Project.name == "Zed").exists()


def test_the_history_names_projects_to_those_who_may_know_them(olga: Actor, mo: Actor, sam: Actor, blade: dict[str, Image]) -> None:
    egg = make_row(sam, title="Egg", project="Alien")
    arranging.put(olga, "blade", [blade["C"].id], before=blade["A"].id)
    project_words.rename(olga, "blade", "Blade 2")
    large.merge_projects(olga, "alien", "blade")

    def told(actor: Actor) -> list[str]:
        return [view.thing for view in shown.list_actions(actor)[0]]

    assert told(mo) == ["“Alien” into “Blade 2”", "“Blade 2”", "“Blade 2”"]
    assert told(olga) == ["“Blade 2”"] * 3  # of the other one she sees no picture any more
    Image.update(visibility="private", user=sam.user_id).where(Image.id.in_([egg.id, *(row.id for row in blade.values())])).execute()
    assert told(olga) == ["", "", ""]
