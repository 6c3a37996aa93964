"""Files while the object store is away: refusals that leave nothing, deletions that are caught up with."""

import hashlib
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pindeck import db, storage
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.errors import Upstream
from pindeck.models import Activity, Blob, Derivative, StoredFile, UploadTicket
from pindeck.services import backup
from pindeck.services.maintenance import damage, inspection, integrity
from pindeck.storage import keys
from tests import invariants
from tests.api.storing import API, send, store, ticket, url_of
from tests.conftest import ChangeSettings, RunJobs
from tests.factories import blob_of, fresh, make_active, objects, overwrite
from tests.programs import Program, refused
from tests.servers.s3 import S3Server, free_port, start_ministack

DATA = os.urandom(5000)


class Gate:
    """The way to a server, which can be closed: connections are refused then, as from a machine that is off."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.port = free_port()
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []

    def open(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port))
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def close(self) -> None:
        """Take no more connections, and end those that stand."""
        if self._listener:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for connection in self._open:
            with_no_more(connection)
        self._open.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection(self.target)
            self._open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_carry, args=(source, sink), daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    with_no_more(sink)


def with_no_more(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    server = start_ministack(tmp_path_factory.mktemp("s3"))
    yield server
    server.stop()


@pytest.fixture
def gate(s3: S3Server) -> Iterator[Gate]:
    host, _, port = s3.endpoint.partition(":")
    made = Gate(host, int(port))
    made.open()
    yield made
    made.close()


@pytest.fixture
def environ(s3: S3Server, gate: Gate) -> dict[str, str]:
    return {**s3.environ(), "MINIO_ENDPOINT": f"127.0.0.1:{gate.port}"}


def test_while_the_store_is_away_uploads_fail_whole_and_deletions_succeed(
    program: Program, gate: Gate, run_jobs: RunJobs
) -> None:
    storage_id = store(program, DATA)
    url, path = url_of(program, storage_id), ticket(program)
    (key,) = objects()
    gate.close()

    refused(program.post(API, data=b"new"), 503, "STORAGE_UNAVAILABLE")
    refused(send(program, path, b"new"), 503, "STORAGE_UNAVAILABLE")
    assert [d["_id"] for d in program.get(API).json["page"]] == [storage_id]
    assert (StoredFile.select().count(), Blob.select().count()) == (1, 1)
    assert UploadTicket.get().used_at is None
    refused(program.get(f"{API}/{storage_id}/content"), 503, "STORAGE_UNAVAILABLE")

    assert program.delete(f"{API}/{storage_id}").json == {"success": True}
    refused(program.get(f"{API}/{storage_id}"), 404, "FILE_NOT_FOUND")
    refused(send(program, url, b"", method="GET"), 404, "FILE_NOT_FOUND")
    run_jobs()
    assert Blob.get().state == "deleting"

    gate.open()
    assert objects() == [key]
    run_jobs(include_later=True)
    assert (objects(), Blob.select().count()) == ([], 0)
    assert send(program, path, b"new").status_code == 200


def test_ranges_heads_and_digests_are_the_same_from_an_object_store(program: Program) -> None:
    path = url_of(program, store(program, DATA, "text/html; charset=utf-8"))

    def get(method: str = "GET", **headers: str) -> Any:
        return send(program, path, b"", method=method, headers=headers)

    whole, head = get(), get("HEAD")
    assert (whole.data, head.data) == (DATA, b"")
    for name in ("Content-Type", "Content-Length", "Digest", "Repr-Digest", "ETag", "Accept-Ranges", "Cache-Control"):
        assert whole.headers[name] == head.headers[name]
    part = get(Range="bytes=-10")
    assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, DATA[-10:], "bytes 4990-4999/5000")
    assert get(Range="bytes=5000-").status_code == 416
    assert get(Range="bytes=0-1,5-6").data == DATA
    assert get(**{"If-None-Match": whole.headers["ETag"]}).status_code == 304


def test_equal_bytes_are_one_object_there_as_well(program: Program, run_jobs: RunJobs) -> None:
    first, second = store(program, DATA), store(program, DATA)
    assert len(objects()) == 1
    program.delete(f"{API}/{first}")
    run_jobs()
    assert program.get(f"{API}/{second}/content").data == DATA
    assert program.get(f"{API}/{store(program, b'')}/content").data == b""


def test_files_of_an_object_store_are_read_again_and_mended_and_its_absence_is_no_damage(
    gate: Gate, olga: Actor, database: Settings, run_jobs: RunJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    change_settings: ChangeSettings,
) -> None:
    monkeypatch.setattr(inspection, "LOOK_AGAIN_S", 0)
    image = make_active(olga)
    run_jobs(include_later=True)
    backup.backup(database, tmp_path / "backup")
    change_settings(backup_dir=str(tmp_path / "backup"))
    blob, size = blob_of(image), Derivative.get(Derivative.preset == "large")
    public_key = keys.public_key(str(fresh(image).public_token), "small")
    overwrite(blob.object_key, b"rotten")
    storage.current().delete(size.object_key)
    storage.current().unpublish(public_key)

    def all_read() -> bool:
        return integrity.Reader(integrity.EVERYTHING, db.now_ms() + 1, lambda: None).read()

    gate.close()
    with pytest.raises(Upstream):
        all_read()
    assert damage.summary().originals == damage.summary().sizes == 0

    gate.open()
    assert all_read()
    run_jobs(include_later=True)
    invariants.check()
    with storage.current().open_public(public_key) as stream:
        small = Derivative.get(Derivative.preset == "small")
        assert hashlib.sha256(stream.read()).hexdigest() == small.sha256
    assert damage.summary().originals == damage.summary().sizes == 0
    verbs = [row.verb for row in Activity.select().order_by(Activity.id) if "." in row.verb]
    assert [verb for verb in verbs if verb.startswith(("file.", "rendition."))] == [
        "file.differs", "file.restored", "rendition.differs",
    ]  # fmt: skip
