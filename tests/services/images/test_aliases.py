"""Names: what they may be, whom they mean, and that they move whole."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peewee import IntegrityError

from pindeck import access, db
from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from pindeck.models import Alias, Flow, Image
from pindeck.services.images import aliases, flows, ledger, projects, trash
from tests import invariants
from tests.conftest import ChangeSettings
from tests.factories import fresh, make_active, make_row, together


@given(st.text(max_size=80))
def test_a_name_is_kept_or_refused_and_never_changed(text: str) -> None:
    try:
        name = aliases.check(text)
    except Invalid as error:
        assert list(error.fields) == ["alias"]
        return
    assert f"@{name}" == text
    assert text.isascii() and 2 <= len(text) <= 64


@given(st.from_regex(r"\A@[A-Za-z0-9][A-Za-z0-9_-]{0,62}\Z"))
def test_every_plain_name_is_taken(text: str) -> None:
    assert aliases.shown(aliases.check(text)) == text


@pytest.mark.parametrize("text", ["@Last", "@first", "@UPLOAD"])
def test_technical_names_can_be_looked_for_and_not_given(text: str) -> None:
    assert aliases.check(text)
    with pytest.raises(Invalid):
        aliases.check_new(text)


def test_finding_by_any_spelling(olga: Actor) -> None:
    image = make_row(olga)
    aliases.assign(olga, image.id, "@Hero")
    assert aliases.find(projects.DEFAULT_ID, "@hERO") == image.id
    assert aliases.find(projects.find_or_create("Other").id, "@hero") is None
    assert aliases.of_image(image.id) == "@Hero"


def test_the_order_is_flow_then_project_and_hidden_holders_are_passed_by(olga: Actor, sam: Actor) -> None:
    one, two = make_row(olga), make_row(olga)
    view = flows.create(olga, projects.DEFAULT_ID)
    aliases.assign(olga, one.id, "@hero")
    flows.set_aliases(olga, view.flow.id, {"@hero": two.id})

    def found(actor: Actor) -> str:
        return aliases.resolve(actor, "@hero", projects.DEFAULT_ID, view.flow.id).id

    assert found(olga) == found(sam) == two.id
    Image.update(visibility="private").where(Image.seq == two.seq).execute()
    assert (found(olga), found(sam)) == (two.id, one.id)


def test_who_may_assign(olga: Actor, sam: Actor, gus: Actor, change_settings: ChangeSettings) -> None:
    image = make_row(olga)
    with pytest.raises(NotSignedIn):
        aliases.assign(VISITOR, image.id, "@a")
    with pytest.raises(Forbidden):
        aliases.assign(gus, image.id, "@a")
    assert aliases.assign(sam, image.id, "@a")[1] is None
    change_settings(metadata_edit_policy="owner")
    with pytest.raises(Forbidden):
        aliases.assign(sam, image.id, "@b")
    assert aliases.of_image(image.id) == "@a"
    assert Alias.get().set_by == sam.user_id


def test_both_images_are_touched_even_within_a_millisecond(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = make_row(olga), make_row(olga)
    monkeypatch.setattr(db, "now_ms", lambda: fresh(two).updated_at)
    aliases.assign(olga, one.id, "@hero")
    before = [fresh(image) for image in (one, two)]
    assert aliases.assign(olga, two.id, "@hero")[1] == one.id
    for old in before:
        new = fresh(old)
        assert new.updated_at > old.updated_at and new.version == old.version + 1


def test_nothing_changes_when_a_name_is_refused(olga: Actor) -> None:
    one, two = make_row(olga), make_row(olga)
    aliases.assign(olga, one.id, "@hero")
    aliases.assign(olga, two.id, "@other")
    before = [fresh(image).version for image in (one, two)]
    with pytest.raises(Conflict) as refused:
        aliases.assign(olga, two.id, "@hero", override=False)
    assert refused.value.details["heldBy"] == one.id
    assert [fresh(image).version for image in (one, two)] == before
    assert [aliases.of_image(image.id) for image in (one, two)] == ["@hero", "@other"]


def test_an_image_that_went_meanwhile_is_not_found(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    image = make_row(olga)
    known = fresh(image)
    trash.trash(olga, image.id)
    monkeypatch.setattr(access, "image_for", lambda *_: known)
    with pytest.raises(NotFound):
        aliases.assign(olga, image.id, "@hero")
    assert Alias.select().count() == 0


def test_writers_and_restorers_at_once_leave_one_holder(olga: Actor) -> None:
    rows = [make_row(olga) for _ in range(6)]
    for image in rows[:3]:
        aliases.assign(olga, image.id, "@hero")
        trash.trash(olga, image.id)

    def work(number: int) -> None:
        if number < 3:
            trash.bring_back(olga, rows[number].id)
        else:
            aliases.assign(olga, rows[number].id, "@hero")

    assert together(6, work) == [None] * 6
    assert Alias.select().where(Alias.name_key == "hero").count() == 1


def test_swaps_in_both_directions_do_not_lock_each_other_up(olga: Actor) -> None:
    one, two = make_row(olga), make_row(olga)
    aliases.assign(olga, one.id, "@a")
    aliases.assign(olga, two.id, "@b")

    def work(number: int) -> None:
        for turn in range(10):
            if number % 2:
                aliases.assign(olga, (one, two)[turn % 2].id, "@a")
            else:
                aliases.assign(olga, (two, one)[turn % 2].id, "@b")

    assert together(4, work) == [None] * 4
    assert Alias.select().count() <= 2
    assert len({alias.image_id for alias in Alias.select()}) == Alias.select().count()


def test_moves_and_assignments_at_once_never_leave_a_name_in_the_old_project(olga: Actor) -> None:
    image = make_row(olga)

    def work(number: int) -> None:
        if number:
            ledger.edit(olga, image.id, "project", "Elsewhere")
        else:
            aliases.assign(olga, image.id, "@hero")

    results = together(2, work)
    assert results[1] is None and (results[0] is None or isinstance(results[0], NotFound))
    held = Alias.get_or_none(Alias.image_id == image.id)
    assert held is None or held.project_id == fresh(image).project_id


def test_invariants_hold_through_the_life_of_a_name(olga: Actor) -> None:
    image = make_active(olga)
    aliases.assign(olga, image.id, "@hero")
    invariants.check()
    trash.trash(olga, image.id)
    invariants.check()
    trash.restore(olga, image.id)
    assert aliases.of_image(image.id) == "@hero"
    trash.purge(olga, image.id)
    assert (Alias.select().count(), Flow.select().count()) == (0, 0)


def test_what_a_deadlock_broke_off_is_done_again(olga: Actor) -> None:
    """Two transactions that lock two rows in opposite orders: both end, and each was done once."""
    rows = [make_row(olga), make_row(olga)]
    met = threading.Barrier(2)

    def work(number: int) -> None:
        first, second = rows if number else rows[::-1]
        tries: list[int] = []

        def change() -> None:
            tries.append(1)
            Image.update(likes=Image.likes + 1).where(Image.seq == first.seq).execute()
            if len(tries) == 1 and db.is_postgres():  # SQLite has one writer at a time and none to meet
                met.wait(30)
            Image.update(likes=Image.likes + 1).where(Image.seq == second.seq).execute()

        db.retried(change)

    assert together(2, work) == [None] * 2
    assert [fresh(image).likes for image in rows] == [2, 2]


def test_other_errors_are_not_tried_again(olga: Actor) -> None:
    tries = []

    def broken() -> None:
        tries.append(1)
        Image.update(likes=-1).where(Image.seq == image.seq).execute()

    image = make_row(olga)
    with pytest.raises(IntegrityError):
        db.retried(broken)
    assert tries == [1] and fresh(image).likes == 0


@pytest.mark.parametrize("hidden", [{"status": "draft"}, {"visibility": "private"}])
def test_what_visitors_cannot_see_takes_no_name_from_what_they_see_unless_asked_to(
    olga: Actor, hidden: dict[str, str]
) -> None:
    shown, other = make_row(olga), make_row(olga, **hidden)
    aliases.assign(olga, shown.id, "@hero")
    with pytest.raises(Conflict) as refused:
        aliases.assign(olga, other.id, "@hero")
    assert refused.value.code == "ALIAS_CONFLICT" and "mayHide" in refused.value.details["alias"]  # type: ignore[operator]
    assert (aliases.of_image(shown.id), aliases.of_image(other.id)) == ("@hero", None)
    assert aliases.assign(olga, other.id, "@hero", may_hide=True)[1] == shown.id
    assert aliases.assign(olga, shown.id, "@hero")[1] == other.id  # nobody sees less by this one


def test_an_image_that_goes_to_the_trash_before_it_takes_a_name_is_not_found(
    olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, image, lock = make_row(olga), make_row(olga), aliases.lock_project
    aliases.assign(olga, holder.id, "@hero")

    def and_gone(project_id: str) -> None:
        lock(project_id)
        Image.update(deleted_at=1).where(Image.seq == image.seq).execute()

    monkeypatch.setattr(aliases, "lock_project", and_gone)
    with pytest.raises(NotFound):
        aliases.assign(olga, image.id, "@hero")
