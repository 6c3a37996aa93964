"""Templates are for people who read them: short lines, no address spelt by hand, and still a light page."""

import inspect
import re
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

from pindeck import resources
from pindeck.access import Actor
from pindeck.web.navigation import VIEWS
from tests.conftest import HTMX, ClientFor

TEMPLATES = sorted((resources.ROOT / "templates").rglob("*.html"))


def name_of(path: Path) -> str:
    return str(path.relative_to(path.parent.parent))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_no_line_is_longer_than_120_characters(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert [f"line {number}" for number, line in enumerate(lines, 1) if len(line) > 120] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_no_template_holds_an_address_of_ours(path: Path) -> None:
    """Neither a whole one (`"/upload"`) nor the end of one that is put together (`}}/like`, `~ "/retry"`)."""
    assert re.findall(r"""(?:["'`]|\}\})/\w[^"'`\s]*""", path.read_text()) == []


def test_the_views_are_written_once(app: Flask, client_for: ClientFor, olga: Actor) -> None:
    """In the rail, in the bottom bar and, where a key leads there, in the sheet of keys."""
    client = client_for(olga)
    page = client.get("/review/").text
    rail = re.search(r'<nav class="nav".*?</nav>', page, re.S)
    bottom = re.search(r'<nav class="bottom".*?</nav>', page, re.S)
    address = re.search(r'<dialog class="sheetdialog" id="keys"[^>]* data-sheet="([^"]+)"', page)
    assert rail and bottom and address
    sheet = client.get(address[1], headers=HTMX).text
    with app.test_request_context():
        addresses = {view: app.url_for(view.endpoint) for view in VIEWS}
    for found, shown in ((rail, VIEWS), (bottom, [view for view in VIEWS if view.in_bottom])):
        assert re.findall(r'<a href="([^"]+)"', found[0]) == [addresses[view] for view in shown]
        assert re.findall(r'<a href="([^"]+)" aria-current="page"', found[0]) == ["/review/"]
    for view in VIEWS:
        if view.key:
            assert f'data-key="{view.key}"' in rail[0]
            row = rf'<kbd class="k">{view.key.upper()}</kbd></dt>\s*<dd>{view.name}</dd>'
            assert re.search(row, sheet)


def test_the_sheet_lists_the_keys_of_its_page(client_for: ClientFor) -> None:
    client = client_for(None)
    told = {on: client.get(f"/keys?on={on}", headers=HTMX).text for on in ("review", "trash", "accounts", "nothing")}
    assert "discard" in told["review"] and "discard" not in told["trash"] + told["accounts"]
    assert "Choose all in between" in told["trash"] and "Move between pictures" not in told["accounts"]
    assert all(">This sheet<" in each for each in told.values())
    whole = client.get("/keys").text
    assert "discard" in whole and "Choose all in between" in whole


def test_a_visitor_sees_the_views_that_are_open_and_a_way_in(client_for: ClientFor) -> None:
    page = client_for(None).get("/").text
    bottom = re.search(r'<nav class="bottom".*?</nav>', page, re.S)
    assert bottom
    assert re.findall(r'<a href="([^"]+)"', bottom[0]) == ["/", "/sign-in"]


def test_a_function_of_every_template_is_called_and_never_taken_for_what_a_page_gives(app: Flask) -> None:
    """Its name alone is always true: whatever a template asks by it would always be there."""
    functions = {name for name, value in app.jinja_env.globals.items() if inspect.isroutine(value)}
    read = {}
    for path in TEMPLATES:
        tree = app.jinja_env.parse(path.read_text())
        bound = {node.name for node in tree.find_all(nodes.Name) if node.ctx in ("store", "param")}
        called = {id(call.node) for call in tree.find_all(nodes.Call)}
        names = {n.name for n in tree.find_all(nodes.Name) if n.ctx == "load" and id(n) not in called}
        read[name_of(path)] = sorted((names & functions) - bound)
    assert {path: names for path, names in read.items() if names} == {}
