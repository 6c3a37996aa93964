"""The process `index` on a real queue: it answers from the database, follows changes, and its absence is told at once."""

import json
import threading
import time
from collections.abc import Iterator
from contextvars import copy_context
from typing import Any

import pytest

from pindeck import queue
from pindeck.access import VISITOR, Actor
from pindeck.errors import Invalid, NotSignedIn, Upstream
from pindeck.models import Image, IndexChange
from pindeck.queue import asking
from pindeck.queue.redis import RedisQueue
from pindeck.runtime import index as process
from pindeck.services.images import indexed, ledger
from pindeck.services.library import by_look, dials, filters, gallery
from pindeck.services.library.by_look import Dials, WantedColour
from pindeck.services.library.sorting import Sort
from pindeck.services.maintenance import embedding
from tests.conftest import count_queries, run_due_jobs
from tests.factories import fresh, make_active, make_draft, photo
from tests.servers.embeddings import cosine, serving_embeddings
from tests.servers.valkey import start_valkey
from tests.services.images.test_twins import copy
from tests.stack import wait_for

RED, BLUE = (196, 24, 34), (30, 60, 190)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Answering:
    """The index without its process and queue, so that each test asks what it holds at that moment."""

    def __init__(self) -> None:
        self.index = process.Index()
        self.index.build()

    def ask(self, question: dict[str, object]) -> object:
        self.index.read()
        return self.index.answer(question)

    def state(self) -> dict[str, int]:
        return {"pictures": len(self.index.shelf)}


@pytest.fixture
def bound(database: object) -> object:
    before = asking._asker
    yield asking.bind
    asking.bind(before)


def ids(found: by_look.Found) -> list[str]:
    return [image.id for image in found.images]


def test_it_knows_all_at_its_start_and_follows_what_changes(olga: Actor, sam: Actor, bound, change_settings) -> None:
    red = make_active(olga, photo(RED))
    answering = Answering()
    bound(answering)
    assert ids(by_look.by_colours(olga, [WantedColour("#c41822")])) == [red.id]
    blue, draft = make_active(sam, photo(BLUE)), make_draft(sam, photo(RED, mark="other"))
    assert ids(by_look.by_colours(olga, [WantedColour("#1e3cbe")])) == [blue.id]
    assert ids(by_look.by_colours(olga, [WantedColour("#c41822")])) == [red.id] and draft.id
    ledger.write(blue.id, {"colors": ["#20c040"]}, ledger.person(sam))
    assert ids(by_look.by_colours(olga, [WantedColour("#20c040")])) == [blue.id]
    Image.update(visibility="private").where(Image.seq == blue.seq).execute()
    assert ids(by_look.by_colours(olga, [WantedColour("#20c040")])) == []
    Image.delete().where(Image.seq == red.seq).execute()
    assert ids(by_look.by_colours(olga, [WantedColour("#c41822")])) == []
    change_settings(public_library=False)
    with pytest.raises(NotSignedIn):
        by_look.by_colours(VISITOR, [WantedColour("#c41822")])
    IndexChange.update(at=1).execute()
    assert indexed.forget() >= 1 and IndexChange.select().count() == 0


def test_more_changes_than_a_part_in_one_moment_are_all_read_and_none_twice(olga: Actor, bound, monkeypatch) -> None:
    answering = Answering()
    monkeypatch.setattr(indexed, "BATCH", 2)
    images = [make_active(olga, photo(RED, mark=str(n))) for n in range(5)]
    IndexChange.update(at=answering.index._since + 1).execute()
    assert answering.index.read() == 5 and len(answering.index.shelf) == 5
    assert answering.index.read() == 0
    ledger.write(images[4].id, {"colors": ["#20c040"]}, ledger.person(olga))
    assert answering.index.read() == 1


def test_it_looks_at_what_changed_a_second_after_the_last_time_whoever_asks(bound) -> None:
    assert [process.wait_s(gone) for gone in (0, 0.75, 1, 7)] == [1, 0.25, 0.01, 0.01]
    assert process.wait_s(-3) == process.POLL_S


def test_what_looks_or_reads_like_one_comes_first(olga: Actor, sam: Actor, bound) -> None:
    mine = make_active(olga, copy(3), tags=["harbour", "fog"])
    near, other = make_active(sam, copy(3, 0.9)), make_active(sam, copy(8))
    worded = make_active(sam, copy(5), tags=["harbour", "fog"])
    bound(Answering())
    assert ids(by_look.like(olga, mine.id, Dials(2, 1, 1, 0)))[0] == near.id
    assert ids(by_look.like(olga, mine.id, Dials(0, 0, 0, 3)))[0] == worded.id
    first = by_look.like(olga, mine.id, Dials(), limit=2)
    assert first.has_more and ids(by_look.like(olga, mine.id, Dials(), page=1, limit=2)) not in (ids(first), [])
    assert other.id and mine.id not in ids(by_look.like(olga, mine.id, Dials()))
    with count_queries() as many:
        by_look.like(olga, mine.id, Dials())
    assert len(many) <= 9
    told = by_look.colours_of(olga, mine.id)
    assert 1 <= len(told) <= 3 and sum(one.share or 0 for one in told) <= 100
    assert mine.id in ids(by_look.by_colours(olga, told))


def test_what_means_the_like_comes_first_where_a_model_reads_words(olga: Actor, bound, change_settings) -> None:
    titles = ["Harbour in fog", "Harbour in fog at night", "A harbour, night", "Fog over fields", "Breakfast, a kitchen", "Boats at night"]
    images = {title: make_active(olga, photo((40 * n, 90, 200), mark=title), title=title) for n, title in enumerate(titles)}
    mine, silent = images[titles[0]], make_active(olga, photo((1, 90, 200), mark="silent"), title="plain")
    Image.update(original_filename="plain.jpg").where(Image.id == silent.id).execute()
    full = Dials(0, 0, 0, 0, 3)
    with serving_embeddings() as server:
        change_settings(embeddings_base_url=server.base, embeddings_model="good")
        bound(Answering())
        assert embedding.sweep() == 1 and run_due_jobs() >= 1
        assert silent.id not in server.texts and len(server.texts) == len(titles)
    texts = {images[text.split("\n")[0]].id: text for text in server.texts}
    nearest = sorted(set(texts) - {mine.id}, key=lambda one: -cosine(texts[one], texts[mine.id]))
    assert ids(by_look.like(olga, mine.id, full)) == [*nearest, silent.id]
    assert ids(by_look.like(olga, mine.id, Dials(3, 3, 3, 0, 0)))[0] == silent.id == ids(by_look.like(olga, mine.id, Dials(3, 3, 3, 0, 1)))[0]
    assert ids(by_look.like(olga, mine.id, Dials(0, 0, 0, 3, 3)))[:2] == [silent.id, nearest[0]]  # in the same project, by words alone
    assert ids(by_look.like(olga, silent.id, full)) and ids(by_look.like(olga, silent.id, Dials(3, 3, 3, 0, 3)))[0] == mine.id
    dials.remember(olga, full)
    found = gallery.list_page(olga, {filters.WORDS: f"like:{mine.id}"}, Sort.NEAREST)
    assert [image.id for image in found.images] == [*nearest, silent.id]
    ledger.write(images[titles[4]].id, {"title": titles[0]}, ledger.person(olga))
    with serving_embeddings() as server:
        change_settings(embeddings_base_url=server.base)
        embedding.sweep()
        run_due_jobs()
    asking._answers.clear()  # they are good for two seconds
    assert ids(by_look.like(olga, mine.id, full))[0] == images[titles[4]].id
    change_settings(embeddings_base_url="")
    bound(Answering())
    assert ids(by_look.like(olga, mine.id, Dials(3, 3, 3, 0, 3))) == ids(by_look.like(olga, mine.id, Dials(3, 3, 3, 0, 0)))


def test_bad_questions_are_refused_and_an_absent_index_is_told(olga: Actor, bound) -> None:
    bound(Answering())
    for asked in ([], [WantedColour("#12345")], [WantedColour("#123456", 0)], [WantedColour("#123456", 51)], [WantedColour("#123456", 12, 101)], [WantedColour("#123456")] * 6,
                  [WantedColour("#123456", 12, 60), WantedColour("#654321", 12, 60)]):  # fmt: skip
        with pytest.raises(Invalid):
            by_look.by_colours(olga, asked)
    bound(None)
    image = make_active(olga, copy(3))
    for question in (lambda: by_look.by_colours(olga, [WantedColour("#123456")]), lambda: by_look.like(olga, image.id, Dials())):
        with pytest.raises(Upstream, match="the index is away"):
            question()
    assert fresh(image).id and queue.GROUP


def test_a_question_over_a_queue_that_is_away_is_refused_within_a_second(bound) -> None:
    bound(asking.Asker(RedisQueue("redis://127.0.0.1:1/0")))
    began = time.monotonic()
    with pytest.raises(Upstream):
        asking.ask({"kind": "colours"})
    assert asking.state() is None and time.monotonic() - began < 60


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisQueue]:
    url, stop = start_valkey(tmp_path_factory.mktemp("queue"))
    yield RedisQueue(url)
    stop()


def answer_all(client: Any, most: int) -> None:
    for _ in range(most):
        _, text = client.brpop([asking.QUESTIONS], timeout=5)
        client.rpush(asking.ANSWER + json.loads(text)["id"], json.dumps({"answer": "found"}))


def asked_so_far(client: Any) -> int:
    return int(client.info("commandstats").get("cmdstat_lpush", {"calls": 0})["calls"])


def test_an_index_that_hangs_is_left_alone_and_then_asked_again(carrier: RedisQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    asker, client = asking.Asker(carrier), carrier.client
    client.set(asking.ALIVE, "{}")
    before = asked_so_far(client)
    for _ in range(20):
        with pytest.raises(Upstream) as caught:
            asker.ask({"kind": "x"})
        assert (caught.value.code, caught.value.retry_after_s) == ("INDEX_AWAY", 5)
    assert asked_so_far(client) == before + 1 and client.llen(asking.QUESTIONS) == 0
    asker._left_alone_until = time.monotonic() - 1  # some seconds later
    monkeypatch.setattr(asking, "WAIT_S", 60)
    helper = threading.Thread(target=answer_all, args=(client, 2))
    helper.start()
    assert asker.ask({"kind": "x"}) == asker.ask({"kind": "x"}) == "found"
    helper.join()


def test_visitors_do_not_take_the_places_of_people(carrier: RedisQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "WAIT_S", 60)
    asker, client = asking.Asker(carrier), carrier.client
    client.set(asking.ALIVE, "{}")

    def visit() -> Any:
        asking.for_visitor.set(True)
        return asker.ask({"kind": "x"})

    visitors = [threading.Thread(target=visit) for _ in range(asking.OF_VISITORS)]
    person = threading.Thread(target=asker.ask, args=({"kind": "x"},))
    for thread in visitors:
        thread.start()
    wait_for(lambda: client.llen(asking.QUESTIONS) == len(visitors), 60, "the visitors to ask")
    with pytest.raises(Upstream) as caught:
        copy_context().run(visit)
    assert (caught.value.code, caught.value.retry_after_s) == ("SERVER_BUSY", 2)
    person.start()
    wait_for(lambda: client.llen(asking.QUESTIONS) == len(visitors) + 1, 60, "the person to ask")
    answer_all(client, len(visitors) + 1)
    for thread in (*visitors, person):
        thread.join()
    helper = threading.Thread(target=answer_all, args=(client, 1))
    helper.start()
    assert copy_context().run(visit) == "found"
    helper.join()
