"""One warm child asks a model about four pictures at once: the provider goes away, and the worker is killed meanwhile."""

import os
import signal
from collections import Counter
from io import BytesIO

import pytest

from pindeck import db, jobs
from pindeck.access import Actor
from pindeck.models import Image, Job, MachineCall, User
from pindeck.services.ingest import uploads
from pindeck.states import AiStatus, CallOutcome, JobStatus
from tests.factories import jobs_of, new_photo
from tests.servers.vision import file_of, serving_vision
from tests.stack import Stack, kill_group, pair_environ, wait_for

pytestmark = pytest.mark.kill
OLGA = Actor("olga", "curator", "Olga")


@pytest.fixture(scope="module")
def provider():
    with serving_vision() as server:
        yield server


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def stack(request, tmp_path_factory, provider):
    told = {"VISION_BASE_URL": provider.base, "VISION_MODEL": "good", "JOB_LEASE_S": "120"}
    stack = Stack(tmp_path_factory.mktemp("looking"), {**pair_environ(request, "looking"), **told})
    with stack.bound():
        User.insert(id="olga", email="olga@example.org", role="curator", password_hash="x", created_at=1).execute()
    yield stack
    stack.stop()


@pytest.fixture
def begun(stack, provider):
    """Pictures that are stored and wait for the model, which takes its time."""

    def begin(count: int, *, delay_s: float, answers: int = 1_000_000) -> list[Image]:
        provider.asked, provider.answers_at_once = 0, answers
        provider.go.clear()
        provider.heard.clear()
        provider.requests.clear()
        provider.delay_s, provider.most_at_once = delay_s, 0
        images = []
        for number in range(count):
            images.append(uploads.accept(OLGA, BytesIO(new_photo()), f"{db.new_id()}-{number}.jpg").image)
            jobs.run(jobs_of("persist")[-1].id)
        Job.update(pushed_at=None).where(Job.status == JobStatus.QUEUED).execute()  # nobody has delivered them here
        return images

    yield begin
    provider.delay_s = 0.0
    provider.go.set()
    stack.stop_workers()


def described(images: list[Image]) -> int:
    db.connect()
    done = Image.id.in_([image.id for image in images]) & (Image.ai_status == AiStatus.COMPLETED)
    return Image.select().where(done & (Image.title == "Neon Alley")).count()


def calls_of(images: list[Image]) -> Counter[str]:
    mine = MachineCall.image_id.in_([image.id for image in images])
    return Counter(call.outcome for call in MachineCall.select().where(mine))


def is_waiting() -> bool:
    db.connect()
    waits = (Job.kind == "analyse") & (Job.status == JobStatus.QUEUED) & (Job.due_at > db.now_ms())
    return Job.select().where(waits).exists() and not running()


def was_away() -> bool:
    return Job.select().where((Job.kind == "analyse") & Job.error.contains("cannot be reached")).exists()


def running() -> list[Job]:
    db.connect()
    return list(Job.select().where((Job.kind == "analyse") & (Job.status == JobStatus.RUNNING)))


def all_are_due() -> None:
    """As if the time had gone that they wait before the next try."""
    Job.update(due_at=db.now_ms()).where((Job.kind == "analyse") & (Job.status == JobStatus.QUEUED)).execute()


def test_a_provider_that_goes_away_is_asked_again_and_no_answer_is_paid_twice(stack, provider, begun) -> None:
    with stack.bound():
        images = begun(50, delay_s=0.1, answers=16)
        worker = stack.start_worker()
        wait_for(lambda: len(provider.heard) == 16 and provider.at_once == 4, 60, "answers, and four calls in flight", stack.log)
        provider.leave()
        provider.go.set()
        try:
            wait_for(lambda: is_waiting() and was_away(), 60, "those that are left to wait for the provider", stack.log)
        finally:
            provider.come_back()
        all_are_due()
        wait_for(lambda: described(images) == 50, 120, "all of them", stack.log)
        assert Counter(provider.heard) == Counter(image.original_filename for image in images)
        assert provider.most_at_once == 4
        told = calls_of(images)
        assert told[CallOutcome.ANSWERED] == 50 and told[CallOutcome.LOST] <= 4  # those on their way when it went
        assert not [job for job in jobs_of("analyse") if job.status != JobStatus.COMPLETED]
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0


def test_of_a_killed_worker_what_was_answered_is_not_asked_again(stack, provider, begun) -> None:
    with stack.bound():
        images = begun(12, delay_s=0.0, answers=4)
        stack.start_worker()
        wait_for(lambda: len(provider.heard) == 4 and provider.at_once == 4, 60, "four calls in flight", stack.log)
        stack.stop_workers()
        held = running()
        assert len(held) == 4 and len({job.lease_until for job in held}) > 1
        answered = set(provider.heard)
        provider.go.set()
        provider.requests.clear()
        stack.start_worker()
        wait_for(lambda: described(images) == 12, 90, "all of them", stack.log)
        again = Counter(file_of(request) for request in provider.requests)
        assert not answered & set(again), "An answer that had come was paid for again."
        assert max(again.values()) == 1
        assert calls_of(images) == {CallOutcome.ANSWERED: 12, CallOutcome.LOST: 4}


def test_a_child_that_is_killed_gives_all_its_rows_back_at_once(stack, provider, begun) -> None:
    with stack.bound():
        images = begun(6, delay_s=1.0)
        worker = stack.start_worker()
        wait_for(lambda: provider.at_once == 4, 60, "four calls in flight", stack.log)
        (child,) = children_of(worker.pid)
        os.kill(child, signal.SIGKILL)
        wait_for(lambda: not running(), 60, "its rows to be given back", stack.log)
        provider.delay_s = 0.0
        all_are_due()
        wait_for(lambda: described(images) == 6, 90, "all of them", stack.log)


def test_a_worker_that_is_asked_to_stop_begins_no_further_row(stack, provider, begun) -> None:
    with stack.bound():
        images = begun(16, delay_s=0.5)
        worker = stack.start_worker()
        wait_for(lambda: provider.at_once == 4, 60, "four calls in flight", stack.log)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
        assert not running() and 4 <= described(images) <= 8
        kill_group(worker)
        stack.start_worker()
        provider.delay_s = 0.0
        wait_for(lambda: described(images) == 16, 90, "the rest", stack.log)


def children_of(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as told:
        return [int(word) for word in told.read().split()]
