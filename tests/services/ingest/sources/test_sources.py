"""Sources are kept by curators, each their own; administrators see all; a test shows what one would bring."""

from typing import Any

import pytest

from pindeck import access
from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from pindeck.models import Image, ImportBatch, Source, SourceItem
from pindeck.services.ingest.sources import items, runs, sources, trying
from tests.fetching.hostile import answer
from tests.services.ingest.sources.conftest import Feed, entry, rss


def every_deed(actor: Actor, source_id: str) -> list[Any]:
    return [
        lambda: sources.get(actor, source_id),
        lambda: sources.update(actor, source_id, name="x"),
        lambda: sources.delete(actor, source_id),
        lambda: runs.run(actor, source_id),
        lambda: trying.ask(actor, source_id),
        lambda: items.list_page(actor, source_id, limit=1),
        lambda: items.list_runs(actor, source_id),
        lambda: items.count_by_state(actor, source_id),
    ]


def test_strangers_and_guests_are_refused_others_find_nothing_and_administrators_all(
    feed: Feed, sam: Actor, gus: Actor, mo: Actor
) -> None:
    source = feed.add()
    for actor, refusal in ((VISITOR, NotSignedIn), (gus, Forbidden), (sam, NotFound)):
        for deed in every_deed(actor, source.id):
            with pytest.raises(refusal):
                deed()
    for nobody in (VISITOR, gus):
        with pytest.raises((NotSignedIn, Forbidden)):
            sources.list_page(nobody, limit=5)
        with pytest.raises((NotSignedIn, Forbidden)):
            sources.create(nobody, "feed", url="https://a.example/")
    assert sources.list_page(sam, limit=5) == ([], None)
    assert [view.source.id for view in sources.list_page(mo, limit=5)[0]] == [source.id]
    assert sources.update(mo, source.id, name="Mo's word").source.name == "Mo's word"
    runs.run(mo, source.id)
    assert ImportBatch.get().user_id == feed.owner.user_id


def test_a_key_needs_the_scope_and_stays_in_its_project(olga: Actor) -> None:
    from dataclasses import replace

    from pindeck.services.images import projects

    wall = projects.find_or_create("Blade").id
    key = replace(olga, client_id="c", client_kind="project", project_id=wall, scopes=frozenset({"sources:read"}))
    with pytest.raises(Forbidden):
        sources.create(key, "feed", url="https://a.example/")
    writes = replace(key, scopes=frozenset({"sources:read", "sources:write"}))
    sources.create(olga, "feed", url="https://b.example/")
    assert sources.list_page(key, limit=5) == ([], None)
    assert access.has_scope(writes, "source.edit")


@pytest.mark.parametrize(
    ("field", "value"),
    [("url", None), ("url", ""), ("url", "ftp://a.example/"), ("url", "http://user:pass@a.example/"), ("name", "x" * 121),
     ("tags", ["x" * 61]), ("every_minutes", 14), ("every_minutes", 43201), ("project", "x" * 121), ("name", "\x00")],
)  # fmt: skip
def test_bad_input_names_its_field_and_keeps_nothing(olga: Actor, field: str, value: Any) -> None:
    given = {"url": "https://a.example/feed", field: value}
    with pytest.raises(Invalid) as error:
        sources.create(olga, "feed", **given)
    assert set(error.value.fields) == {field} and Source.select().count() == 0
    made = sources.create(olga, "feed", url="https://a.example/feed").source
    with pytest.raises(Invalid):
        sources.update(olga, made.id, **{field: value})
    assert Source.get_by_id(made.id).version == 1
    with pytest.raises(Invalid):
        sources.create(olga, "carrier pigeon", url="https://a.example/")


def test_a_source_is_changed_and_a_stale_change_is_refused(olga: Actor) -> None:
    made = sources.create(olga, "feed", url="https://a.example/feed/").source
    assert (made.name, made.moderated, made.next_run_at) == ("a.example/feed", True, None)
    view = sources.update(olga, made.id, versions=frozenset({1}), project="Alley", every_minutes=60, tags="Rain, night")
    assert (view.project, view.source.tags, view.source.version) == ("Alley", ["rain", "night"], 2)
    assert view.source.next_run_at
    with pytest.raises(Conflict):
        sources.update(olga, made.id, versions=frozenset({1}), name="x")
    assert sources.update(olga, made.id, every_minutes=None, project=None).project is None
    assert Source.get_by_id(made.id).next_run_at is None


def test_lists_are_read_page_by_page(feed: Feed, olga: Actor) -> None:
    made = [sources.create(olga, "feed", url=f"https://a.example/{n}").source.id for n in range(5)][::-1]
    first, more = sources.list_page(olga, limit=3)
    rest, end = sources.list_page(olga, limit=3, after=more)
    assert [view.source.id for view in first + rest] == made and end is None
    feed.says(rss(*(entry(n) for n in range(5))))
    feed.add()
    feed.run()
    shown, more_items = items.list_page(olga, feed.id, limit=2)
    others, none = items.list_page(olga, feed.id, limit=3, after=more_items)
    assert [view.item.title for view in shown + others] == [f"Still {n}" for n in range(5)] and none is None
    assert all(view.image for view in shown)


def test_deleting_a_source_keeps_its_pictures_and_its_runs(feed: Feed) -> None:
    feed.says(rss(entry(1)))
    feed.add()
    batch = feed.run()
    sources.delete(feed.owner, feed.id)
    assert Image.select().count() == 1 and SourceItem.select().count() == 0
    assert ImportBatch.get_by_id(batch.id).source_id is None
    with pytest.raises(NotFound):
        sources.delete(feed.owner, feed.id)


def test_a_test_shows_the_first_pictures_and_keeps_none(feed: Feed, sam: Actor) -> None:
    feed.web.pages["/broken.jpg"] = answer(b"no picture")
    broken = '<guid>b</guid><enclosure url="/broken.jpg" type="image/jpeg"/>'
    feed.says(rss(entry(1), broken, "<guid>c</guid><link>/page/none</link>", entry(2)))
    feed.add()
    job = trying.ask(feed.owner, feed.id)
    assert trying.result_of(feed.owner, feed.id, job.id).result is None
    feed.run_jobs()
    result = trying.result_of(feed.owner, feed.id, job.id).result
    assert result["count"] == 4
    first, second, third = result["first"]
    assert first["picture"].startswith("data:image/webp;base64,") and first["title"] == "Still 1"
    assert second["reason"] and "404" in third["reason"]
    assert Image.select().count() == SourceItem.select().count() == 0
    with pytest.raises(NotFound):
        trying.result_of(sam, feed.id, job.id)
    with pytest.raises(NotFound):
        trying.result_of(feed.owner, "another", job.id)
    feed.says(b"<html>")
    failed = trying.ask(feed.owner, feed.id)
    feed.run_jobs()
    assert "feed" in str(trying.result_of(feed.owner, feed.id, failed.id).error)
