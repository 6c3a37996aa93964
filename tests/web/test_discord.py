"""Who in Discord is which account, on the page of one's own and on that of administrators."""

import re

import pytest

from pindeck.access import Actor, Asker
from pindeck.config import Settings
from pindeck.models import DiscordPerson, DiscordThread
from pindeck.services.clients import discord_people
from pindeck.services.ingest.discord import threads
from pindeck.states import Role
from tests.conftest import HTMX, Browser, ChangeSettings, ClientFor, add_person, count_queries

AVA = "80351110224678912"


@pytest.fixture
def admin(client_for: ClientFor, mo: Actor, change_settings: ChangeSettings) -> Browser:
    change_settings(discord_token="x")
    return client_for(mo)


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_one_links_and_unlinks_oneself(client_for: ClientFor, olga: Actor, sam: Actor, change_settings: ChangeSettings, headers: dict[str, str]) -> None:
    client = client_for(olga)
    assert "Link to Discord" not in client.get("/account").text  # there is no bot
    change_settings(discord_token="x")
    assert "Link to Discord" in client.get("/account").text
    shown = client.post("/account/discord/code", headers=headers)
    assert shown.status_code == 200 and shown.headers["Cache-Control"] == "no-store"
    code = re.search(r"<code>/images link code:(\w+)</code>", shown.text)
    assert code and code[1] not in client.get("/account").text
    assert ("<html" in shown.text) == (not headers)
    discord_people.link_by_code(Asker(AVA, "ava"), code[1])
    assert ">ava<" in client.get("/account").text.replace("\n", "")
    assert client_for(sam).post(f"/account/discord/{AVA}/unlink", headers=headers).status_code == 404
    assert client.post(f"/account/discord/{AVA}/unlink", headers=headers).status_code == (200 if headers else 303)
    assert not DiscordPerson.select().exists()
    assert client.post(f"/account/discord/{AVA}/unlink", headers=headers).status_code == 404


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_administrators_link_unlink_and_unbind(admin: Browser, olga: Actor, mo: Actor, headers: dict[str, str]) -> None:
    wrong = admin.post("/admin/discord/link", data={"discord_id": "ava", "email": "olga@example.org", "name": "Ava <b>"}, headers=headers)
    assert wrong.status_code == 422 and "not the id of a person" in wrong.text and "Ava &lt;b&gt;" in wrong.text
    gone = admin.post("/admin/discord/link", data={"discord_id": AVA, "email": "x@example.org"}, headers=headers)
    assert gone.status_code == 422 and "no account with this e-mail" in gone.text
    given = {"discord_id": AVA, "email": "olga@example.org", "name": "Ava <b>"}
    assert admin.post("/admin/discord/link", data=given, headers=headers).status_code == (200 if headers else 303)
    assert "Ava &lt;b&gt;" in admin.get("/admin/discord").text
    taken = admin.post("/admin/discord/link", data={**given, "email": "mo@example.org"}, headers=headers)
    assert taken.status_code == 409 and "is another account" in taken.text
    threads.bind(olga, "1", "22", "alleys", "Night")
    assert "alleys" in admin.get("/admin/discord").text
    for path in (f"/admin/discord/{AVA}/unlink", "/admin/discord/threads/22/unbind"):
        assert admin.post(path, headers=headers).status_code == (200 if headers else 303)
        assert admin.post(path, headers=headers).status_code == 404
    assert not DiscordPerson.select().exists() and not DiscordThread.select().exists()
    assert "Nobody is linked" in admin.get("/admin/discord").text


def test_only_administrators_come_in(client_for: ClientFor, admin: Browser, olga: Actor, gus: Actor) -> None:
    discord_people.link(Actor(role=Role.ADMIN), AVA, "olga@example.org")
    for actor, status in ((None, 303), (gus, 403), (olga, 403)):
        client = client_for(actor)
        assert client.get("/admin/discord").status_code == status
        for path in ("link", f"{AVA}/unlink", "threads/22/unbind"):
            assert client.post(f"/admin/discord/{path}").status_code == status
        if actor is not olga:
            assert client.post("/account/discord/code").status_code == status
            assert client.post(f"/account/discord/{AVA}/unlink").status_code == status
    assert DiscordPerson.select().count() == 1


def test_the_page_says_what_is_set_and_costs_the_same_for_more_people(admin: Browser, mo: Actor, database: Settings, change_settings: ChangeSettings) -> None:
    page = admin.get("/admin/discord").text
    assert "DISCORD_MODERATOR_ROLE" in page and str(mo.user_id) in page
    change_settings(discord_moderator_role="7", pindeck_user_id=mo.user_id, discord_token="a secret token", discord_public_key="00" * 32)
    with count_queries() as few:
        page = admin.get("/admin/discord").text
    assert "for the pictures of Mo" in page and "/discord/interactions" in page and "a secret token" not in page
    for number in range(10):
        person = add_person(database, Role.CURATOR, f"P{number}")
        discord_people.link(mo, f"8035111022467891{number}", str(person.email))
        threads.bind(person, "1", f"{number}1", "", f"Project {number}")
    with count_queries() as many:
        page = admin.get("/admin/discord").text
    assert "Project 9" in page and "p9@example.org" in page and len(many) == len(few)
