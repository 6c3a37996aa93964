"""People, for administrators."""

import re

import pytest

from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.models import Invite, Session, User
from pindeck.services.accounts import accounts, administration, invitations
from pindeck.states import Role
from tests.conftest import HTMX, Browser, ClientFor, add_person, count_queries

POSTS = ("role", "disable", "enable", "sign-out", "reset")


@pytest.fixture
def admin(client_for: ClientFor, mo: Actor, olga: Actor) -> Browser:
    """Mo's browser; Olga is the one other account."""
    return client_for(mo)


def test_people_and_open_invitations_are_listed(admin: Browser, mo: Actor, gus: Actor) -> None:
    invitations.make_invite(mo, "admin")
    page = admin.get("/admin/users")
    assert page.status_code == 200
    assert "olga@example.org" in page.text and "mo@example.org" in page.text
    assert "Gus" not in page.text
    assert "Open invitation" in page.text
    fragment = admin.get("/admin/users", headers=HTMX)
    assert 'id="admin-people"' in fragment.text and "<html" not in fragment.text


def test_the_list_costs_the_same_for_more_people(admin: Browser, database: Settings) -> None:
    admin.get("/admin/users")
    with count_queries() as few:
        admin.get("/admin/users")
    for number in range(10):
        add_person(database, Role.CURATOR, f"P{number}")
    with count_queries() as many:
        page = admin.get("/admin/users")
    assert "p9@example.org" in page.text
    assert len(many) == len(few)


def test_only_administrators_come_in(
    client_for: ClientFor, admin: Browser, olga: Actor, gus: Actor, mo: Actor
) -> None:
    paths = [f"/admin/users/{mo.user_id}/{verb}" for verb in POSTS]
    paths += ["/admin/users/invite", "/admin/users/invites/x/withdraw"]
    for actor, status in ((None, 303), (gus, 403), (olga, 403)):
        client = client_for(actor)
        assert client.get("/admin/users").status_code == status
        for path in paths:
            assert client.post(path, data={"role": "curator"}).status_code == status
            assert client.post(path, data={"role": "curator"}, headers=HTMX).status_code == (status if actor else 401)
    assert "People" not in client_for(olga).get("/").text
    assert User.get_by_id(mo.user_id).role == Role.ADMIN
    assert Invite.select().count() == 0


@pytest.mark.parametrize("headers", [{}, {"X-CSRFToken": "x"}], ids=["missing", "wrong"])
def test_without_the_token_nothing_changes(
    client_for: ClientFor, mo: Actor, olga: Actor, headers: dict[str, str]
) -> None:
    client = client_for(mo, csrf=False)
    for verb in POSTS:
        path = f"/admin/users/{olga.user_id}/{verb}"
        assert client.post(path, data={"role": "admin"}, headers=headers).status_code == 400
    assert client.post("/admin/users/invite", data={"role": "admin"}, headers=headers).status_code == 400
    user = User.get_by_id(olga.user_id)
    assert (user.role, user.disabled_at, Invite.select().count()) == (Role.CURATOR, None, 0)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_an_invitation_link_is_shown_once(admin: Browser, client_for: ClientFor, headers: dict[str, str]) -> None:
    response = admin.post("/admin/users/invite", data={"role": "curator"}, headers=headers)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert ("<html" in response.text) == (not headers)
    link = re.search(r"<code>http://localhost(/invite/[0-9a-f]{32})</code>", response.text)
    assert link
    assert link[1] not in admin.get("/admin/users").text
    assert "you will be a curator" in client_for().get(link[1]).text


class TestWithASiteAddress:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"SITE_URL": "http://pins.example.org", "ALLOWED_HOSTS": "localhost"}

    def test_links_begin_with_it(self, admin: Browser) -> None:
        response = admin.post("/admin/users/invite", data={"role": "curator"})
        assert "<code>http://pins.example.org/invite/" in response.text


def test_an_invitation_is_withdrawn(admin: Browser, mo: Actor, client_for: ClientFor) -> None:
    token = invitations.make_invite(mo, "curator")
    path = f"/admin/users/invites/{invitations.find(token, 'invite').id}/withdraw"
    response = admin.post(path)
    assert (response.status_code, response.location) == (303, "/admin/users")
    assert "The invitation is withdrawn." in admin.get("/admin/users").text
    assert client_for().get(f"/invite/{token}").status_code == 404
    assert admin.post(path).status_code == 303


def test_a_reset_link_is_shown_once_and_works(admin: Browser, olga: Actor, client_for: ClientFor) -> None:
    response = admin.post(f"/admin/users/{olga.user_id}/reset")
    link = re.search(r"<code>http://localhost(/reset/[0-9a-f]{32})</code>", response.text)
    assert link
    assert link[1] not in admin.get("/admin/users").text
    assert client_for().post(link[1], data={"password": "another password"}).status_code == 303


def test_roles_are_set(admin: Browser, olga: Actor) -> None:
    path = f"/admin/users/{olga.user_id}/role"
    response = admin.post(path, data={"role": "admin"})
    assert (response.status_code, response.location) == (303, "/admin/users")
    assert "Olga is an administrator now." in admin.get("/admin/users").text
    fragment = admin.post(path, data={"role": "curator"}, headers=HTMX)
    assert "Olga is a curator now." in fragment.text
    assert 'id="admin-people"' in fragment.text and "<html" not in fragment.text
    assert admin.post(path, data={"role": "curator"}).status_code == 303
    assert User.get_by_id(olga.user_id).role == Role.CURATOR


@pytest.mark.parametrize("role", [None, "", "guest", "root", "\x00", "x" * 10_000], ids=lambda v: ascii(v)[:20])
def test_a_role_that_does_not_exist_is_refused(admin: Browser, olga: Actor, role: str | None) -> None:
    data = {} if role is None else {"role": role}
    for path in (f"/admin/users/{olga.user_id}/role", "/admin/users/invite"):
        assert admin.post(path, data=data).status_code == 422
        toast = admin.post(path, data=data, headers=HTMX)
        assert (toast.status_code, toast.headers["HX-Retarget"]) == (422, "#toasts")
        assert "Choose administrator or curator." in toast.text
    assert User.get_by_id(olga.user_id).role == Role.CURATOR


def test_the_last_administrator_stays_one(admin: Browser, mo: Actor, olga: Actor) -> None:
    for verb in ("role", "disable"):
        path = f"/admin/users/{mo.user_id}/{verb}"
        page = admin.post(path, data={"role": "curator"})
        assert page.status_code == 409
        assert "This is the last administrator. Make somebody else one first." in page.text
        toast = admin.post(path, data={"role": "curator"}, headers=HTMX)
        assert (toast.status_code, toast.headers["HX-Retarget"]) == (409, "#toasts")
    assert User.get_by_id(mo.user_id).is_admin


@pytest.mark.parametrize("verb", ["role", "disable", "sign-out"])
def test_whoever_gives_up_the_office_leaves_the_page(admin: Browser, mo: Actor, olga: Actor, verb: str) -> None:
    administration.set_role(mo, str(olga.user_id), "admin")
    response = admin.post(f"/admin/users/{mo.user_id}/{verb}", data={"role": "curator"})
    assert (response.status_code, response.location) == (303, "/")
    assert admin.get("/admin/users").status_code == (403 if verb == "role" else 303)


def test_disabling_ends_what_somebody_is_doing(admin: Browser, client_for: ClientFor, olga: Actor) -> None:
    client = client_for(olga)
    assert client.get("/account").status_code == 200
    response = admin.post(f"/admin/users/{olga.user_id}/disable")
    assert (response.status_code, response.location) == (303, "/admin/users")
    assert client.get("/account").status_code == 303
    page = admin.get("/admin/users")
    assert "Olga can no longer sign in." in page.text and "Disabled" in page.text
    assert admin.post(f"/admin/users/{olga.user_id}/disable", headers=HTMX).status_code == 200
    enabled = admin.post(f"/admin/users/{olga.user_id}/enable", headers=HTMX)
    assert "Olga can sign in again." in enabled.text
    assert User.get_by_id(olga.user_id).disabled_at is None


def test_somebody_is_signed_out_everywhere(admin: Browser, client_for: ClientFor, olga: Actor) -> None:
    client = client_for(olga)
    response = admin.post(f"/admin/users/{olga.user_id}/sign-out", headers=HTMX)
    assert "Signed out in 2 places." in response.text
    assert Session.select().where(Session.user == olga.user_id).count() == 0
    assert client.get("/account").status_code == 303


@pytest.mark.parametrize("user_id", ["x", "%00", "%ED%A0%80", "x" * 3000, "%2e%2e"])
def test_people_who_do_not_exist_are_not_found(admin: Browser, gus: Actor, user_id: str) -> None:
    for verb in POSTS:
        assert admin.post(f"/admin/users/{user_id}/{verb}", data={"role": "admin"}).status_code == 404
        assert admin.post(f"/admin/users/{gus.user_id}/{verb}", data={"role": "admin"}).status_code == 404


def test_names_are_shown_as_text(admin: Browser, olga: Actor) -> None:
    accounts.rename(olga, '<script>alert(1)</script>" onload=')
    page = admin.get("/admin/users").text
    assert "<script>alert" not in page
    assert '" onload=' not in page
