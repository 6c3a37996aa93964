"""The search box on pages: what was understood as chips, what was not in a sentence, and results all the same."""

import re
from html import unescape

import pytest

from pindeck.access import Actor
from pindeck.services.boards import recent_searches
from tests.conftest import HTMX, ClientFor
from tests.factories import make_row

CHIP = re.compile(r'<a class="chip" href="([^"]+)" hx-get="[^"]+">(.*?)<svg', re.S)


def shown(text: str) -> list[str]:
    return re.findall(r'<a href="/images/([^"]+)">\s*<img', text)


def chips(text: str) -> list[tuple[str, str]]:
    return [(unescape(re.sub("<[^>]+>", "", told)).strip(), unescape(url)) for url, told in CHIP.findall(text)]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_each_part_of_a_search_is_a_chip_that_leads_to_the_rest(client_for: ClientFor, olga: Actor, headers: dict[str, str]) -> None:
    wet = make_row(olga, title="Neon alley", tags=["rain"], category="Film")
    make_row(olga, title="Neon alley", tags=["rain", "fog"], category="Film")
    make_row(olga, title="Alley", tags=["rain"], category="Film")
    client = client_for(None)
    page = client.get("/", query_string={"q": "tag:rain -tag:fog neon", "category": "Film"}, headers=headers).text
    assert shown(page) == [wet.id] and 'class="unread"' not in page
    found = chips(page)
    assert [told for told, _ in found] == ["#rain", "not #fog", "“neon”", "Film"]
    assert found[1][1] == "/?q=tag%3Arain+neon&category=Film"
    assert [len(shown(client.get(url, headers=headers).text)) for _, url in found] == [1, 2, 2, 1]


def test_a_search_that_somebody_typed_is_kept_and_a_link_that_is_followed_is_not(client_for: ClientFor, olga: Actor) -> None:
    make_row(olga, title="Neon alley")
    client = client_for(olga)
    assert client.get("/?q=neon&category=Film").status_code == 200 and recent_searches.list_all(olga) == []
    answer = client.get("/?q=neon&category=Film&typed=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?q=neon&category=Film")
    assert recent_searches.list_all(olga) == ["neon"]
    assert '<noscript><input type="hidden" name="typed" value="1"></noscript>' in client.get("/").text


def test_what_was_not_understood_is_told_and_there_are_results(client_for: ClientFor, olga: Actor) -> None:
    image = make_row(olga, title="Neon alley")
    page = client_for(olga).get("/", query_string={"q": "neon (tag: is:big <b>"}, headers=HTMX).text
    told = re.search(r'<ul class="unread" role="status">(.*?)</ul>', page, re.S)
    assert told and re.findall("<li>(.*?)</li>", told[1]) == [
        "“(” at character 6 is never closed.",
        "A value is missing after “tag:” at character 7. Write one such as tag:rain.",
        "“big” at character 15 does not fit “is:”. Write one of variation, original, liked, draft, mine, new.",
    ]
    assert "<b>" not in re.sub('<b class="[a-z]+">', "", page) and shown(page) == []
    assert shown(client_for(None).get("/", query_string={"q": "neon (tag: is:big"}).text) == [image.id]
    long = client_for(None).get("/", query_string={"q": "neon " * 200}).text
    assert "A search has at most 500 characters; what follows is left out." in long and shown(long) == [image.id]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"q": "neon"}, []),
        ({"q": 'rain or -("neon alley" fog)'}, ["Words in quotation marks are looked for in the newest 2,000 pictures that have all of them."]),
        ({"q": "neon", "sort": "fit"}, ["Best fit compares the newest 2,000 pictures that match."]),
    ],
)  # fmt: skip
def test_what_is_bounded_says_so(client_for: ClientFor, olga: Actor, asked: dict[str, str], told: list[str]) -> None:
    make_row(olga, title="Neon alley")
    for headers in ({}, HTMX):
        page = client_for(None).get("/", query_string=asked, headers=headers).text
        assert re.findall(r'<p class="hint">(.*?)</p>', page.partition('id="results"')[2].partition('id="many"')[0]) == told


def test_a_feed_and_its_page_speak_the_same_grammar(client_for: ClientFor, olga: Actor) -> None:
    make_row(olga, title="Neon alley", tags=["rain"])
    page = client_for(olga).get("/feeds", query_string={"q": "tag:rain -fog"}).text
    assert "#rain, not “fog”" in page
    assert client_for(None).get("/feed.xml", query_string={"q": "(tag:rain"}).status_code == 200


def test_an_order_is_chosen_and_kept_beside_the_search(client_for: ClientFor, olga: Actor) -> None:
    liked, plain = make_row(olga, title="A", tags=["rain"], likes=3), make_row(olga, title="B", tags=["rain"])
    client = client_for(None)
    page = client.get("/?q=tag%3Arain").text
    assert shown(page) == [plain.id, liked.id]
    there = re.search(r'<a href="([^"]+)" id="sort">Newest</a>', page)
    assert there and 'aria-current="true">Newest</a>' in client.get(unescape(there[1])).text  # without scripts
    menu = client.get("/counts?q=tag%3Arain", headers=HTMX).text
    orders = re.search(r'<details class="sort" id="sort" hx-swap-oob="true".*?</details>', menu, re.S)
    assert orders
    links = [unescape(url) for url in re.findall('href="([^"]+)"', orders[0])]
    assert links[0] == "/?q=tag%3Arain" and "/?q=tag%3Arain&sort=likes" in links and len(links) == 7
    page = client.get("/?q=tag%3Arain&sort=likes").text
    assert shown(page) == [liked.id, plain.id] and '<input type="hidden" name="sort" value="likes">' in page
    assert chips(page) == [("#rain", "/?sort=likes")]
    assert shown(client.get("/?sort=nothing&after=x&q=rain").text) == [plain.id, liked.id]


def test_each_order_is_walked_on_to_the_end(client_for: ClientFor, olga: Actor) -> None:
    made = {make_row(olga, title=f"T{n % 7}", likes=n % 3).id for n in range(101)}
    client = client_for(None)
    for sort in ("oldest", "fit", "likes", "name", "project", "random"):
        url, seen = f"/?sort={sort}", []
        while url:
            page = client.get(url, headers=HTMX).text
            seen += shown(page)
            following = re.search(r'<a class="next" href="([^"]+)"', page)
            url = unescape(following[1]) if following else ""
        assert len(seen) == 101 and set(seen) == made, sort


def test_the_box_asks_what_may_be_meant(client_for: ClientFor, olga: Actor) -> None:
    make_row(olga, title="A", tags=['rain "x" <b>'])
    client = client_for(None)
    assert re.search(r'<datalist id="meant" hx-get="/suggest" hx-include="#q"', client.get("/").text)
    assert client.get("/suggest?q=fog+tag:ra").text.strip() == "<option value=\"fog tag:“rain &#34;x&#34; &lt;b&gt;” \">rain &#34;x&#34; &lt;b&gt; · 1 · for fog tag:ra</option>"
