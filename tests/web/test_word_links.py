"""Every word of a picture leads to the pictures that have it too, with and without scripts, and to nothing hidden."""

import re
from html import unescape

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image, User
from pindeck.services.images import colours, ledger
from tests.conftest import HTMX, ClientFor, count_queries
from tests.factories import make_row

WORDS = {
    "project": "Harbour & docks", "group": "Film", "category": "Still life", "genre": "Noir", "shot": "Wide / high",
    "style": "Grain", "sref": "--sref 12,34?x=1&y#2",
}
CRAFT = {"time": "Golden Hour", "light": "a glow / of 'worms'", "light_from": "Backlight"}  # fmt: skip
TAGS = ["wet street", "a/b", "c++ & d#e", "夜景"]


@pytest.fixture
def image(olga: Actor, sam: Actor) -> Image:
    make_row(olga, title="Another", tags=["wet"], category="Still", group="TV Series", genre="Noirish", sref="--sref 12")
    make_row(sam, title="Of another person")
    columns = {name: word for name, word in WORDS.items() if name != "project"}
    row = make_row(olga, title="Rain", tags=TAGS, project=WORDS["project"], colors=["#1f6f78"], **columns)
    with db.writing():
        colours.write(row.seq, row.colors)
    for name, term in CRAFT.items():
        ledger.edit(olga, row.id, name, term)
    return row


def found(text: str) -> list[str]:
    return re.findall(r'<a href="/images/([^"]+)">\s*<img', text)


def links_of(text: str) -> dict[str, list[str]]:
    """The addresses of the gallery that stand on a page, by the filter that they set."""
    links: dict[str, list[str]] = {}
    for address in re.findall(r'<a [^>]*?href="(/\?[^"]+)"', text):
        links.setdefault(re.findall(r"\?(\w+)=", address)[0], []).append(unescape(address))
    return links


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize("who", ["visitor", "sam", "olga"])
def test_each_word_leads_to_its_pictures(
    client_for: ClientFor, image: Image, olga: Actor, sam: Actor, headers: dict[str, str], who: str
) -> None:
    client = client_for({"visitor": None, "sam": sam, "olga": olga}[who])
    links = links_of(client.get(f"/images/{image.id}", headers=headers).text)
    assert set(links) == {*WORDS, *CRAFT, "tag", "by", "color"}
    assert len(links["tag"]) == len(TAGS)
    for name, addresses in links.items():
        for address in addresses:
            page = client.get(address, headers=headers).text
            expected = 2 if name == "by" else 1
            assert image.id in found(page) and len(found(page)) == expected, address
            assert len(re.findall('class="chip"', page)) == 1


def test_a_field_that_can_be_edited_keeps_its_editor(client_for: ClientFor, image: Image, olga: Actor) -> None:
    client = client_for(olga)
    page = client.get(f"/images/{image.id}").text
    for name in (*WORDS, *CRAFT, "tags"):
        assert f'action="/images/{image.id}/fields/{name}"' in page
    assert 'data-door="/?tag="' in page and 'data-door="/?light_from="' in page
    assert 'aria-label="Pictures with Genre Noir"' in page
    edited = client.post(f"/images/{image.id}/fields/genre", data={"value": "Western"}, headers=HTMX).text
    assert links_of(edited) == {"genre": ["/?genre=Western"]}
    assert links_of(client.post(f"/images/{image.id}/fields/genre", data={"value": ""}, headers=HTMX).text) == {}
    refused = client.post(f"/images/{image.id}/fields/group", data={"value": "No such type"}, headers=HTMX)
    assert (refused.status_code, links_of(refused.text)) == (422, {})


def test_beside_an_unlisted_picture_nothing_leads_into_a_private_library(
    client_for: ClientFor, image: Image, olga: Actor, change_settings
) -> None:
    make_row(olga)
    Image.update(visibility="unlisted").where(Image.id == image.id).execute()
    make_row(olga)
    change_settings(public_library=False)
    page = client_for(None).get(f"/images/{image.id}")
    assert page.status_code == 200
    assert set(links_of(page.text)) <= {"color"} and set(re.findall("/images/([0-9a-f-]{36})", page.text)) == {image.id}


def test_the_name_of_a_person_is_told_for_pictures_that_are_shown(
    client_for: ClientFor, image: Image, olga: Actor, mo: Actor
) -> None:
    User.update(name="Montgomery").where(User.id == mo.user_id).execute()
    make_row(mo, visibility="private"), make_row(mo, status="draft")
    client = client_for(None)
    assert ">By Olga" in client.get(f"/?by={olga.user_id}").text
    for other in (mo.user_id, "nobody", "x" * 300):
        page = client.get(f"/?by={other}")
        assert page.status_code == 200 and found(page.text) == []
        assert "Montgomery" not in page.text
        assert ">By nobody here" in page.text


def test_a_tag_is_found_however_it_is_typed(client_for: ClientFor, image: Image) -> None:
    client = client_for(None)
    for typed in ("Wet Street", "%23wet street", "wet  street"):
        assert found(client.get(f"/?tag={typed}").text) == [image.id]
    assert found(client.get("/?tag=wet").text) != [image.id]
    assert len(found(client.get("/?tag=%23").text)) == 3  # not a word, so not a filter


def test_a_term_is_found_however_it_is_typed_and_by_what_follows(client_for: ClientFor, image: Image) -> None:
    client = client_for(None)
    for typed in ("time=magic hour", "time=GOLDEN-HOUR", "setting=ext", "time=day's end", "light_from=contre-jour&time=golden hour"):
        page = client.get(f"/?{typed}").text
        assert found(page) == [image.id], typed
    assert ">Time of day: Golden Hour" in client.get("/?time=magic hour").text
    for typed in ("time=night", "setting=int", "light_from=side&time=golden hour", "time=nothing like it"):
        assert found(client.get(f"/?{typed}").text) == [], typed


def test_the_menu_of_a_tile_leads_to_its_colours(client_for: ClientFor, image: Image) -> None:
    menu = client_for(None).get(f"/images/{image.id}/menu", headers=HTMX).text
    assert links_of(menu) == {"color": ["/?color=%231f6f78"]}
    assert 'aria-label="Pictures in Teal, #1f6f78"' in menu


def test_a_word_costs_one_statement_more_at_most(client_for: ClientFor, image: Image) -> None:
    client = client_for(None)
    client.get("/")
    with count_queries() as plain:
        client.get("/")
    for address in ("/?tag=wet", "/?genre=Noir", "/?shot=Wide+/+high", "/?style=Grain", "/?sref=--sref+12", "/?light_from=backlight", "/?time=magic+hour"):
        with count_queries() as filtered:
            client.get(address)
        # Whether few pictures have a tag is asked first, so that a rare one is not looked for in all of the library.
        assert len(filtered) <= len(plain) + address.startswith("/?tag="), address
