"""No change without the token that a page gave."""

import pytest

from pindeck.access import Actor
from pindeck.models import Session, User
from tests.conftest import ClientFor
from tests.web.doors import FORM, PASSWORD, token_of


@pytest.mark.parametrize("how", ["missing", "wrong", "other"])
def test_a_change_without_the_right_token_changes_nothing(
    client_for: ClientFor, first: User, olga: Actor, how: str
) -> None:
    headers = {"wrong": {"X-CSRFToken": "x"}, "other": {"X-CSRFToken": client_for(olga).csrf + "x"}}.get(how, {})
    stranger = client_for(csrf=False)
    for path in ("/sign-in", "/sign-up", "/guest"):
        assert stranger.post(path, data=FORM, headers=headers).status_code == 400, path
    mine = client_for(olga, csrf=False)
    before = Session.select().count()
    for path, data in (
        ("/sign-out", {}),
        ("/account/name", {"name": "Mallory"}),
        ("/account/password", {"current": PASSWORD, "new": "another password"}),
        ("/account/sessions/end-others", {}),
        (f"/account/sessions/{olga.session_id}/end", {}),
    ):
        assert mine.post(path, data=data, headers=headers).status_code == 400, path
    assert Session.select().count() == before
    assert User.get_by_id(olga.user_id).name == "Olga"
    assert User.select().count() == 2


def test_a_plain_form_carries_its_token_in_the_body(client_for: ClientFor, first: User) -> None:
    client = client_for(csrf=False)
    token = token_of(client.get("/sign-in"))
    assert client.post("/sign-in", data={**FORM, "csrf_token": token}).status_code == 303
