"""A server that nobody stops by waiting: silent senders, half requests, and strangers who want what is not made yet.

Nothing here measures time. What a thread waited for shows in what is answered, and in what has not ended yet.
"""

import re
import select
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import psutil
import pytest
import urllib3

from pindeck.http import bodies
from pindeck.runtime import threads
from pindeck.services.ingest import uploads
from pindeck.services.ingest.uploads import Arrival
from pindeck.states import ImageStatus, Role, Visibility
from tests.conftest import add_person
from tests.factories import new_photo
from tests.stack import Stack, wait_for
from tests.story.test_large_files import answer_of, new_key, raw

pytestmark = [pytest.mark.timeout(300)]

@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One process of four threads, which is not much."""
    environ = {"WEB_THREADS": "4", "CROP_PRESETS": "square=600x600:cover", "UPLOAD_IDLE_S": "1"}
    made = Stack(tmp_path_factory.mktemp("waiting"), environ)
    made.start_web()
    yield made
    made.stop()


def look(stack: Stack) -> None:
    """A page that needs one of the threads, on a connection of its own."""
    alone = {"Connection": "close"}
    answer = urllib3.request("GET", f"{stack.base}/sign-in", headers=alone, timeout=60, retries=False, redirect=False)
    assert answer.status < 500, stack.log()


def test_the_limits_of_time_are_short() -> None:
    assert bodies.IDLE_S <= 10 and bodies.TOTAL_S <= 30 and threads.HEAD_S <= 10


def test_senders_that_fall_silent_hold_no_thread_for_good(stack: Stack) -> None:
    page = urllib3.request("GET", f"{stack.base}/sign-in", timeout=60)
    cookie = re.sub(r";.*", "", page.headers["Set-Cookie"])
    json_body = "Content-Type: application/json\r\nContent-Length: 1000"
    form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000"
    upload = "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000"
    key = new_key(stack)
    waiting = {
        "json": raw(stack, f"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n{json_body}\r\n\r\n", b"{"),
        "form": raw(stack, f"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n{form}\r\n\r\n", b"e"),
        "upload": raw(
            stack,
            f"POST /api/v1/images/upload HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\n{upload}\r\n\r\n",
            b"--b",
        ),
        "head": raw(stack, "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nX-Half"),
        "line": raw(stack, "GET /heal"),
    }
    answers = {name: answer_of(connection) for name, connection in waiting.items()}
    assert answers["json"].startswith(b"HTTP/1.1 408") and b"REQUEST_TIMEOUT" in answers["json"]
    assert answers["form"].startswith(b"HTTP/1.1 408")
    assert answers["upload"].startswith(b"HTTP/1.1 408") and b"UPLOAD_TIMEOUT" in answers["upload"]
    assert answers["head"] == answers["line"] == b""
    for connection in waiting.values():
        connection.close()
    look(stack)


def test_who_may_not_is_answered_before_the_body_comes(stack: Stack) -> None:
    for path, kind, status in (
        ("/api/v1/images/upload", "multipart/form-data; boundary=b", b"401"),
        ("/api/v1/extension/images/data-url", "application/json", b"401"),
        ("/sign-in", "application/x-www-form-urlencoded", b"400"),  # without a page there is no token that is right
    ):
        about = f"Connection: close\r\nContent-Type: {kind}\r\nContent-Length: 1000"
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{about}\r\n\r\n"
        with raw(stack, head, b"x") as connection:
            assert answer_of(connection).split(b" ")[1] == status  # and not 408, as who waits for the body answers


def test_connections_that_say_nothing_take_no_thread(stack: Stack) -> None:
    silent = [raw(stack, "") for _ in range(30)]
    look(stack)
    ended, _, _ = select.select(silent, [], [], 0)
    assert ended == []  # the page did not come because one of them was given up
    for connection in silent:
        connection.close()


def test_clients_that_do_not_close_hold_nobody_up(stack: Stack) -> None:
    """The server ends each of these connections, and they are left open on the other side."""
    left = [raw(stack, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") for _ in range(8)]
    wait_for(lambda: parting(stack) == len(left), 60, "the server to end them", stack.log)
    look(stack)
    assert parting(stack) == len(left)  # nobody waited until one of them was given up
    for connection in left:
        assert answer_of(connection).startswith(b"HTTP/1.1 200")
        connection.close()


def parting(stack: Stack) -> int:
    """Connections that the server has ended and the client has not."""
    assert stack.web
    (process,) = psutil.Process(stack.web.pid).children()
    return sum(each.status == psutil.CONN_FIN_WAIT2 for each in process.net_connections("tcp"))


def cold_pictures(stack: Stack, count: int) -> list[str]:
    """Large pictures that anybody may see, and of which no crop is there."""
    data = [new_photo(size=(6000, 4500), format="PNG", compress_level=1) for _ in range(count)]
    with stack.bound():
        person = add_person(stack.settings, Role.CURATOR, "Cora")
        arrival = Arrival(status=ImageStatus.ACTIVE, visibility=Visibility.UNLISTED)
        staged = [uploads.stage(BytesIO(each)) for each in data]
        return [uploads.record(person, each, "cold.png", arrival).image.id for each in staged]


def test_strangers_who_want_many_cold_crops_stop_nothing(stack: Stack) -> None:
    paths = [f"{stack.base}/i/{image_id}?crop=square" for image_id in cold_pictures(stack, 12)]
    pool = urllib3.PoolManager(num_pools=1, maxsize=len(paths), block=True)
    first: list[Any] = []

    def fetch(path: str) -> int:
        """Asked for again when the server says, as often as it takes."""
        answer = pool.request("GET", path, timeout=60, retries=False)
        first.append(answer)
        for _ in range(60):
            if answer.status != 503:
                break
            assert 1 <= int(answer.headers["Retry-After"]) <= 5
            assert answer.json()["error"]["code"] == "DERIVATIVE_UNAVAILABLE"
            time.sleep(1)
            answer = pool.request("GET", path, timeout=60, retries=False)
        return answer.status

    over = threading.Event()
    looks: list[None] = []

    def look_around() -> None:
        while not over.is_set():
            looks.append(look(stack))

    watch = threading.Thread(target=look_around)
    watch.start()
    try:
        with ThreadPoolExecutor(len(paths)) as asking:
            statuses = list(asking.map(fetch, paths))
    finally:
        over.set()
        watch.join()
    assert statuses == [200] * len(paths), stack.log()
    assert any(answer.status == 503 for answer in first), "there were threads enough, so this shows nothing"
    # One after the other they came: behind crops that hold the threads, each would have waited for one to be made.
    assert len(looks) > 2 * len(paths), stack.log()
