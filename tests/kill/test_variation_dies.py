"""`kill -9` the worker in the middle of a paid variation: it is charged once, and adopted or marked as lost."""

from io import BytesIO

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Generation, Image, User
from pindeck.services.images.variations import ordering
from pindeck.services.images.variations.ordering import Wish
from pindeck.services.ingest import uploads
from pindeck.states import AiStatus, ImageStatus
from tests.kill.test_worker_dies import photo
from tests.servers.fal import KEY, fal_server
from tests.stack import Stack, pair_environ, wait_for

pytestmark = pytest.mark.kill
OLGA = Actor("olga", "curator", "Olga")


@pytest.fixture(scope="module")
def provider():
    with fal_server() as server:
        yield server


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def stack(request, tmp_path_factory, provider):
    told = {"FAL_KEY": KEY, "FAL_BASE_URL": provider.base}
    stack = Stack(tmp_path_factory.mktemp("variations"), {**pair_environ(request, "variations"), **told})
    yield stack
    stack.stop()


def picture(stack) -> Image:
    """One that is stored, described and active, with a worker that did that."""
    stack.start_worker()
    with stack.bound():
        User.insert(
            id="olga", email="olga@example.org", role="curator", password_hash="x", created_at=1
        ).on_conflict_ignore().execute()
        image = uploads.accept(OLGA, BytesIO(photo()), "alley.jpg").image
        wait_for(lambda: described(image), 60, "the picture to be described", stack.log)
        Image.update(status=ImageStatus.ACTIVE).where(Image.seq == image.seq).execute()
    return image


def described(image: Image) -> bool:
    db.connect()
    return Image.get_by_id(image.seq).ai_status == AiStatus.COMPLETED


def run_of(batch: str) -> Generation:
    db.connect()
    return Generation.get(Generation.batch == batch)


def posts(provider) -> int:
    return sum(method == "POST" for method, _ in provider.asked)


@pytest.fixture
def ordered(stack, provider):
    """Order one variation and begin with what the provider was asked before."""

    def order(scenario: str) -> tuple[Image, str]:
        image = picture(stack)
        provider.scenario = scenario
        for each in (provider.sent, provider.asked, provider.looks):
            each.clear()
        provider.hold.clear()
        with stack.bound():
            return image, ordering.order(OLGA, image.id, Wish(1))[0]

    yield order
    provider.hold.set()
    stack.stop_workers()


def test_one_whose_answer_never_came_is_lost_and_not_sent_again(stack, provider, ordered) -> None:
    image, batch = ordered("held")
    wait_for(lambda: provider.sent, 60, "the request", stack.log)
    stack.stop_workers()
    provider.scenario = "good"
    provider.hold.set()
    with stack.bound():
        assert run_of(batch).status == "submitting"
        stack.start_worker()
        wait_for(lambda: run_of(batch).status == "lost", 90, "it to be lost", stack.log)
        wait_for(lambda: Image.get_by_id(image.seq).ai_status == AiStatus.FAILED, 60, "the order to end", stack.log)
        assert "not sent again" in run_of(batch).error and posts(provider) == len(provider.sent) == 1
        assert not Image.select().where(Image.parent_id == image.id).exists()


def test_one_that_was_taken_is_asked_for_and_stored_once(stack, provider, ordered) -> None:
    image, batch = ordered("hung")
    with stack.bound():
        wait_for(lambda: provider.looks, 60, "it to be asked for", stack.log)
        stack.stop_workers()
        assert (run_of(batch).status, run_of(batch).request_id) == ("processing", "request-1")
        provider.scenario = "good"
        stack.start_worker()
        wait_for(lambda: run_of(batch).status == "completed", 90, "it to be adopted", stack.log)
        wait_for(lambda: described(image), 60, "the order to end", stack.log)
        assert posts(provider) == len(provider.sent) == 1
        (child,) = Image.select().where(Image.parent_id == image.id)
        assert (child.id, child.generation_id) == (run_of(batch).output_image_id, run_of(batch).id)
