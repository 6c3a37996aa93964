"""A folder import behind the worker, and somebody who uploads: with the queue, and without it."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from pindeck import db, queue
from pindeck.access import Actor
from pindeck.models import Image, Job, User
from pindeck.services.images import publishing
from pindeck.services.ingest import uploads
from pindeck.states import Lane, PersistStatus
from tests.factories import new_photo
from tests.stack import Stack, wait_for

IMPORTED = 6
OLGA = Actor("olga", "curator", "Olga")


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path)
    yield stack
    stack.stop()


def upload() -> Image:
    return uploads.accept(OLGA, io.BytesIO(new_photo()), "still.jpg").image


@pytest.mark.parametrize("has_queue", [True, False])
def test_an_upload_goes_before_an_import_whose_pictures_pass_all_stages_in_turn(stack: Stack, has_queue: bool) -> None:
    with stack.bound():
        User.create(id="olga", email="olga@example.org", role="curator", password_hash="x", created_at=1)
        with queue.in_lane(Lane.LATER):
            imported = [upload() for _ in range(IMPORTED)]
        asked = upload()
        publishing.publish_many(OLGA)
    if not has_queue:
        stack.stop_queue()
    stack.start_worker()

    def order(kind: str) -> list[str]:
        """The images whose jobs of a kind began, the first one first."""
        begun = Job.select(Job.image_id).where((Job.kind == kind) & Job.started_at.is_null(False))
        return [job.image_id for job in begun.order_by(Job.started_at, Job.id)]

    def are_public() -> bool:
        db.connect()
        return not Image.select().where(Image.public_token.is_null()).exists()

    with stack.bound():
        wait_for(are_public, 120, "the pictures to be public", stack.log)
        assert {image.persist_status for image in Image.select()} == {PersistStatus.SUCCEEDED}
        assert order("persist") == [asked.id, *(image.id for image in imported)]
        assert order("publish")[:2] == [asked.id, imported[0].id]
        last_sized = Job.get((Job.kind == "persist") & (Job.image_id == imported[-1].id))
        first_public = Job.get((Job.kind == "publish") & (Job.image_id == imported[0].id))
        assert first_public.started_at < last_sized.started_at
    if not has_queue:
        stack.start_queue()
