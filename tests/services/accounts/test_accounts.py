"""Accounts: the first one, signing up and in, guests, and what administrators do."""

import pytest

from pindeck import config, db
from pindeck.access import VISITOR, Actor
from pindeck.config import Settings
from pindeck.db import dialect
from pindeck.errors import Forbidden, Invalid, NotFound, NotSignedIn, TooMany
from pindeck.models import Like, Session, Setup, StoredFile, User
from pindeck.services.accounts import accounts, passwords, sessions
from pindeck.services.accounts.accounts import Visit
from pindeck.states import Role
from tests.conftest import ChangeSettings
from tests.factories import fresh, make_row, together

PASSWORD = "correct horse battery"
HERE = Visit("192.0.2.1", "Browser")


def actor_of(user: User) -> Actor:
    return Actor(user.id, user.role, user.display_name, user.email)


@pytest.fixture
def first(database: Settings) -> User:
    return accounts.create("first@example.org", PASSWORD)


# The first account


def test_the_first_account_is_an_administrator_and_the_next_are_curators(database: Settings, change_settings: ChangeSettings) -> None:
    assert not accounts.first_account_exists()
    assert accounts.sign_up("a@example.org", PASSWORD).role == Role.ADMIN
    assert accounts.first_account_exists()
    change_settings(registration="open")
    assert accounts.sign_up("b@example.org", PASSWORD).role == Role.CURATOR


def test_of_many_first_accounts_made_at_once_exactly_one_is_an_administrator(database: Settings) -> None:
    results = together(5, lambda n: accounts.create(f"p{n}@example.org", PASSWORD))
    assert [type(result) for result in results] == [User] * 5
    assert User.select().where(User.role == Role.ADMIN).count() == 1
    assert User.select().count() == 5


def test_of_many_strangers_who_sign_up_first_at_once_one_gets_in(database: Settings) -> None:
    results = together(5, lambda n: accounts.sign_up(f"p{n}@example.org", PASSWORD))
    users = [result for result in results if isinstance(result, User)]
    assert [user.role for user in users] == [Role.ADMIN]
    assert {type(result) for result in results} == {User, Forbidden}


def test_whoever_loses_that_race_does_not_get_in_without_an_invitation(
    first: User, database: Settings, monkeypatch: pytest.MonkeyPatch, change_settings: ChangeSettings
) -> None:
    monkeypatch.setattr(accounts, "first_account_exists", lambda: False)  # as it was a moment ago
    with pytest.raises(Forbidden):
        accounts.sign_up("late@example.org", PASSWORD)
    assert User.select().count() == 1
    change_settings(registration="open")
    assert accounts.sign_up("c@example.org", PASSWORD).role == Role.CURATOR


def test_a_first_account_that_is_refused_leaves_the_place_free(database: Settings) -> None:
    with pytest.raises(Invalid):
        accounts.sign_up("nonsense", PASSWORD)
    assert not accounts.first_account_exists()
    assert accounts.sign_up("a@example.org", PASSWORD).role == Role.ADMIN


def test_on_loopback_no_code_is_needed(database: Settings) -> None:
    assert accounts.first_account_code() is None


def test_off_loopback_the_first_account_needs_the_code(database: Settings, change_settings: ChangeSettings) -> None:
    change_settings(host="0.0.0.0")
    code = accounts.first_account_code()
    assert code is not None and len(code) == 8
    assert accounts.first_account_code() == code
    for wrong in ("", "00000000" if code != "00000000" else "1", code[:-1], "\ud800", "☃"):
        with pytest.raises(Invalid) as caught:
            accounts.sign_up("a@example.org", PASSWORD, code=wrong)
        assert list(caught.value.fields) == ["code"]
    assert User.select().count() == 0
    assert accounts.sign_up("a@example.org", PASSWORD, code=f" {code} ").role == Role.ADMIN
    assert accounts.first_account_code() is None
    assert Setup.select().where(Setup.name == accounts.CODE).count() == 0


def test_many_guesses_of_the_code_at_once_get_no_more_answers(database: Settings, change_settings: ChangeSettings) -> None:
    change_settings(host="0.0.0.0", sign_in_rate="3/hour")
    assert accounts.first_account_code()
    results = together(10, lambda n: accounts.sign_up(f"p{n}@example.org", PASSWORD, code="wrong"))
    assert sorted(type(result).__name__ for result in results) == ["Invalid"] * 3 + ["TooMany"] * 7


def test_the_code_cannot_be_guessed_on_and_on(database: Settings, change_settings: ChangeSettings) -> None:
    change_settings(host="0.0.0.0", sign_in_rate="3/hour")
    code = str(accounts.first_account_code())
    for _ in range(3):
        with pytest.raises(Invalid):
            accounts.sign_up("a@example.org", PASSWORD, code="wrong")
    with pytest.raises(TooMany):
        accounts.sign_up("a@example.org", PASSWORD, code=code)
    assert User.select().count() == 0


def test_strangers_elsewhere_cannot_use_up_the_tries_of_whoever_has_the_code(database: Settings, change_settings: ChangeSettings) -> None:
    change_settings(host="0.0.0.0", sign_in_rate="3/hour")
    for _ in range(3):
        with pytest.raises(Invalid):
            accounts.sign_up("a@example.org", PASSWORD, code="wrong", origin=Visit("192.0.2.9"))
    code = str(accounts.first_account_code())
    assert accounts.sign_up("a@example.org", PASSWORD, code=code, origin=HERE).role == Role.ADMIN


def test_several_processes_agree_on_the_code(database: Settings, change_settings: ChangeSettings) -> None:
    change_settings(host="0.0.0.0")
    assert len(set(together(5, lambda _: accounts.first_account_code()))) == 1


# Signing up


@pytest.mark.parametrize("registration", ["invite", "closed"])
def test_strangers_need_an_invitation_unless_registration_is_open(
    first: User, database: Settings, registration: str, change_settings: ChangeSettings
) -> None:
    change_settings(registration=registration)
    assert not accounts.may_sign_up()
    with pytest.raises(Forbidden):
        accounts.sign_up("b@example.org", PASSWORD)
    change_settings(registration="open")
    assert accounts.may_sign_up()


@pytest.mark.parametrize(
    "email",
    ["", " ", "a", "a@", "@b.de", "a@b", "a b@c.de", "a@b.de,c@d.de", "<a@b.de>", "a@b.d", "a\x00@b.de", "a\ud800@b.de",
     "x" * 250 + "@b.de", None, 7, ["a@b.de"]],
    ids=ascii,
)  # fmt: skip
def test_what_is_no_address_is_refused(database: Settings, email: object) -> None:
    with pytest.raises(Invalid) as caught:
        accounts.create(email, PASSWORD)
    assert list(caught.value.fields) == ["email"]


@pytest.mark.parametrize(
    "password", ["", "x" * 9, "x" * 201, None, 7, "x" * 10 + "\x00", "x" * 10 + "\ud800"], ids=ascii
)
def test_passwords_have_ten_to_two_hundred_characters(database: Settings, password: object) -> None:
    with pytest.raises(Invalid) as caught:
        accounts.create("a@example.org", password)
    assert list(caught.value.fields) == ["password"]
    assert User.select().count() == 0


def test_an_address_belongs_to_one_account_whatever_its_case(first: User) -> None:
    with pytest.raises(Invalid) as caught:
        accounts.create(" FIRST@Example.org ", PASSWORD)
    assert list(caught.value.fields) == ["email"]
    assert User.select().count() == 1


def test_only_a_hash_of_the_password_is_kept(first: User) -> None:
    assert str(first.password_hash).startswith("$argon2id$")
    assert PASSWORD not in str(first.password_hash)


# Signing in


def test_signing_in_opens_a_session(first: User, database: Settings) -> None:
    user, token = accounts.sign_in(" FIRST@example.org", PASSWORD, HERE)
    assert user == first
    found = sessions.find(token, days=30)
    assert found and found[0].user_id == first.id
    session = Session.get()
    assert (session.address, session.agent) == ("192.0.2.1", "Browser")
    assert token not in session.id


def test_the_message_does_not_tell_what_was_wrong(first: User, database: Settings, change_settings: ChangeSettings) -> None:
    change_settings(sign_in_rate="0")
    messages = set()
    for email, password in (
        ("first@example.org", "wrong password"), ("nobody@example.org", PASSWORD), ("first@example.org", ""),
        ("first@example.org", None), (None, None), ("\x00", "x"), ("\ud800", "\ud800"), ("first@example.org", "x" * 999),
    ):  # fmt: skip
        with pytest.raises(Invalid) as caught:
            accounts.sign_in(email, password, HERE)
        messages.add(caught.value.message)
    assert len(messages) == 1
    assert Session.select().count() == 0


def test_many_who_know_their_password_sign_in_at_once(first: User, database: Settings, change_settings: ChangeSettings) -> None:
    change_settings(sign_in_rate="2/hour")
    results = together(6, lambda _: accounts.sign_in("first@example.org", PASSWORD, HERE))
    assert [result for result in results if not isinstance(result, tuple)] == []


def test_a_password_is_not_cut_to_one_that_fits(database: Settings) -> None:
    longest = "x" * passwords.MAX_LENGTH
    accounts.create("long@example.org", longest)
    assert accounts.sign_in("long@example.org", longest, HERE)
    with pytest.raises(Invalid):
        accounts.sign_in("long@example.org", longest + "y", HERE)


def test_a_hash_of_older_settings_is_renewed_at_sign_in(first: User, database: Settings) -> None:
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    User.update(password_hash=old).execute()
    accounts.sign_in("first@example.org", PASSWORD, HERE)
    assert User.get().password_hash != old
    assert accounts.sign_in("first@example.org", PASSWORD, HERE)


# Guests


def test_a_guest_gets_a_session_without_an_account(database: Settings) -> None:
    found = sessions.find(accounts.continue_as_guest(HERE), days=30)
    assert found
    assert (found[0].is_guest, found[0].name, found[0].email) == (True, "Guest", None)
    assert not accounts.first_account_exists()


def test_guests_are_not_admitted_where_that_is_off(database: Settings, change_settings: ChangeSettings) -> None:
    for closed in ("guest_access", "public_library"):
        change_settings(**{closed: False})
        with pytest.raises(Forbidden):
            accounts.continue_as_guest(HERE)
    assert User.select().count() == 0


def test_guests_of_one_address_are_limited(database: Settings, change_settings: ChangeSettings) -> None:
    change_settings(guest_rate="2/hour")
    for _ in range(2):
        accounts.continue_as_guest(HERE)
    with pytest.raises(TooMany):
        accounts.continue_as_guest(HERE)
    assert accounts.continue_as_guest(Visit("192.0.2.2"))
    assert User.select().count() == 3


def test_new_accounts_of_one_address_are_limited(database: Settings, first: User, change_settings: ChangeSettings) -> None:
    change_settings(registration="open", sign_up_rate="2/hour")
    results = together(5, lambda n: accounts.sign_up(f"p{n}@example.org", PASSWORD, origin=HERE))
    assert sorted(type(result).__name__ for result in results) == ["TooMany"] * 3 + ["User"] * 2
    with pytest.raises(TooMany, match="Try again in"):
        accounts.sign_up("late@example.org", PASSWORD, origin=HERE)
    assert accounts.sign_up("far@example.org", PASSWORD, origin=Visit("192.0.2.2"))
    assert User.select().where(User.email.startswith("p")).count() == 2
    change_settings(registration="open", sign_up_rate="0")
    assert accounts.sign_up("free@example.org", PASSWORD, origin=HERE)


def test_a_mistake_is_no_new_account(database: Settings, first: User, change_settings: ChangeSettings) -> None:
    change_settings(registration="open", sign_up_rate="1/hour")
    for email in ("nonsense", "first@example.org"):
        with pytest.raises(Invalid):
            accounts.sign_up(email, PASSWORD, origin=HERE)
    assert accounts.sign_up("a@example.org", PASSWORD, origin=HERE)


def test_a_guest_who_makes_an_account_keeps_its_pictures(gus: Actor, first: User) -> None:
    image = make_row(gus)
    trashed = make_row(gus, deleted_at=1, deleted_by=gus.user_id)
    accounts.upgrade_guest(gus, first)
    assert fresh(image).user_id == fresh(trashed).deleted_by == first.id
    assert User.get_or_none(User.id == gus.user_id) is None
    assert Session.select().where(Session.user == gus.user_id).count() == 0


def test_a_guest_who_makes_an_account_keeps_its_likes_and_files(
    gus: Actor, olga: Actor, first: User, database: Settings, change_settings: ChangeSettings
) -> None:
    Like.insert(user_id=gus.user_id, image_id=make_row(olga).id, created_at=1).execute()
    make_row(gus)
    change_settings(registration="open")
    user = accounts.sign_up("gus@example.org", PASSWORD, guest=gus)
    assert [like.user_id for like in Like.select()] == [user.id]
    assert StoredFile.select().where(StoredFile.user == user.id).count() == 1


def test_the_models_say_of_every_column_that_it_names_a_user(database: Settings) -> None:
    """Compared with the database itself, so that a table which comes later moves with a guest, too."""
    naming = {(table, column) for table, column, other in dialect.references() if other == "user"}
    for table in dialect.tables():
        naming |= {(table, column) for column, _, _ in dialect.columns(table) if column == "user_id"}
    assert len(naming) > 10
    assert accounts.naming_users() == naming
    assert naming > accounts.GUEST_LEAVES


def test_a_guest_whose_account_is_refused_loses_nothing(gus: Actor, first: User, database: Settings, change_settings: ChangeSettings) -> None:
    image = make_row(gus)
    with pytest.raises(Invalid):
        change_settings(registration="open")
        accounts.sign_up("first@example.org", PASSWORD, guest=gus)
    assert fresh(image).user_id == gus.user_id


def test_only_a_guest_is_taken_over(olga: Actor, first: User) -> None:
    image = make_row(olga)
    accounts.upgrade_guest(olga, first)
    assert fresh(image).user_id == olga.user_id


def test_idle_guests_who_own_nothing_are_removed(olga: Actor, database: Settings) -> None:
    from tests.conftest import add_person

    idle, owner, busy = (add_person(database, Role.GUEST, name) for name in "ABC")
    make_row(owner)
    long_ago = db.now_ms() - 31 * db.DAY_MS
    User.update(created_at=long_ago).execute()
    User.update(last_seen_at=long_ago).where(User.id.in_([idle.user_id, owner.user_id, olga.user_id])).execute()
    assert accounts.sweep_guests() == 1
    assert {user.id for user in User.select()} == {owner.user_id, busy.user_id, olga.user_id}


# One's own account


def test_changing_the_password_ends_the_other_sessions(first: User, database: Settings) -> None:
    _, here = accounts.sign_in("first@example.org", PASSWORD, HERE)
    _, elsewhere = accounts.sign_in("first@example.org", PASSWORD, HERE)
    actor = sessions.find(here, days=30)[0]  # type: ignore[index]
    accounts.change_password(actor, PASSWORD, "another password")
    assert sessions.find(here, days=30)
    assert sessions.find(elsewhere, days=30) is None
    with pytest.raises(Invalid):
        accounts.sign_in("first@example.org", PASSWORD, HERE)
    assert accounts.sign_in("first@example.org", "another password", HERE)


def test_changing_the_password_makes_reset_links_useless(first: User, mo: Actor) -> None:
    from pindeck.services.accounts import invitations

    token = invitations.make_reset(mo, first.id)
    accounts.change_password(actor_of(first), PASSWORD, "another password")
    with pytest.raises(NotFound):
        invitations.reset(token, "a third password")


def test_changing_the_password_needs_the_present_one_and_is_limited(first: User) -> None:
    actor = actor_of(first)
    for _ in range(10):
        with pytest.raises(Invalid) as caught:
            accounts.change_password(actor, "wrong", "another password")
        assert list(caught.value.fields) == ["current"]
    with pytest.raises(TooMany):
        accounts.change_password(actor, PASSWORD, "another password")


def test_many_guesses_of_the_present_password_at_once_get_no_more_answers(first: User) -> None:
    actor = actor_of(first)
    wrong = together(6, lambda n: accounts.change_password(actor, f"wrong {n}", "another password"))
    wrong += together(6, lambda n: accounts.change_password(actor, f"wrong {n}", "another password"))
    assert sorted(type(result).__name__ for result in wrong) == ["Invalid"] * 10 + ["TooMany"] * 2


def test_a_new_password_that_is_too_short_is_refused_at_its_field(first: User) -> None:
    with pytest.raises(Invalid) as caught:
        accounts.change_password(actor_of(first), PASSWORD, "short")
    assert list(caught.value.fields) == ["new"]


def test_guests_and_visitors_have_no_account_to_change(gus: Actor) -> None:
    for actor, error in ((VISITOR, NotSignedIn), (gus, Forbidden)):
        with pytest.raises(error):
            accounts.rename(actor, "x")
        with pytest.raises(error):
            accounts.change_password(actor, "x", "y" * 10)


def test_a_name_can_be_changed_and_has_at_most_eighty_characters(olga: Actor) -> None:
    accounts.rename(olga, "  Ólga ")
    assert User.get_by_id(olga.user_id).display_name == "Ólga"
    for bad in ("x" * 81, "\x00", None):
        with pytest.raises(Invalid):
            accounts.rename(olga, bad)


def test_settings_of_these_tests_are_those_of_a_real_installation() -> None:
    """The cheap hasher of the fixtures must not be the one that ships."""
    shipped = passwords._hasher
    assert (shipped.time_cost, shipped.memory_cost, shipped.parallelism) == (2, 19 * 1024, 1)
    assert config.load({}).registration == "invite"
