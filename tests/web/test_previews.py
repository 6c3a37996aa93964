"""The doors of a preview: asked for with a reduced copy, looked up, cancelled; and words that come with an upload."""

import io
import re
from collections.abc import Iterator

import pytest

from pindeck import vision
from pindeck.access import Actor
from pindeck.models import FieldEvent, Image, Job
from pindeck.services.images import analysis
from pindeck.services.images.calls import Calls
from tests.conftest import HTMX, Browser, ChangeSettings, ClientFor, RunJobs
from tests.factories import new_photo
from tests.servers.vision import VisionServer, serving_vision

URL = "/uploads/previews"


@pytest.fixture
def server(olga: Actor, change_settings: ChangeSettings) -> Iterator[VisionServer]:
    with serving_vision() as running:
        settings = change_settings(vision_base_url=running.base, vision_model="good", vision_timeout_s=5.0)
        analysis.bind(vision.from_settings(settings, Calls()))
        yield running


def ask(client: Browser, data: bytes | None = None, **words: str):  # type: ignore[no-untyped-def]
    picture = (io.BytesIO(new_photo() if data is None else data), "alley.jpg")
    return client.post(URL, data={**words, "picture": picture}, headers=HTMX)


def test_it_is_asked_for_polled_and_sent_with_what_was_changed(
    client_for: ClientFor, olga: Actor, sam: Actor, server: VisionServer, run_jobs: RunJobs
) -> None:
    client = client_for(olga)
    page = client.get("/upload").text
    assert 'data-ask="/uploads/previews"' in page and 'name="word-title"' in page
    answer = ask(client, **{"word-description": "She waits."})
    assert answer.status_code == 200 and "It waits for a worker" in answer.text and "no-store" in answer.headers["Cache-Control"]
    where = re.search(r'hx-get="([^"]+)" hx-trigger="load delay:1s"', answer.text)
    assert where
    for stranger, status in ((sam, 404), (None, 303)):
        assert client_for(stranger).get(where[1]).status_code == status
        assert client_for(stranger).post(f"{where[1]}/cancel").status_code == status
    run_jobs()
    told = client.get(where[1], headers=HTMX).text
    assert '<data hidden data-word="title" value="Neon Alley"></data>' in told and 'data-state="over"' in told
    assert "hx-trigger" not in told and "Suggested by good, prompt 2, $0.0002" in told
    assert '"description": "She waits."' in server.requests[0]["messages"][0]["content"][0]["text"]
    files = (io.BytesIO(new_photo()), "alley.jpg")
    sent = {"word-title": "Mine", "preview": where[1].rpartition("/")[2], "title": "Not a word", "files": files}
    assert client.post("/upload", data=sent, headers=HTMX).status_code == 200
    run_jobs()
    (image,) = Image.select()
    assert (image.title, image.genre, len(server.requests)) == ("Mine", "Sci-Fi", 1)


def test_words_belong_to_the_file_that_follows_them(client_for: ClientFor, olga: Actor, run_jobs: RunJobs) -> None:
    client = client_for(olga)
    body = b""
    for part in ('name="word-title"\r\n\r\nOne', None, None, 'name="word-title"\r\n\r\n' + "x" * 201, None):
        head = b'name="files"; filename="a.jpg"\r\n\r\n'
        body += b"--b\r\nContent-Disposition: form-data; " + (part.encode() if part else head + new_photo()) + b"\r\n"
    answer = client.post("/upload", data=body + b"--b--\r\n", content_type="multipart/form-data; boundary=b", headers=HTMX)
    assert answer.status_code == 200 and answer.text.count('class="up failed"') == 1
    assert sorted(image.title for image in Image.select()) == ["One", "a"]
    (event,) = FieldEvent.select().where(FieldEvent.writer == "person")
    assert (event.field, event.new) == ("title", "One")


def test_what_is_refused_says_why_and_leaves_nothing(
    client_for: ClientFor, olga: Actor, gus: Actor, server: VisionServer, change_settings: ChangeSettings
) -> None:
    client = client_for(olga)
    assert ask(client, b"no picture").status_code in (415, 422)
    assert client.post(URL, data={"word-title": "x"}, headers=HTMX, content_type="multipart/form-data").status_code == 422
    assert client.post(URL, data="x", headers=HTMX).status_code == 400
    assert client.get(f"{URL}/nothing").status_code == 404
    assert client_for(olga, csrf=False).post(URL, data={"picture": (io.BytesIO(b""), "a.jpg")}).status_code == 400
    change_settings(guest_uploads=False)
    assert ask(client_for(gus)).status_code == 403 and ask(client_for(None)).status_code == 401
    change_settings(vision_base_url="")
    assert ask(client).status_code == 409 and "data-ask" not in client.get("/upload").text
    assert not Job.select().exists() and server.requests == []


def test_it_is_cancelled(client_for: ClientFor, olga: Actor, server: VisionServer, run_jobs: RunJobs) -> None:
    client = client_for(olga)
    where = re.search(r'hx-post="([^"]+/cancel)"', ask(client).text)
    assert where
    told = client.post(where[1], headers=HTMX).text
    assert "It was cancelled." in told and "hx-get" not in told
    run_jobs()
    assert server.requests == []
