"""The craft of the frame in the gallery's rail: a line for each field, its terms when somebody opens it."""

import re

from pindeck.access import Actor
from pindeck.services.images import ledger
from tests.conftest import HTMX, ChangeSettings, ClientFor, count_queries
from tests.factories import make_row


def lit(actor: Actor, light: str, **columns: object) -> None:
    image = make_row(actor, **columns)  # type: ignore[arg-type]
    ledger.write(image.id, {"light": light, "setting": "INT"}, ledger.person(actor))


def test_the_rail_has_the_fields_that_are_known_and_asks_for_their_terms(client_for: ClientFor, olga: Actor) -> None:
    client = client_for(None)
    assert 'hx-get="/facets/' not in client.get("/").text
    lit(olga, "soft", category="Film")
    lit(olga, "soft, low-key", category="Art")
    page = client.get("/?category=Film").text
    assert re.findall(r"<summary>([^<]+)</summary>", page.split('id="facets"')[1].split("<main")[0]) == ["Narrow", "Light", "Int / Ext"]
    assert 'hx-get="/facets/light?category=Film"' in page and 'hx-trigger="toggle once"' in page
    part = client.get("/facets/light?category=Film", headers=HTMX).text
    assert '<a href="/?category=Film&amp;light=Soft">Soft</a><span class="count">1</span>' in part
    assert "Low-Key" not in part and "<html" not in part
    whole = client.get("/facets/light").text  # where there are no scripts
    assert '<a href="/?light=Soft">Soft</a><span class="count">2</span>' in whole and 'href="/">Back to the pictures' in whole
    on = client.get("/?light=soft+light", headers=HTMX).text
    assert 'id="facets" hx-swap-oob="true"' in on and "<summary>Light <b>Soft</b></summary>" in on
    assert 'open hx-get="/facets/light?light=Soft"' in on.replace("\n", " ") and 'hx-trigger="load"' in on
    chosen = client.get("/facets/light?light=Soft", headers=HTMX).text
    assert '<a href="/" aria-current="true">Soft</a>' in chosen and '<a href="/?light=Low-Key">Low-Key</a>' in chosen
    nowhere = client.get("/facets/light?light=Hard&category=Film", headers=HTMX).text
    assert '<a href="/?category=Film" aria-current="true">Hard</a>' in nowhere
    assert client.get("/facets/setting?q=%21%3F", headers=HTMX).text.count("No picture here has any") == 1


def test_who_may_not_look_and_what_is_no_field(
    client_for: ClientFor, olga: Actor, change_settings: ChangeSettings
) -> None:
    assert client_for(olga).get("/facets/title").status_code == 404
    change_settings(public_library=False)
    assert client_for(None).get("/facets/light").status_code == 303
    assert client_for(olga).get("/facets/light").status_code == 200


def test_the_rail_costs_the_same_for_more_terms(client_for: ClientFor, olga: Actor) -> None:
    client = client_for(olga)
    lit(olga, "soft")
    client.get("/")
    with count_queries() as few:
        client.get("/")
    for _ in range(10):
        lit(olga, "hard, flat, low-key, glowing")
    with count_queries() as many:
        client.get("/")
    assert len(many) == len(few)
