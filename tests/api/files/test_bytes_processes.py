"""First requests for sizes and crops, against three web processes as they are deployed, in either pair of database and store."""

import hashlib
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
import urllib3
from PIL import Image as Picture

from pindeck import storage
from pindeck.models import Crop, Derivative, Image, User
from pindeck.services.accounts import sessions
from pindeck.services.clients import api_keys
from pindeck.services.derivatives import crop_urls
from pindeck.services.ingest import uploads
from pindeck.services.ingest.uploads import Arrival
from pindeck.states import ImageStatus, Role, Visibility
from tests.conftest import add_person
from tests.factories import new_photo
from tests.stack import Stack, on_either_pair

CALLS = 50


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with on_either_pair(request, tmp_path_factory, "bytes") as made:
        yield made


def private_upload(stack: Stack) -> tuple[str, dict[str, dict[str, str]]]:
    """What an extension has just brought, and what its key and a session of its user send along."""
    with stack.bound():
        person = add_person(stack.settings, Role.CURATOR, f"U{uuid.uuid4().hex}")
        options = {"identifier": f"x.{uuid.uuid4().hex}", "install_scope": "user", "user_email": person.email}
        key = api_keys.create(api_keys.NewClient("extension", **options))[2]  # type: ignore[arg-type]
        actor = api_keys.actor_of(key)
        assert actor is not None
        staged = uploads.stage(BytesIO(new_photo(size=(4000, 3000))))
        arrival = Arrival(status=ImageStatus.ACTIVE, visibility=Visibility.PRIVATE)
        image = uploads.record(actor, staged, "x3.jpg", arrival).image
        token = sessions.start(User.get_by_id(person.user_id), days=1)
    return image.id, {"key": {"X-API-Key": key}, "session": {"Cookie": f"pindeck_session={token}"}}


def at_once(stack: Stack, path: str, headers: dict[str, str] | None = None) -> list[Any]:
    ready = threading.Barrier(CALLS)
    pool = urllib3.PoolManager(num_pools=1, maxsize=CALLS, block=True)

    def one(_: int) -> Any:
        ready.wait(60)
        return pool.request("GET", stack.base + path, headers=headers, timeout=60, retries=False)

    with ThreadPoolExecutor(CALLS) as threads:
        return list(threads.map(one, range(CALLS)))


@pytest.mark.parametrize(("size", "caller"), [("lg", "key"), ("lg", "session"), ("sm", "key"), ("medium", "session")])
def test_fifty_first_requests_get_the_same_bytes_and_make_one_object(
    stack: Stack, size: str, caller: str
) -> None:
    image_id, callers = private_upload(stack)
    answers = at_once(stack, f"/api/v1/images/{image_id}?size={size}", callers[caller])
    assert {answer.status for answer in answers} == {200}, stack.log()
    bodies = {answer.data for answer in answers}
    assert len(bodies) == 1
    data = bodies.pop()
    width = {"lg": 700, "sm": 300, "medium": 768}[size]
    assert Picture.open(BytesIO(data)).size == (width, width * 3 // 4)
    with stack.bound():
        image = Image.get(Image.id == image_id)
        rows = list(Derivative.select().where(Derivative.blob == image.file.blob_id))
        assert [(row.preset, row.sha256) for row in rows] == [(size, hashlib.sha256(data).hexdigest())]
        kept = {row.object_key for row in Derivative.select()}
        found = {each.key for each in storage.current().list(stack.settings.upload_prefix)}
        assert found == kept, "there is an object without a row"


def test_fifty_first_requests_for_a_crop_get_the_same_bytes_and_make_one_object(stack: Stack) -> None:
    image_id, _ = private_upload(stack)
    with stack.bound():
        Image.update(visibility=Visibility.UNLISTED).where(Image.id == image_id).execute()
        before = Crop.select().count()
    answers = at_once(stack, crop_urls.signed_path(image_id, w=800, h=800))
    assert {answer.status for answer in answers} == {200}, stack.log()
    assert len({answer.data for answer in answers}) == 1
    with stack.bound():
        assert Crop.select().count() == before + 1
        assert len(list(storage.current().list("crops/"))) == before + 1


def test_sizes_are_served_while_the_queue_is_away(stack: Stack) -> None:
    image_id, callers = private_upload(stack)
    stack.stop_queue()
    try:
        answers = at_once(stack, f"/api/v1/images/{image_id}?size=sm", callers["session"])
        assert {answer.status for answer in answers} == {200}, stack.log()
    finally:
        stack.start_queue()
