"""Pages of projects and people: what they show to whom, and what is done on them, with scripts and without."""

import html
import re

import pytest

from pindeck.access import Actor
from pindeck.models import Action, Image, Project
from pindeck.services.boards import boards, pictures
from pindeck.services.images import aliases
from pindeck.states import Visibility
from tests.conftest import HTMX, ClientFor, count_queries
from tests.factories import fresh, make_row


@pytest.fixture
def blade(olga: Actor) -> list[Image]:
    return [make_row(olga, title=title, project="Blade & Sons", colors=["#1f6f78"]) for title in "ABC"]


def titles(text: str) -> list[str]:
    return re.findall(r'<b class="cap">([^<]+)</b>', text)


def test_the_list_leads_to_the_row_and_the_rail_has_its_number(client_for: ClientFor, blade: list[Image], gus: Actor) -> None:
    for who in (None, gus):
        client = client_for(who)
        assert 'href="/projects/blade-sons"' in client.get("/projects").text
        page = client.get("/projects/blade-sons").text
        assert titles(page) == ["A", "B", "C"] and "3 pictures" in page and "Olga" in page
        assert "data-put" not in page and "Rename" not in page
        rail = client.get("/counts", headers=HTMX).text
        assert re.search(r'/projects/blade-sons">Blade &amp; Sons</a>\s*<span class="count">3<', rail)


def test_a_project_of_hidden_pictures_has_no_page_no_card_and_no_number(client_for: ClientFor, olga: Actor, sam: Actor) -> None:
    for n, columns in enumerate(({"visibility": Visibility.UNLISTED}, {"visibility": Visibility.PRIVATE}, {"deleted_at": 5})):
        make_row(olga, project=f"Secret {n}", **columns)
    make_row(olga, project="Open")
    for who in (None, sam, olga):
        client = client_for(who)
        for address in ("/projects", "/counts", "/people"):
            assert "Secret" not in client.get(address).text
        for n in range(3):
            for address in (f"/projects/secret-{n}", f"/projects/secret-{n}/arrange"):
                assert client.get(address).status_code in (404, 303)
    assert client_for(sam).post("/projects/secret-0/rename", data={"name": "Found"}).status_code == 404
    assert client_for(sam).post("/projects/open/merge", data={"into": "Secret 0"}).status_code == 422


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_picture_is_put_before_another_one(
    client_for: ClientFor, blade: list[Image], sam: Actor, headers: dict[str, str]
) -> None:
    client = client_for(sam)
    sent = {"ids": blade[2].id, "before": blade[0].id}
    answer = client.post("/projects/blade-sons/put", data=sent, headers=headers)
    assert answer.status_code == (200 if headers else 303)
    page = client.get("/projects/blade-sons").text
    assert titles(page) == ["C", "A", "B"]
    undo = f"/actions/{Action.get().id}/undo"
    assert undo in (answer.text if headers else page)
    client.post(undo)
    assert titles(client.get("/projects/blade-sons").text) == ["A", "B", "C"]


def test_the_list_without_dragging_moves_one_step_and_asks_before_an_alias_is_released(
    client_for: ClientFor, blade: list[Image], olga: Actor
) -> None:
    make_row(olga, project="Alien")
    aliases.assign(olga, blade[0].id, "@hero")
    client = client_for(olga)
    page = client.get("/projects/blade-sons/arrange").text
    assert page.count(">Earlier<") == 2 and page.count(">Later<") == 2 and "@hero" in page
    sent = {"into": "alien", "ids": [blade[0].id, blade[1].id]}
    asked = client.post("/projects/blade-sons/move", data=sent)
    assert asked.status_code == 200 and "@hero" in asked.text and fresh(blade[0]).project_id == blade[0].project_id
    client.post("/projects/blade-sons/move", data={**sent, "confirmed": "1"})
    assert fresh(blade[0]).project_id == Project.get(Project.slug == "alien").id
    assert client.post("/projects/blade-sons/move", data={"into": "nowhere", "ids": blade[2].id}).status_code == 422
    assert client.post("/projects/alien/put", data={}).status_code == 422


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_project_is_renamed_on_its_page(
    client_for: ClientFor, blade: list[Image], sam: Actor, gus: Actor, headers: dict[str, str]
) -> None:
    client = client_for(sam)
    address = "/projects/blade-sons/rename"
    assert client.post(address, data={"name": "Night ride"}, headers=headers).status_code == (200 if headers else 303)
    assert "Night ride" in client.get("/projects/blade-sons").text
    make_row(sam, project="Alien")
    taken = client.post(address, data={"name": "alien"}, headers=headers)
    assert taken.status_code == 409 and "Another project has this name" in taken.text
    wrong = client.post(address, data={"name": "x" * 121}, headers=headers)
    assert wrong.status_code == 422 and 'aria-invalid="true"' in wrong.text
    assert client_for(gus).post(address, data={"name": "No"}).status_code == 403


def test_merging_says_what_it_does_before_it_does_it(client_for: ClientFor, blade: list[Image], olga: Actor) -> None:
    make_row(olga, project="Alien")
    aliases.assign(olga, blade[0].id, "@hero")
    client = client_for(olga)
    asked = client.post("/projects/blade-sons/merge", data={"into": "Alien"}).text
    assert "Move 3 pictures from" in asked and "@hero" in asked
    client.post("/projects/blade-sons/merge", data={"into": "Alien", "confirmed": "1"})
    assert client.get("/projects/blade-sons").status_code == 404
    assert "4 pictures" in client.get("/projects/alien").text
    assert client.post("/projects/alien/merge", data={"into": "Nowhere"}).status_code == 422


def test_a_project_names_the_boards_of_its_reader_that_hold_a_picture_of_it(
    client_for: ClientFor, blade: list[Image], olga: Actor, sam: Actor
) -> None:
    hidden, other = make_row(olga, project="Blade & Sons", visibility="private"), make_row(olga, project="Alien")
    boards_of = {
        "Rain": (sam, blade[:2]), "Harbour": (sam, [other]), "Of Olga": (olga, blade[2:]), "Unseen": (olga, [hidden]),
    }  # fmt: skip
    for name, (owner, images) in boards_of.items():
        pictures.add(owner, boards.create(owner, name=name)[0].id, [image.id for image in images])
    told = [re.findall(r'<a class="chip" href="/boards/[^"]+">([^<]+)<', client_for(who).get("/projects/blade-sons").text) for who in (sam, olga, None)]
    assert told == [["Rain"], ["Of Olga"], []]


def test_people_lead_to_their_pictures(client_for: ClientFor, blade: list[Image], olga: Actor, sam: Actor) -> None:
    client = client_for(None)
    assert f'href="/people/{olga.user_id}"' in client.get("/people").text
    assert titles(client.get(f"/people/{olga.user_id}", follow_redirects=True).text) == ["C", "B", "A"]
    assert client.get(f"/people/{sam.user_id}").status_code == 404


def test_a_row_of_many_is_paged_in_a_constant_number_of_statements(client_for: ClientFor, olga: Actor) -> None:
    make_row(olga, title="000", project="Long")
    client = client_for(olga)
    client.get("/projects/long")
    with count_queries() as few:
        client.get("/projects/long")
    for n in range(1, 60):
        make_row(olga, title=f"{n:03d}", project="Long")
    with count_queries() as many:
        page = client.get("/projects/long").text
    assert len(many) == len(few)
    more = re.search(r'hx-get="(/projects/long\?after=[^"]+)"', page)
    assert more
    rest = client.get(more[1], headers=HTMX).text
    assert titles(page) + titles(rest) == [f"{n:03d}" for n in range(60)] and "<h1" not in rest


def test_a_picture_stays_where_it_was_put_among_more_than_are_shown(client_for: ClientFor, olga: Actor) -> None:
    ids = [make_row(olga, title=f"{n:02d}", project="Long").id for n in range(52)]
    client = client_for(olga)
    shown = rows_of(client.get("/?rows=project").text)["Long"]
    assert shown == [f"{n:02d}" for n in range(16)]
    page = client.get("/projects/long/arrange").text
    later = re.findall(r'name="ids" value="([^"]+)"><input type="hidden" name="after" value="([^"]+)"', page)
    assert later[-2:] == [(ids[48], ids[49]), (ids[49], ids[50])]
    client.post("/projects/long/put", data={"ids": ids[0], "after": ids[15]}, headers=HTMX)
    assert rows_of(client.get("/?rows=project").text)["Long"] == [f"{n:02d}" for n in (*range(1, 16), 0)]
    sent = {"ids": [ids[0]], "after": ids[51]}
    assert client.post("/api/v1/library/projects/long/images", json=sent).status_code == 200
    assert titles(client.get(f"/projects/long?after={ids[50]}", headers=HTMX).text) == ["51", "00"]
    moved = make_row(olga, title="Rain", project="Alien")
    aliases.assign(olga, moved.id, "@rain")
    asked = client.post("/projects/long/put", data={"ids": moved.id, "after": ids[15]})
    assert f'name="after" value="{ids[15]}"' in asked.text


# The gallery as rows


def rows_of(text: str) -> dict[str, list[str]]:
    parts = re.findall(r'<section class="rowof" aria-label="([^"]+)">(.*?)</section>', text, re.S)
    return {name: titles(part) for name, part in parts}


def test_the_gallery_stands_in_rows_of_projects_and_filters_narrow_them(
    client_for: ClientFor, blade: list[Image], olga: Actor, sam: Actor
) -> None:
    make_row(olga, title="Rain", project="alien", tags=["wet"])
    make_row(olga, title="Loose")
    aliases.assign(olga, blade[0].id, "@hero")
    page = client_for(sam).get("/?rows=project").text
    assert rows_of(page) == {"alien": ["Rain"], "Blade &amp; Sons": ["A", "B", "C"], "Without a project": ["Loose"]}
    assert 'data-put="/projects/alien/put"' in page and 'data-alias="@hero"' in page
    assert rows_of(client_for(sam).get("/?rows=project&tag=wet").text) == {"alien": ["Rain"]}
    assert rows_of(client_for(sam).get("/?rows=project&tag=nothing").text) == {}
    strange = client_for(None).get("/?rows=project").text
    assert "data-put" not in strange and "@hero" not in strange and len(rows_of(strange)) == 3


def test_rows_of_style_references_have_a_picture_in_each_of_its_numbers(client_for: ClientFor, olga: Actor) -> None:
    for title, sref in (("One", "--sref 12"), ("Both", "--sref 12 3"), ("Hidden", "--sref 99"), ("None", None)):
        make_row(olga, title=title, sref=sref, visibility="private" if title == "Hidden" else "library")
    client = client_for(None)
    assert rows_of(client.get("/?rows=sref").text) == {"--sref 3": ["Both"], "--sref 12": ["Both", "One"], "No SREF": ["None"]}
    for n in range(20, 30):
        make_row(olga, title=str(n), sref=f"--sref {n}")
    page = client.get("/?rows=sref").text
    more = re.search(r'hx-get="([^"]+after=\d+[^"]*)"', page)
    assert more
    rest = rows_of(client.get(more[1].replace("&amp;", "&"), headers=HTMX).text)
    assert len(rows_of(page)) == 8 and list(rest) == [*(f"--sref {n}" for n in range(26, 30)), "No SREF"]


def test_filters_narrow_the_rows_of_style_references_and_stay_on_the_way(client_for: ClientFor, olga: Actor) -> None:
    made = (("One", "--sref 12", ["wet"]), ("Both", "--sref 12 3", []), ("Wet 44", "44", ["wet"]), ("One of 12 Monkeys", "123", []), ("Dry one", None, []))
    for title, sref, tags in made:
        make_row(olga, title=title, sref=sref, tags=tags)
    client = client_for(None)
    page = client.get("/?rows=sref&tag=wet&q=one+or+44").text
    assert rows_of(page) == {"--sref 12": ["One"], "--sref 44": ["Wet 44"]}
    whole = re.search(r'<h2><a href="([^"]+)">--sref 12</a>', page)
    assert whole and titles(client.get(html.unescape(whole[1])).text) == ["One"]
    ways = dict(re.findall(r'<h2><a href="([^"]+)">([^<]+)</a>', page := client.get("/?rows=sref&q=one").text))
    assert rows_of(page) == {"--sref 12": ["One"], "--sref 123": ["One of 12 Monkeys"], "No SREF": ["Dry one"]}
    assert {name: titles(client.get(html.unescape(way)).text) for way, name in ways.items()} == rows_of(page)
    assert titles(client.get("/?q=sref:12").text) == ["Both", "One"] == titles(client.get("/?sref=12").text)
    assert rows_of(client.get("/?rows=sref&tag=nothing").text) == {}


def test_a_row_of_a_project_leads_to_what_the_filters_left_of_it(client_for: ClientFor, olga: Actor) -> None:
    for title, project, tags in (("Rain", "Alien", ["wet"]), ("Dry", "Alien", []), ("Loose", None, ["wet"])):
        make_row(olga, title=title, project=project, tags=tags)
    client = client_for(None)
    ways = dict(re.findall(r'<h2><a href="([^"]+)">([^<]+)</a>', client.get("/?rows=project&tag=wet").text))
    found = {name: titles(client.get(html.unescape(way)).text) for way, name in ways.items()}
    assert found == {"Alien": ["Rain"], "Without a project": ["Loose"]}
    assert '<h2><a href="/projects/alien">Alien</a>' in client.get("/?rows=project").text
