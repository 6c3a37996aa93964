"""The gallery's address: a colour as a filter beside the others, with and without scripts."""

import re
from html import unescape

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.images import colours
from pindeck.services.library import counts
from tests.conftest import HTMX, ClientFor, count_queries
from tests.factories import make_draft, make_row

TEAL, RUST = "#1f6f78", "#b5502f"


def painted(actor: Actor, *palette: str, **columns: object) -> Image:
    image = make_row(actor, colors=list(palette), **columns)  # type: ignore[arg-type]
    with db.writing():
        colours.write(image.seq, list(palette))
    return image


def shown(text: str) -> list[str]:
    return re.findall(r'<a href="/images/([^"]+)">\s*<img', text)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_colour_in_the_address_filters_and_can_be_taken_away(
    client_for: ClientFor, olga: Actor, headers: dict[str, str]
) -> None:
    teal = painted(olga, TEAL, category="Film")
    painted(olga, RUST, category="Film", group="Film")
    page = client_for(None).get("/?color=%231F6F78&category=Film", headers=headers)
    assert shown(page.text) == [teal.id]
    chip = re.search(r'<a class="chip" href="([^"]+)" hx-get="[^"]+">Colour <i style="--s:#1f6f78"></i>(\w+)', page.text)
    assert chip and chip.groups() == ("/?category=Film", "teal")
    assert 'href="/?color=%231f6f78" hx-get="/?color=%231f6f78"><svg' not in page.text
    assert re.search(r'<a class="chip" href="/\?color=%231f6f78" hx-get="/\?color=%231f6f78">Film', page.text)
    assert 'href="/?group=Film&amp;category=Film&amp;color=%231f6f78"' in page.text


def test_the_search_form_keeps_the_colour(client_for: ClientFor, olga: Actor) -> None:
    page = client_for(None).get("/?color=%231f6f78")
    assert '<input type="hidden" name="color" value="#1f6f78">' in page.text


def test_the_next_link_of_a_colour_walks_through_everything_once(client_for: ClientFor, olga: Actor) -> None:
    expected = [painted(olga, TEAL).id for _ in range(60)][::-1]
    painted(olga, RUST)
    client = client_for(None)
    first = client.get("/?color=%231f6f78").text
    following = re.search(r'<a class="next" href="([^"]+)"', first)
    assert following
    rest = client.get(following.group(1).replace("&amp;", "&"), headers=HTMX).text
    assert shown(first) + shown(rest) == expected
    assert 'class="next"' not in rest


def test_a_swatch_leads_to_its_colour_without_scripts(client_for: ClientFor, olga: Actor) -> None:
    image = painted(olga, TEAL, RUST)
    client = client_for(None)
    page = client.get(f"/images/{image.id}").text
    links = re.findall(r'href="(/\?color=[^"]+)">(?:<svg.*?</svg>)?\s*Find this colour', page, re.S)
    assert links == ["/?color=%231f6f78", "/?color=%23b5502f"]
    assert 'aria-label="Teal, #1f6f78"' in page
    for link in links:
        assert shown(client.get(link).text) == [image.id]


@pytest.mark.parametrize("query", ["teal", "%231f6f7", "%00", "%ed%a0%80", "%23%3Cscript%3E", "x" * 5000, "%D9%A1"])
def test_what_is_no_colour_finds_nothing_and_harms_nothing(client_for: ClientFor, olga: Actor, query: str) -> None:
    painted(olga, TEAL)
    page = client_for(None).get(f"/?color={query}")
    assert page.status_code == 200
    assert "<script>" not in page.text
    if "Clear filters" in page.text:
        assert shown(page.text) == []
        assert 'class="chip" href="/" hx-get="/">Colour “' in page.text


def test_a_colour_costs_one_query_no_more(client_for: ClientFor, olga: Actor) -> None:
    client = client_for(olga)
    for _ in range(3):
        painted(olga, TEAL)
    client.get("/")
    with count_queries() as plain:
        client.get("/")
    with count_queries() as filtered:
        client.get("/?color=%231f6f78")
    assert len(filtered) == len(plain)


def test_a_page_of_fifty_weighs_at_most_52_kilobytes(client_for: ClientFor, olga: Actor) -> None:
    palette = [TEAL, RUST, "#0a0c10", "#f4f1ea", "#5c6ea4"]
    for n in range(60):
        columns = {"width": 6000, "height": 4000, "thumbhash": "3OcRJYB4d3h/iIeHeEh3eIhw+j2w", "likes": 12}
        make_row(olga, title=f"A lighthouse before dawn {n:02d}", colors=palette, public_token=f"{n:032x}", **columns)
    page = client_for(olga).get("/")
    assert page.text.count('class="tile"') == 50
    assert len(page.data) <= 52_000


def test_the_answer_to_a_like_is_the_heart_of_the_tile(client_for: ClientFor, olga: Actor) -> None:
    image = make_row(olga, title="Loved")
    client = client_for(olga)
    address = f"/images/{image.id}/like"
    with count_queries() as statements:
        answer = client.post(address, headers=HTMX)
    # The session, the image for the permission, the like, its number, and the number that is shown.
    assert [re.split(r"\s+", sql.strip())[0] for sql in statements] == ["SELECT", "SELECT", "DELETE", "INSERT", "UPDATE", "SELECT"]
    assert answer.headers["HX-Reswap"] == "none"
    place = f""" hx-swap-oob="outerHTML:[hx-post='{address}']\""""
    heart = answer.text.strip()
    assert place in heart and 'aria-pressed="true"' in heart and heart.endswith(">1</button>")
    assert heart.replace(place, "") in client.get("/").text
    assert heart.replace(place, "") in client.get(f"/images/{image.id}").text


WHY = "The server said 500."


def missing(actor: Actor, title: str, persist_status: str = "failed", **columns: object) -> Image:
    """An import whose picture has not come."""
    address = "https://elsewhere.example/a.jpg"
    of_it = {"file": None, "external_url": address, "persist_status": persist_status, "persist_error": WHY}
    return make_row(actor, title=title, **of_it, **columns)  # type: ignore[arg-type]


def test_what_never_arrived_hangs_for_those_alone_who_may_try_again(
    client_for: ClientFor, olga: Actor, sam: Actor, mo: Actor, gus: Actor
) -> None:
    """No reader sees an empty place, and no page asks another host for the picture."""
    here = make_row(olga, title="Here", category="Film")
    gone = missing(olga, "Never came", category="Lost at sea", group="Other world")
    late = missing(olga, "Comes later", "pending", category="Late")
    for actor in (olga, mo):
        page = client_for(actor).get("/?").text
        assert page.count(f'<a href="/images/{gone.id}">') == page.count(f'<a href="/images/{late.id}">') == 1
        assert shown(page) == [here.id] and "Lost at sea" in page
        assert f"It never arrived: {WHY}" in page and f"It has not arrived yet: {WHY} It is tried again by itself." in page
        assert page.count(f'action="/images/{gone.id}/retry"') == 1 and f"/images/{late.id}/retry" not in page
        assert page.count('href="https://elsewhere.example/a.jpg"') == 2
        assert 'src="https://elsewhere.example' not in page
    for other in (None, gus, sam):
        page = client_for(other).get("/").text
        assert shown(page) == [here.id]
        for word in (gone.id, late.id, "Never came", "Comes later", "Lost at sea", "Other world", "elsewhere", WHY):
            assert word not in page
        assert gone.id not in client_for(other).get(f"/images/{here.id}").text  # nor as a neighbour
        listed = client_for(other).get("/api/v1/library/images").get_json()
        assert {image["_id"]: image["imageUrl"] for image in listed}[gone.id] == gone.external_url
    answer = client_for(olga).post(f"/images/{gone.id}/retry", data={"next": "/?category=Film"})
    assert (answer.status_code, answer.location) == (303, "/?category=Film")
    assert f"It has not arrived yet: {WHY}" in client_for(olga).get("/").text  # until the next try has ended
    arrived = make_draft(olga)
    Image.update(file=None, external_url="https://elsewhere.example/b.jpg").where(Image.seq == arrived.seq).execute()
    Image.update(file=arrived.file_id).where(Image.seq == gone.seq).execute()
    assert gone.id in shown(client_for(sam).get("/").text)


def test_absent_pictures_cost_one_query_however_many(client_for: ClientFor, olga: Actor) -> None:
    client = client_for(olga)
    for _ in range(2):
        missing(olga, "Gone")
    client.get("/")
    with count_queries() as few:
        client.get("/")
    for _ in range(20):
        missing(olga, "Gone")
    with count_queries() as many:
        page = client.get("/").text
    assert page.count('class="tile absent"') == page.count("data-absent=") == 22
    assert len(many) == len(few)


def test_a_library_of_nothing_but_absent_pictures_is_empty_for_others(client_for: ClientFor, olga: Actor, sam: Actor) -> None:
    missing(olga, "Gone")
    assert "Gone" not in client_for(sam).get("/").text and 'class="grid"' not in client_for(sam).get("/").text
    page = client_for(sam).get(f"/images/{Image.get().id}").text
    assert "The picture is not here yet." in page and "<img src=" not in page and "Download the original" not in page


def test_review_and_tray_say_why_the_last_try_came_to_nothing(client_for: ClientFor, olga: Actor) -> None:
    image = missing(olga, "Slow", "pending", status="draft", ai_status="completed")
    page = client_for(olga).get("/review/").text
    assert f"{WHY} It is tried again by itself." in page and "Safe" not in page
    assert WHY in client_for(olga).get(f"/uploads/progress?ids={image.id}").text
    Image.update(persist_error=None).where(Image.seq == image.seq).execute()
    page = client_for(olga).get("/review/").text
    assert "On its way" in page and "Safe" not in page


def rail_of(text: str) -> list[str]:
    """The words of the rail's links, each with the number beside it."""
    rail = re.search(r'<div class="filters".*?</div>', text, re.S)
    assert rail
    links = re.findall(r'<a href="[^"]+"[^>]*>([^<]+)</a>(?:<span class="count">([^<]+)</span>)?', rail[0])
    return [" ".join(link).strip() for link in links]


def test_the_rail_shows_what_occurs_and_then_how_often(
    client_for: ClientFor, olga: Actor, sam: Actor, gus: Actor, mo: Actor
) -> None:
    make_row(olga, category="Film", group="Film"), make_row(olga, category="Film", visibility="private")
    make_row(olga, category="alleys", group="Film"), make_row(olga, category="Secret", status="draft")
    for person in (None, gus, sam, olga, mo):
        client = client_for(person)
        liked = ["Liked by you"] if person not in (None, gus) else []
        assert rail_of(client.get("/").text) == [*liked, "Film", "alleys", "Film"]
        counted = client.get("/counts", headers=HTMX).text
        assert rail_of(counted) == [*(f"{word} 0" for word in liked), "Film 2", "alleys 1", "Film 1"]
        assert counted.split("<")[0].strip() == "2 pictures"


def test_numbers_follow_the_filters_and_lead_where_the_page_leads(client_for: ClientFor, olga: Actor) -> None:
    make_row(olga, category="Film", group="Film"), make_row(olga, category="Art", group="Film"), make_row(olga)
    client = client_for(None)
    page = client.get("/?category=Film").text
    asked = re.search(r'<p class="many" id="many"\s+hx-get="([^"]+)"', page)
    assert asked and asked[1] == "/counts?category=Film"
    assert re.search(r'id="many"[^>]*>1 picture</p>', page)  # all are on this page, so nobody has to ask
    counted = client.get(asked[1], headers=HTMX).text
    assert counted.split("<")[0].strip() == "1 picture"
    assert rail_of(counted) == ["Film 1", "Art 1", "Film 1", "General 1"]
    assert re.findall(r'<li><a href="([^"]+)"', counted) == re.findall(r'<li><a href="([^"]+)"', page)


def test_without_scripts_a_page_of_many_says_how_many_there_are(
    client_for: ClientFor, olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(51):
        make_row(olga, title="Rain" if number < 3 else "Fog")
    client = client_for(None)
    many = re.compile(r'id="many"[^>]*>([^<]*\w)\s*<')
    assert many.search(client.get("/").text)[1] == "51 pictures"  # type: ignore[index]
    with count_queries() as few:
        client.get("/?q=fog&by=" + str(olga.user_id))
    monkeypatch.setattr(counts, "MOST", 50)
    for _ in range(2):  # the second time it is known
        assert many.search(client.get("/").text)[1] == "50+ pictures"  # type: ignore[index]
    make_row(olga, title="Fog")
    make_row(olga, title="Fog")
    make_row(olga, title="Fog")
    with count_queries() as more:
        assert many.search(client.get("/?q=fog&by=" + str(olga.user_id)).text)[1] == "50+ pictures"  # type: ignore[index]
    assert len(more) == len(few)  # what words match is counted when somebody asks
    assert client.get("/counts?q=fog").text.split("<")[0].strip() == "50+ pictures"
    way = re.search(r'class="nojs-only" href="([^"]+)">How many', client.get("/?q=fog").text)
    assert way and many.search(client.get(unescape(way[1])).text)[1] == "51 pictures"  # type: ignore[index]
    assert "How many?" not in client.get(unescape(way[1])).text


def test_the_number_is_a_status_after_a_filter_alone(client_for: ClientFor, olga: Actor) -> None:
    for _ in range(51):
        make_row(olga)
    client = client_for(None)
    assert not re.search(r'id="many"[^>]*role=', client.get("/").text)
    assert re.search(r'id="many" role="status"\s[^>]*></p>', client.get("/?q=untitled", headers=HTMX).text)
    none = client.get("/?q=nothing", headers=HTMX).text
    assert 'class="many sr" id="many" role="status"' in none
    assert client.get("/counts?q=nothing").text.split("<")[0].strip() == "0 pictures"


def test_values_of_the_rail_cost_no_statement_each(client_for: ClientFor, olga: Actor) -> None:
    client = client_for(olga)
    make_row(olga, category="Film", group="Film")
    client.get("/")
    with count_queries() as few:
        client.get("/")
    for n in range(30):
        make_row(olga, category=f"C{n}", group=f"G{n}")
    with count_queries() as many:
        client.get("/")
    assert len(few) == len(many)
