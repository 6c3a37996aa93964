"""What is written against our parsers ends in a sentence, in a time that is known, and takes no worker along."""

import os
import threading

import pytest

from pindeck.errors import Invalid
from pindeck.jobs import ahead, imports
from pindeck.models import Job
from pindeck.services.ingest.sources import apart, feeds, markup, pages
from pindeck.states import JobStatus
from tests.fetching.hostile import answer
from tests.services.ingest.sources.conftest import Feed, entry, rss

AT = "https://site.example/blog/feed"
SLOW = "<a b='"  # some releases of Python take time that grows with the square of how often it stands there, and others do not


@pytest.fixture
def engine() -> str:
    return "sqlite"


def test_a_page_that_is_written_to_be_slow_ends_and_the_next_one_comes_in(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LASTS_S", 1)
    read = markup.read

    def slowly(html: str, base: str) -> markup.Markup:
        while SLOW in html:
            pass
        return read(html, base)

    monkeypatch.setattr(markup, "read", slowly)
    html = "Content-Type: text/html"
    feed.web.pages |= {"/page/1": answer(SLOW.encode(), html), "/page/2": answer(b'<meta property="og:image" content="/2.jpg">', html)}
    feed.says(rss("<guid>1</guid><link>/page/1</link>", "<guid>2</guid><link>/page/2</link>"))
    feed.add()
    batch = feed.run()
    assert (batch.created_count, batch.failed_count) == (1, 1)
    assert [item.reason for item in feed.items if item.state == "failed"] == [apart.TOO_MUCH]


def test_a_feed_that_is_written_to_be_slow_fails_its_run_at_once_and_for_good(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "LASTS_S", 1)
    feed.says(b'<rss version="2.0"><channel><item>' + b"<a>" * 1_000_000)
    feed.add()
    batch = feed.run()
    assert (batch.status, batch.error) == ("failed", apart.TOO_MUCH)
    job = Job.get(Job.kind == "run_source")
    assert (job.status, job.attempts) == (JobStatus.FAILED, 1)
    feed.says(rss(entry(1)))
    assert feed.run().created_count == 1


def test_one_that_takes_memory_or_dies_or_cannot_be_told_is_refused() -> None:
    for reader in (lambda: b"x" * 2**40, lambda: os.kill(os.getpid(), 9), lambda: 1 // 0, lambda: open(os.devnull)):
        with pytest.raises(Invalid, match="reasonable time"):
            apart.read(reader, seconds=5)
    with pytest.raises(Invalid, match="is not a feed"):
        apart.read(lambda: feeds.read(b"no feed", url=AT), seconds=5)
    assert apart.read(lambda: markup.read("<title>Rain</title>", AT), seconds=5).title == "Rain"


def test_no_process_is_forked_while_a_thread_fetches_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    told, is_fetching, fork = [], threading.Event(), os.fork

    def fetches(job: Job) -> str:
        is_fetching.set()
        threading.Event().wait(0.3)  # for so long it must hold up the fork
        told.append("fetched")
        return job.id

    def forks() -> int:
        told.append("forked")
        return fork()

    monkeypatch.setattr(imports, "receive", fetches)
    monkeypatch.setattr(os, "fork", forks)
    beside = ahead.Ahead(lambda: Job(id="next", kind="fetch_image"))
    beside.start()
    beside.look()
    assert is_fetching.wait(10)
    assert apart.read(lambda: 5, seconds=5) == 5 and told == ["fetched", "forked"]
    beside.hand_over()
    assert ahead.result(Job(id="next"), lambda job: "fetched again") == "next"


@pytest.mark.parametrize("encoding", ["undefined", "punycode", "idna", "zlib", "utf-8\0", "x" * 300, "cp037"])
def test_an_encoding_that_is_none_of_texts_is_no_error_of_ours(encoding: str) -> None:
    body = rss("<guid>1</guid><link>/1</link>")
    for told, of in ((f"application/xml; charset={encoding}", body), (None, f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + body)):
        try:
            assert len(feeds.read(of, url=AT, content_type=told)) == 1
        except Invalid:
            continue


def test_a_document_type_that_defines_is_refused_wherever_it_is_hidden_and_one_that_does_not_is_read() -> None:
    item = b"<rss version='2.0'><channel><item><link>/1</link><title>About &lt;!ENTITY</title></item></channel></rss>"
    for head in (b"<!DOCTYPE x SYSTEM 'a>b' [<!entity a 'b'>]>", b"<!doctype x [<!ATTLIST item a CDATA 'b'>]>", b"<!DOCTYPE" * 300_000 + b"<!ENTITY"):
        with pytest.raises(Invalid, match="document type"):
            feeds.read(head + item, url=AT)
    assert len(feeds.read(b"<!DOCTYPE rss PUBLIC '-//Netscape//DTD RSS 0.91//EN' 'http://x.example/rss.dtd'>" + item, url=AT)) == 1
    assert len(feeds.read(item, url=AT)) == 1


def test_a_letter_with_a_number_that_is_too_long_is_none() -> None:
    nines = "9" * 5000
    read = markup.read(f"<title>a&#{nines};b</title><img src='/1.jpg' alt='&#{nines}'>", AT)
    assert read.title == "a\ufffdb" and read.shown[0].alt == "\ufffd"
