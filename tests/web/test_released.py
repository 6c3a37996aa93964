"""Aliases that do not go along to another project: each way to set a project says which, before and after."""

import html
import json
import re

import pytest

from pindeck.access import Actor
from pindeck.models import Action, Alias, FieldEvent, Image, Proposal
from pindeck.services.actions import log
from pindeck.services.images import aliases, ledger, projects, together
from tests.conftest import HTMX, ClientFor, RunJobs
from tests.factories import fresh, make_row
from tests.services.images.test_proposals import describe

BEFORE = "@hero is released, because aliases do not move to"


@pytest.fixture
def hero(olga: Actor) -> Image:
    image = make_row(olga, title="Pier", project="Blade")
    aliases.assign(olga, image.id, "@hero")
    return image


def last_act() -> str:
    return str(Action.select(Action.id).order_by(Action.id.desc()).limit(1).scalar())


def hidden(text: str) -> dict[str, str]:
    """What the question of a page sends."""
    form = re.search(r'<form class="row" method="post".*?</form>', text, re.S)
    assert form
    return {name: html.unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form[0])}


@pytest.mark.parametrize("address", ["/images/{}/fields/project", "/table/{}/project"], ids=["drawer", "cell"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize("wanted", ["Alien", ""], ids=["another", "none"])
def test_a_field_asks_before_it_releases_an_alias(
    client_for: ClientFor, hero: Image, olga: Actor, address: str, headers: dict[str, str], wanted: str
) -> None:
    client, door = client_for(olga), address.format(hero.id)
    asked = client.post(door, data={"value": wanted}, headers=headers)
    assert asked.status_code == 422 and "@hero" in asked.text and "Move it" in asked.text
    assert Alias.select().count() == 1 and fresh(hero).project_id == hero.project_id
    assert not headers or BEFORE in asked.text or "move out of" in asked.text
    given = {"value": wanted, "new": wanted} if headers else hidden(asked.text)
    moved = client.post(door, data=given, headers=headers)
    assert moved.status_code == (200 if headers else 303)
    assert "Project saved. @hero is released." in (moved.text if headers else client.get("/").text)
    assert Alias.select().count() == 0 and projects.name_of(fresh(hero).project_id) == (wanted or None)
    client.post(f"/actions/{last_act()}/undo")
    assert Alias.get().name == "hero" and fresh(hero).project_id == hero.project_id
    assert client.post(door, data={"value": " blade "}, headers=HTMX).status_code == 200  # it stays where it is


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_the_inspector_of_many_tells_in_its_preview_and_saves_no_move_that_it_has_not_told_of(
    client_for: ClientFor, hero: Image, olga: Actor, headers: dict[str, str]
) -> None:
    client, other = client_for(olga), make_row(olga, project="Alien")
    data = {"ids": [hero.id, other.id], "project": "Alien", "was-project": ""}
    for door, status in (("preview", 200), ("save", 422)):
        told = client.post(f"/inspector/{door}", data=data, headers=headers)
        assert told.status_code == status and BEFORE in " ".join(told.text.split())
        assert Alias.select().count() == 1 and 'name="released" value="@hero"' in told.text
    saved = client.post("/inspector/save", data={**data, "released": "@hero"}, headers=headers)
    assert "Project saved. @hero is released." in (saved.text if headers else client.get("/").text)
    assert Alias.select().count() == 0 and fresh(hero).project_id == other.project_id
    client.post(f"/actions/{last_act()}/undo")
    assert Alias.get().image_id == hero.id and fresh(hero).project_id == hero.project_id
    assert BEFORE not in client.post("/inspector/preview", data={**data, "ids": [other.id]}).text


def test_a_pasted_range_tells_in_its_preview_and_afterwards(client_for: ClientFor, hero: Image, olga: Actor, sam: Actor) -> None:
    client, other = client_for(olga), make_row(olga, title="Attic", project="Blade")
    aliases.assign(olga, other.id, "@attic")
    since = str(together.last_event())
    given = {"ids": f"{hero.id} {other.id}", "columns": "project title", "text": "Alien\tPier\nblade\tRoof", "since": since}
    preview = " ".join(client.post("/table/paste", data=given).text.split())
    assert BEFORE in preview and "@attic" not in preview
    client.post("/table/paste/apply", data=given)
    assert "2 cells were changed. @hero is released." in client.get("/").text
    assert [alias.name for alias in Alias.select()] == ["attic"]
    client.post(f"/actions/{last_act()}/undo")
    assert {alias.name for alias in Alias.select()} == {"hero", "attic"}


def test_nobody_learns_an_alias_of_a_picture_that_is_not_theirs_to_edit(
    client_for: ClientFor, hero: Image, olga: Actor, gus: Actor
) -> None:
    Image.update(visibility="private").where(Image.id == hero.id).execute()
    mine = make_row(gus, title="Mine")
    data = {"ids": [hero.id, mine.id], "project": "Alien", "was-project": ""}
    for door in ("/inspector/save", "/inspector/preview"):
        assert "@hero" not in client_for(gus).post(door, data=data, headers=HTMX).text
    assert ledger.values_of(fresh(hero))["project"] == "Blade"


def test_a_job_that_moves_many_tells_it_in_its_last_toast(
    client_for: ClientFor, hero: Image, olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, other = client_for(olga), make_row(olga, project="Blade")
    monkeypatch.setattr(log, "PART", 1)
    client.post("/inspector/save", data={"ids": [hero.id, other.id], "project": "Alien", "was-project": "", "released": "@hero"}, headers=HTMX)
    run_jobs()
    assert "Set Project: 2 pictures. @hero is released." in client.get(f"/actions/{last_act()}", headers=HTMX).text


@pytest.fixture
def suggested(olga: Actor, hero: Image) -> Image:
    """A picture whose project a machine would change, and that was in another one before."""
    for project in ("Alien", "Blade"):
        ledger.edit(olga, hero.id, "project", project)
    aliases.assign(olga, hero.id, "@hero")
    describe(fresh(hero), project="Dune")
    return fresh(hero)


@pytest.mark.parametrize("way", ["revert", "one", "all", "many"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_putting_back_and_accepting_ask_before_and_tell_afterwards(
    client_for: ClientFor, suggested: Image, olga: Actor, way: str, headers: dict[str, str]
) -> None:
    client, here, data = client_for(olga), f"/images/{suggested.id}", {}
    if way == "revert":
        event = FieldEvent.select().where((FieldEvent.field == "project") & (FieldEvent.old == "Alien")).get()
        door, goes = f"{here}/history/{event.id}/revert", "Alien"
    elif way == "many":
        door, goes, data = "/suggestions/accept", "Dune", {"ids": suggested.id, "field": "project"}
    else:
        one = "/" + Proposal.get(Proposal.field == "project").id if way == "one" else ""
        door, goes = f"{here}/proposals{one}/accept", "Dune"
    asked = client.post(door, data=data, headers=headers)
    if headers:
        told = json.loads(asked.headers["HX-Trigger"])["pindeck:ask"]
        assert asked.status_code == 409 and (told["question"], told["path"]) == (f"{BEFORE} “{goes}”.", door)
    else:
        assert "Move to another project?" in asked.text and "<code>@hero</code>" in asked.text
        assert hidden(asked.text).items() >= data.items()
    assert Alias.get().image_id == suggested.id and fresh(suggested).project_id == suggested.project_id
    moved = client.post(door, data={**data, "confirmed": "1"}, headers=headers)
    assert "@hero is released." in (moved.text if headers else client.get("/").text)
    assert Alias.select().count() == 0 and projects.name_of(fresh(suggested).project_id) == goes
    client.post(f"/actions/{last_act()}/undo")
    assert Alias.get().image_id == suggested.id and fresh(suggested).project_id == suggested.project_id
