"""`kill -9` the worker between each pair of steps of storing and publishing: nothing is lost, nothing is done twice."""

import hashlib
import io

import pytest
from PIL import Image as Picture

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Action, ActionStep, Blob, Derivative, Image, Job, StoredFile, User
from pindeck.services.actions import log
from pindeck.services.images import publishing, review, undoing
from pindeck.services.ingest import uploads
from pindeck.states import ActionStatus, AiStatus, ImageStatus, JobStatus, PersistStatus, Visibility
from tests import invariants
from tests.factories import make_row
from tests.kill.dying_worker import STEPS
from tests.stack import Stack, pair_environ, wait_for

pytestmark = pytest.mark.kill


def photo(colour=(200, 40, 30)) -> bytes:
    picture = Picture.effect_noise((900, 600), 60).convert("RGB")
    picture.paste(colour, (0, 0, 500, 600))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def library(request, tmp_path_factory):
    """Queue, database and store for all workers that die in this file; of what is in it each test looks at its own."""
    stack = Stack(tmp_path_factory.mktemp("kills"), pair_environ(request, "kills"))
    yield stack
    stack.stop()


@pytest.fixture
def stack(library):
    """The library without a worker."""
    yield library
    library.stop_workers()


def upload(data: bytes, name: str = "still.jpg") -> Image:
    User.insert(
        id="olga", email="olga@example.org", role="curator", password_hash="x", created_at=1
    ).on_conflict_ignore().execute()
    return uploads.accept(Actor("olga", "curator", "Olga"), io.BytesIO(data), name).image


@pytest.mark.parametrize("step", STEPS)
def test_the_worker_may_die_at(step, stack):
    with stack.bound():
        # What an earlier test left for later is nothing to die over.
        Job.update(due_at=db.now_ms() + 3_600_000).where(Job.status == JobStatus.QUEUED).execute()
        data = photo()
        ids = [upload(data).id, upload(data, "the same under another name.jpg").id]
        publishing.publish_many(Actor("olga", "curator", "Olga"))
    doomed = stack.start_worker("tests/kill/dying_worker.py", {"DIE_AT": step})
    wait_for(lambda: doomed.poll() is not None, 60, f"the worker to die at {step}", stack.log)
    assert doomed.returncode == -9
    with stack.bound():
        invariants.check()
    stack.start_worker()

    def settled():
        db.connect()
        now = list(Image.select().where(Image.id.in_(ids)))
        open_jobs = Job.select().where(
            Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING]) & (Job.due_at < db.now_ms() + 30_000)
        )
        return (
            all(i.persist_status == PersistStatus.SUCCEEDED and i.public_token for i in now)
            and all(i.ai_status == AiStatus.COMPLETED for i in now)
            and not open_jobs.exists()
        )

    with stack.bound():
        wait_for(settled, 90, "the pictures to be safe and public", stack.log)
        invariants.check()
        (blob,) = Blob.select().where(Blob.sha256 == hashlib.sha256(data).hexdigest())
        assert Image.select().join(StoredFile).where(StoredFile.blob == blob.id).count() == len(ids)
        assert Derivative.select().where(Derivative.blob == blob.id).count() == 4
        assert not Job.select().where(Job.status == JobStatus.FAILED).exists()


MIA = Actor("mia", "curator", "Mia")


def test_the_worker_may_die_over_an_action_with_many_pictures_and_over_its_undo(stack):
    """Within a part, and after the last one: what the next worker does is the rest, once."""
    count = log.PART + 10

    def dies_and_goes_on(begin, status, verb):
        with stack.bound():
            action_id = begin()
        for step in ("part", "all-parts"):
            if verb == "undo" and step == "part":
                continue  # an undo has no place to begin at: its steps say what is done
            doomed = stack.start_worker("tests/kill/dying_worker.py", {"DIE_AT": step})
            wait_for(lambda doomed=doomed: doomed.poll() is not None, 90, f"the worker to die at {step}", stack.log)
            with stack.bound():
                assert Action.get_by_id(action_id).status == ActionStatus.RUNNING
        worker = stack.start_worker()
        with stack.bound():
            wait_for(lambda: Action.get_by_id(action_id).status != ActionStatus.RUNNING, 90, "the end", stack.log)
            assert Action.get_by_id(action_id).done == count
            assert {image.status for image in Image.select().where(Image.user == "mia")} == {status}
        worker.terminate()
        worker.wait(60)
        return action_id

    def publish():
        User.insert(id="mia", email="mia@example.org", role="curator", password_hash="x", created_at=1).execute()
        for _ in range(count):  # which only their owner sees, so that no job per picture makes public copies
            make_row(MIA, status=ImageStatus.DRAFT, visibility=Visibility.PRIVATE)
        return review.begin(MIA, "publish", None)

    action_id = dies_and_goes_on(publish, ImageStatus.ACTIVE, "publish")
    with stack.bound():
        assert ActionStep.select().where(ActionStep.action_id == action_id).count() == count
    dies_and_goes_on(lambda: undoing.begin(MIA, action_id), ImageStatus.DRAFT, "undo")
    with stack.bound():
        assert Action.get_by_id(action_id).status == ActionStatus.UNDONE
