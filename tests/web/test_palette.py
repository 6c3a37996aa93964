"""The palette leads to what somebody may know of, and to nothing else."""

import re
from html import unescape

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Board
from tests.conftest import HTMX, ChangeSettings, ClientFor, count_queries
from tests.factories import make_row


def links(text: str) -> dict[str, str]:
    part = text.split('id="go-results"')[1].split("</div>")[0]
    return {unescape(name): unescape(url) for url, name in re.findall(r'<a href="([^"]+)">.*?<span>([^<]*)</span>', part, re.S)}


def test_it_leads_to_places_pictures_people_boards_tags_and_settings(client_for: ClientFor, olga: Actor, sam: Actor) -> None:
    image = make_row(olga, title="Night train", tags=["nightfall"], project="Night Ride")
    client = client_for(olga)
    for headers in ({}, HTMX, {**HTMX, "HX-Target": "go-results"}):
        found = links(client.get("/go?q=nig", headers=headers).text)
        assert found["Night Ride"] == "/projects/night-ride" and found["#nightfall"] == "/?tag=nightfall"
        assert found["Night train"] == f"/images/{image.id}"
    board = Board.create(id=db.new_id(), user_id=olga.user_id, name="My night looks", name_key="my night looks", created_at=1, updated_at=1)
    assert links(client.get("/go?q=Night").text)["My night looks"] == f"/boards/{board.id}"
    assert "My night looks" not in links(client_for(sam).get("/go?q=night").text)
    assert "My night looks" not in links(client_for(None).get("/go?q=night").text)
    assert links(client.get("/go?q=fields").text)["Tidy the fields"] == "/vocabulary/fields"
    assert links(client.get("/go?q=olg").text)["Olga"] == f"/people/{olga.user_id}"
    assert "/trash/" in links(client.get("/go?q=trash").text).values()
    for name, url in links(client.get("/go").text).items():
        assert client.get(url).status_code == 200, name


def test_it_tells_nobody_of_what_is_hidden_or_closed_to_them(
    client_for: ClientFor, olga: Actor, sam: Actor, change_settings: ChangeSettings
) -> None:
    make_row(olga, title="Secret one", tags=["secret-tag"], project="Secret film", visibility="private")
    make_row(olga, title="Secret two", project="Secret film", deleted_at=5)
    for who in (None, sam):
        found = links(client_for(who).get("/go?q=secret").text)
        assert list(found) == ["“secret” in the gallery"]
    assert "Vision model" not in links(client_for(sam).get("/go").text)
    for name, url in links(client_for(None).get("/go").text).items():
        assert client_for(None).get(url).status_code == 200, name
    change_settings(public_library=False)
    assert client_for(None).get("/go?q=secret").status_code == 303


def test_odd_words_find_nothing_and_the_cost_is_constant(client_for: ClientFor, olga: Actor) -> None:
    client = client_for(olga)
    for text in ("%25", "_", "%00", "(" * 300, "🎬", "or"):
        assert client.get(f"/go?q={text}").status_code == 200
    make_row(olga, title="Rain 0", project="Rain 0", tags=["rain0"])
    with count_queries() as few:
        client.get("/go?q=rain")
    for n in range(1, 9):
        make_row(olga, title=f"Rain {n}", project=f"Rain {n}", tags=[f"rain{n}"])
    with count_queries() as many:
        client.get("/go?q=rain")
    assert len(many) == len(few)
