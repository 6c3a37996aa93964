"""The pages that find by colours and by likeness: addresses that can be sent on, forms without scripts, and an absent index."""

import re

import pytest

from pindeck.models import Image
from pindeck.queue import asking
from tests.conftest import HTMX
from tests.factories import make_active, make_draft, photo
from tests.runtime.test_index import RED, Answering
from tests.services.images.test_twins import copy


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def index(database):
    before = asking._asker
    answering = Answering()
    asking.bind(answering)
    yield
    asking.bind(before)


def test_the_form_leads_to_a_plain_address_that_finds(client_for, app, olga, index):
    red = make_active(olga, photo(RED), title="Red room")
    make_active(olga, photo((20, 160, 60)), title="Lawn")
    client = client_for(olga)
    form = {"on": "0", "colour0": "#c41822", "share0": "90", "tolerance0": "9", "off": "10", "colour10": "#14a03c", "tolerance10": "5"}
    answer = client.get("/colours", query_string=form)
    assert answer.status_code == 302 and answer.headers["Location"] == "/colours?c=c41822~9@90&no=14a03c~5"
    page = client.get(answer.headers["Location"]).text
    assert "Red room" in page and "Lawn" not in page and 'value="#c41822"' in page and 'value="90"' in page
    assert "No picture has all of these" in client.get("/colours?c=c41822&no=c41822").text
    assert "Choose a colour" in client.get("/colours?c=nothing&page=x").text
    assert client.get("/colours?c=c41822~90").status_code == 422
    shades = [("c", f"c418{n:02d}~25") for n in range(20, 26)]
    assert "Red room" in client.get("/colours", query_string=shades[:5]).text and client.get("/colours", query_string=shades).status_code == 422
    answer = client.get(f"/images/{red.id}/colours")
    assert answer.status_code == 302 and "Red room" in client.get(answer.headers["Location"]).text
    assert "Red room" in app.test_client().get("/colours?c=c41822").text


def test_likeness_has_dials_that_are_remembered(client_for, app, olga, sam, index, change_settings):
    mine, other = make_active(olga, copy(3), title="Mine"), make_active(sam, copy(3, 0.9), title="Theirs")
    hidden = make_draft(sam, copy(3, quality=40))
    client = client_for(olga)
    page = client.get(f"/images/{mine.id}/similar?palette=3&light=0&edges=0&words=0").text
    assert "Theirs" in page and hidden.id not in page and 'name="palette" min="0" max="3" step="1" value="3"' in page
    assert 'name="light" min="0" max="3" step="1" value="0"' in client.get(f"/images/{other.id}/similar").text
    assert client.get(f"/images/{hidden.id}/similar").status_code == 404
    assert client.get(f"/images/{hidden.id}/colours").status_code == 404
    assert "Meaning" not in page and 'name="meaning"' not in client.get(f"/images/{mine.id}/similar?meaning=3").text
    change_settings(embeddings_base_url="http://127.0.0.1:9/v1", embeddings_model="good")
    assert 'name="meaning" min="0" max="3" step="1" value="1"' in client.get(f"/images/{mine.id}/similar").text
    client.get(f"/images/{mine.id}/similar?meaning=3")
    assert 'name="meaning" min="0" max="3" step="1" value="3"' in client.get(f"/images/{other.id}/similar").text
    visitor = app.test_client()
    visitor.get(f"/images/{mine.id}/similar?words=0&meaning=2")
    assert 'name="meaning" min="0" max="3" step="1" value="2"' in visitor.get(f"/images/{mine.id}/similar").text
    drawer = client.get(f"/images/{mine.id}").text
    assert f"/images/{mine.id}/similar" in drawer and f"/images/{mine.id}/colours" in drawer


def test_a_colour_of_the_rail_opens_the_picker_beside_the_search(client_for, olga, sam, index):
    red = make_active(olga, photo(RED), title="Red room", tags=["wet"])
    other = make_active(olga, photo(RED, mark="dry"), title="Red roof")
    make_active(olga, photo((20, 160, 60)), title="Lawn", tags=["wet"])
    client = client_for(sam)
    rail = client.get("/counts?q=tag:wet", headers=HTMX).text
    doors = re.findall(r'<a href="(/colours\?[^"]+)" style="--s:(#[0-9a-f]{6})"', rail)
    assert len(doors) >= 2 and all("q=tag:wet" in address and code[1:] in address for address, code in doors)
    door = next(address for address, code in doors if code in red.colors)
    page = client.get(door.replace("&amp;", "&")).text
    assert "Red room" in page and "Red roof" not in page and "Lawn" not in page and 'value="tag:wet"' in page
    code = red.colors[0]
    whole = re.search(r'href="(/\?q=[^"]+)">Show in the gallery', page)
    assert whole and "Red room" in client.get(whole[1]).text and "Red roof" not in client.get(whole[1]).text
    form = {"q": "-tag:dry", "on": "0", "colour0": code, "share0": "20", "tolerance0": "9", "off": "10", "colour10": "#14a03c"}
    answer = client.get("/colours", query_string=form)
    assert answer.headers["Location"] == f"/colours?q=-tag:dry&c={code[1:]}~9@20&no=14a03c~12"
    both = client.get(answer.headers["Location"]).text
    assert "Red room" in both and "Red roof" in both and "Lawn" not in both and other.id
    assert client.get(f"/colours?q=tag:wet&c={code[1:]}~90").status_code == 422
    asking.bind(None)
    away = client.get(f"/colours?q=tag:wet&c={code[1:]}")
    assert away.status_code == 200 and "The index is away" in away.text and "Red room" in away.text


def test_a_search_over_http_finds_nearest_first_and_says_when_the_index_is_away(client_for, app, olga, sam, index):
    red = make_active(olga, photo(RED), title="Red room")
    make_active(olga, photo((20, 160, 60)), title="Lawn")
    text = f"color:{red.colors[0]}~15@90"
    client = client_for(olga)
    page = client.get("/", query_string={"q": text}).text
    assert "Red room" in page and "Lawn" not in page and ">Nearest first<" in page
    assert ">Newest<" in client.get("/", query_string={"q": text, "sort": "newest"}).text
    assert ">Newest<" in client.get("/").text and ">Nearest first<" in client.get("/", query_string={"q": f"like:{red.id}"}).text
    orders = [client.get("/orders", query_string={"q": q}).text for q in (text, "rain")]
    assert "Nearest first" in orders[0] and "Nearest first" not in orders[1]
    found = app.test_client().get("/api/v1/library/search", query_string={"q": text}).json
    assert [each["title"] for each in found["data"]] == ["Red room"] and found["problems"] == []
    for q, lead in ((f"like:{red.id}", "like"), (f"-like:{red.id}", "not among the 600 most like")):  # by its title and small picture, for those who see it
        chip = client.get("/", query_string={"q": q}).text.split('class="chip"')[1].split("</a>")[0]
        assert f">{lead} <img src=" in chip and "“Red room”" in chip and red.id not in chip
    Image.update(visibility="private").where(Image.id == red.id).execute()
    chip = client_for(sam).get("/", query_string={"q": f"like:{red.id}"}).text.split('class="chip"')[1].split("</a>")[0]
    assert "an unknown picture" in chip and "Red room" not in chip
    Image.update(visibility="library").where(Image.id == red.id).execute()
    asking.bind(None)
    told = app.test_client().get("/api/v1/library/search", query_string={"q": f"red {text} or like:{red.id}"}).json
    assert len(told["problems"]) == 2 and "The index is away" in client.get("/", query_string={"q": text}).text


def test_without_the_index_both_say_so(client_for, olga):
    mine = make_active(olga, copy(3))
    client = client_for(olga)
    before = asking._asker
    asking.bind(None)
    for address in ("/colours?c=c41822", f"/images/{mine.id}/similar"):
        answer = client.get(address)
        assert answer.status_code == 503 and "the index is away" in answer.text
    assert client.get("/colours").status_code == 200 and client.get("/").status_code == 200
    asking.bind(before)
