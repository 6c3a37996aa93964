"""Files on their way out: metadata, lists, addresses, ranges."""

import base64
import os
from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image, StoredFile
from pindeck.services.files import intake
from tests.api import managing
from tests.api.storing import API, FIELDS, UNKNOWN, base64_of, hex_of, path_of, send, store, upload, url_of
from tests.conftest import ClientFor, count_queries
from tests.factories import make_active, overwrite
from tests.programs import Program, ProgramFor, new_key, refused

DATA = os.urandom(5000)
HEAD_FIELDS = ("Content-Type", "Content-Length", "Digest", "Repr-Digest", "ETag", "Cache-Control", "Accept-Ranges")


def get(program: Any, path: str, method: str = "GET", **headers: str) -> Any:
    """As a stranger."""
    return send(program, path, b"", method=method, headers={n.replace("_", "-"): v for n, v in headers.items()})


def test_the_address_stays_the_same_and_does_not_hold_the_id(program: Program) -> None:
    storage_id = store(program, DATA)
    first, again = (program.get(f"{API}/{storage_id}/url").json["url"] for _ in range(2))
    assert first == again and first.startswith("http://localhost/storage/")
    assert storage_id not in first and storage_id.replace("-", "") not in first


def test_whoever_has_the_address_gets_the_bytes(program: Program) -> None:
    storage_id = upload(program, DATA, "image/png")
    answer = get(program, url_of(program, storage_id))
    assert (answer.status_code, answer.data) == (200, DATA)
    h = answer.headers
    assert h["Content-Type"] == "image/png"
    assert h["Content-Length"] == "5000"
    assert h["Digest"] == f"sha-256={base64_of(DATA)}"
    assert h["Repr-Digest"] == f"sha-256=:{base64_of(DATA)}:"
    assert h["ETag"] == f'"{hex_of(DATA)}"'
    assert h["Accept-Ranges"] == "bytes"
    assert h["X-Content-Type-Options"] == "nosniff"
    assert h["Cache-Control"] == "private, max-age=3600"
    assert h["Access-Control-Allow-Origin"] == "*"
    for name in ("Digest", "ETag", "Content-Range", "Content-Length"):
        assert name in h["Access-Control-Expose-Headers"]
    assert "sandbox" in h["Content-Security-Policy"] and "default-src 'none'" in h["Content-Security-Policy"]


def test_a_file_without_a_type_is_a_stream_of_bytes(program: Program) -> None:
    assert get(program, url_of(program, upload(program, DATA))).headers["Content-Type"] == "application/octet-stream"


def test_a_file_that_the_caller_has_is_not_sent_again(program: Program) -> None:
    path = url_of(program, store(program, DATA))
    etag = get(program, path).headers["ETag"]
    for known in (etag, f"W/{etag}", "*", f'"x", {etag}'):
        answer = get(program, path, If_None_Match=known)
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", etag)
    assert get(program, path, If_None_Match='"other"').status_code == 200
    assert get(program, path, If_None_Match=etag, Range="bytes=0-1").status_code == 304


@pytest.mark.parametrize("route", ["address", "content"])
def test_one_range_is_answered(program: Program, route: str) -> None:
    storage_id = store(program, DATA)
    path = url_of(program, storage_id)

    def part(wanted: str, **more: str) -> Any:
        headers = {"Range": wanted, **{n.replace("_", "-"): v for n, v in more.items()}}
        if route == "content":
            return program.get(f"{API}/{storage_id}/content", headers=headers)
        return send(program, path, b"", method="GET", headers=headers)

    first = part("bytes=0-99")
    assert (first.status_code, first.data, first.headers["Content-Length"]) == (206, DATA[:100], "100")
    assert first.headers["Content-Range"] == "bytes 0-99/5000"
    assert "Digest" not in first.headers
    assert first.headers["Repr-Digest"] == f"sha-256=:{base64_of(DATA)}:"
    assert part("bytes=-10").data == DATA[-10:]
    assert part("bytes=-9999").data == DATA and part("bytes=-9999").status_code == 206
    assert part("bytes=4990-").data == DATA[4990:]
    assert part("Bytes = 10 - 10000000000000000000000000000").data == DATA[10:]
    for outside in ("bytes=5000-", "bytes=5000-6000", "bytes=-0", "bytes=99999999999999999999999999-"):
        answer = part(outside)
        refused(answer, 416, "REQUESTED_RANGE_NOT_SATISFIABLE")
        assert answer.headers["Content-Range"] == "bytes */5000"
    for whole in ("bytes=0-1,5-6", "bytes=5-2", "bytes=a-b", "bytes=-", "lines=0-1", "0-1", "bytes=0-1-2"):
        answer = part(whole)
        assert (answer.status_code, answer.data) == (200, DATA)
        assert "Digest" in answer.headers
    etag = first.headers["ETag"]
    assert part("bytes=0-1", If_Range=etag).status_code == 206
    for other in ('"other"', f"W/{etag}", "Sat, 01 Jan 2028 00:00:00 GMT"):
        assert part("bytes=0-1", If_Range=other).data == DATA


def test_an_empty_file_has_no_range(program: Program) -> None:
    path = url_of(program, store(program, b""))
    whole = get(program, path)
    assert (whole.status_code, whole.data, whole.headers["Content-Length"]) == (200, b"", "0")
    for wanted in ("bytes=0-", "bytes=0-0", "bytes=-1"):
        answer = get(program, path, Range=wanted)
        assert (answer.status_code, answer.headers["Content-Range"]) == (416, "bytes */0")


def test_head_has_the_headers_and_no_body(program: Program) -> None:
    storage_id = store(program, DATA, "text/plain; charset=utf-8")
    for answer, head in (
        (get(program, url_of(program, storage_id)), get(program, url_of(program, storage_id), "HEAD")),
        (program.get(f"{API}/{storage_id}/content"), program.call("HEAD", f"{API}/{storage_id}/content")),
    ):
        assert (head.status_code, head.data) == (200, b"")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        for name in HEAD_FIELDS:
            assert head.headers[name] == answer.headers[name]


def test_an_id_is_no_address(program: Program) -> None:
    storage_id = store(program, DATA)
    for path in (storage_id, storage_id.replace("-", ""), UNKNOWN, "0" * 32):
        refused(get(program, f"/storage/{path}"), 404, "FILE_NOT_FOUND")
    for path in ("not-a-key", "x", "0" * 31, "0" * 33, "é" * 32, "s.a.b", f"s.{'a' * 30}.", storage_id.upper()):
        refused(get(program, f"/storage/{path}"), 400, "INVALID_STORAGE_PATH")
    refused(get(program, f"/storage/s.{'a' * 30}.{'a' * 43}"), 404, "FILE_NOT_FOUND")


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("text/html", False),
        ("text/html; charset=utf-8", False),
        ("image/svg+xml", False),
        ("application/xhtml+xml", False),
        ("application/javascript", False),
        (None, False),
        ("text/plain; charset=utf-8", True),
        ("IMAGE/PNG", True),
        ("image/webp", True),
        ("application/pdf", True),
        ("audio/x-wav", True),
        ("video/mp4", True),
    ],
)
def test_what_could_act_as_a_page_is_only_downloaded(program: Program, kind: str | None, shown: bool) -> None:
    data = b"<!doctype html><script>alert(1)</script>" * 100
    storage_id = upload(program, data, kind)
    assert program.get(f"{API}/{storage_id}").json["contentType"] == kind
    answer = get(program, url_of(program, storage_id), Accept_Encoding="gzip, br, zstd")
    assert answer.headers["Content-Disposition"] == ("inline" if shown else "attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Type"] == (kind or "application/octet-stream")
    assert (answer.data, answer.headers["Content-Length"]) == (data, str(len(data)))
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["ETag"] == f'"{hex_of(data)}"'


def test_pages_hold_every_file_once_the_newest_first(program: Program) -> None:
    owner = _owner(program)
    stored = [intake.store(owner, f"file {n}".encode()) for n in range(120)]
    StoredFile.update(created_at=1_700_000_000_000).where(StoredFile.id.in_(stored[:60])).execute()
    expected = [file.id for file in StoredFile.select().order_by(StoredFile.created_at.desc(), StoredFile.id.desc())]
    seen: list[str] = []
    cursor, sizes = None, []
    for number in range(3):
        found = program.get(API, query_string={"limit": 50, **({"cursor": cursor} if cursor else {})}).json
        assert set(found) == {"page", "isDone", "continueCursor"}
        assert all(set(document) == FIELDS for document in found["page"])
        sizes.append(len(found["page"]))
        seen += [document["_id"] for document in found["page"]]
        cursor = found["continueCursor"]
        assert found["isDone"] is (number == 2) and (cursor is None) is found["isDone"]
        store(program, f"added meanwhile {number}".encode())
    assert sizes == [50, 50, 20]
    assert seen == expected
    assert len(program.get(API).json["page"]) == 50
    assert len(program.get(API, query_string={"limit": 999}).json["page"]) == 123


def _owner(program: Program) -> intake.Owner:
    """Whose the files of a key are."""
    store(program, b"probe")
    file = StoredFile.get()
    StoredFile.delete().execute()
    return intake.Owner(file.user_id, file.client_id, file.project_id)


def test_the_oldest_first_goes_on_behind_a_deleted_file(program: Program) -> None:
    ids = [store(program, bytes([n])) for n in range(6)]
    found = program.get(f"{API}?order=asc&limit=3").json
    assert [document["_id"] for document in found["page"]] == ids[:3]
    program.delete(f"{API}/{ids[2]}")
    program.delete(f"{API}/{ids[3]}")
    rest = program.get(f"{API}?order=asc&limit=3&cursor={found['continueCursor']}").json
    assert [document["_id"] for document in rest["page"]] == ids[4:]
    assert rest["isDone"] is True


def test_bounds_of_time_are_included(program: Program) -> None:
    ids = [store(program, bytes([n])) for n in range(4)]
    for number, storage_id in enumerate(ids):
        StoredFile.update(created_at=1000 + number).where(StoredFile.id == storage_id).execute()

    def listed(query: str) -> list[str]:
        return [document["_id"] for document in program.get(f"{API}?order=asc&{query}").json["page"]]

    assert listed("minCreationTime=1001&maxCreationTime=1002") == ids[1:3]
    assert listed("minCreationTime=1003") == ids[3:]
    assert listed("maxCreationTime=1000") == ids[:1]
    assert listed("minCreationTime=1002&maxCreationTime=1001") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=x", "limit"),
        ("limit=99999999999999999999999", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=%ff", "cursor"),
        ("cursor=" + base64.urlsafe_b64encode(b"9999999999999999999:x").decode(), "cursor"),
        ("order=up", "order"),
        ("minCreationTime=1.5", "minCreationTime"),
        ("maxCreationTime=99999999999999999999", "maxCreationTime"),
        ("unclaimed=1", "unclaimed"),
    ],
)
def test_a_wrong_parameter_of_the_list_is_named(program: Program, query: str, field: str) -> None:
    assert set(refused(program.get(f"{API}?{query}"), 400, "VALIDATION_ERROR")) == {field}


def test_unclaimed_leaves_out_the_files_of_images(client_for: ClientFor, olga: Actor) -> None:
    image, client = make_active(olga), client_for(olga)
    storage_id = store(client, DATA)
    assert {d["_id"] for d in client.get(API).json["page"]} == {storage_id, image.file_id}
    assert [d["_id"] for d in client.get(f"{API}?unclaimed=true").json["page"]] == [storage_id]


def test_stats_count_equal_contents_once(program: Program, client_for: ClientFor, olga: Actor) -> None:
    assert program.get(f"{API}/stats").json == {"count": 0, "bytes": 0, "uniqueBytes": 0}
    for data in (DATA, DATA, b"12345"):
        store(program, data)
    store(client_for(olga), b"somebody else's")
    assert program.get(f"{API}/stats").json == {"count": 3, "bytes": 10005, "uniqueBytes": 5005}


def test_a_call_asks_the_database_as_often_whatever_there_is(program: Program) -> None:
    """And the file of a picture, which is seen like the picture, costs what any other does."""

    def asked(path: str) -> int:
        with count_queries() as seen:
            assert program.get(path).status_code == 200
        return len(seen)

    def of_one(storage_id: str) -> list[int]:
        address = url_of(program, storage_id)
        return [asked(path) for path in (*(f"{API}/{storage_id}{end}" for end in ("", "/url", "/content")), address)]

    storage_id = store(program, b"0")
    before = [asked(API), asked(f"{API}/stats"), *of_one(storage_id)]
    for number in range(20):
        store(program, bytes([number]))
        picture = managing.upload(program)["id"]
    assert [asked(API), asked(f"{API}/stats"), *of_one(storage_id)] == before
    assert of_one(Image.get(Image.id == picture).file_id) == before[2:]
    assert max(before) <= 3


def test_a_signed_address_ends_by_itself(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    storage_id = store(program, DATA)
    plain, signed = url_of(program, storage_id), url_of(program, storage_id, "?expiresIn=2")
    key = plain.rpartition("/")[2]
    assert key not in signed and storage_id not in signed
    first = get(program, signed)
    assert (first.status_code, first.data) == (200, DATA)
    assert first.headers["Cache-Control"] in ("private, max-age=2", "private, max-age=1")
    for position in (14, -5):  # in what it says, and in its signature
        other = "A" if signed[position] != "A" else "B"
        end = signed[position + 1 :] if position != -1 else ""
        refused(get(program, signed[:position] + other + end), 404, "FILE_NOT_FOUND")
    now = db.now_ms
    monkeypatch.setattr(db, "now_ms", lambda: now() + 3000)
    refused(get(program, signed), 401, "STORAGE_TOKEN_EXPIRED")
    assert get(program, plain).data == DATA


@pytest.mark.parametrize("seconds", ["0", "-1", "604801", "x", "1.5", ""])
def test_a_signed_address_lasts_a_week_at_most(program: Program, seconds: str) -> None:
    storage_id = store(program, DATA)
    answer = program.get(f"{API}/{storage_id}/url?expiresIn={seconds}")
    assert set(refused(answer, 400, "VALIDATION_ERROR")) == {"expiresIn"}
    assert get(program, url_of(program, storage_id, "?expiresIn=604800")).status_code == 200


def test_a_rotated_address_is_dead_and_the_new_one_works(program: Program) -> None:
    storage_id = store(program, DATA, "text/plain")
    old, signed = url_of(program, storage_id), url_of(program, storage_id, "?expiresIn=600")
    before = program.get(f"{API}/{storage_id}").json
    answer = program.post(f"{API}/{storage_id}/rotate-url")
    assert answer.status_code == 200 and set(answer.json) == {"url"}
    new = path_of(answer.json["url"])
    assert new == url_of(program, storage_id) != old
    for dead in (old, signed):
        refused(get(program, dead), 404, "FILE_NOT_FOUND")
    assert get(program, new).data == DATA
    assert program.get(f"{API}/{storage_id}").json == before
    refused(program.post(f"{API}/{UNKNOWN}/rotate-url"), 404, "FILE_NOT_FOUND")


def test_content_needs_the_scope_and_can_be_read_again(program_for: ProgramFor, program: Program) -> None:
    storage_id = store(program, DATA, "video/mp4")
    without = program_for(new_key("project", project="Blade", scopes=("storage:write", "images:read")))
    refused(without.get(f"{API}/{storage_id}/content"), 403, "FORBIDDEN")
    reader = program_for(new_key("project", project="Blade", scopes=("storage:read",)))
    first, again = (reader.get(f"{API}/{storage_id}/content") for _ in range(2))
    assert first.status_code == again.status_code == 200
    assert first.data == again.data == DATA
    assert first.headers["Digest"] == f"sha-256={base64_of(DATA)}"
    assert first.headers["Content-Type"] == "video/mp4"
    assert "Access-Control-Allow-Origin" not in first.headers
    refused(reader.get(f"{API}/{UNKNOWN}/content"), 404, "FILE_NOT_FOUND")


def test_the_address_of_what_is_missing_is_null(program: Program) -> None:
    answer = program.get(f"{API}/{UNKNOWN}/url")
    assert (answer.status_code, answer.json) == (200, {"url": None})


@pytest.mark.parametrize("odd", ["x", "not-an-id", "0" * 32, "%00", "é", "%ed%a0%80", "..", UNKNOWN + "0"])
def test_what_cannot_be_an_id_is_refused(program: Program, odd: str) -> None:
    calls = (
        ("GET", ""), ("GET", "/url"), ("GET", "/content"), ("DELETE", ""), ("POST", "/rotate-url"),
    )  # fmt: skip
    for method, end in calls:
        answer = program.call(method, f"{API}/{odd}{end}")
        if odd in ("%00", ".."):
            assert answer.status_code in (400, 404, 405)
        else:
            refused(answer, 400, "INVALID_STORAGE_ID")


def test_a_download_never_holds_other_bytes(program: Program) -> None:
    storage_id = store(program, DATA * 200)
    path = url_of(program, storage_id)
    key = StoredFile.get_by_id(storage_id).blob.object_key
    with program.client.application.test_client().get(path, buffered=False) as running:
        begin = next(running.response)
        program.delete(f"{API}/{storage_id}")
        overwrite(key, b"other bytes")
        rest = b"".join(running.response)
    assert begin + rest == DATA * 200
