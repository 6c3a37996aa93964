"""What feeds and pages say, read by rule: which picture of an entry, and its words."""

import json

import pytest

from pindeck.errors import Invalid
from pindeck.services.ingest.sources import feeds, markup
from pindeck.services.ingest.sources.found import MAX_TITLE, found
from tests.services.ingest.sources.conftest import rss

AT = "https://site.example/blog/feed"
MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'


@pytest.fixture
def engine() -> str:
    return "sqlite"


def picture_of(entry: str) -> str | None:
    body = rss(entry).replace(b"<rss ", f"<rss {MEDIA} ".encode())
    return feeds.read(body, url=AT)[0].url


def test_the_picture_of_an_entry_is_chosen_in_a_fixed_order() -> None:
    media = '<media:content url="s.jpg" width="100"/><media:content url="/l.jpg" width="900"/><media:content url="v.mp4" type="video/mp4" width="999"/>'
    enclosure = '<enclosure url="talk.mp3" type="audio/mpeg"/><enclosure url="e.webp?x=1"/>'
    content = '<description>&lt;img src="pixel.gif" width="1" height="1"&gt;&lt;img src="a.jpg" srcset="b.jpg 300w, c.jpg 1200w"&gt;</description>'
    link = "<link>/page/1</link>"
    assert picture_of(link + media + enclosure + content) == "https://site.example/l.jpg"
    assert picture_of(link + enclosure + content) == "https://site.example/blog/e.webp?x=1"
    assert picture_of(link + content) == "https://site.example/page/c.jpg"
    assert picture_of(link) is None
    assert picture_of('<guid isPermaLink="false">1</guid><media:thumbnail url="t.jpg"/>') == "https://site.example/blog/t.jpg"


def test_an_entry_without_any_address_is_left_out_and_one_that_comes_twice_counts_once() -> None:
    entries = ('<guid isPermaLink="false">1</guid>', "<guid>https://x.example/2</guid>", "<guid>https://x.example/2</guid>")
    assert [each.external_id for each in feeds.read(rss(*entries), url=AT)] == ["https://x.example/2"]


def test_words_of_an_entry_are_plain_text() -> None:
    entry = "<guid>1</guid><link>/1</link><title>A &lt;b&gt;bold&lt;/b&gt; alley</title><category>Night, Rain</category><description>&lt;p&gt;Wet&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt; street</description>"
    only = feeds.read(rss(entry), url=AT)[0]
    assert (only.title, only.description, only.tags) == ("A bold alley", "Wet street", ("night", "rain"))
    assert only.page_url == "https://site.example/1"


def test_atom_and_json_feeds_are_read_as_well() -> None:
    atom = b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:1</id><title>One</title><link href="/1"/>
      <content type="html">&lt;img src="/1.jpg"&gt;</content></entry></feed>"""
    assert [(each.external_id, each.url) for each in feeds.read(atom, url=AT)] == [("urn:1", "https://site.example/1.jpg")]
    items = [
        {"id": 7, "url": "/7", "image": "/7.jpg", "title": "Seven", "tags": ["Rain", 5]},
        {"id": "8", "attachments": [{"url": "8.mp3", "mime_type": "audio/mpeg"}, {"url": "/8.png", "mime_type": "image/png"}, 5]},
        {"id": "9", "content_html": '<img src="9.jpg">', "title": 5},
        {"id": "10"},
        "no item",
    ]
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()
    read = feeds.read(b"\xef\xbb\xbf" + body, url=AT)
    assert [(each.external_id, each.url, each.tags) for each in read] == [
        ("7", "https://site.example/7.jpg", ("rain",)),
        ("8", "https://site.example/8.png", ()),
        ("9", "https://site.example/blog/9.jpg", ()),
    ]


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss version="2.0"><channel><item><title>&b;</title><link>/1</link></item></channel></rss>'


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00", b"<html><body>Nothing</body></html>", b"{", b"{}", b'{"items": []}', b"[" * 100_000, b"{" * 100_000,
     BOMB, BOMB.decode().encode("utf-16"), b"https://other.example/feed", b"/etc/passwd"],
)  # fmt: skip
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        feeds.read(body, url=AT)


def test_a_feed_that_is_cut_off_gives_what_came() -> None:
    body = rss(*(f"<guid>{n}</guid><link>/{n}</link>" for n in range(3)))
    assert len(feeds.read(body[: body.index(b"<guid>2")], url=AT)) >= 2


def test_a_page_names_its_picture_or_says_that_one_is_large() -> None:
    page = '<meta property="og:image" content="/og.jpg"><img src="a.jpg" width="900">'
    assert markup.read(page, AT).own() == "https://site.example/og.jpg"
    assert markup.read('<img src="logo.png" width="120"><img src="a.jpg" width="900px">', AT).own() == "https://site.example/blog/a.jpg"
    assert markup.read('<img src="logo.png" width="120"><img src="any.png">', AT).own() is None
    assert markup.read('<base href="/x/"><picture><source srcset="w.webp 900w"></picture>', AT).own() == "https://site.example/x/w.webp"
    assert markup.read('<meta name="twitter:image" content="javascript:x()"><img srcset=",,, ,">', AT).own() is None
    assert markup.read("<p " + "<" * 10_000, AT).own() is None


@pytest.mark.parametrize("odd", ["<![foo[bar]]>", "<![CDATA[x", "<!['x>", "<![ if IE]>", "<!DOCTYPE [<!x>", "</ >", "&#xD800;&#99999999999;"])
def test_a_page_that_is_written_against_the_parser_is_read_on(odd: str) -> None:
    assert markup.read(f"{odd}><img src='a.jpg' width='900'>", AT).own() == "https://site.example/blog/a.jpg"


def test_what_a_page_shows_is_told_once_each_with_the_largest_size_and_what_it_leads_to() -> None:
    page = """<title> Wet
      street </title><meta property="og:title" content="Wet  street at night"><meta property="og:site_name" content="Stills">
      <picture><source srcset="a.webp 900w"><source srcset="a2.webp 1800w"><img src="a.jpg" alt="An alley" width="300"></picture>
      <a href="/full/b.JPG?x=1"><img src="b.jpg"></a><a href="/about"><img data-original="c.jpg" src="spin.gif" width="9"></a>
      <video poster="d.jpg"><source src="d.mp4" type="video/mp4"></video><img data-lazy-src="e.jpg"><svg><title>no</title></svg>"""
    read = markup.read(page, "https://a.example/")
    told = [(each.largest, each.alt, each.linked) for each in read.shown]
    assert told == [
        ("https://a.example/a2.webp", "An alley", None),
        ("https://a.example/b.jpg", "", "https://a.example/full/b.JPG?x=1"),
        ("https://a.example/d.jpg", "", None),
        ("https://a.example/e.jpg", "", None),
    ]
    assert (read.title, read.site, read.named) == ("Wet street at night", "Stills", None)
    assert markup.read("<title>Wet\n street</title><title>x</title>", AT).title == "Wet street"


def test_a_set_of_sizes_offers_each_with_its_width() -> None:
    said = ", a.jpg 300w,data:image/png;base64,AAAA 2x, b.jpg,c,d.jpg 1.5x ,, e.jpg, f.jpg big, g.jpg  900w"
    read = markup.read(f'<img width="400" srcset="{said}">', "https://a.example/").pictures
    told = [(url.removeprefix("https://a.example/"), width) for url, width in read]
    assert told == [("a.jpg", 300), ("b.jpg,c,d.jpg", 600), ("e.jpg", 400), ("g.jpg", 900)]


@pytest.mark.parametrize("said", ["," * 200_000, "a" * 200_000 + " b c", "a.jpg " + " " * 200_000 + "z", "a, " * 70_000, "a b" * 70_000])
def test_a_set_of_sizes_that_is_made_to_be_slow_is_read_once(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time that grows with the square of the length would not end here."""
    monkeypatch.setattr(markup, "MAX_SRCSET", 10**6)
    assert len(markup.read(f'<img srcset="{said}">' * 2, AT).pictures) <= markup.MAX_OFFERED


def test_only_so_many_pictures_of_a_page_are_looked_at() -> None:
    page = "".join(f'<img src="{n}.jpg" width="{n + 100}">' for n in range(markup.MAX_OFFERED + 1))
    assert str(markup.read(page, AT).largest()).endswith(f"/{markup.MAX_OFFERED - 1}.jpg")


def test_words_that_are_too_long_or_cannot_be_kept_are_cut() -> None:
    made = found("x\x00" * 300, url="https://a.example/", page_url=None, title="y\x00\ud800" * 500, tags=["z" * 100, "ok"])
    assert made and len(made.external_id) == 64 and made.tags == ("ok",)
    assert len(made.title) <= MAX_TITLE and made.title.startswith("y y")
