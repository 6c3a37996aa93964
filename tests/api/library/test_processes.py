"""The library against three web processes, as they are deployed: likes and imports at once, in either pair of database and store."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import urllib3

from pindeck.access import Actor
from pindeck.models import FieldEvent, Image, Job, Like, User
from pindeck.services.clients import api_keys
from tests.factories import make_row
from tests.stack import Stack, on_either_pair

CALLERS = 20
IMAGES = "/api/v1/library/images"
HOSTED = "https://pictures.example.org/alley.jpg"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with on_either_pair(
        request, tmp_path_factory, "gallery", RATE_READ="0", RATE_WRITE="0", RATE_UPLOAD="0"
    ) as made:
        yield made


@pytest.fixture
def people(stack: Stack) -> Iterator[list[str]]:
    """The keys of four people; this process speaks to the same database."""
    with stack.bound():
        made = []
        for name in ("olga", "sam", "mia", "ron"):
            user, _ = User.get_or_create(
                email=f"{name}@example.org",
                defaults={
                    "id": f"{name}-id",
                    "name": name,
                    "role": "curator",
                    "password_hash": "none",
                    "created_at": 1,
                },
            )
            made.append(api_keys.create(api_keys.NewClient("master", user_email=user.email))[2])
        yield made


def caller(stack: Stack) -> Callable[..., tuple[int, Any]]:
    pool = urllib3.PoolManager(num_pools=1, maxsize=CALLERS, block=True)

    def call(key: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = pool.request(
            method, stack.base + path, headers={"X-API-Key": key}, timeout=60, retries=False,
            **({} if body is None else {"json": body}),
        )  # fmt: skip
        return answer.status, json.loads(answer.data)

    return call


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    ready = threading.Barrier(count)

    def one(number: int) -> Any:
        ready.wait(60)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_parallel_likes_end_in_rows_that_match(stack: Stack, people: list[str]) -> None:
    image = make_row(Actor("olga-id", "curator", "olga"))
    call = caller(stack)

    def work(number: int) -> list[tuple[int, Any]]:
        return [call(people[number % 4], "POST", f"{IMAGES}/{image.id}/like") for _ in range(5)]

    # Each person's five callers toggle 25 times: who was told "liked" last is what the rows say.
    answers = [one for each in at_once(CALLERS, work) for one in each]
    assert {status for status, _ in answers} == {200}
    rows = Like.select().where(Like.image_id == image.id).count()
    told = sum(1 if liked else -1 for _, liked in answers)
    assert rows == Image.get_by_id(image.seq).likes == told == 4


def test_twenty_imports_of_one_external_id_are_one_image(stack: Stack, people: list[str]) -> None:
    call = caller(stack)
    body = {"title": "Pin", "externalId": "pinterest:film:1", "sourceType": "pinterest"}
    answers = at_once(
        CALLERS, lambda n: call(people[0], "POST", f"{IMAGES}/external", {**body, "imageUrl": f"{HOSTED}?{n}"})
    )
    assert {status for status, _ in answers} == {200}, answers
    assert len({image_id for _, image_id in answers}) == 1
    images = list(Image.select().where(Image.external_id == "pinterest:film:1"))
    assert [image.id for image in images] == [answers[0][1]]
    assert Job.select().where(Job.image_id == images[0].id).count() == 1
    titles = FieldEvent.select().where((FieldEvent.image_id == images[0].id) & (FieldEvent.new == "Pin"))
    assert titles.where(FieldEvent.field == "title").count() == 1


def test_twenty_imports_of_one_address_are_one_image(stack: Stack, people: list[str]) -> None:
    call = caller(stack)
    body = {"title": "Still", "imageUrl": f"{HOSTED}?same"}
    answers = at_once(CALLERS, lambda n: call(people[n % 2], "POST", f"{IMAGES}/external", body))
    assert {status for status, _ in answers} == {200}, answers
    assert len({image_id for _, image_id in answers}) == 2  # one for each of the two people


def test_two_rows_ordered_at_once_end_well(stack: Stack, people: list[str]) -> None:
    images = [make_row(Actor("olga-id", "curator", "olga")).id for _ in range(12)]
    call = caller(stack)

    def work(number: int) -> int:
        order = images if number % 2 else images[::-1]
        body = {"projectName": ("Blade", "Runner")[number % 2], "imageIds": order}
        return call(people[number % 4], "PUT", "/api/v1/library/projects/row-order", body)[0]

    assert set(at_once(8, work)) == {200}
    rows = {image.id: image for image in Image.select().where(Image.id.in_(images))}
    assert len({row.project_id for row in rows.values()}) == 1
    places = [rows[image_id].project_order for image_id in images]
    assert places in (list(range(12)), list(range(11, -1, -1)))
