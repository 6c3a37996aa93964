"""Links that work once, for seven days."""

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.config import Settings
from pindeck.errors import Forbidden, Invalid, NotFound, NotSignedIn
from pindeck.models import Activity, Invite, Session, User
from pindeck.services.accounts import accounts, administration, invitations, sessions
from pindeck.services.accounts.accounts import Visit
from pindeck.states import Role
from tests.factories import together

PASSWORD = "correct horse battery"


@pytest.fixture
def someone(mo: Actor) -> User:
    accounts.create("zero@example.org", PASSWORD)
    return accounts.create("someone@example.org", PASSWORD)


@pytest.mark.parametrize("role", ["admin", "curator"])
def test_an_invitation_makes_one_account_of_its_role(mo: Actor, someone: User, role: str) -> None:
    token = invitations.make_invite(mo, role)
    assert invitations.find(token, "invite").role == role
    user = invitations.accept(token, "new@example.org", PASSWORD, name="New")
    assert (user.role, user.name) == (role, "New")
    assert Invite.get().used_by == user.id
    with pytest.raises(NotFound):
        invitations.accept(token, "second@example.org", PASSWORD)
    assert User.get_or_none(User.email == "second@example.org") is None


def test_an_invitation_used_by_several_at_once_makes_one_account(mo: Actor, someone: User) -> None:
    token = invitations.make_invite(mo, "curator")
    results = together(4, lambda n: invitations.accept(token, f"p{n}@example.org", PASSWORD))
    assert sorted(type(result).__name__ for result in results) == ["NotFound", "NotFound", "NotFound", "User"]
    assert User.select().where(User.email.startswith("p")).count() == 1


def test_a_mistake_does_not_use_up_an_invitation(mo: Actor, someone: User) -> None:
    token = invitations.make_invite(mo, "curator")
    for email, password in (("someone@example.org", PASSWORD), ("x", PASSWORD), ("a@example.org", "short")):
        with pytest.raises(Invalid):
            invitations.accept(token, email, password)
    assert invitations.accept(token, "a@example.org", PASSWORD).role == Role.CURATOR


def test_a_link_expires_after_seven_days(mo: Actor) -> None:
    token = invitations.make_invite(mo, "curator")
    assert Invite.get().expires_at - Invite.get().created_at == 7 * 86_400_000
    Invite.update(expires_at=db.now_ms() - 1).execute()
    with pytest.raises(NotFound):
        invitations.find(token, "invite")
    assert invitations.list_open(mo) == []


@pytest.mark.parametrize("how", ["disabled", "demoted"])
def test_links_stop_working_with_their_maker(mo: Actor, someone: User, how: str) -> None:
    boss = accounts.create("boss@example.org", PASSWORD, role=Role.ADMIN)
    maker = Actor(boss.id, Role.ADMIN, "Boss")
    invite, reset = invitations.make_invite(maker, "admin"), invitations.make_reset(maker, someone.id)
    kept = invitations.make_invite(mo, "curator")
    held = invitations.find(invite, "invite")
    if how == "disabled":
        administration.disable(mo, boss.id)
    else:
        administration.set_role(mo, boss.id, "curator")
    for token, purpose in ((invite, "invite"), (reset, "reset")):
        with pytest.raises(NotFound):
            invitations.find(token, purpose)
    with pytest.raises(NotFound):
        invitations.accept(invite, "a@example.org", PASSWORD)
    with pytest.raises(NotFound):
        invitations.reset(reset, "another password")
    with pytest.raises(NotFound):  # found before, used after
        invitations._use(held, str(mo.user_id))
    assert User.get_or_none(User.email == "a@example.org") is None
    assert [link.id for link in invitations.list_open(mo)] == [invitations.find(kept, "invite").id]


def test_only_a_hash_of_a_link_is_kept(mo: Actor) -> None:
    token = invitations.make_invite(mo, "curator")
    assert token not in str(Invite.select().dicts().get())


def test_a_link_serves_its_purpose_only(mo: Actor, someone: User) -> None:
    invite, reset = invitations.make_invite(mo, "curator"), invitations.make_reset(mo, someone.id)
    with pytest.raises(NotFound):
        invitations.reset(invite, "another password")
    with pytest.raises(NotFound):
        invitations.accept(reset, "a@example.org", PASSWORD)
    for wrong in ("", "x", "\x00", "\ud800"):
        with pytest.raises(NotFound):
            invitations.find(wrong, "invite")


def test_a_reset_sets_the_password_once_and_ends_all_sessions(mo: Actor, someone: User, database: Settings) -> None:
    session = sessions.start(someone, days=1)
    token = invitations.make_reset(mo, someone.id)
    with pytest.raises(Invalid):
        invitations.reset(token, "short")
    assert invitations.reset(token, "another password") == someone
    assert sessions.find(session, days=1) is None
    with pytest.raises(NotFound):
        invitations.reset(token, "third password")
    assert accounts.sign_in("someone@example.org", "another password", Visit("a"))[0] == someone
    assert Session.select().where(Session.user == someone.id).count() == 1


def test_one_reset_makes_the_other_links_useless(mo: Actor, someone: User) -> None:
    used, spare = invitations.make_reset(mo, someone.id), invitations.make_reset(mo, someone.id)
    invitations.reset(used, "another password")
    with pytest.raises(NotFound):
        invitations.reset(spare, "a third password")


def test_where_no_accounts_are_made_invitations_make_none(mo: Actor, someone: User) -> None:
    token = invitations.make_invite(mo, "curator")
    with pytest.raises(Forbidden):
        invitations.make_invite(mo, "curator", registration="closed")
    with pytest.raises(Forbidden):
        invitations.accept(token, "a@example.org", PASSWORD, registration="closed")
    assert invitations.accept(token, "a@example.org", PASSWORD).role == Role.CURATOR


def test_links_are_noted(mo: Actor, someone: User) -> None:
    invitations.make_invite(mo, "curator")
    invitations.make_reset(mo, someone.id)
    notes = Activity.select().where(Activity.verb.in_(["invite.make", "reset.make"])).order_by(Activity.id)
    assert [(note.verb, note.user_id, note.detail["account"]) for note in notes] == [
        ("invite.make", mo.user_id, None),
        ("reset.make", mo.user_id, someone.id),
    ]


def test_the_command_line_resets_by_address(someone: User) -> None:
    token = invitations.make_reset_for_email(" Someone@example.org ")
    assert invitations.find(token, "reset").user_id == someone.id
    with pytest.raises(NotFound):
        invitations.make_reset_for_email("nobody@example.org")


def test_only_administrators_make_links(mo: Actor, olga: Actor, gus: Actor) -> None:
    for actor, error in ((VISITOR, NotSignedIn), (gus, Forbidden), (olga, Forbidden)):
        for door in (
            lambda who: invitations.make_invite(who, "admin"),
            lambda who: invitations.make_reset(who, str(mo.user_id)),
            invitations.list_open,
            lambda who: invitations.withdraw(who, "x"),
        ):
            with pytest.raises(error):
                door(actor)
    assert Invite.select().count() == 0


def test_nobody_is_invited_as_something_else_and_guests_have_no_password(mo: Actor, gus: Actor) -> None:
    for role in ("guest", "root", ""):
        with pytest.raises(Invalid):
            invitations.make_invite(mo, role)
    with pytest.raises(NotFound):
        invitations.make_reset(mo, str(gus.user_id))


def test_open_invitations_are_listed_and_can_be_withdrawn(mo: Actor, someone: User) -> None:
    used, kept, gone = (invitations.make_invite(mo, "curator") for _ in range(3))
    invitations.make_reset(mo, someone.id)
    invitations.accept(used, "a@example.org", PASSWORD)
    invitations.withdraw(mo, invitations.find(gone, "invite").id)
    assert [invite.id for invite in invitations.list_open(mo)] == [invitations.find(kept, "invite").id]
    with pytest.raises(NotFound):
        invitations.accept(gone, "b@example.org", PASSWORD)
    invitations.withdraw(mo, Invite.get(Invite.used_at.is_null(False)).id)
    assert Invite.select().where(Invite.used_at.is_null(False)).count() == 1
