"""Places of the wall: its address with a place, the way to the pictures before it, and the list of what it passes."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from itertools import pairwise

import pytest

from pindeck import cursors, db
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.library import marks, nearness
from tests.conftest import HTMX, ChangeSettings, ClientFor, count_queries
from tests.factories import make_row

EARLIER = re.compile(r'<a class="earlier" id="earlier" href="([^"]+)" rel="prev"')
NEXT = re.compile(r'<a class="next" href="([^"]+)"')
on_each_engine = pytest.mark.parametrize("engine", ["sqlite", "postgres"])
SORTS = ("newest", "oldest", "fit", "likes", "name", "project", "random", "nearest")


def shown(text: str) -> list[str]:
    return re.findall(r'<a href="/images/([^"]+)">\s*<img', text)


def link(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return unescape(found[1]) if found else None


def of_month(actor: Actor, year: int, month: int, many: int, **columns: object) -> list[str]:
    """Pictures that came one minute after another since the first of that month, which ids tell."""
    begin = int(datetime(year, month, 1, tzinfo=UTC).timestamp() * 1000)
    ids = [f"{begin + n * 60_000:012x}{n:020x}" for n in range(many)]
    ids = [f"{text[:8]}-{text[8:12]}-7000-8000-{text[20:]}" for text in ids]
    return [make_row(actor, id=each, **columns).id for each in ids]  # type: ignore[arg-type]


def listed(text: str) -> list[tuple[str, int, str]]:
    """Name, number and address of each mark."""
    found = re.findall(r'<a href="([^"]+)">([^<]+)</a><span class="hint">([\d,]+)</span>', text)
    return [(unescape(name), int(many.replace(",", "")), unescape(url)) for url, name, many in found]


@pytest.fixture(params=[False, True], ids=["few", "many"])
def large(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[bool]:
    """Whether the library counts as large, which is counted along other indexes and remembered."""
    marks._kept.clear()
    if request.param:
        monkeypatch.setattr(marks, "LARGE", 5)
    yield request.param
    marks._kept.clear()


@on_each_engine
def test_months_are_listed_with_their_numbers_and_lead_to_their_first_picture(client_for: ClientFor, olga: Actor, sam: Actor, large: bool) -> None:
    march = of_month(olga, 2026, 3, 120)
    of_month(olga, 2026, 4, 1, visibility="private")
    may = of_month(olga, 2026, 5, 7)
    client = client_for(None)
    found = listed(client.get("/jump").text)
    assert [each[:2] for each in found] == [("May 2026", 7), ("March 2026", 120)]
    assert shown(client.get(found[0][2]).text)[0] == may[-1]
    assert shown(client.get(found[1][2]).text) == march[:-51:-1]
    up = listed(client.get("/jump?sort=oldest").text)
    assert [each[:2] for each in up] == [("March 2026", 120), ("May 2026", 7)]
    assert shown(client.get(up[1][2]).text) == may and up[0][2] == "/?sort=oldest"
    stops = [stop for mark in marks.of(sam, {}, marks.Sort.NEWEST).marks for stop in mark.stops]
    at = 0
    for stop in stops:
        assert marks.of(sam, {}, marks.Sort.NEWEST, after=stop.after).at == at
        at += stop.count
    assert at == 127 and max(stop.count for stop in stops) == 50


@on_each_engine
def test_the_other_orders_have_marks_of_their_own(client_for: ClientFor, olga: Actor, large: bool) -> None:
    for n, title in enumerate(("beta", "Alpha", "ärger", "alpine", "12 Monkeys", "beta")):
        make_row(olga, title=title, likes=n // 2, project="Noir" if n % 2 else None)
    client = client_for(olga)
    for sort, names in (
        ("name", ["10 and more", "A", "B", "Ä"]),
        ("likes", ["2 likes", "1 like", "0 likes"]),
        ("project", None),
    ):
        found, seen = listed(client.get(f"/jump?sort={sort}").text), []
        assert names is None or [each[0] for each in found] == names
        for (_, many, here), (_, _, there) in pairwise([*found, ("", 0, "")]):
            page = shown(client.get(here).text)
            assert not there or page[many:] == shown(client.get(there).text), (sort, here)
            seen += page[:many]
        assert seen == shown(client.get(f"/?sort={sort}").text) and len(seen) == 6
    assert {each[0] for each in listed(client.get("/jump?sort=project").text)} == {"Noir", "Without a project"}


@on_each_engine
def test_orders_without_names_are_marked_by_their_share(client_for: ClientFor, olga: Actor, large: bool) -> None:
    for n in range(130):
        make_row(olga, title=f"Rain {n}")
    client = client_for(olga)
    for sort in ("random", "fit"):
        page = client.get(f"/jump?sort={sort}&q=rain").text
        found = listed(page)
        assert "data-share" in page and [each[0] for each in found] == [f"{n} %" for n in range(0, 100, 5)]
        at = 0
        order = shown(client.get(f"/?sort={sort}&q=rain").text)
        for _, many, here in found:
            if at < 50:
                assert shown(client.get(here).text)[0] == order[at], (sort, here)
            after = re.search("after=([^&]+)", here)
            assert not after or f'data-at="{at}"' in client.get(f"/jump?sort={sort}&q=rain&after={after[1]}").text
            at += many
        assert at == 130
    whole = listed(client.get("/jump?sort=random").text)
    assert sum(many for _, many, _ in whole) == 130 and [name for name, *_ in whole][-1] == "95 %"
    last = shown(client.get(whole[-1][2]).text)
    assert last and not set(last) & set(shown(client.get("/?sort=random").text))
    for place in ('["zz","é",""]', '["","",""]', '["000000000000","ffffffffffff",""]'):
        for path in ("/", "/jump"):
            assert client.get(path, query_string={"sort": "random", "after": cursors.packed(place)}).status_code == 200


@on_each_engine
def test_marks_of_a_selection_are_its_own_until_it_is_large(
    client_for: ClientFor, olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_month(olga, 2026, 3, 6, tags=["wet"])
    of_month(olga, 2026, 5, 6)
    client = client_for(None)
    assert [each[:2] for each in listed(client.get("/jump?tag=wet").text)] == [("March 2026", 6)]
    assert listed(client.get("/jump?q=nothing").text) == []
    monkeypatch.setattr(marks, "READ", 5)
    page = client.get("/jump?tag=wet").text
    assert "data-scale" in page and listed(page) == [] and 'data-total="6"' in page
    months = re.findall(r'<a href="(/\?tag=wet[^"]*)">([^<]+)</a></li>', page)
    assert [name for _, name in months] == ["May 2026", "March 2026"]
    assert len(shown(client.get(unescape(months[1][0])).text)) == 6


def test_what_a_reader_may_not_see_is_in_no_number(client_for: ClientFor, olga: Actor, change_settings: ChangeSettings) -> None:
    of_month(olga, 2026, 3, 2)
    of_month(olga, 2026, 6, 1, visibility="private")
    of_month(olga, 2026, 7, 1, deleted_at=1, deleted_by=olga.user_id)
    for reader in (None, olga):
        assert [each[:2] for each in listed(client_for(reader).get("/jump").text)] == [("March 2026", 2)]
    change_settings(public_library=False)
    answer = client_for(None).get("/jump")
    assert answer.status_code in (302, 303, 401) and "March" not in answer.text


@on_each_engine
def test_a_place_opens_there_and_leads_back_up_to_the_beginning(
    client_for: ClientFor, olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranked = [1 + 37 * n % 170 for n in range(90)] + [9999]
    monkeypatch.setattr(nearness, "ranking", lambda actor, wanted: ranked)
    for n in range(170):
        make_row(olga, title=f"T{n % 7} rain", likes=n % 3, project=f"P{n % 2}")
    client = client_for(None)
    for sort in SORTS:
        pages, url = [], f"/?sort={sort}&q=rain"
        while url:
            pages.append((url, shown(client.get(url).text)))
            url = link(NEXT, client.get(url).text) or ""
        assert len(pages) == 4
        assert link(EARLIER, client.get(pages[0][0]).text) is None
        for (_, before), (here, _) in pairwise(pages):
            up = link(EARLIER, client.get(here).text)
            assert up and shown(client.get(up, follow_redirects=True).text) == before, (sort, here)
            part = client.get(up, headers={**HTMX, "HX-Target": "earlier"}, follow_redirects=True).text
            assert shown(part) == before and "<html" not in part and 'id="results"' not in part
        last = client.get(pages[-1][0], headers=HTMX).text  # the page that follows below
        assert link(EARLIER, last) is None


def test_a_place_that_is_none_or_past_the_end_still_answers(client_for: ClientFor, olga: Actor) -> None:
    first = make_row(olga, title="First")
    client = client_for(None)
    for place in ("x", "%00", "é", "a" * 700):
        for path in ("/?after=", "/jump?after=", "/?sort=name&after=", "/jump?sort=name&after="):
            assert client.get(path + place).status_code == 200, path + place
        for path in ("/?before=", "/?sort=name&before=", "/?sort=random&before=", "/?q=first&before="):
            assert client.get(path + place, follow_redirects=True).status_code == 200, path + place
    page = client.get(f"/?after={first.id}").text
    up = re.search(r'href="([^"]+)" rel="prev">Earlier pictures', page)
    assert "No more pictures" in page and up and client.get(unescape(up[1])).location == "/"


def test_a_page_in_the_middle_costs_what_the_first_does(client_for: ClientFor, olga: Actor) -> None:
    """Where the earlier pictures begin is looked for only when somebody goes there."""
    ids = [make_row(olga).id for _ in range(120)]
    client = client_for(olga)
    client.get("/")
    counted = []
    for path in ("/", f"/?after={ids[60]}"):
        with count_queries() as queries:
            client.get(path)
        counted.append(len(queries))
    assert counted[1] <= counted[0] + 1  # the place itself


def test_marks_cost_the_same_however_many_there_are(client_for: ClientFor, olga: Actor) -> None:
    of_month(olga, 2026, 3, 3)
    client = client_for(olga)
    client.get("/jump")
    with count_queries() as few:
        client.get("/jump")
    for month in range(4, 12):
        of_month(olga, 2026, month, 3, project=f"P{month}")
    with count_queries() as many:
        page = client.get("/jump").text
    assert len(listed(page)) == 9 and len(many) == len(few)


def test_a_large_library_is_counted_along_its_indexes(olga: Actor) -> None:
    """What the plan must say: months by the place in the list, likes by their index, initials from one to the next."""
    plans: list[str] = []
    real = db.sql

    def explained(text: str, /, **values: object) -> object:
        if "is_listed = TRUE" in text:
            plans.extend(str(row[-1]) for row in real(f"EXPLAIN QUERY PLAN {text}", **values).fetchall())
        return real(text, **values)

    make_row(olga, title="One")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "sql", explained)
        marks.marks_of_time.of_library("is_listed = TRUE", {}, True)
        marks.marks_of_order.likes()
        marks.marks_of_order.initials()
    read = [plan for plan in plans if "image" in plan and "initial" not in plan.split()]
    assert read and all("image_listed" in plan or "id>?" in plan or "rowid=?" in plan for plan in read), read
    assert Image.select().count() == 1
