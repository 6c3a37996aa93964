"""What only an object store can get wrong: who may read, signed addresses, faults of server and network."""

import json
import multiprocessing
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3

from pindeck import config, storage
from pindeck.errors import NoSpace, NotFound, SettingError, Upstream
from pindeck.storage import ObjectStore
from tests.servers.s3 import S3Server, free_port
from tests.storage.conftest import prepared

KEY = "media-uploads/2026/03_07/low/still-w320.webp"
PUBLIC = "9f/9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f-w320.webp"


@pytest.fixture
def environ(server: S3Server) -> dict[str, str]:
    return server.environ()


@pytest.fixture
def store(environ: dict[str, str]) -> ObjectStore:
    return prepared(environ)


def get(address: str, method: str = "GET") -> urllib3.BaseHTTPResponse:
    return urllib3.request(method, address, retries=False, timeout=60)


def put(store: ObjectStore, key: str = KEY, data: bytes = b"picture") -> None:
    store.put(key, [data], content_type="image/webp")


def test_anybody_may_read_a_published_copy_and_nothing_else(store: ObjectStore, environ: dict[str, str]) -> None:
    put(store)
    store.publish(KEY, PUBLIC, content_type="image/webp")
    server = f"http://{environ['MINIO_ENDPOINT']}"
    public, private = environ["MINIO_PUBLIC_BUCKET"], environ["MINIO_BUCKET"]

    answer = get(f"{server}/{public}/{PUBLIC}")
    assert (answer.status, answer.data) == (200, b"picture")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "image/webp"

    for address in (f"{private}/{KEY}", f"{private}/", f"{public}/", private, public):
        assert get(f"{server}/{address}").status == 403
    assert urllib3.request("PUT", f"{server}/{public}/{PUBLIC}", body=b"mine", timeout=60).status == 403
    assert get(f"{server}/{public}/{PUBLIC}", "DELETE").status == 403

    store.unpublish(PUBLIC)
    assert get(f"{server}/{public}/{PUBLIC}").status in (403, 404)


def test_a_signed_address_answers_until_it_is_changed(store: ObjectStore) -> None:
    put(store)
    address = store.presigned_get(
        KEY, seconds=60, content_type="image/png", filename='Café "night"\r\nX-Evil: 1.webp'
    )
    assert address is not None
    answer = get(address)
    assert (answer.status, answer.data) == (200, b"picture")
    assert answer.headers["Content-Type"] == "image/png"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename=\"Cafe-night-X-Evil-1.webp\"; filename*=UTF-8''Caf%C3%A9")
    assert "X-Evil" not in answer.headers

    query = parse_qs(urlsplit(address).query)
    signature = query["X-Amz-Signature"][0]
    tampered = [
        address.replace(signature, signature[::-1]),
        address.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"),
        address.replace("still-w320", "other-w320"),
        address.replace("image%2Fpng", "text%2Fhtml"),
        address.split("?")[0],
    ]
    for other in tampered:
        assert other != address
        assert get(other).status == 403


def test_a_signed_address_needs_no_network(environ: dict[str, str]) -> None:
    store = storage.from_settings(config.load(environ | {"MINIO_ENDPOINT": f"127.0.0.1:{free_port()}"}))
    address = store.presigned_get(KEY, seconds=60, content_type="image/webp")
    assert address is not None
    assert "X-Amz-Signature=" in address
    assert environ["MINIO_SECRET_KEY"] not in address


def test_an_object_store_keeps_no_files(store: ObjectStore) -> None:
    put(store)
    store.publish(KEY, PUBLIC, content_type="image/webp")
    assert store.local_path(KEY) is None
    assert store.public_path(PUBLIC) is None


def test_a_private_object_can_say_how_it_is_cached(store: ObjectStore) -> None:
    store.put(KEY, [b"x"], content_type="image/webp", cache_control="private, no-store")
    address = store.presigned_get(KEY, seconds=60, content_type="image/webp")
    assert address is not None
    assert get(address).headers["Cache-Control"] == "private, no-store"


def test_a_policy_that_somebody_set_is_left_alone(store: ObjectStore, environ: dict[str, str]) -> None:
    from minio import Minio

    bucket = environ["MINIO_PUBLIC_BUCKET"]
    client = Minio(
        environ["MINIO_ENDPOINT"],
        environ["MINIO_ACCESS_KEY"],
        environ["MINIO_SECRET_KEY"],
        secure=False,
        region=environ["MINIO_REGION"],
    )
    policy = json.loads(client.get_bucket_policy(bucket))
    assert [statement["Action"] for statement in policy["Statement"]] in (
        ["s3:GetObject"],
        [["s3:GetObject"]],
    )
    policy["Statement"][0]["Resource"] = [f"arn:aws:s3:::{bucket}/9f/*"]
    client.set_bucket_policy(bucket, json.dumps(policy))
    store.prepare()
    assert json.loads(client.get_bucket_policy(bucket)) == policy


def test_a_wrong_secret_is_refused_without_telling_it(environ: dict[str, str], store: ObjectStore) -> None:
    put(store)
    wrong = "wrong-secret-wrong-secret-wrong"
    other = storage.from_settings(config.load(environ | {"MINIO_SECRET_KEY": wrong}))
    for attempt in (
        other.check,
        other.prepare,
        lambda: other.open(KEY),
        lambda: put(other),
        lambda: next(other.list("")),
    ):
        with pytest.raises(Upstream) as refused:
            attempt()
        assert wrong not in str(refused.value)
        assert environ["MINIO_ACCESS_KEY"] not in str(refused.value)
    with store.open(KEY) as stream:
        assert stream.read() == b"picture"


def test_a_missing_bucket_is_named_as_the_fault(environ: dict[str, str]) -> None:
    store = storage.from_settings(config.load(environ | {"MINIO_BUCKET": "pindeck-is-not-there"}))
    with pytest.raises(Upstream, match="MINIO_BUCKET"):
        put(store)


def test_the_check_misses_the_public_bucket(environ: dict[str, str], store: ObjectStore) -> None:
    other = storage.from_settings(config.load(environ | {"MINIO_PUBLIC_BUCKET": "pindeck-is-not-there"}))
    for look in (other.check, other.answer):
        with pytest.raises(Upstream, match="MINIO_PUBLIC_BUCKET"):
            look()
    gone = storage.from_settings(config.load(environ | {"MINIO_BUCKET": "pindeck-is-not-there"}))
    with pytest.raises(Upstream, match="MINIO_BUCKET"):
        gone.answer()


def test_a_forked_process_has_a_connection_of_its_own(store: ObjectStore) -> None:
    put(store, "staging/parent")
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=put, args=(store, f"staging/{n}", b"%d" % n)) for n in range(3)]
    for child in children:
        child.start()
    for n in range(20):
        put(store, "staging/parent", b"%d" % n)
        with store.open("staging/parent") as stream:
            assert stream.read() == b"%d" % n
    for child in children:
        child.join(30)
        assert child.exitcode == 0
    assert [found.key for found in store.list("staging/")] == [
        "staging/0", "staging/1", "staging/2", "staging/parent",
    ]  # fmt: skip


def test_a_reader_that_is_closed_early_leaves_no_bytes_for_the_next(store: ObjectStore) -> None:
    put(store, "staging/large", b"x" * 3_000_000)
    put(store, "staging/small", b"small")
    for _ in range(5):
        with store.open("staging/large") as stream:
            assert stream.read(10) == b"x" * 10
        with store.open("staging/small") as stream:
            assert stream.read() == b"small"


@pytest.mark.rgw
def test_beyond_the_quota_of_the_store_nothing_is_kept(rgw: S3Server) -> None:
    store = prepared(rgw.environ())
    assert rgw.set_quota is not None
    put(store)
    rgw.set_quota(1_000_000)
    try:
        with pytest.raises(NoSpace):
            put(store, "staging/large", b"x" * 2_000_000)
    finally:
        rgw.set_quota(0)
    assert [found.key for found in store.list("")] == [KEY]


class Refusal(BaseHTTPRequestHandler):
    """Answers every request as its server says."""

    def _answer(self) -> None:
        status, code = self.server.answer  # type: ignore[attr-defined]
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode() if code else b"no"
        self.send_response(status)
        self.send_header("Content-Type", "application/xml" if code else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = _answer

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def refusing(request: pytest.FixtureRequest) -> Iterator[ObjectStore]:
    """A store whose server refuses everything with the status and the code of the parameter."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusal)
    server.answer = request.param  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield store_at(f"127.0.0.1:{server.server_address[1]}")
    server.shutdown()
    thread.join()
    server.server_close()


def store_at(endpoint: str, **more: str) -> ObjectStore:
    return storage.from_settings(
        config.load(
            {
                "MINIO_ENDPOINT": endpoint,
                "MINIO_ACCESS_KEY": "access",
                "MINIO_SECRET_KEY": "very-secret",
                "MINIO_SECURE": "0",
                **more,
            }
        )
    )


@pytest.mark.parametrize(
    "refusing",
    [
        (507, "XMinioStorageFull"),
        (403, "QuotaExceeded"),
        (400, "XMinioAdminBucketQuotaExceeded"),
        (507, "InsufficientCapacity"),
        (507, "SomethingElse"),
        (507, ""),
    ],
    indirect=True,
    ids=str,
)
def test_a_full_object_store_is_said_to_be_full(refusing: ObjectStore) -> None:
    with pytest.raises(NoSpace):
        put(refusing)
    with pytest.raises(Upstream, match="full"):
        refusing.check()


@pytest.mark.parametrize(
    "refusing",
    [(500, "InternalError"), (503, "SlowDown"), (502, ""), (403, "AccessDenied"), (400, "<"), (200, "")],
    indirect=True,
    ids=str,
)
def test_a_store_that_answers_nonsense_is_upstream_trouble(refusing: ObjectStore) -> None:
    for attempt in (refusing.check, lambda: put(refusing), lambda: next(refusing.list(""))):
        with pytest.raises(Upstream) as trouble:
            attempt()
        assert "very-secret" not in trouble.value.message
        assert trouble.value.message.endswith(".")


def test_a_store_that_is_not_there_is_upstream_trouble() -> None:
    store = store_at(f"127.0.0.1:{free_port()}")
    for attempt in (store.check, store.prepare, lambda: put(store), lambda: store.open(KEY)):
        with pytest.raises(Upstream, match="MINIO_ENDPOINT"):
            attempt()


def test_an_answer_that_breaks_off_is_upstream_trouble() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_half() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of it")

        thread = threading.Thread(target=answer_half)
        thread.start()
        store = store_at(f"127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(Upstream), store.open(KEY) as stream:
            while stream.read(100):
                pass
        thread.join()


def test_originals_and_public_copies_must_not_share_a_bucket() -> None:
    with pytest.raises(SettingError, match="MINIO_PUBLIC_BUCKET"):
        store_at("127.0.0.1:9000", MINIO_BUCKET="same", MINIO_PUBLIC_BUCKET="same")


def test_the_bound_store_is_the_current_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_store", None)
    with pytest.raises(RuntimeError, match="bind"):
        storage.current()
    store = store_at("127.0.0.1:9000")
    storage.bind(store)
    assert storage.current() is store


def test_a_published_copy_of_what_is_gone_is_not_found(store: ObjectStore) -> None:
    with pytest.raises(NotFound):
        store.publish("staging/none", PUBLIC, content_type="image/webp")
