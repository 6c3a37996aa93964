"""Who may make an account, and guests."""

import pytest

from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.models import Like, User
from pindeck.services.accounts import accounts, invitations
from pindeck.states import Role
from tests.conftest import HTMX, ClientFor
from tests.factories import make_row
from tests.web.doors import FORM, token_of, who


def test_the_first_visitor_makes_the_first_account(client_for: ClientFor, database: Settings) -> None:
    client = client_for()
    response = client.get("/sign-in?next=/trash/")
    assert (response.status_code, response.location) == (302, "/sign-up?next=/trash/")
    page = client.get(response.location)
    assert "This is the first account. It becomes the administrator." in page.text
    assert 'name="code"' not in page.text
    assert "Continue as guest" not in page.text
    response = client.post("/sign-up", data={**FORM, "name": "Mo", "next": "/trash/"})
    assert (response.status_code, response.location) == (303, "/trash/")
    user = User.get()
    assert (user.role, user.name, who(client)) == (Role.ADMIN, "Mo", user.id)


class TestOffLoopback:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"HOST": "0.0.0.0", "SIGN_IN_RATE": "3/hour"}

    def test_the_first_account_needs_the_code(self, client_for: ClientFor, database: Settings) -> None:
        client = client_for()
        assert 'name="code"' in client.get("/sign-up").text
        code = str(accounts.first_account_code())
        for wrong in ("", "x"):
            response = client.post("/sign-up", data={**FORM, "code": wrong})
            assert response.status_code == 422
            assert 'id="e-code">This is not the code that was printed when Pindeck started.' in response.text
        assert User.select().count() == 0
        assert client.post("/sign-up", data={**FORM, "code": code}).status_code == 303
        assert User.get().role == Role.ADMIN

    def test_the_code_cannot_be_tried_for_long(self, client_for: ClientFor, database: Settings) -> None:
        client = client_for()
        for _ in range(3):
            client.post("/sign-up", data={**FORM, "code": "x"})
        response = client.post("/sign-up", data={**FORM, "code": str(accounts.first_account_code())})
        assert response.status_code == 429
        assert "Too many tries" in response.text and response.headers["Retry-After"]
        assert User.select().count() == 0


def test_mistakes_in_a_new_account_stand_at_their_fields(client_for: ClientFor, database: Settings) -> None:
    client = client_for()
    for data, sentence in (
        ({**FORM, "email": "x"}, 'id="e-email">This is not an e-mail address.'),
        ({**FORM, "password": "short"}, 'id="e-password">A password has at least 10 characters.'),
        ({**FORM, "name": "n" * 81}, 'id="e-name">This has 81 characters; at most 80 are allowed.'),
    ):
        for headers in ({}, HTMX):
            response = client.post("/sign-up", data=data, headers=headers)
            assert response.status_code == 422
            assert sentence in response.text
            assert ("<html" in response.text) == (not headers)
            assert data["password"] not in response.text
    assert User.select().count() == 0


def test_by_default_strangers_need_an_invitation(client_for: ClientFor, first: User) -> None:
    client = client_for()
    page = client.get("/sign-up")
    assert "Accounts are made by invitation here." in page.text
    assert 'name="password"' not in page.text
    assert client.post("/sign-up", data={**FORM, "email": "b@example.org"}).status_code == 403
    assert User.select().count() == 1


class TestOpenRegistration:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"REGISTRATION": "open"}

    def test_anyone_makes_a_curators_account(self, client_for: ClientFor, first: User) -> None:
        client = client_for()
        assert "Create account" in client.get("/sign-in").text
        assert client.post("/sign-up", data={**FORM, "email": "b@example.org"}).status_code == 303
        assert User.get(User.email == "b@example.org").role == Role.CURATOR

    def test_an_address_that_is_taken_is_told(self, client_for: ClientFor, first: User) -> None:
        response = client_for().post("/sign-up", data={**FORM, "email": "FIRST@example.org"})
        assert response.status_code == 422
        assert 'id="e-email">There is an account with this e-mail address already.' in response.text

    def test_a_guest_keeps_its_likes_and_pictures(self, client_for: ClientFor, gus: Actor, first: User) -> None:
        image = make_row(gus)
        Like.insert(user_id=gus.user_id, image_id=image.id, created_at=1).execute()
        client = client_for(gus)
        assert client.post("/sign-up", data={**FORM, "email": "gus@example.org"}).status_code == 303
        user = User.get(User.email == "gus@example.org")
        assert who(client) == user.id
        assert [like.user_id for like in Like.select()] == [user.id]
        assert User.get_or_none(User.id == gus.user_id) is None

    def test_a_guest_whose_account_is_refused_stays_what_it_is(
        self, client_for: ClientFor, gus: Actor, first: User
    ) -> None:
        client = client_for(gus)
        assert client.post("/sign-up", data=FORM).status_code == 422
        assert who(client) == gus.user_id


class TestClosedRegistration:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"REGISTRATION": "closed"}

    def test_nobody_makes_an_account_not_even_by_invitation(
        self, client_for: ClientFor, first: User, mo: Actor
    ) -> None:
        token = invitations.make_invite(mo, "curator")
        client = client_for()
        assert "No new accounts are made here." in client.get("/sign-up").text
        assert client.post("/sign-up", data={**FORM, "email": "b@example.org"}).status_code == 403
        assert client.post(f"/invite/{token}", data={**FORM, "email": "b@example.org"}).status_code == 403
        assert User.select().count() == 2
        page = client_for(mo).get("/admin/users")
        assert "Make an invitation link" not in page.text
        assert client_for(mo).post("/admin/users/invite", data={"role": "curator"}).status_code == 403


class TestWhereAnybodyMaySignUp:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"REGISTRATION": "open", "SIGN_UP_RATE": "2/hour"}

    def test_new_accounts_of_one_address_are_limited(self, client_for: ClientFor, first: User) -> None:
        for n in range(2):
            answer = client_for().post("/sign-up", data={**FORM, "email": f"p{n}@example.org"})
            assert answer.status_code == 303
        client = client_for()
        answer = client.post("/sign-up", data={**FORM, "email": "third@example.org"})
        assert answer.status_code == 429
        assert 3500 < int(answer.headers["Retry-After"]) <= 3600
        assert 'id="e-email">Too many new accounts from this address. Try again in 60 minutes.' in answer.text
        assert who(client) is None
        assert User.select().count() == 3


def test_whoever_is_signed_in_needs_no_door(client_for: ClientFor, olga: Actor, first: User) -> None:
    client = client_for(olga)
    for path in ("/sign-in", "/sign-up"):
        assert (client.get(path).status_code, client.get(path).location) == (302, "/")
    before = User.select().count()
    assert client.post("/guest").status_code == 303
    assert User.select().count() == before
    assert who(client) == olga.user_id


def test_a_guest_looks_around_and_changes_nothing(client_for: ClientFor, first: User) -> None:
    client = client_for()
    assert "Continue as guest" in client.get("/sign-in").text
    response = client.post("/guest", data={"next": "/?q=rain"})
    assert (response.status_code, response.location) == (303, "/?q=rain")
    guest = User.get(User.role == Role.GUEST)
    assert who(client) == guest.id
    page = client.get("/")
    assert "Guest" in page.text
    client.csrf = token_of(page)
    for path in ("/account/name", "/account/password", "/admin/users/invite"):
        assert client.post(path, data={"name": "x"}).status_code == 403
    assert client.get("/account").status_code == 403
    client.post("/guest")
    assert User.select().where(User.role == Role.GUEST).count() == 1


class TestAClosedLibrary:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"PUBLIC_LIBRARY": ""}

    def test_admits_no_guests(self, client_for: ClientFor, first: User) -> None:
        client = client_for()
        assert "Continue as guest" not in client.get("/sign-in").text
        assert client.post("/guest").status_code == 403
        assert User.select().count() == 1
