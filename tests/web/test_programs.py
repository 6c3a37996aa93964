"""Programs, for administrators: clients and their keys on a page."""

import re

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.access.scopes import ALLOWED_SCOPES, SCOPES, WORDS, in_words
from pindeck.models import ApiKey, Client
from pindeck.services.clients import api_keys
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
    assert api_keys.actor_of(text)
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
        ({"kind": "project", "scopes": "admin"}, "A project key works inside its project and may not hold “admin”"),
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
    assert api_keys.actor_of(text).scopes == {"images:read"}  # type: ignore[union-attr]
    admin.post(f"{PAGE}/{client.id}/scopes", data={})
    assert api_keys.actor_of(text).scopes == frozenset()  # type: ignore[union-attr]
    assert admin.post(f"{PAGE}/{client.id}/disable").status_code == 303
    assert api_keys.actor_of(text) is None
    admin.post(f"{PAGE}/{client.id}/enable")
    assert api_keys.actor_of(text)
    other = admin.post(f"{PAGE}/{client.id}/key")
    second = re.search(r"<code>(pd_m_[^<]+)</code>", other.text).group(1)  # type: ignore[union-attr]
    answer = admin.post(f"{PAGE}/keys/{key.id}/revoke", headers=HTMX)
    assert answer.status_code == 200 and "revoked" in answer.text
    assert api_keys.actor_of(text) is None and api_keys.actor_of(second)


def test_another_key_has_its_own_end(admin: Browser) -> None:
    client, first, _ = api_keys.create(api_keys.NewClient("project", name="Site"))
    path = f"{PAGE}/{client.id}/key"
    assert admin.post(path, data={"days": " 7 "}).status_code == 200
    assert admin.post(path, data={"days": ""}, headers=HTMX).status_code == 200
    made = list(ApiKey.select().where(ApiKey.id != first.id).order_by(ApiKey.created_at, ApiKey.id))
    assert sorted(key.expires_at - key.created_at for key in made) == [7 * db.DAY_MS, 90 * db.DAY_MS]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize(
    ("days", "says"), [("soon", "number of days"), ("9999", "between 1 and 3650"), ("0", "between")]
)
def test_what_is_wrong_with_another_key_stands_at_its_program(
    admin: Browser, days: str, says: str, headers: dict[str, str]
) -> None:
    client, _, _ = api_keys.create(api_keys.NewClient("project", name="Site"))
    api_keys.create(api_keys.NewClient("master", name="Other"))
    answer = admin.post(f"{PAGE}/{client.id}/key", data={"days": days}, headers=headers)
    assert answer.status_code == 422
    assert re.search(rf'id="days-{client.id}"[^>]*value="{days}" aria-invalid="true"', answer.text)
    assert re.search(rf'id="e-days-{client.id}">[^<]*{says}', answer.text)
    assert answer.text.count("aria-invalid") == 1
    assert ApiKey.select().count() == 2


def test_a_program_is_offered_what_its_kind_may_hold(admin: Browser) -> None:
    """Not even what an old row holds beyond that is shown as if it counted."""
    for kind in ("project", "extension", "master"):
        options = {"identifier": "ext", "install_scope": "operator"} if kind == "extension" else {}
        client, _, _ = api_keys.create(api_keys.NewClient(kind, **options))
        Client.update(permissions=list(SCOPES)).where(Client.id == client.id).execute()
        card = admin.get(PAGE).text.partition(f'id="client-{client.id}"')[2].partition("</section>")[0]
        assert re.findall(r'name="scopes" value="([^"]+)" checked', card) == list(ALLOWED_SCOPES[kind])
        assert re.findall(r'name="scopes" value="([^"]+)"', card) == list(ALLOWED_SCOPES[kind])
        assert f"May {in_words(ALLOWED_SCOPES[kind])}<" in card
    client = Client.get(Client.kind == "project")
    answer = admin.post(f"{PAGE}/{client.id}/scopes", data={"scopes": ["admin"]})
    assert answer.status_code in (400, 422) and "may not hold" in answer.text
    assert Client.get_by_id(client.id).permissions == list(SCOPES)


def test_a_new_program_is_not_offered_what_its_kind_may_not_hold(admin: Browser) -> None:
    """The box is hidden while the kind is chosen, and a refused choice does not stay ticked behind it."""
    page = admin.get(PAGE).text
    assert re.search(r'<label class="not-project not-extension ?">[^>]*value="admin"', page)
    assert re.search(r'<label class="not-extension ?">[^>]*value="storage:read"', page)
    form = {"kind": "project", "scopes": ["images:read", "admin"]}
    answer = admin.post(f"{PAGE}/create", data=form)
    assert re.findall(r'name="scopes" value="([^"]+)" checked', answer.text) == ["images:read"]


def test_only_administrators_come_in(client_for: ClientFor, mo: Actor, olga: Actor, gus: Actor) -> None:
    client, key, text = api_keys.create(api_keys.NewClient("master"))
    paths = [f"{PAGE}/create", f"{PAGE}/keys/{key.id}/revoke"]
    paths += [f"{PAGE}/{client.id}/{verb}" for verb in ("key", "scopes", "disable", "enable")]
    for actor, status in ((None, 303), (gus, 403), (olga, 403)):
        browser = client_for(actor)
        assert browser.get(PAGE).status_code == status
        for path in paths:
            assert browser.post(path, data={"kind": "master"}).status_code == status
    nobody = client_for(mo, csrf=False)
    assert {nobody.post(path, data={"kind": "master"}).status_code for path in paths} == {400}
    assert ApiKey.select().count() == 1 and api_keys.actor_of(text)


def test_a_client_or_key_that_is_not_there(admin: Browser) -> None:
    for path in ("x/key", "x/scopes", "x/disable", "x/enable", "keys/x/revoke", "\x00/key"):
        assert admin.post(f"{PAGE}/{path}").status_code == 404


def test_the_list_costs_the_same_for_more_programs(admin: Browser) -> None:
    api_keys.create(api_keys.NewClient("master"))
    admin.get(PAGE)
    with count_queries() as few:
        admin.get(PAGE)
    for number in range(8):
        api_keys.create(api_keys.NewClient("extension", identifier=f"ext{number}", install_scope="operator"))
    with count_queries() as many:
        assert "ext7" in admin.get(PAGE).text
    assert len(many) == len(few)


def test_every_scope_is_said_in_words() -> None:
    assert set(WORDS) == set(SCOPES)
    assert in_words(["images:read", "images:delete"]) == "see pictures, delete pictures it added"
    assert in_words([]) == "nothing"
