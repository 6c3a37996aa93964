"""Runs of a feed, over real HTTP: each picture once, whatever dies, and what became of each is told."""

import itertools
from types import SimpleNamespace
from typing import Any

import pytest

from pindeck import db, jobs
from pindeck.errors import NotFound
from pindeck.models import Image, ImageTag, ImportBatch, Job, Source, User
from pindeck.services.images import projects, trash
from pindeck.services.ingest.sources import items, runs, sending, sources
from pindeck.states import JobStatus, Role
from tests.conftest import RunJobs
from tests.fetching.hostile import answer, redirect
from tests.services.ingest.sources.conftest import Feed, entry, rss
from tests.services.ingest.sources.test_feeds import BOMB


def test_a_run_brings_each_picture_with_its_words_and_waits_for_a_person(feed: Feed) -> None:
    feed.says(rss(entry(1, category="Night"), entry(2)))
    feed.add(tags=["reference"], project="Alley")
    batch = feed.run()
    assert (batch.status, batch.created_count, batch.skipped_count, batch.failed_count) == ("done", 2, 0, 0)
    assert feed.states == ["sent", "sent"] and [item.title for item in feed.items] == ["Still 1", "Still 2"]
    image = Image.get(Image.id == feed.items[0].image_id)
    assert (image.title, image.attribution, image.status, image.persist_status) == ("Still 1", "Stills", "pending", "succeeded")
    assert image.source_url == f"{feed.web.base}/page/1" and projects.name_of(image.project_id) == "Alley"
    tags = {row.tag for row in ImageTag.select().where(ImageTag.image_id == image.id)}
    assert tags == {"reference", "night", "original"}
    assert image.user_id == feed.owner.user_id and image.import_batch_id == batch.id


def test_a_source_that_is_trusted_publishes_at_once(feed: Feed) -> None:
    feed.says(rss(entry(1)))
    feed.add(moderated=False)
    feed.run()
    assert Image.get().status == "active"


def test_the_same_feed_brings_nothing_twice_and_what_was_discarded_stays_away(feed: Feed) -> None:
    feed.says(rss(entry(1)))
    first = feed.add()
    feed.run()
    trash.trash(feed.owner, Image.get().id)
    feed.says(rss(entry(2), entry(1)))
    assert feed.run().created_count == 1
    # Another feed with the same pictures under other names.
    feed.says(rss(entry(1, guid="x"), entry(2, guid="y"), entry(2, guid="z")))
    feed.add()
    batch = feed.run()
    assert (batch.created_count, batch.skipped_count) == (1, 2)  # an address in the trash does not count
    assert {item.reason for item in feed.items if item.state == "skipped"} == {sending.THERE}
    feed.id = first.id
    assert feed.states == ["sent", "sent"] and Image.select().count() == 3


def test_a_server_is_asked_only_for_another_version(feed: Feed) -> None:
    feed.says(rss(entry(1)), 'ETag: "v1"', "Last-Modified: Sun, 01 Mar 2026 09:30:00 GMT")
    feed.add()
    feed.run()
    feed.web.pages["/feed"] = answer(status="304 Not Modified")
    feed.web.requests.clear()
    batch = feed.run()
    assert (batch.status, batch.created_count) == ("done", 0)
    head = feed.web.requests[0]
    assert 'If-None-Match: "v1"' in head and "If-Modified-Since: Sun, 01 Mar 2026 09:30:00 GMT" in head
    assert feed.source.etag == '"v1"'
    sources.update(feed.owner, feed.id, url=f"{feed.web.base}/other")
    assert feed.source.etag is None


def test_the_picture_of_a_page_is_looked_for_and_what_may_work_later_is_tried_again(feed: Feed) -> None:
    pages = {
        "/page/1": answer(b'<meta property="og:image" content="/1.jpg">', "Content-Type: text/html"),
        "/page/2": answer(b"<p>No picture", "Content-Type: text/html; charset=unknown"),
        "/page/3": answer(status="404 Not Found"),
        "/page/4": answer(status="503 Busy"),
        "/page/0": answer(b"x", "Content-Type: image/jpeg"),
    }
    feed.web.pages |= pages
    feed.says(rss(*(f"<guid>{n}</guid><link>/page/{n}</link>" for n in range(5))))
    feed.add()
    batch = feed.run()
    assert dict(zip("01234", feed.states, strict=True)) == {"0": "sent", "1": "sent", "2": "skipped", "3": "failed", "4": "new"}
    assert (batch.created_count, batch.skipped_count, batch.failed_count) == (2, 1, 1)
    reasons = [item.reason for item in feed.items]
    assert reasons[2] == sending.NO_PICTURE and "404" in str(reasons[3]) and "503" in str(reasons[4])
    feed.web.pages |= {"/page/3": redirect("/page/1"), "/page/4": pages["/page/1"]}
    feed.run()
    assert feed.states[3:] == ["skipped", "skipped"]  # the picture of page 1 is there


def test_a_picture_that_cannot_be_brought_is_told_as_a_failure(feed: Feed) -> None:
    feed.says(rss(entry(9)))
    feed.add()
    feed.run(include_later=True)
    view = items.list_page(feed.owner, feed.id, limit=10)[0][0]
    assert view.item.state == "sent" and view.state == "failed" and "404" in str(view.reason)
    assert items.list_runs(feed.owner, feed.id)[0].failed == 1


@pytest.mark.parametrize(
    "body",
    ['<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>Still 1</title><content type="html">&lt;img src="/1.jpg"&gt;</content></entry></feed>',
     '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "Still 1", "image": "/1.jpg"}]}'],
)  # fmt: skip
def test_feeds_of_other_formats_come_the_same_way(feed: Feed, body: str) -> None:
    feed.says(body.encode())
    feed.add()
    assert feed.run().created_count == 1
    assert Image.get().external_url == f"{feed.web.base}/1.jpg" and feed.items[0].title == "Still 1"


@pytest.mark.parametrize("body", [b"<html>", rss(), rss("<title>Bare</title>"), BOMB])
def test_a_run_that_finds_nothing_usable_fails_and_says_why(feed: Feed, body: bytes) -> None:
    feed.says(body)
    feed.add()
    batch = feed.run()
    assert batch.status == "failed" and batch.error
    feed.says(rss(entry(1)))
    assert feed.run().status == "done"


def test_a_feed_that_is_away_is_tried_again_and_then_given_up(feed: Feed) -> None:
    feed.web.pages["/feed"] = answer(status="503 Busy")
    feed.add()
    assert feed.run().status == "running"
    assert runs.run(feed.owner, feed.id).id == ImportBatch.get().id  # one at a time
    feed.run_jobs(include_later=True)
    batch = ImportBatch.get()
    assert batch.status == "failed" and "503" in batch.error
    too_large = answer(rss(entry(1)) + b" " * (5 * 2**20))
    feed.web.pages["/feed"] = too_large
    assert "larger than 5 MiB" in feed.run().error


def test_a_run_that_dies_anywhere_goes_on_and_changes_nothing_twice(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dead before and after each thing that is sent, and before the end."""
    feed.says(rss(entry(1), entry(2), entry(3)))
    feed.add()
    batch = runs.run(feed.owner, feed.id)
    really, calls = sending.external.create_external, 0

    def dies(*args: Any, **more: Any) -> str:
        nonlocal calls
        calls += 1
        if calls in (1, 4):
            raise SystemExit
        made = really(*args, **more)
        if calls == 3:
            raise SystemExit
        return made

    monkeypatch.setattr(sending.external, "create_external", dies)
    for _ in range(3):
        with pytest.raises(SystemExit):
            runs.go_on(batch.id, lambda done, of: None)
    runs.go_on(batch.id, lambda done, of: None)
    runs.go_on(batch.id, lambda done, of: None)  # a second time after the end
    done = ImportBatch.get_by_id(batch.id)
    assert (done.status, done.created_count, done.skipped_count) == ("done", 3, 0)
    assert feed.states == ["sent"] * 3 and Image.select().count() == 3


def test_a_large_feed_is_read_in_several_runs(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "MOST", 3)
    monkeypatch.setattr(runs, "PART", 2)
    feed.says(rss(*(f"<guid>{n}</guid>{_picture(feed, n)}" for n in range(8))), 'ETag: "v1"')
    feed.add()
    assert feed.run().created_count == 3
    assert feed.source.etag is None  # what was not read to its end is asked for again
    counts = []
    while runs.run_due():
        feed.run_jobs()
        counts.append(ImportBatch.get_by_id(feed.source.last_run_id).created_count)
    assert counts == [3, 2] and feed.source.etag == '"v1"'


def _picture(feed: Feed, n: int) -> str:
    return f'<enclosure url="{feed.web.base}/{n}.jpg" type="image/jpeg"/>'


def test_ten_thousand_entries_are_taken_in_one_run(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "send", lambda *_: None)
    feed.says(rss(*(f"<guid>{n}</guid><link>/{n}</link>" for n in range(10_001))))
    feed.add()
    batch = runs.run(feed.owner, feed.id)
    ImportBatch.update(created_count=1).where(ImportBatch.id == batch.id).execute()
    runs.go_on(batch.id, lambda done, of: None)
    assert items.count_by_state(feed.owner, feed.id) == {"new": 10_000}
    assert feed.source.next_run_at is not None  # for the last one


def test_a_page_that_three_runs_could_not_fetch_is_given_up_until_a_person_asks(feed: Feed) -> None:
    feed.web.pages["/page/4"] = answer(status="503 Busy")
    feed.says(rss("<guid>4</guid><link>/page/4</link>"))
    feed.add(every_minutes=60)
    told = []
    for _ in range(4):
        _is_due(feed)
        runs.run_due()
        feed.run_jobs()
        told.append((feed.states, ImportBatch.get_by_id(feed.source.last_run_id).failed_count))
    assert told == [(["new"], 0), (["new"], 0), (["failed"], 1), (["failed"], 0)]
    assert "503" in str(feed.items[0].reason)
    feed.run()
    assert feed.states == ["new"] and feed.items[0].tries == 1


def test_a_run_that_ran_out_of_time_goes_on_at_once_only_if_it_settled_something(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time for one item in each run, and a dead page that was found first."""
    monkeypatch.setattr(runs, "time", SimpleNamespace(monotonic=itertools.count(0, 0.9 * runs.LASTS_S).__next__))
    feed.web.pages["/page/4"] = answer(status="503 Busy")
    feed.says(rss(entry(1), entry(2), "<guid>4</guid><link>/page/4</link>"))
    feed.add()
    feed.run()
    assert feed.states == ["new"] * 3 and feed.source.next_run_at is None
    feed.run()
    assert sorted(feed.states) == ["new", "new", "sent"] and feed.source.next_run_at is not None
    begun = 0
    while runs.run_due():
        feed.run_jobs()
        begun += 1
    assert begun == 2 and sorted(feed.states) == ["new", "sent", "sent"] and feed.source.next_run_at is None


def test_a_schedule_begins_runs_once_however_many_workers_look(feed: Feed) -> None:
    feed.says(rss(entry(1)))
    feed.add(every_minutes=60)
    assert runs.run_due() == 0
    _is_due(feed)
    assert (runs.run_due(), runs.run_due()) == (1, 0)
    assert feed.source.next_run_at > db.now_ms()
    _is_due(feed)
    runs.run_due()  # while one is under way
    assert ImportBatch.select().count() == 1
    feed.run_jobs()
    assert feed.states == ["sent"]
    sources.update(feed.owner, feed.id, paused=True)
    _is_due(feed)
    assert runs.run_due() == 0
    sources.update(feed.owner, feed.id, paused=False)
    assert runs.run_due() == 1


def _is_due(feed: Feed) -> None:
    Source.update(next_run_at=1).where(Source.id == feed.id).execute()


@pytest.mark.parametrize("change", [{"disabled_at": 1}, {"role": Role.GUEST}])
def test_a_source_whose_owner_may_no_longer_add_pictures_is_paused_and_says_why(feed: Feed, change: dict[str, Any]) -> None:
    feed.says(rss(entry(1)))
    feed.add(every_minutes=60)
    batch = runs.run(feed.owner, feed.id)
    User.update(change).where(User.id == feed.owner.user_id).execute()
    feed.run_jobs()
    assert ImportBatch.get_by_id(batch.id).error == feed.source.pause_reason == runs.OWNER_GONE
    assert feed.web.requests == []
    Source.update(paused_at=None, next_run_at=1).where(Source.id == feed.id).execute()
    assert runs.run_due() == 0 and feed.source.is_paused and ImportBatch.select().count() == 1


def test_a_source_that_is_deleted_while_it_runs_sends_no_more(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    feed.says(rss(entry(1), entry(2)))
    feed.add()
    batch = runs.run(feed.owner, feed.id)
    really = sending.external.create_external

    def deletes(*args: Any, **more: Any) -> str:
        if Source.select().exists():
            sources.delete(feed.owner, feed.id)
        return really(*args, **more)

    monkeypatch.setattr(sending.external, "create_external", deletes)
    feed.run_jobs()
    assert Image.select().count() == 0 and ImportBatch.get_by_id(batch.id).status == "done"
    second = ImportBatch.create(id=db.new_id(), user=feed.owner.user_id, origin="upload", status="running", created_at=1)
    runs.go_on(second.id, lambda done, of: None)
    assert ImportBatch.get_by_id(second.id).status == "failed"
    with pytest.raises(NotFound):
        runs.run(feed.owner, feed.id)


def test_a_worker_that_dies_too_often_ends_the_run(feed: Feed) -> None:
    feed.add()
    batch = runs.run(feed.owner, feed.id)
    job = Job.get(Job.kind == "run_source")
    Job.update(status=JobStatus.RUNNING, attempts=9, lease_until=1).where(Job.id == job.id).execute()
    from pindeck.services import jobs as work

    work.reclaim(jobs.on_failed)
    assert ImportBatch.get_by_id(batch.id).status == "failed"


def test_pictures_of_a_feed_wait_behind_what_people_upload(feed: Feed, run_jobs: RunJobs) -> None:
    feed.says(rss(entry(1)))
    feed.add()
    feed.run()
    assert {job.lane for job in Job.select()} == {"later"}
