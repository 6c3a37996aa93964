"""Keys of programs: shown once, kept as a hash, limited in scope and time."""

import sqlite3
import threading
import time
from contextlib import closing

import pytest

from pindeck import access, db
from pindeck.access import Actor
from pindeck.access.scopes import ALLOWED_SCOPES, DEFAULT_SCOPES, IMAGE_SCOPES, SCOPES
from pindeck.config import Settings
from pindeck.errors import Invalid, NotFound
from pindeck.models import Activity, ApiKey, Client, User
from pindeck.services.clients import api_keys, clients
from pindeck.services.images import projects
from tests.factories import together


def test_a_key_is_shown_once_and_kept_as_a_hash(database: Settings) -> None:
    client, key, text = api_keys.create(api_keys.NewClient("master", name="Backup"))
    assert text.startswith("pd_m_") and len(text) > 40
    stored = str(ApiKey.select().dicts().get()) + str(Client.select().dicts().get()) + str(Activity.get().detail)
    assert text not in stored
    assert key.prefix == text[:12]
    assert (client.name, client.permissions) == ("Backup", list(SCOPES))


def test_two_keys_are_never_the_same(database: Settings) -> None:
    assert len({api_keys.create(api_keys.NewClient("master"))[2] for _ in range(20)}) == 20


@pytest.mark.parametrize("kind", ["master", "project"])
def test_kinds_have_their_scopes(database: Settings, kind: str) -> None:
    assert tuple(api_keys.create(api_keys.NewClient(kind))[0].permissions) == DEFAULT_SCOPES[kind]


def test_images_is_short_for_the_scopes_of_images(database: Settings) -> None:
    assert api_keys.create(api_keys.NewClient("master", scopes=("images", "images:read", "generate")))[0].permissions == [
        *IMAGE_SCOPES,
        "generate",
    ]
    with pytest.raises(Invalid) as caught:
        api_keys.create(api_keys.NewClient("master", scopes=("images:read", "root")))
    assert list(caught.value.fields) == ["scopes"]


@pytest.mark.parametrize(
    ("kind", "scope", "why"),
    [
        ("project", "admin", "works inside its project"),
        ("extension", "admin", "works on pictures only"),
        ("extension", "storage:read", "works on pictures only"),
        ("extension", "flows:write", "works on pictures only"),
        ("extension", "generate", "works on pictures only"),
        ("project", "root", "There is no scope"),
    ],
)
def test_a_key_may_not_hold_more_than_its_kind(database: Settings, kind: str, scope: str, why: str) -> None:
    options = {"identifier": "ext", "install_scope": "operator"} if kind == "extension" else {}
    with pytest.raises(Invalid) as caught:
        api_keys.create(api_keys.NewClient(kind, scopes=("images:read", scope), **options))
    assert list(caught.value.fields) == ["scopes"]
    assert why in caught.value.message and f"“{scope}”" in caught.value.message
    assert Client.select().count() == 0


@pytest.mark.parametrize("kind", ["master", "project", "extension"])
def test_the_scopes_of_a_kind_are_among_those_it_may_hold(kind: str) -> None:
    allowed = set(ALLOWED_SCOPES[kind])
    assert set(DEFAULT_SCOPES[kind]) <= allowed <= set(SCOPES)
    assert ("admin" in allowed) == (kind == "master")


def test_what_a_row_holds_beyond_its_kind_does_not_count(mo: Actor) -> None:
    """Rows from a time when nobody looked, of keys that act for an administrator."""
    project = api_keys.create(api_keys.NewClient("project", user_email=mo.email))[2]
    extension = api_keys.create(api_keys.NewClient("extension", identifier="ext", install_scope="user", user_email=mo.email))[2]
    master = api_keys.create(api_keys.NewClient("master", user_email=mo.email))[2]
    Client.update(permissions=list(SCOPES)).execute()
    for text, kind in ((project, "project"), (extension, "extension"), (master, "master")):
        actor = api_keys.actor_of(text)
        assert actor and actor.scopes == {*ALLOWED_SCOPES[kind]}
        assert actor.is_admin == access.can(actor, "admin") == (kind == "master")


@pytest.mark.parametrize("kind", ["project", "extension"])
def test_no_project_or_extension_is_an_administrator(kind: str) -> None:
    """Whomever it acts for, and whatever it holds: the wall of the project comes first."""
    actor = Actor(user_id="u", role="admin", client_id="c", client_kind=kind, scopes=frozenset(SCOPES))
    assert not actor.is_admin and not access.can(actor, "admin")


def test_who_makes_and_revokes_a_key_is_noted(mo: Actor) -> None:
    """The actor may be a person, a program, or the command line; the client it is about stands in the detail."""
    master = api_keys.create(api_keys.NewClient("master", identifier="office"))
    program = api_keys.actor_of(master[2])
    assert program
    view, key, _ = clients.create(mo, api_keys.NewClient("project", identifier="site"))
    clients.add_key(program, view.client.id)
    clients.revoke(program, key.id)
    clients.set_scopes(program, view.client.id, ("images:read",))
    clients.set_disabled(mo, view.client.id, True)
    notes = [
        (note.verb, note.user_id, note.client_id, note.detail["client"])
        for note in Activity.select().where(Activity.verb != "account.create").order_by(Activity.id)
    ]
    office, site = master[0].id, view.client.id
    assert notes == [
        ("key.create", None, None, office),
        ("key.create", mo.user_id, None, site),
        ("key.create", None, office, site),
        ("key.revoke", None, office, site),
        ("client.scopes", None, office, site),
        ("client.disable", mo.user_id, None, site),
    ]


def test_keys_expire_when_asked_and_project_keys_after_ninety_days(database: Settings) -> None:
    assert api_keys.create(api_keys.NewClient("master"))[1].expires_at is None
    for key, days in ((api_keys.create(api_keys.NewClient("project"))[1], 90), (api_keys.create(api_keys.NewClient("master", expires_in_days=7))[1], 7)):
        assert key.expires_at - key.created_at == days * db.DAY_MS
    for days in (0, -1, 3651):
        with pytest.raises(Invalid):
            api_keys.create(api_keys.NewClient("master", expires_in_days=days))


def test_a_project_key_names_a_project(database: Settings) -> None:
    project = projects.find_or_create("Blade Runner")
    assert api_keys.create(api_keys.NewClient("project", project="blade-runner"))[0].project_id == project.id
    assert api_keys.create(api_keys.NewClient("project"))[0].project_id == projects.DEFAULT_ID
    for kind, slug in (("project", "missing"), ("master", "blade-runner")):
        with pytest.raises(Invalid) as caught:
            api_keys.create(api_keys.NewClient(kind, project=slug))
        assert list(caught.value.fields) == ["project"]


def test_an_extension_needs_identifier_scope_and_user(olga: Actor) -> None:
    client, _, _ = api_keys.create(api_keys.NewClient("extension", identifier="ext.1", install_scope="user", user_email="OLGA@example.org"))
    assert (client.user_id, client.permissions) == (olga.user_id, list(IMAGE_SCOPES))
    assert api_keys.create(api_keys.NewClient("extension", identifier="ext.2", install_scope="operator"))[0].user_id is None
    for options, field in (
        ({}, "identifier"),
        ({"identifier": "a b"}, "identifier"),
        ({"identifier": "x"}, "install-scope"),
        ({"identifier": "x", "install_scope": "nobody"}, "install-scope"),
        ({"identifier": "x", "install_scope": "user"}, "user"),
        ({"identifier": "x", "install_scope": "user", "user_email": "nobody@example.org"}, "user"),
    ):
        with pytest.raises(Invalid) as caught:
            api_keys.create(api_keys.NewClient("extension", **options))
        assert list(caught.value.fields) == [field]


def test_the_same_identifier_gets_another_key_of_the_same_client(database: Settings) -> None:
    one, _, _ = api_keys.create(api_keys.NewClient("extension", identifier="ext", install_scope="operator"))
    two, _, _ = api_keys.create(api_keys.NewClient("extension", identifier="ext", install_scope="operator", scopes=("images:read",)))
    assert one == two
    assert two.permissions == ["images:read"]
    assert (Client.select().count(), ApiKey.select().count()) == (1, 2)
    with pytest.raises(Invalid):
        api_keys.create(api_keys.NewClient("master", identifier="ext"))


def test_the_same_new_identifier_from_several_at_once_is_one_client(database: Settings) -> None:
    results = together(4, lambda _: api_keys.create(api_keys.NewClient("extension", identifier="ext", install_scope="operator")))
    assert {type(result) for result in results} <= {tuple, Invalid}
    assert any(isinstance(result, tuple) for result in results)
    assert Client.select().count() == 1
    assert ApiKey.select().count() == sum(isinstance(result, tuple) for result in results)


def test_a_kind_that_does_not_exist_is_refused(database: Settings) -> None:
    with pytest.raises(Invalid):
        api_keys.create(api_keys.NewClient("root"))
    assert Client.select().count() == 0


def test_a_key_is_revoked_by_its_prefix_or_by_itself(database: Settings) -> None:
    texts = [api_keys.create(api_keys.NewClient("master"))[2] for _ in range(3)]
    assert api_keys.revoke(texts[0]).revoked_at is not None
    assert api_keys.revoke(texts[1][:12]).revoked_at is not None
    revoked = {key.hash: key.revoked_at is not None for key in ApiKey.select()}
    assert [revoked[api_keys._hash(text)] for text in texts] == [True, True, False]
    for wrong in ("", "pd_m_", "%", "\ud800"):
        with pytest.raises(NotFound):
            api_keys.revoke(wrong)


def test_revoking_twice_keeps_the_first_time(database: Settings) -> None:
    text = api_keys.create(api_keys.NewClient("master"))[2]
    api_keys.revoke(text)
    ApiKey.update(revoked_at=1000).execute()
    assert api_keys.revoke(text).revoked_at == 1000


def test_a_prefix_of_two_keys_revokes_none(database: Settings) -> None:
    texts = [api_keys.create(api_keys.NewClient("master"))[2] for _ in range(2)]
    ApiKey.update(prefix="pd_m_same_12").execute()
    with pytest.raises(Invalid):
        api_keys.revoke("pd_m_same_12")
    assert ApiKey.select().where(ApiKey.revoked_at.is_null(False)).count() == 0
    assert api_keys.revoke(texts[0]).revoked_at


def test_keys_are_listed_with_their_clients_the_newest_first(database: Settings) -> None:
    for number in range(3):
        key = api_keys.create(api_keys.NewClient("master", name=f"K{number}"))[1]
        ApiKey.update(created_at=db.now_ms() + number).where(ApiKey.id == key.id).execute()
    assert [key.client.name for key in api_keys.list_keys()] == ["K2", "K1", "K0"]


def test_a_good_key_is_found_with_its_client(database: Settings) -> None:
    client, key, text = api_keys.create(api_keys.NewClient("master"))
    found = api_keys.actor_of(text)
    assert found and (found.client_id, found.client_kind, found.scopes) == (client.id, "master", {*SCOPES})
    for wrong in ("", text[:-1], text + "x", key.prefix, key.hash, "\x00", "\ud800"):
        assert api_keys.actor_of(wrong) is None


def test_a_key_is_not_good_once_it_is_revoked_or_expired(database: Settings) -> None:
    revoked, expired = api_keys.create(api_keys.NewClient("master"))[2], api_keys.create(api_keys.NewClient("master", expires_in_days=1))[2]
    api_keys.revoke(revoked)
    assert api_keys.actor_of(expired)
    ApiKey.update(expires_at=db.now_ms() - 1).where(ApiKey.hash == api_keys._hash(expired)).execute()
    assert api_keys.actor_of(revoked) is None
    assert api_keys.actor_of(expired) is None


def test_a_key_is_not_good_while_its_client_or_its_person_is_disabled(olga: Actor) -> None:
    text = api_keys.create(api_keys.NewClient("extension", identifier="ext", install_scope="user", user_email=olga.email))[2]
    for model in (Client, User):
        model.update(disabled_at=1).execute()
        assert api_keys.actor_of(text) is None
        model.update(disabled_at=None).execute()
        assert api_keys.actor_of(text)


def test_the_use_of_a_key_is_noted_at_most_once_a_minute(database: Settings) -> None:
    text = api_keys.create(api_keys.NewClient("master"))[2]
    for last_used, is_noted in ((None, True), (db.now_ms() - 30_000, False), (db.now_ms() - 61_000, True)):
        ApiKey.update(last_used_at=last_used).execute()
        api_keys.actor_of(text)
        assert (ApiKey.get().last_used_at != last_used) is is_noted


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("has_turn", [True, False])
def test_a_key_is_good_at_once_while_somebody_writes(database: Settings, has_turn: bool) -> None:
    """Whether the writer has the turn or never asked for one. The use is noted when it is free again."""
    text = api_keys.create(api_keys.NewClient("master"))[2]
    writes, is_over = threading.Event(), threading.Event()

    def write() -> None:
        with db.writing() if has_turn else closing(sqlite3.connect(database.sqlite_path)) as other:
            if other is not None:
                other.execute("BEGIN IMMEDIATE")
            writes.set()
            is_over.wait(30)
        db.close()

    thread = threading.Thread(target=write)
    thread.start()
    assert writes.wait(30)
    began = time.monotonic()
    assert api_keys.actor_of(text)
    assert time.monotonic() - began < db.TIMEOUT_S  # for which it would wait
    assert ApiKey.get().last_used_at is None
    is_over.set()
    thread.join(30)
    assert api_keys.actor_of(text) and ApiKey.get().last_used_at is not None
    assert db.database.execute_sql("PRAGMA busy_timeout").fetchone() == (db.TIMEOUT_S * 1000,)


def test_another_key_without_scopes_leaves_those_of_the_client(database: Settings) -> None:
    api_keys.create(api_keys.NewClient("extension", identifier="ext", install_scope="operator", scopes=("images:read",)))
    client, _, _ = api_keys.create(api_keys.NewClient("extension", identifier="ext", install_scope="operator"))
    assert client.permissions == ["images:read"]


def test_a_key_is_found_by_its_text_and_its_use_is_noted(database: Settings) -> None:
    _, key, text = api_keys.create(api_keys.NewClient("master"))
    api_keys.actor_of(text)
    used = ApiKey.get_by_id(key.id).last_used_at
    assert used is not None
    api_keys.actor_of(text)
    assert ApiKey.get_by_id(key.id).last_used_at == used
    for wrong in ("", text[:-1], text[:12], "\x00", "\ud800"):
        assert api_keys.actor_of(wrong) is None


def test_a_key_that_is_over_is_found_no_more(database: Settings, olga: Actor) -> None:
    def made() -> tuple[Client, str]:
        client, _, text = api_keys.create(api_keys.NewClient("master", user_email=olga.email))
        assert api_keys.actor_of(text)
        return client, text

    client, text = made()
    api_keys.revoke(text)
    assert api_keys.actor_of(text) is None
    client, text = made()
    ApiKey.update(expires_at=db.now_ms() - 1).where(ApiKey.client == client.id).execute()
    assert api_keys.actor_of(text) is None
    client, text = made()
    Client.update(disabled_at=1).where(Client.id == client.id).execute()
    assert api_keys.actor_of(text) is None
    client, text = made()
    User.update(disabled_at=1).where(User.id == olga.user_id).execute()
    assert api_keys.actor_of(text) is None


def test_another_key_keeps_the_scopes_of_its_client_unless_it_names_them(database: Settings) -> None:
    api_keys.create(api_keys.NewClient("extension", identifier="ext", install_scope="operator", scopes=("images:read",)))
    again, _, _ = api_keys.create(api_keys.NewClient("extension", identifier="ext", install_scope="operator"))
    assert again.permissions == ["images:read"]
