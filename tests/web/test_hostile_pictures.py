"""Pictures that are too large to be read, and a server that has no room to read any: what pages and programs are told."""

from io import BytesIO

import pytest

from pindeck import storage
from pindeck.access import Actor
from pindeck.errors import Busy
from pindeck.imaging import confined, courier
from pindeck.imaging.errors import TOO_LARGE, TOO_MANY_PARTS
from pindeck.models import Image
from pindeck.services.clients import api_keys as keys_of
from pindeck.storage import keys
from tests.api.managing import send as send_by
from tests.conftest import HTMX, Browser, ClientFor
from tests.factories import new_photo
from tests.imaging import hostile
from tests.programs import Program


@pytest.fixture
def environ() -> dict[str, str]:
    return {"JOB_MEMORY_MB": "256"}


@pytest.fixture
def browser(client_for: ClientFor, olga: Actor) -> Browser:
    return client_for(olga)


@pytest.fixture
def program(browser: Browser) -> Program:
    return Program(browser.application.test_client(), keys_of.create(keys_of.NewClient("master"))[2])


def send(browser: Browser, *files: bytes) -> tuple[int, str, str | None]:
    parts = [(BytesIO(data), f"{number}.jpg") for number, data in enumerate(files)]
    answer = browser.post("/upload", data={"files": parts}, headers=HTMX)
    return answer.status_code, answer.text, answer.headers.get("Retry-After")


def nothing_is_kept() -> bool:
    return not Image.select().exists() and not list(storage.current().list(keys.STAGING_PREFIX))


def test_too_large_is_a_sentence_in_the_form_and_in_the_api(browser: Browser, program: Program) -> None:
    for data, reason in ((hostile.large_avif(), TOO_LARGE), (hostile.many_chunks(10_000), TOO_MANY_PARTS)):
        status, text, _ = send(browser, data)
        assert (status, reason in text) == (422, True)
        answer = send_by(program, data)
        assert answer.status_code == 422
        assert answer.json["error"] == {**answer.json["error"], "code": "IMAGE_UNDECODABLE", "message": reason}  # type: ignore[index]
    assert nothing_is_kept()


@pytest.mark.parametrize("away", ["exchange", "Popen"])
def test_no_room_to_read_is_a_503_that_tells_when_to_come_back(
    away: str, browser: Browser, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise Busy("Too many.") if away == "exchange" else OSError(12, "Cannot allocate memory")

    if away == "exchange":
        monkeypatch.setattr(courier, "exchange", refuse)
    else:
        monkeypatch.setattr(courier, "_helper", None)
        monkeypatch.setattr(courier.subprocess, "Popen", refuse)
    status, _, pause = send(browser, new_photo(), new_photo())
    assert status == 503 and int(pause or 0) > 0
    answer = send_by(program)
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "SERVER_BUSY")  # type: ignore[index]
    assert int(answer.headers["Retry-After"]) > 0
    assert nothing_is_kept()


def test_one_picture_that_found_no_room_does_not_take_the_others_along(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = confined.check_upload, []

    def second_is_busy(*args: object, **options: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise Busy("Too many pictures are being read at once.")
        return real(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(confined, "check_upload", second_is_busy)
    status, text, _ = send(browser, new_photo(), new_photo(), new_photo())
    assert status == 200 and "being read at once" in text
    assert Image.select().count() == 2
