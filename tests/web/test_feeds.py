"""Feeds: what a reader gets, for whom, and the addresses that people make and revoke."""

import re
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest

from pindeck import config, db
from pindeck.access import Actor
from pindeck.models import Feed, Image, Source, SourceItem, User
from pindeck.services.images import ledger, moderation, publishing, trash
from pindeck.services.library import feeds, filters, query, sparse
from tests.conftest import HTMX, Browser, ChangeSettings, ClientFor, count_queries
from tests.factories import make_active, make_draft, make_row

MEDIA = "{http://search.yahoo.com/mrss/}"


def read(browser: Browser, url: str) -> feedparser.FeedParserDict:
    """As a feed reader does, which has no session; bozo says that it is no good XML."""
    answer = browser.get(_path(url))
    assert answer.status_code == 200, answer.text
    ElementTree.fromstring(answer.data)
    parsed = feedparser.parse(answer.data)
    assert not parsed.bozo
    return parsed


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def titles(parsed: feedparser.FeedParserDict) -> list[str]:
    return [entry.title for entry in parsed.entries]


def make(browser: Browser, asked: str = "", headers: dict[str, str] | None = None) -> str:
    """The address that the page shows once."""
    made = browser.post(f"/feeds{asked}", headers=headers or {})
    assert (made.status_code, made.headers["Cache-Control"]) == (200, "no-store"), made.text
    found = [text.replace("&amp;", "&") for text in re.findall(r"<code>(http[^<]+key=[^<]+)</code>", made.text)]
    assert len(found) == 1
    return found[0]


@pytest.fixture
def stored(olga: Actor) -> Image:
    return make_active(olga, title="Rain & <neon>", tags=["night", "wet\uffff"], description='She said "no"\nand \ufffe left', project="Blade Runner\ufffe")


def test_an_item_has_the_picture_enclosed_and_every_word_escaped(client_for: ClientFor, stored: Image) -> None:
    reader = client_for(None)
    parsed = read(reader, "/feed.xml")
    assert parsed.version == "rss20" and parsed.feed.title == "Pindeck"
    (entry,) = parsed.entries
    assert (entry.title, entry.id) == ("Rain & <neon>", f"urn:uuid:{stored.id}")
    assert entry.link == f"http://localhost/images/{stored.id}"
    assert [tag.term for tag in entry.tags] == ["Blade Runner", "night", "wet"]
    assert "She said" in entry.summary and "neon" in entry.summary and "<neon>" not in entry.summary
    (enclosure,), (media,) = entry.enclosures, entry.media_content
    got = reader.get(_path(enclosure.href))
    assert got.status_code == 200 and got.mimetype == enclosure.type == media["type"] == "image/webp"
    assert len(got.data) == int(enclosure.length) == int(media["filesize"])
    assert (int(media["width"]), int(media["height"])) == (64, 48) and media["medium"] == "image"
    assert parsedate_to_datetime(entry.published).timestamp() == stored.created_at // 1000


def test_a_reader_that_has_it_gets_nothing_again_until_something_changes(client_for: ClientFor, olga: Actor, stored: Image) -> None:
    reader = client_for(None)
    first = reader.get("/feed.xml")
    etag, since = first.headers["ETag"], first.headers["Last-Modified"]
    assert first.headers["Cache-Control"] == "public, no-cache" and first.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    for headers in ({"If-None-Match": etag}, {"If-Modified-Since": since}, {"If-None-Match": etag, "If-Modified-Since": since}):
        again = reader.get("/feed.xml", headers=headers)
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    ledger.write(stored.id, {"title": "Snow"}, ledger.person(olga))
    db.sql("UPDATE field_event SET at = at + 2000 WHERE image_id = :id", id=stored.id)
    for headers in ({"If-None-Match": etag}, {"If-Modified-Since": since}):
        assert "Snow" in reader.get("/feed.xml", headers=headers).text
    trash.trash(olga, stored.id)
    assert titles(read(reader, "/feed.xml")) == []


def test_a_feed_has_the_filters_of_the_gallery_and_pages(client_for: ClientFor, olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    images = [make_active(olga, title=f"Alley {n}", tags=["rain"] if n % 2 else []) for n in range(5)]
    make_draft(olga)
    reader = client_for(None)
    ledger.write(images[4].id, {"project": "Alley 54"}, ledger.person(olga))
    assert titles(read(reader, "/feed.xml?project=alley+54")) == ["Alley 4"]
    assert titles(read(reader, "/feed.xml?tag=rain")) == ["Alley 3", "Alley 1"]
    assert titles(read(reader, "/feed.xml?q=alley+3")) == ["Alley 3"] and read(reader, "/feed.xml?q=alley+3").feed.title == "Pindeck: “alley 3”"
    monkeypatch.setattr(feeds, "PAGE", 2)
    seen, url, pages = [], "/feed.xml?q=alley", 0
    while url:
        parsed = read(reader, url)
        seen += [entry.id.removeprefix("urn:uuid:") for entry in parsed.entries]
        url = next((link.href for link in parsed.feed.links if link.rel == "next"), "")
        pages += 1
    assert seen == [image.id for image in reversed(images)] and pages == 3


def test_it_costs_the_same_for_many_and_walks_along_an_index(
    client_for: ClientFor, olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, counts = client_for(None), []
    for n in (1, 5):
        for _ in range(n):
            make_active(olga, tags=["rain"], project="Alley")
        with count_queries() as seen:
            reader.get("/feed.xml")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 6
    for few, index in ((0, "source_item_image (image_id=?)"), (500, "source_item_page (source_id=?)")):
        monkeypatch.setattr(sparse, "FEW", few or -1)
        sql, values = query.statements(feeds.FEED, olga, {filters.FOUND_AT: "a source"})[0]
        plan = " ".join(str(row) for row in db.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall())
        assert index in plan and "image_listed" in plan and "SCAN" not in plan, plan


def test_in_a_private_library_only_an_address_with_a_key_is_read(
    client_for: ClientFor, olga: Actor, sam: Actor, change_settings: ChangeSettings, stored: Image
) -> None:
    change_settings(public_library=False)
    publishing.sweep()
    reader, owner = client_for(None), client_for(olga)
    assert reader.get("/feed.xml").status_code == owner.get("/feed.xml").status_code == 404
    assert 'rel="alternate"' not in owner.get("/").text and "For everybody" not in owner.get("/feeds").text
    url = make(owner)
    parsed = read(reader, url)
    assert titles(parsed) == ["Rain & <neon>"]
    assert reader.get(_path(url)).headers["Cache-Control"] == "private, no-cache"
    picture = _path(parsed.entries[0].enclosures[0].href)
    got = reader.get(picture)
    assert got.status_code == 200 and got.headers["Cross-Origin-Resource-Policy"] == "cross-origin" and "private" in got.headers["Cache-Control"]
    assert urlsplit(url).query.split("key=")[1] not in picture  # who passes a picture on does not pass the feed on
    assert reader.get(picture[:-3] + "abc").status_code == 404
    other = make_active(sam, title="Other")
    assert reader.get(picture.replace(stored.id, other.id)).status_code == 404
    moderation.update(sam, other.id, {}, visibility="private")
    assert titles(read(reader, url)) == ["Rain & <neon>"]
    # The filters belong to the address.
    assert reader.get(_path(url) + "&tag=night").status_code == 404
    for stop in (lambda: User.update(disabled_at=1).execute(), lambda: User.update(role="guest").execute()):
        stop()
        assert reader.get(_path(url)).status_code == reader.get(picture).status_code == 404
        User.update(disabled_at=None, role="curator").execute()
    assert reader.get(_path(url)).status_code == 200
    trash.trash(olga, stored.id)
    assert reader.get(picture).status_code == 404


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_an_address_is_shown_once_renewed_and_revoked_at_once(
    client_for: ClientFor, olga: Actor, sam: Actor, stored: Image, headers: dict[str, str]
) -> None:
    owner, reader = client_for(olga), client_for(None)
    page = owner.get("/feeds?tag=night").text
    assert "For everybody" in page and "/feed.xml?tag=night</code>" in page and "Make an address" in page
    first = make(owner, "?tag=night", headers)
    key = first.split("key=")[1]
    assert key not in owner.get("/feeds?tag=night").text and Feed.get().hash != key and len(key) >= 32
    assert "#night" in owner.get("/account").text and titles(read(reader, first)) == ["Rain & <neon>"]
    assert Feed.get().last_used_at and "last read" in owner.get("/feeds?tag=night").text
    second = make(owner, "?tag=night", headers)
    assert reader.get(_path(first)).status_code == 404 and titles(read(reader, second)) == ["Rain & <neon>"]
    feed_id = Feed.get().id
    assert client_for(sam).post(f"/feeds/{feed_id}/revoke").status_code == 404
    gone = owner.post(f"/feeds/{feed_id}/revoke", headers=headers | ({"HX-Target": "feed-addresses"} if headers else {}))
    assert gone.status_code == (200 if headers else 303) and ("Make an address" in gone.text) == bool(headers)
    assert reader.get(_path(second)).status_code == 404 and owner.post(f"/feeds/{feed_id}/revoke").status_code == 404


def test_a_source_has_a_feed_for_those_who_know_it(client_for: ClientFor, olga: Actor, sam: Actor, mo: Actor, stored: Image) -> None:
    make_active(olga, title="Not from there")
    now = db.now_ms()
    source = Source.create(id=db.new_id(), kind="feed", name="Stills", url="https://a.example/", user=olga.user_id, created_at=now, updated_at=now)
    for n in range(2):
        SourceItem.create(id=db.new_id(), source=source, external_id=str(n), image_id=stored.id, state="sent", created_at=now, updated_at=now)
    owner, reader = client_for(olga), client_for(None)
    asked = f"?source={source.id}"
    assert f'href="/feeds{asked}"' in owner.get(f"/sources/{source.id}").text
    page = owner.get(f"/feeds{asked}").text
    assert "Stills" in page and "For everybody" not in page
    parsed = read(reader, make(owner, asked))
    assert titles(parsed) == ["Rain & <neon>"] and parsed.feed.title == "Pindeck: Stills"
    assert titles(read(reader, make(client_for(mo), asked))) == ["Rain & <neon>"]
    stranger = client_for(sam)
    assert stranger.get(f"/feeds{asked}").status_code == stranger.post(f"/feeds{asked}").status_code == 404
    assert reader.get(f"/feed.xml{asked}").status_code == reader.get("/feed.xml?liked=1").status_code == 404
    Source.delete().execute()
    assert reader.get(_path(f"/feed.xml{asked}&key=wrong")).status_code == 404 and "Stills" in owner.get("/account").text


def test_pages_lead_readers_to_the_feed_and_people_to_its_page(client_for: ClientFor, olga: Actor, gus: Actor) -> None:
    make_row(olga, tags=["rain"])
    for browser in (client_for(None), client_for(olga)):
        page = browser.get("/?tag=rain").text
        assert 'title="Pindeck" href="/feed.xml"' in page and 'href="/feed.xml?tag=rain"' in page and 'href="/feeds?tag=rain"' in page
        assert 'title="Pindeck" href="/feed.xml"' in browser.get("/feeds").text
    for browser in (client_for(None), client_for(gus)):
        assert "For you" not in browser.get("/feeds").text and "http://localhost/feed.xml</code>" in browser.get("/feeds").text
    assert client_for(gus).post("/feeds").status_code == 403 and client_for(None).post("/feeds").status_code in (303, 401)
    liked = client_for(olga).get("/feeds?liked=1").text
    assert "Liked by you" in liked and "For everybody" not in liked


def test_one_person_makes_a_hundred_addresses_at_most(client_for: ClientFor, olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST", 2)
    owner = client_for(olga)
    for asked in ("?tag=a", "?tag=b", "?tag=a"):
        make(owner, asked)
    refused = owner.post("/feeds?tag=c")
    assert refused.status_code == 422 and Feed.select().count() == 2 and config.current().public_library
