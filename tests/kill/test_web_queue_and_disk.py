"""The web process killed in the middle of an upload, the queue away, the store full: nothing is lost or half done."""

import io
import re
import signal
import socket
import threading
import time

import pytest
import urllib3

from pindeck import db, storage
from pindeck.imaging.errors import TOO_LARGE
from pindeck.models import Blob, Image, Job, StoredFile
from pindeck.services.maintenance import cleanup
from pindeck.states import AiStatus, JobStatus, PersistStatus
from tests import invariants
from tests.kill.test_worker_dies import photo
from tests.stack import Stack, kill_group, pair_environ, wait_for

pytestmark = [pytest.mark.kill, pytest.mark.timeout(400)]

PASSWORD = "correct horse battery"


class Person:
    """A browser as far as forms go: cookies and the token of the page."""

    def __init__(self, base: str) -> None:
        self.base, self.cookies, self.token = base, {}, ""
        self.http = urllib3.PoolManager(retries=False, timeout=30)

    def _keep(self, answer) -> None:
        for line in answer.headers.getlist("Set-Cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value

    def headers(self) -> dict[str, str]:
        return {
            "Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items()),
            "X-CSRFToken": self.token,
            "HX-Request": "true",
        }

    def get(self, path: str):
        headers = {"Cookie": self.headers()["Cookie"]}
        answer = self.http.request("GET", self.base + path, headers=headers, redirect=False)
        self._keep(answer)
        found = re.search(r'name="csrf-token" content="([^"]+)"', answer.data.decode(errors="replace"))
        self.token = found.group(1) if found else self.token
        return answer

    def post(self, path: str, fields: dict) -> urllib3.BaseHTTPResponse:
        headers = {k: v for k, v in self.headers().items() if k != "HX-Request" or path == "/upload"}
        answer = self.http.request("POST", self.base + path, fields=fields, headers=headers, redirect=False)
        self._keep(answer)
        return answer

    def sign_up(self) -> "Person":
        self.get("/sign-up")
        answer = self.post("/sign-up", {"email": "olga@example.org", "password": PASSWORD, "name": "Olga"})
        assert answer.status == 303, answer.data
        self.get("/")
        return self

    def upload(self, data: bytes, name: str = "still.jpg"):
        return self.post("/upload", {"files": (name, data, "image/jpeg")})


def staged_bytes_are_due() -> None:
    """As if the minute were over for which somebody may still read them: a worker deletes them now."""
    waits = (Job.kind == "delete_objects") & (Job.status == JobStatus.QUEUED)
    Job.update(due_at=db.now_ms(), pushed_at=None).where(waits).execute()


def all_safe() -> bool:
    return all(i.persist_status == PersistStatus.SUCCEEDED for i in Image.select())


@pytest.fixture
def stack(request, tmp_path):
    """On SQLite and files, unless the test is `on_both`."""
    has_pair = hasattr(request, "param")
    stack = Stack(tmp_path, pair_environ(request, request.node.originalname[:60]) if has_pair else {})
    yield stack
    stack.stop()


on_both = pytest.mark.parametrize("stack", ["sqlite", "postgres"], indirect=True)


@on_both
def test_the_web_process_killed_during_an_upload_leaves_nothing_half_done(stack):
    stack.start()
    person = Person(stack.base).sign_up()
    assert person.upload(photo()).status == 200
    connection = socket.create_connection(("127.0.0.1", stack.port))
    whole = photo((10, 90, 200))
    body = whole + bytes(8_000_000)
    head = (
        f"POST /upload HTTP/1.1\r\nHost: 127.0.0.1:{stack.port}\r\nCookie: {person.headers()['Cookie']}\r\n"
        f"X-CSRFToken: {person.token}\r\nHX-Request: true\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        f"Content-Length: {len(body) + 200}\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="files"; filename="cut.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    )
    connection.sendall(head.encode() + body[: len(body) // 2])
    time.sleep(0.5)  # the server is in the middle of writing
    kill_group(stack.web)
    stack.web.wait()
    connection.close()
    stack.start_web()
    with stack.bound():
        invariants.check()
        assert Image.select().count() == 1
        cleanup.sweep_staging(older_than_ms=-1000)
        named = {blob.object_key for blob in Blob.select()}
        assert {o.key for o in storage.current().list("staging/")} <= named
        wait_for(all_safe, 60, "the first picture to be safe", stack.log)
    assert person.upload(whole, "again.jpg").status == 200


def test_without_a_queue_pictures_become_ready_all_the_same(stack):
    """The worker takes its jobs from the database, also when it starts before the queue, and goes back to the queue."""
    stack.stop_queue()
    stack.start()
    person = Person(stack.base).sign_up()
    files = [photo((n * 24, 40, 200 - n * 18)) for n in range(10)]
    assert all(person.upload(data, f"before {n}.jpg").status == 200 for n, data in enumerate(files[:4]))
    assert stack.answers("/healthz")
    assert not stack.answers("/readyz")
    assert person.get("/").status == 200
    assert person.get("/review/").status == 200

    def ready(count: int) -> bool:
        described = Image.select().where(Image.ai_status == AiStatus.COMPLETED).count()
        return described == count and all_safe()

    with stack.bound():
        wait_for(lambda: ready(4), 120, "four pictures made ready without a queue", stack.log)
        stack.start_queue()
        wait_for(lambda: "the queue is back" in stack.log(), 60, "the worker to see the queue", stack.log)
        assert all(person.upload(data, f"after {n}.jpg").status == 200 for n, data in enumerate(files[4:7]))
        wait_for(lambda: ready(7), 120, "seven pictures", stack.log)
        stack.stop_queue()
        assert all(person.upload(data, f"again {n}.jpg").status == 200 for n, data in enumerate(files[7:]))
        wait_for(lambda: ready(10), 120, "ten pictures", stack.log)
        # Each was done once: nothing ran beside another run of itself.
        assert max(job.attempts for job in Job.select()) == 1
        invariants.check()


def test_a_queue_that_refuses_writes_holds_up_nothing(stack):
    import redis

    stack.start()
    person = Person(stack.base).sign_up()
    client = redis.Redis.from_url(stack.redis_url)
    client.replicaof("127.0.0.1", 1)  # a replica answers and refuses every write
    assert person.upload(photo()).status == 200
    with stack.bound():
        wait_for(lambda: Image.select().count() == 1 and all_safe(), 120, "a safe picture", stack.log)
    client.replicaof("no", "one")
    wait_for(lambda: "the queue is back" in stack.log(), 60, "the worker to use the queue again", stack.log)
    assert person.upload(photo((10, 90, 200))).status == 200
    with stack.bound():
        wait_for(lambda: Image.select().count() == 2 and all_safe(), 120, "two safe pictures", stack.log)


@on_both
def test_an_emptied_queue_loses_nothing(stack):
    """Valkey comes back without any of its data: the rows are sent again."""
    stack.start_web()
    person = Person(stack.base).sign_up()
    for n in range(6):
        assert person.upload(photo((n * 40, 90, 90)), f"{n}.jpg").status == 200
    stack.stop_queue()
    stack.start_queue()
    stack.start_worker()
    with stack.bound():
        wait_for(all_safe, 90, "six safe pictures", stack.log)
        invariants.check()


def test_a_full_store_refuses_and_finishes_what_it_took_and_deleting_makes_room(tmp_path):
    stack = Stack(tmp_path, {"STORE_QUOTA_MB": "2"}).start()
    try:
        person = Person(stack.base).sign_up()

        def upload(n: int) -> int:
            answer = person.upload(photo((n * 18 % 256, 60, 120)), f"{n}.jpg")
            assert answer.status == 200 or "The store is full" in answer.data.decode()
            return answer.status

        statuses = []
        while 422 not in statuses or not _all_settled(stack):
            statuses.append(upload(len(statuses)))
        assert statuses[0] == 200
        with stack.bound():
            wait_for(all_safe, 150, "every picture that was taken to be safe", stack.log)
            invariants.check()
            kept = [image.id for image in Image.select()]
            assert len(kept) == statuses.count(200) == StoredFile.select().count()
        for image_id in kept:
            for act in ("trash", "delete"):
                assert person.post(f"/images/{image_id}/{act}", {"next": "/"}).status == 303
        with stack.bound():
            staged_bytes_are_due()
        wait_for(lambda: upload(99) == 200, 200, "an upload to be taken again", stack.log)
    finally:
        stack.stop()


def _all_settled(stack: Stack) -> bool:
    with stack.bound():
        return all_safe()


def test_a_hostile_picture_does_not_take_the_worker_down(tmp_path):
    """A picture whose decoding needs more memory than a job may have fails with its reason; the next one is stored."""
    stack = Stack(tmp_path)
    stack.start_web()
    stack.start_worker(extra={"JOB_MEMORY_MB": "256"})  # less than the door takes
    try:
        person = Person(stack.base).sign_up()
        from PIL import Image as Picture

        out = io.BytesIO()
        Picture.new("RGBA", (9000, 9500), (1, 2, 3, 90)).save(out, "PNG", compress_level=1)
        assert person.upload(out.getvalue(), "huge.png").status == 200
        assert person.upload(photo(), "small.jpg").status == 200
        with stack.bound():
            wait_for(
                lambda: not Image.select().where(Image.persist_status == PersistStatus.PENDING).exists(), 120,
                "both to end", stack.log,
            )  # fmt: skip
            by_name = {i.original_filename: i for i in Image.select()}
            assert by_name["small.jpg"].persist_status == PersistStatus.SUCCEEDED
            assert by_name["huge.png"].persist_status == PersistStatus.FAILED
            assert by_name["huge.png"].persist_error == TOO_LARGE
            invariants.check()
            db.close()
        assert stack.workers[0].poll() is None
    finally:
        stack.stop()


def test_ctrl_c_ends_worker_and_web_cleanly(stack):
    stack.start()
    for process in (stack.workers[0], stack.web):
        kill_group(process, signal.SIGTERM)
    finished = threading.Event()
    wait_for(
        lambda: stack.workers[0].poll() is not None and stack.web.poll() is not None, 30, "both to end", stack.log
    )
    finished.set()
    assert "Traceback" not in stack.log()
