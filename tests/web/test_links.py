"""Invitations and new passwords, as a browser uses them."""

import pytest

from pindeck.access import Actor
from pindeck.models import User
from pindeck.services.accounts import invitations, sessions
from pindeck.states import Role
from tests.conftest import ClientFor
from tests.factories import make_row
from tests.web.doors import FORM, PASSWORD, who


def test_an_invitation_makes_an_account_once(client_for: ClientFor, mo: Actor, first: User) -> None:
    token = invitations.make_invite(mo, "admin")
    client = client_for()
    assert "you will be an administrator" in client.get(f"/invite/{token}").text
    wrong = client.post(f"/invite/{token}", data={"email": "n@example.org", "password": "short"})
    assert wrong.status_code == 422
    assert 'id="e-password"' in wrong.text and "you will be an administrator" in wrong.text
    response = client.post(f"/invite/{token}", data={"email": "n@example.org", "password": PASSWORD})
    assert (response.status_code, response.location) == (303, "/")
    assert User.get_by_id(who(client)).role == Role.ADMIN
    again = client_for()
    assert again.get(f"/invite/{token}").status_code == 404
    assert again.post(f"/invite/{token}", data={"email": "m@example.org", "password": PASSWORD}).status_code == 404
    assert User.get_or_none(User.email == "m@example.org") is None


def test_a_guest_who_is_invited_keeps_its_pictures(client_for: ClientFor, mo: Actor, gus: Actor, first: User) -> None:
    image = make_row(gus)
    client = client_for(gus)
    token = invitations.make_invite(mo, "curator")
    client.post(f"/invite/{token}", data={"email": "gus@example.org", "password": PASSWORD})
    assert User.get(User.email == "gus@example.org").id == who(client)
    assert User.get_or_none(User.id == gus.user_id) is None
    assert type(image).get_by_id(image.seq).user_id == who(client)


def test_a_reset_link_sets_a_password_once_and_signs_in(client_for: ClientFor, mo: Actor, first: User) -> None:
    elsewhere = sessions.start(first, days=30)
    used, spare = invitations.make_reset(mo, first.id), invitations.make_reset(mo, first.id)
    client = client_for()
    assert 'autocomplete="new-password"' in client.get(f"/reset/{used}").text
    assert client.post(f"/reset/{used}", data={"password": "short"}).status_code == 422
    assert client.post(f"/reset/{used}", data={}).status_code == 422
    assert client.post(f"/reset/{used}", data={"password": "another password"}).status_code == 303
    assert who(client) == first.id
    assert sessions.find(elsewhere, days=30) is None
    for token in (used, spare):
        assert client_for().post(f"/reset/{token}", data={"password": "a third password"}).status_code == 404
    assert client_for().post("/sign-in", data={**FORM, "password": "another password"}).status_code == 303


@pytest.mark.parametrize("door", ["invite", "reset"])
@pytest.mark.parametrize("token", ["x", "%00", "%ED%A0%80", "0" * 32, "..%2f..", "x" * 3000])
def test_a_link_nobody_made_leads_nowhere(client_for: ClientFor, first: User, door: str, token: str) -> None:
    assert client_for().get(f"/{door}/{token}").status_code == 404
    assert client_for().post(f"/{door}/{token}", data=FORM).status_code == 404
