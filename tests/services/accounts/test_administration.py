"""What administrators do with accounts."""

import pytest

from pindeck.access import VISITOR, Actor
from pindeck.config import Settings
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from pindeck.models import Activity, Image, Session, User
from pindeck.services.accounts import accounts, administration, sessions
from pindeck.services.accounts.accounts import Visit
from pindeck.states import Role
from tests.factories import fresh, make_row, together

PASSWORD = "correct horse battery"
HERE = Visit("192.0.2.1", "Browser")


@pytest.fixture
def first(database: Settings) -> User:
    return accounts.create("first@example.org", PASSWORD)


def actor_of(user: User) -> Actor:
    return Actor(user.id, user.role, user.display_name, user.email)


def test_only_administrators_manage_people(olga: Actor, sam: Actor, gus: Actor) -> None:
    doors = (
        lambda actor: administration.list_users(actor),
        lambda actor: administration.set_role(actor, str(sam.user_id), "admin"),
        lambda actor: administration.disable(actor, str(sam.user_id)),
        lambda actor: administration.enable(actor, str(sam.user_id)),
        lambda actor: administration.sign_out_everywhere(actor, str(sam.user_id)),
    )
    for door in doors:
        for actor, error in ((VISITOR, NotSignedIn), (gus, Forbidden), (olga, Forbidden)):
            with pytest.raises(error):
                door(actor)
    assert User.get_by_id(sam.user_id).role == Role.CURATOR


def test_guests_are_not_listed_and_not_managed(mo: Actor, olga: Actor, gus: Actor) -> None:
    assert {user.id for user in administration.list_users(mo)} == {mo.user_id, olga.user_id}
    for user_id in (str(gus.user_id), "missing"):
        with pytest.raises(NotFound):
            administration.set_role(mo, user_id, "admin")


def test_roles_are_given_and_noted(mo: Actor, olga: Actor) -> None:
    assert administration.set_role(mo, str(olga.user_id), "admin").role == Role.ADMIN
    note = Activity.get(Activity.verb == "account.role")
    assert (note.user_id, note.detail) == (mo.user_id, {"account": olga.user_id, "to": "admin"})
    for bad in ("guest", "root", ""):
        with pytest.raises(Invalid):
            administration.set_role(mo, str(olga.user_id), bad)


def test_the_last_administrator_stays_one(mo: Actor, olga: Actor) -> None:
    with pytest.raises(Conflict):
        administration.set_role(mo, str(mo.user_id), "curator")
    with pytest.raises(Conflict):
        administration.disable(mo, str(mo.user_id))
    administration.set_role(mo, str(olga.user_id), "admin")
    administration.disable(mo, str(olga.user_id))
    with pytest.raises(Conflict):
        administration.disable(mo, str(mo.user_id))
    administration.enable(mo, str(olga.user_id))
    assert administration.set_role(mo, str(mo.user_id), "curator").role == Role.CURATOR


@pytest.mark.parametrize("act", ["role", "disable"])
def test_administrators_who_remove_each_other_at_once_leave_one(database: Settings, act: str) -> None:
    from tests.conftest import add_person

    admins = [add_person(database, Role.ADMIN, f"Admin{number}") for number in range(4)]

    def remove_the_next(number: int) -> User:
        other = str(admins[(number + 1) % 4].user_id)
        if act == "role":
            return administration.set_role(admins[number], other, "curator")
        return administration.disable(admins[number], other)

    results = together(4, remove_the_next)
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "User", "User", "User"]
    assert User.select().where((User.role == Role.ADMIN) & User.disabled_at.is_null()).count() == 1


def test_a_disabled_account_is_out_at_once_and_keeps_what_it_owns(mo: Actor, first: User, database: Settings) -> None:
    _, token = accounts.sign_in("first@example.org", PASSWORD, HERE)
    image = make_row(actor_of(first))
    administration.disable(mo, first.id)
    assert sessions.find(token, days=30) is None
    assert Session.select().where(Session.user == first.id).count() == 0
    with pytest.raises(Invalid):
        accounts.sign_in("first@example.org", PASSWORD, HERE)
    assert Image.get().user_id == first.id == fresh(image).user_id
    administration.enable(mo, first.id)
    assert accounts.sign_in("first@example.org", PASSWORD, HERE)


def test_an_administrator_can_sign_somebody_out_everywhere(mo: Actor, olga: Actor) -> None:
    sessions.start(User.get_by_id(olga.user_id), days=1)
    assert administration.sign_out_everywhere(mo, str(olga.user_id)) == 2
    assert Session.select().where(Session.user == olga.user_id).count() == 0
