"""How pictures hang is a choice for each person and kind of page, which stays; an address that names a view wins."""

import re

import pytest

from pindeck.access import Actor
from pindeck.models import Hanging
from pindeck.services.accounts import hanging
from pindeck.services.accounts.hanging import Area, Hung, Layout
from pindeck.services.boards import boards
from tests.conftest import HTMX, ClientFor, count_queries
from tests.factories import make_row


def view_of(page: str) -> str:
    return re.search(r'data-view="(\w+)"', page)[1]  # type: ignore[index]


@pytest.mark.parametrize("who", ["olga", None])
def test_a_view_and_a_size_stay_where_they_were_chosen(client_for: ClientFor, olga: Actor, who: str | None) -> None:
    row = make_row(olga, project="Alien")
    client = client_for(olga if who else None)
    assert view_of(client.get("/").text) == "wall"
    chosen = client.post("/view", data={"at": "gallery", "view": "masonry", "next": "/?tag=wet&rows=sref&after=1"})
    assert chosen.headers["Location"] == "/?tag=wet&view=masonry"
    assert client.post("/view", data={"at": "project", "size": "220"}, headers=HTMX).status_code == 204
    assert view_of(client.get("/").text) == "masonry" and "--row" not in client.get("/").text
    project = client.get("/projects/alien").text
    assert view_of(project) == "wall" and 'style="--row:220px;--small-row:114px"' in project
    assert view_of(client.get(f"/images/{row.id}").text) == "wall"  # a page without a wall
    client.post("/view", data={"at": "project", "size": ""})
    assert "--row" not in client.get("/projects/alien").text
    assert Hanging.select().count() == (2 if who else 0)
    assert view_of(client_for(None).get("/").text) == "wall"


def test_an_address_with_a_view_wins_and_keeps_it(client_for: ClientFor, olga: Actor) -> None:
    make_row(olga, tags=["wet"], project="Alien")
    client = client_for(olga)
    client.post("/view", data={"at": "gallery", "view": "sheet"})
    page = client.get("/?view=masonry&tag=wet").text
    assert view_of(page) == "masonry" and 'href="/?view=masonry"' in page  # the chip that takes the tag away
    assert '<input type="hidden" name="view" value="masonry">' in page
    assert re.search(r"/feeds?\?tag=wet\"", page) and "/choose?tag=wet\"" in page
    for nonsense in ("upside down", "captions", "%00", ""):
        assert view_of(client.get(f"/?view={nonsense}").text) == "sheet"
    assert 'class="rowof"' in client.get("/?rows=project").text  # as earlier addresses say it
    client.post("/view", data={"at": "gallery", "view": "project"})
    assert 'class="rowof"' in client.get("/").text and 'class="rowof"' not in client.get("/?view=wall").text


def test_what_cannot_be_chosen_is_refused_by_name(client_for: ClientFor, olga: Actor) -> None:
    for client in (client_for(olga), client_for(None)):
        for field, text in (("view", "captions"), ("view", "x" * 999), ("size", "79"), ("size", "421"), ("size", "٣٠٠"),
                            ("size", "9" * 99), ("columns", "a;b"), ("at", "cellar"), ("at", "")):  # fmt: skip
            answer = client.post("/view", data={"at": "gallery", field: text}, headers=HTMX)
            assert answer.status_code == 422, (field, text)
        assert client.get("/view?at=cellar").status_code == 422
        assert client.post("/view", data={"at": "gallery", "view": "wall", "next": "//evil.example"}).headers["Location"] == "/?view=wall"
    assert not Hanging.select().where(Hanging.layout != "wall").exists()


@pytest.mark.parametrize(
    "kept", ["", "&&==", "gallery", "gallery=wall", "gallery=a.b.c.d", "x=wall..", "gallery=.9999999999.", "=" * 3000, "gallery=\u0663.1.;"]
)
def test_a_strange_cookie_is_none(client_for: ClientFor, kept: str) -> None:
    client = client_for(None)
    client.set_cookie("pindeck_views", kept)
    assert view_of(client.get("/").text) == "wall"


def test_a_cookie_says_what_was_written() -> None:
    chosen = {Area.BOARD: Hung(Layout.CAPTIONS, 90, "tags:200~likes"), Area.REVIEW: Hung(Layout.SHEET)}
    assert hanging.read(hanging.write(chosen)) == chosen


def test_the_menu_names_what_is_on_and_a_page_without_scripts_has_steps(client_for: ClientFor, olga: Actor) -> None:
    client = client_for(olga)
    client.post("/view", data={"at": "gallery", "size": "110"})
    page = client.get("/view?at=gallery&view=sheet&next=/?tag=wet").text
    assert re.findall(r'value="(\w+)" data-look="\w+" aria-current', page) == ["sheet"]
    assert re.search(r'name="size" value="110" aria-current="true">Small', page) and 'href="/?tag=wet"' in page
    menu = client.get("/view?at=board", headers=HTMX).text
    assert "<html" not in menu and re.findall(r'name="view" value="(\w+)"', menu) == ["wall", "masonry", "captions"]


def test_a_board_with_captions_stays_one(client_for: ClientFor, olga: Actor) -> None:
    client, board = client_for(olga), boards.create(olga, name="Night")[0]
    client.post("/view", data={"at": "board", "view": "captions"})
    assert view_of(client.get(f"/boards/{board.id}").text) == "captions"
    assert view_of(client.get(f"/boards/{board.id}?view=wall").text) == "wall"


def test_it_costs_one_statement_of_who_has_an_account(client_for: ClientFor, olga: Actor) -> None:
    client, visitor = client_for(olga), client_for(None)
    counted = []
    for each in (client, visitor):
        each.get("/")
        with count_queries() as statements:
            each.get("/")
        counted.append(sum("hanging" in str(sql) for sql in statements))
    assert counted == [1, 0]
