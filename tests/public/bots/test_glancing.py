"""A bot has a picture described that the library does not keep: the answer waits for the worker, and nothing is paid twice."""

import threading
from collections.abc import Callable, Iterator

import pytest

from pindeck import config, db, vision
from pindeck.models import Image, Job, MachineCall, StoredFile
from pindeck.services.images import analysis, calls
from pindeck.services.ingest import glance, tickets
from tests.conftest import ChangeSettings, run_due_jobs
from tests.factories import new_photo, together
from tests.fetching.hostile import answer
from tests.programs import new_key, refused
from tests.servers.vision import VisionServer, serving_vision

PATH = "/smartAnalyzeImage"


@pytest.fixture
def working(database) -> Iterator[None]:
    """A worker beside the web process."""
    ended = threading.Event()

    def work() -> None:
        db.connect()
        while not ended.wait(0.05):
            run_due_jobs()
        db.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.fixture
def model(database, change_settings: ChangeSettings) -> Iterator[VisionServer]:
    with serving_vision() as running:
        change_settings(vision_backend="openai", vision_base_url=running.base, vision_model="good")
        before = analysis._describer
        analysis.bind(vision.from_settings(config.current(), calls.Calls()))
        yield running
        analysis.bind(before)


def stored(actor) -> str:
    ticket = tickets.mint(actor, purpose="image")
    return str(tickets.fill(tickets.present(ticket.token), iter([new_photo()]), filename="a.jpg", content_type="image/jpeg"))


def test_what_a_model_finds_is_answered_once_it_is_there(post: Callable, web, olga, model, working) -> None:
    sent = dict(userId=olga.user_id, imageUrl=f"<http://127.0.0.1:{web.port}/alley.jpg>", title="An alley", tags=["night"])
    found = post(PATH, **sent)
    assert found.status_code == 200, found.text
    assert found.json["description"] == "A wet alley at night." and set(found.json) == {
        "description", "tags", "colors", "category",
    }  # fmt: skip
    assert found.json["tags"] and len(found.json["colors"]) >= 2 and found.json["colors"][0].startswith("#")
    assert "An alley" in str(model.requests[0])
    assert post(PATH, **sent).json == found.json  # what was found a moment ago
    call = MachineCall.get()
    assert MachineCall.select().count() == 1 and (call.user_id, call.image_id, call.answer) == (olga.user_id, None, None)
    assert Image.select().count() == StoredFile.select().count() == 0


def test_a_stored_file_is_looked_at_for_its_person_alone_and_offline_tells_colours(post, olga, sam, working) -> None:
    file = stored(olga)
    found = post(PATH, userId=olga.user_id, storageId=file).json
    assert (found["description"], found["tags"], found["category"]) == (None, [], None) and found["colors"]
    refused(post(PATH, userId=sam.user_id, storageId=file), 404, "FILE_NOT_FOUND")
    refused(post(PATH, userId=olga.user_id, storageId="nothing"), 404, "FILE_NOT_FOUND")
    assert StoredFile.select().where(StoredFile.claim_deadline.is_null(False)).count() == 1  # it may be claimed still


def test_what_cannot_be_looked_at_is_told(post, web, olga, gus, bound, working) -> None:
    site = f"http://127.0.0.1:{web.port}"
    web.pages["/words.html"] = answer(b"<p>no picture</p>", "Content-Type: text/html")
    for url in (f"{site}/words.html", f"{site}/nothing.jpg", "ftp://example.org/a", "http://10.0.0.1/a.jpg", "x"):
        answered = post(PATH, userId=olga.user_id, imageUrl=url)
        assert answered.status_code == 400 and answered.json["error"]["message"].endswith("."), (url, answered.text)
        assert answered.json["error"]["code"] in ("VALIDATION_ERROR", "FETCH_REFUSED", "FETCH_FAILED")
    refused(post(PATH, userId=gus.user_id, imageUrl=f"{site}/alley.jpg"), 403, "FORBIDDEN")
    refused(post(PATH, key=bound("moderate"), imageUrl=f"{site}/alley.jpg"), 403, "FORBIDDEN")
    refused(post(PATH, key=new_key("project"), imageUrl=f"{site}/alley.jpg"), 403, "FORBIDDEN")
    refused(post(PATH, key=None, imageUrl=f"{site}/alley.jpg"), 401, "UNAUTHORIZED")


def test_a_provider_that_fails_and_a_limit_are_told_and_may_be_asked_again(post, web, olga, model, working, change_settings) -> None:
    sent = dict(userId=olga.user_id, imageUrl=f"http://127.0.0.1:{web.port}/alley.jpg")
    change_settings(daily_analysis_limit=1, vision_model="trouble")
    analysis.bind(vision.from_settings(config.current(), calls.Calls()))
    refused(post(PATH, **sent), 502, "ANALYSIS_FAILED")
    change_settings(daily_analysis_limit=1, vision_model="good")
    MachineCall.update(outcome="answered").execute()
    analysis.bind(vision.from_settings(config.current(), calls.Calls()))
    refused(post(PATH, **sent), 502, "LIMIT_REACHED")
    change_settings(daily_analysis_limit=0)
    assert post(PATH, **sent).json["description"]


def test_nobody_waits_for_ever_and_few_wait_at_once(post, web, olga, run_jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glance, "WAIT_S", 0.0)
    wish = glance.GlanceWish(url=f"http://127.0.0.1:{web.port}/bridge.jpg")
    with pytest.raises(glance.Upstream) as told:
        glance.look(olga, wish, wait_s=0)
    assert (told.value.code, told.value.retry_after_s) == ("STILL_RUNNING", 5)
    outcomes = together(6, lambda _: glance.look(olga, wish, wait_s=1))
    busy = [each for each in outcomes if getattr(each, "code", "") == "SERVER_BUSY"]
    assert len(busy) == 4 and Job.select().where(Job.kind == "glance").count() == 1
    run_jobs()
    assert glance.look(olga, wish, wait_s=0)["colors"]
