"""The page of a canvas: every act on it with htmx and without scripts, its errors, its readers, and what polling costs."""

import json
import re

import pytest

from pindeck.access import Actor
from pindeck.models import Board, Image
from pindeck.services.boards import boards, people, pictures
from pindeck.services.boards.canvas import acting, arranging, objects
from tests.conftest import HTMX, Browser, ClientFor, count_queries
from tests.factories import make_row

either_way = pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])


@pytest.fixture
def board(olga: Actor, sam: Actor) -> str:
    made, _ = boards.create(olga, name="Night ride")
    pictures.add(olga, made.id, [make_row(olga, title=f"Shot {n}").id for n in range(4)])
    people.set_all(olga, made.id, [sam.user_id])
    return str(made.id)


@pytest.fixture
def browser(client_for: ClientFor, olga: Actor) -> Browser:
    return client_for(olga)


@either_way
def test_every_act_works_from_the_page(browser: Browser, board: str, headers: dict[str, str]) -> None:
    here = f"/boards/{board}/canvas"
    assert f'href="{here}"' in browser.get(f"/boards/{board}").text
    assert "4 pictures have no place yet" in " ".join(browser.get(here).text.split())
    image = Image.get(Image.title == "Shot 2").id
    for path, form in (
        ("add", {"kind": "note", "text": "Rain <b>", "x": "", "color": "#c9a227"}),
        ("add", {"kind": "swatch", "color": "#aabbcc"}),
        ("add", {"image": image, "x": "400", "y": "-30"}),
        ("arrange/packed", {}),
    ):
        answer = browser.post(f"{here}/{path}", data=form, headers=headers)
        assert answer.status_code == (200 if headers else 303), answer.text
    ids = list(objects.read(board))
    assert len(ids) == 6
    for path, form in (
        ("layer/back", {"ids": ids[:2]}), ("layer/forward", {"ids": ids[:2]}), ("group", {"ids": " ".join(ids[:3])}), ("ungroup", {"ids": ids[0]}), ("remove", {"ids": ids[5]}),
        ("change", {"changes": json.dumps({ids[0]: {"x": -70}})}),
    ):  # fmt: skip
        answer = browser.post(f"{here}/{path}", data=form, headers=headers)
        assert answer.status_code == (200 if headers else 303), answer.text
    page = browser.get(here).text
    assert '<a href="/boards" aria-current="page"' in page
    assert page.count('<li class="object"') == 5 and "Rain &lt;b&gt;" in page and "left:-70px" in page
    assert browser.post(f"{here}/remove", data={}, headers=headers).status_code == 422
    assert browser.post(f"{here}/change", data={"changes": "[]"}, headers=headers).status_code == 422
    assert browser.post(f"{here}/arrange/size", data={}, headers=headers).status_code == 422


@either_way
def test_an_object_is_edited_as_a_form_and_both_values_are_told(browser: Browser, sam: Actor, board: str, headers: dict[str, str]) -> None:
    note = acting.add(sam, board, "note", text="Rain").ids[0]
    here = f"/boards/{board}/canvas/objects/{note}"
    version = re.search(r'name="version" value="(\d+)"', browser.get(here).text)
    assert version
    acting.change(sam, board, {note: {"x": 300}})
    form = {"version": version[1], "x": "40", "y": "0", "width": "240", "height": "160", "text": "Fog", "color": ""}
    met = browser.post(here, data=form, headers=headers)
    assert met.status_code == 409 and "300, yours: 40" in " ".join(met.text.split()) and "Fog" in met.text
    fresh = re.search(r'name="version" value="(\d+)"', met.text)
    assert fresh and objects.read(board)[note].x == 300
    wrong = browser.post(here, data={**form, "version": fresh[1], "width": "3"}, headers=headers)
    assert wrong.status_code == 422 and 'aria-invalid="true"' in wrong.text and "Fog" in wrong.text
    assert browser.post(here, data={**form, "version": fresh[1]}, headers=headers).status_code == (200 if headers else 303)
    assert (objects.read(board)[note].x, objects.read(board)[note].text) == (40, "Fog")
    moved = {"changes": json.dumps({note: {"x": 5, "version": int(version[1])}})}
    met = browser.post(f"/boards/{board}/canvas/change", data=moved, headers=headers)
    assert met.status_code == 409 and "x 40, yours" in " ".join(met.text.split()) and objects.read(board)[note].x == 40


def test_a_page_hears_of_changes_and_people_and_asks_little(
    client_for: ClientFor, browser: Browser, olga: Actor, sam: Actor, board: str
) -> None:
    arranging.arrange(olga, board, "packed")
    here, other = f"/boards/{board}/canvas", client_for(sam)
    other.get(here)
    since = Board.get_by_id(board).version
    told = browser.get(f"{here}/news?since={since}").text
    assert "Sam is here" in told and "data-ids" not in told and "<li class" not in told
    with count_queries() as asked:
        browser.get(f"{here}/news?since={since}")
    one, two, *_ = objects.read(board)
    acting.change(sam, board, {one: {"x": 900}})
    acting.remove(sam, board, [two])
    told = browser.get(f"{here}/news?since={since}").text
    assert told.count('<li class="object"') == 1 and f'data-id="{one}"' in told
    every = re.search(r'data-ids="([^"]*)"', told)
    assert every and one in every[1] and two not in every[1]
    assert len(asked) <= 8, asked
    assert client_for(None).get(f"{here}/news").status_code in (302, 303, 401, 404)
