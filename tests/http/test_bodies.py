"""The reading of a body ends, whatever the sender does; and what is large is not held more often than it must be."""

import json
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image as Picture

from pindeck.access import Actor
from pindeck.errors import Invalid, PindeckError
from pindeck.http import bodies
from pindeck.http.bodies import Body
from pindeck.http.connection import Allowance, Client
from pindeck.models import Image
from tests.api.extending import IMAGES, as_data_url, good, key_x
from tests.factories import new_photo
from tests.programs import ProgramFor, new_key, refused

Pair = tuple[socket.socket, Body]


class Limited:
    """Reads as gunicorn does: until there is as much as was asked for, or nothing comes any more."""

    def __init__(self, connection: Client) -> None:
        self.connection = connection

    def read(self, size: int = -1) -> bytes:
        found = b""
        while size < 0 or len(found) < size:
            if not (piece := self.connection.recv(1024)):
                break
            found += piece
        return found


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A sender, and the body it sends."""
    sender, accepted = socket.socketpair()
    receiver = Client(accepted, Allowance(1), Allowance(1000), lambda: None)
    receiver.begin(None, None, is_quiet=False)
    receiver.take_place()
    yield sender, Body(Limited(receiver), receiver)  # type: ignore[arg-type]
    sender.close()
    receiver.close()


def test_a_sender_that_falls_silent_is_not_waited_for(pair: Pair) -> None:
    sender, body = pair
    body._limits = (0.1, 30)
    sender.sendall(b"{")
    with pytest.raises(PindeckError) as caught:
        body.read(1000)
    assert (caught.value.status, caught.value.code) == (408, "REQUEST_TIMEOUT")


@pytest.mark.parametrize("is_upload", [False, True])
def test_a_sender_that_drips_is_ended(pair: Pair, is_upload: bool) -> None:
    sender, body = pair
    if is_upload:
        body.expect_upload(30, 0.4)
    else:
        body._limits = (30, 0.4)
    over = threading.Event()

    def drip() -> None:
        while not over.wait(0.02):
            sender.sendall(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    before = time.monotonic()
    try:
        with pytest.raises(PindeckError) as caught:
            body.read(100_000)
    finally:
        over.set()
        thread.join()
    assert time.monotonic() - before < 10
    assert caught.value.code == ("UPLOAD_TIMEOUT" if is_upload else "REQUEST_TIMEOUT")


def test_what_the_loop_collected_is_read_without_waiting(pair: Pair) -> None:
    sender, body = pair
    connection = body._connection
    assert connection
    connection.leave()  # it has no place to wait in
    sender.sendall(b"abc")
    assert connection.fetch(100) == 3
    before = threading.active_count()
    assert body.read(3) == b"abc"
    with pytest.raises(PindeckError) as caught:
        body.read(1)
    assert caught.value.code == "REQUEST_TIMEOUT"
    assert threading.active_count() <= before, "nobody watches it"


def test_what_the_server_cannot_read_is_the_sender_s_fault() -> None:
    class Broken:
        def read(self, size: int = -1) -> bytes:
            raise RuntimeError("no chunk")

    with pytest.raises(Invalid):
        Body(Broken(), None).read()  # type: ignore[arg-type]
    upload = Body(Broken(), None)  # type: ignore[arg-type]
    upload.expect_upload(1, 1)
    with pytest.raises(PindeckError) as caught:
        upload.read(5)
    assert caught.value.code == "UPLOAD_INCOMPLETE"


class Late(BytesIO):
    """A body that is announced and does not come."""

    def __init__(self) -> None:
        super().__init__(bytes(1000))

    def read(self, size: int | None = -1) -> bytes:
        raise TimeoutError


def test_a_body_that_does_not_come_is_answered_408(program_for: ProgramFor, olga: Actor) -> None:
    x, m, nobody = program_for(key_x(olga)), program_for(new_key()), program_for(None)
    for program, path in ((x, f"{IMAGES}/data-url"), (x, f"{IMAGES}/delete"), (nobody, "/api/v1/session")):
        answer = program.post(path, input_stream=Late(), content_type="application/json")
        refused(answer, 408, "REQUEST_TIMEOUT")
    form = "multipart/form-data; boundary=b"
    for program, path in ((m, "/api/v1/images/upload"), (x, IMAGES), (x, f"{IMAGES}/batch")):
        refused(program.post(path, input_stream=Late(), content_type=form), 408, "UPLOAD_TIMEOUT")
    refused(x.post(IMAGES, input_stream=Late(), content_type="image/png"), 408, "UPLOAD_TIMEOUT")
    # Who may not is not waited for.
    refused(nobody.post("/api/v1/images/upload", input_stream=Late(), content_type=form), 401, "UNAUTHORIZED")
    assert Image.select().count() == 0


def test_a_form_of_a_stranger_without_a_page_is_not_waited_for(program_for: ProgramFor, olga: Actor) -> None:
    answer = program_for(None).post("/sign-in", input_stream=Late(), content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400


def test_a_data_url_is_in_memory_hardly_more_than_twice(program_for: ProgramFor, olga: Actor) -> None:
    """As bytes and as text, then as text and as the word in it: never in any more copies at once."""
    x = program_for(key_x(olga))
    good(x.post(f"{IMAGES}/data-url", json={"dataUrl": as_data_url(new_photo())}), 201)  # all is loaded
    noise = Picture.effect_noise((3000, 2500), 90)
    out = BytesIO()
    noise.save(out, "PNG", compress_level=0)
    data = json.dumps({"dataUrl": as_data_url(out.getvalue())}).encode()
    size = len(data)
    assert size > 9_000_000
    del out, noise
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        good(x.post(f"{IMAGES}/data-url", data=data, content_type="application/json"), 201)
        grown = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert grown < 2.5 * size, grown / size


def test_few_large_bodies_are_in_memory_at_once(
    program_for: ProgramFor, olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "LARGE_WAIT_S", 0.1)
    x, path = program_for(key_x(olga)), f"{IMAGES}/data-url"
    large = json.dumps({"dataUrl": as_data_url(new_photo()) + " " * 1_000_000}).encode()
    with bodies.room(), bodies.room():
        answer = x.post(path, data=large, content_type="application/json")
        refused(answer, 503, "SERVER_BUSY")
        assert int(answer.headers["Retry-After"]) >= 1
        good(x.post(path, json={"dataUrl": as_data_url(new_photo())}), 201)  # a small one needs no room
    good(x.post(path, data=large, content_type="application/json"), 201)


def test_a_call_without_body_and_type_is_told_to_send_one(program_for: ProgramFor, olga: Actor) -> None:
    program = program_for(new_key("master", actor=olga))
    assert set(refused(program.post("/api/v1/projects"), 400, "VALIDATION_ERROR")) == {"body"}
    refused(program.post("/api/v1/projects", data=b"x"), 415, "UNSUPPORTED_MEDIA_TYPE")
