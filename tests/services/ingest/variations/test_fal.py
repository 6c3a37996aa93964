"""Variations by a provider that speaks the queue of fal, over real HTTP: what is sent, and that nothing is sent twice."""

import base64
from collections.abc import Iterator

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Generation, Image, Job
from pindeck.services.images.variations import ordering
from pindeck.services.images.variations.ordering import Wish
from pindeck.services.ingest.variations import running
from tests.conftest import RunJobs
from tests.factories import make_active
from tests.servers.fal import KEY, MODEL, Provider, fal_server


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with fal_server() as found:
        yield found


@pytest.fixture
def provider(server: Provider) -> Provider:
    server.scenario = "good"
    for each in (server.sent, server.asked, server.looks):
        each.clear()
    return server


@pytest.fixture
def environ(provider: Provider) -> dict[str, str]:
    return {"FAL_KEY": KEY, "FAL_BASE_URL": provider.base, "GENERATION_PRICE": "0.15"}


def made(actor: Actor, run_jobs: RunJobs, count: int = 1, image: Image | None = None) -> tuple[Image, list[Generation]]:
    parent = image or make_active(actor)
    batch, _ = ordering.order(actor, parent.id, Wish(count, mode="coverage", aspect="4:3", resolution="4K"))
    run_jobs(include_later=True)
    return parent, list(Generation.select().where(Generation.batch == batch).order_by(Generation.position))


def children_of(image: Image) -> list[Image]:
    return list(Image.select().where(Image.parent_id == image.id).order_by(Image.seq))


def test_each_picture_is_sent_once_and_brought_when_it_is_done(olga: Actor, run_jobs: RunJobs, provider: Provider) -> None:
    assert ordering.price_of(Wish(4)) == 0.6
    parent, runs = made(olga, run_jobs, 2)
    assert [(run.status, run.request_id, run.cost, run.model) for run in runs] == [
        ("completed", "request-1", 0.15, MODEL), ("completed", "request-2", 0.15, MODEL),
    ]  # fmt: skip
    first = provider.sent["request-1"]
    assert first["prompt"] == runs[0].prompt and "take 2" in provider.sent["request-2"]["prompt"]
    assert {name: first[name] for name in ("num_images", "aspect_ratio", "resolution", "output_format")} == {
        "num_images": 1, "aspect_ratio": "4:3", "resolution": "4K", "output_format": "png",
    }  # fmt: skip
    head, _, data = first["image_urls"][0].partition(",")
    assert head == "data:image/webp;base64" and base64.b64decode(data)[8:12] == b"WEBP"
    posts = [place for place, asked in enumerate(provider.asked) if asked[0] == "POST"]
    last_of_first = max(place for place, asked in enumerate(provider.asked) if asked == ("GET", "/files/request-1"))
    assert len(posts) == 2 and last_of_first < posts[1]  # one after the other
    assert provider.looks == {"request-1": 3, "request-2": 3}
    (job,) = Job.select().where(Job.kind == "vary")
    assert job.status == "completed" and job.attempts > 4  # however often it had to wait
    children = children_of(parent)
    assert [child.source_url for child in children] == [f"{provider.base}/files/request-{n}" for n in (1, 2)]
    assert {child.attribution for child in children} == {"AI Generation"}
    assert {(child.width, child.height, child.persist_status) for child in children} == {(160, 90, "succeeded")}


@pytest.mark.parametrize(
    ("scenario", "status", "says", "charged"),
    [
        ("refused", "failed", "The prompt is not allowed.", 0),
        ("broken", "lost", "not sent again", 0),
        ("no id", "lost", "without an id", 1),
        ("cut", "lost", "not sent again", 1),
        ("forgotten", "lost", "request-1", 1),
        ("failing", "failed", "NSFW content", 1),
        ("empty", "failed", "made no picture", 1),
        ("no picture", "lost", "request-1", 1),
        ("busy", "completed", "", 1),
        ("away", "completed", "", 1),
        ("elsewhere", "completed", "", 1),
    ],
)
def test_what_goes_wrong_has_its_sentence_and_is_never_sent_twice(
    olga: Actor, run_jobs: RunJobs, provider: Provider, scenario: str, status: str, says: str, charged: int
) -> None:
    parent = make_active(olga)
    provider.scenario = scenario
    _, (run,) = made(olga, run_jobs, image=parent)
    assert run.status == status and says in (run.error or "") and len(provider.sent) == charged
    assert sum(asked[0] == "POST" for asked in provider.asked) == (2 if scenario == "busy" else 1)
    assert len(children_of(parent)) == (status == "completed")
    assert Image.get_by_id(parent.seq).ai_status == ("completed" if status == "completed" else "failed")
    assert run.request_id == (None if scenario in ("refused", "broken", "no id", "cut") else "request-1")


def test_a_key_that_is_not_taken_and_a_provider_that_is_not_there(
    olga: Actor, run_jobs: RunJobs, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pindeck.varying.fal import Fal

    parent = make_active(olga)
    running.bind(Fal(provider.base, "wrong", MODEL, None))
    _, (run,) = made(olga, run_jobs, image=parent)
    assert run.status == "failed" and "FAL_KEY" in run.error and provider.sent == {}
    running.bind(Fal("http://127.0.0.1:1", KEY, MODEL, None))
    batch, _ = ordering.order(olga, parent.id, Wish(1))
    run_jobs()
    (run,) = Generation.select().where(Generation.batch == batch)
    assert (run.status, run.error) == ("queued", "The provider cannot be reached.")  # nothing was sent, so it may be again
    Generation.update(created_at=run.created_at - running.PATIENCE_MS - 1000).where(Generation.batch == batch).execute()
    run_jobs(include_later=True)
    assert Generation.get_by_id(run.id).status == "failed"


def test_one_that_hangs_is_cancelled_after_a_while(olga: Actor, run_jobs: RunJobs, provider: Provider) -> None:
    parent = make_active(olga)
    provider.scenario = "hung"
    batch, _ = ordering.order(olga, parent.id, Wish(1))
    run_jobs()
    (run,) = Generation.select().where(Generation.batch == batch)
    assert run.status == "processing" and run.request_id == "request-1"
    assert Job.select().where((Job.kind == "vary") & (Job.due_at > db.now_ms())).count() == 1  # no worker waits with it
    Generation.update(sent_at=1).where(Generation.id == run.id).execute()
    run_jobs(include_later=True)
    assert Generation.get_by_id(run.id).status == "lost" and "request-1" in Generation.get_by_id(run.id).error
    assert ("PUT", "/fal-ai/nano-banana-pro/requests/request-1/cancel") in provider.asked
