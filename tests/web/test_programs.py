"""Programs, for administrators: clients and their keys on a page."""

import re

import pytest

from pindeck.access import Actor
from pindeck.models import ApiKey, Client
from pindeck.services import keys
from tests.conftest import HTMX, Browser, ClientFor, count_queries

PAGE = "/admin/programs"


@pytest.fixture
def admin(client_for: ClientFor, mo: Actor) -> Browser:
    return client_for(mo)


def make(admin: Browser, **form: object) -> str:
    """The key that the page shows."""
    answer = admin.post(f"{PAGE}/create", data={"kind": "master", **form})
    assert answer.status_code == 200, answer.text
    found = re.search(r"<code>(pd_[^<]+)</code>", answer.text)
    assert found
    return found.group(1)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_key_is_shown_once(admin: Browser, headers: dict[str, str]) -> None:
    answer = admin.post(f"{PAGE}/create", data={"kind": "project", "name": "Film site"}, headers=headers)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert ("<html" in answer.text) == (not headers)
    text = re.search(r"<code>(pd_p_[^<]+)</code>", answer.text).group(1)  # type: ignore[union-attr]
    assert keys.actor_of(text)
    page = admin.get(PAGE)
    assert text not in page.text and text[:12] in page.text and "Film site" in page.text


def test_no_program_yet(admin: Browser) -> None:
    assert "No program has a key yet" in admin.get(PAGE).text


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"kind": "extension"}, "needs an identifier"),
        ({"kind": "extension", "identifier": "ext", "install_scope": "user"}, "e-mail address"),
        ({"kind": "project", "project": "missing"}, "There is no project"),
        ({"kind": "master", "user": "nobody@example.org"}, "There is no account"),
        ({"kind": "master", "days": "soon"}, "number of days"),
        ({"kind": "master", "days": "99999"}, "between 1 and 3650"),
        ({"kind": "master", "scopes": "root"}, "There is no scope"),
    ],
)
def test_what_is_wrong_stands_at_the_field(admin: Browser, form: dict[str, str], says: str) -> None:
    answer = admin.post(f"{PAGE}/create", data={**form, "name": "Kept name"})
    assert answer.status_code == 422
    assert says in answer.text.replace("&#34;", '"') and "Kept name" in answer.text
    assert Client.select().count() == 0


def test_scopes_disabling_and_revoking_act_at_once(admin: Browser) -> None:
    text = make(admin, name="Bot")
    client, key = Client.get(), ApiKey.get()
    admin.post(f"{PAGE}/{client.id}/scopes", data={"scopes": ["images:read"]})
    assert keys.actor_of(text).scopes == {"images:read"}  # type: ignore[union-attr]
    admin.post(f"{PAGE}/{client.id}/scopes", data={})
    assert keys.actor_of(text).scopes == frozenset()  # type: ignore[union-attr]
    assert admin.post(f"{PAGE}/{client.id}/disable").status_code == 303
    assert keys.actor_of(text) is None
    admin.post(f"{PAGE}/{client.id}/enable")
    assert keys.actor_of(text)
    other = admin.post(f"{PAGE}/{client.id}/key")
    second = re.search(r"<code>(pd_m_[^<]+)</code>", other.text).group(1)  # type: ignore[union-attr]
    answer = admin.post(f"{PAGE}/keys/{key.id}/revoke", headers=HTMX)
    assert answer.status_code == 200 and "revoked" in answer.text
    assert keys.actor_of(text) is None and keys.actor_of(second)


def test_only_administrators_come_in(client_for: ClientFor, mo: Actor, olga: Actor, gus: Actor) -> None:
    client, key, text = keys.create("master")
    paths = [f"{PAGE}/create", f"{PAGE}/keys/{key.id}/revoke"]
    paths += [f"{PAGE}/{client.id}/{verb}" for verb in ("key", "scopes", "disable", "enable")]
    for actor, status in ((None, 303), (gus, 403), (olga, 403)):
        browser = client_for(actor)
        assert browser.get(PAGE).status_code == status
        for path in paths:
            assert browser.post(path, data={"kind": "master"}).status_code == status
    nobody = client_for(mo, csrf=False)
    assert {nobody.post(path, data={"kind": "master"}).status_code for path in paths} == {400}
    assert ApiKey.select().count() == 1 and keys.actor_of(text)


def test_a_client_or_key_that_is_not_there(admin: Browser) -> None:
    for path in ("x/key", "x/scopes", "x/disable", "x/enable", "keys/x/revoke", "\x00/key"):
        assert admin.post(f"{PAGE}/{path}").status_code == 404


def test_the_list_costs_the_same_for_more_programs(admin: Browser) -> None:
    keys.create("master")
    admin.get(PAGE)
    with count_queries() as few:
        admin.get(PAGE)
    for number in range(8):
        keys.create("extension", identifier=f"ext{number}", install_scope="operator")
    with count_queries() as many:
        assert "ext7" in admin.get(PAGE).text
    assert len(many) == len(few)
