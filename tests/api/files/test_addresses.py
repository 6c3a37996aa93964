"""Upload addresses, and the bytes that are sent to one."""

import io
import os
from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import StoredFile, UploadTicket
from pindeck.services.maintenance import cleanup
from pindeck.storage import keys
from tests.api.storing import API, FIELDS, base64_of, counted, hex_of, send, store, ticket, upload
from tests.conftest import ClientFor
from tests.factories import new_photo, objects, together
from tests.programs import Program, ProgramFor, new_key, refused

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
MIB = os.urandom(2**20)


@pytest.fixture
def environ() -> dict[str, str]:
    return {
        "WEB_THREADS": "24",
        "MAX_FILE_MB": "2",
        "ALLOWED_ORIGINS": "https://studio.example, http://localhost:5173",
    }


def test_without_credentials_no_upload_address(program_for: ProgramFor, client_for: ClientFor) -> None:
    refused(program_for(None).post(f"{API}/upload-url"), 401, "UNAUTHORIZED")
    refused(client_for(None).post(f"{API}/upload-url", json={}), 401, "UNAUTHORIZED")
    assert UploadTicket.select().count() == 0


def test_a_session_or_key_gets_a_different_absolute_address_each_time(
    program: Program, client_for: ClientFor, olga: Actor
) -> None:
    for asker in (program, client_for(olga)):
        before = db.now_ms()
        found = [asker.post(f"{API}/upload-url") for _ in range(2)]
        for answer in found:
            assert answer.status_code == 200
            assert set(answer.json) == {"uploadUrl", "expiresAt"}
            assert answer.json["uploadUrl"].startswith("http://localhost/storage/upload?token=")
            assert abs(answer.json["expiresAt"] - before - 3_600_000) < 60_000
            assert "no-store" in answer.headers["Cache-Control"]
        assert found[0].json["uploadUrl"] != found[1].json["uploadUrl"]
    assert StoredFile.select().count() == 0


def test_a_key_without_the_scope_gets_none(program_for: ProgramFor) -> None:
    reader = program_for(new_key("project", project="Blade", scopes=("storage:read",)))
    refused(reader.post(f"{API}/upload-url"), 403, "FORBIDDEN")
    assert (
        program_for(new_key("project", project="Blade", scopes=("storage:write",)))
        .post(f"{API}/upload-url")
        .status_code
        == 200
    )


def test_raw_bytes_are_answered_with_the_storage_id_alone(program: Program) -> None:
    answer = send(program, ticket(program), MIB, "image/png")
    assert answer.status_code == 200 and answer.mimetype == "application/json"
    assert set(answer.json) == {"storageId"} and isinstance(answer.json["storageId"], str)


def test_put_is_the_same_and_other_methods_are_refused(program: Program) -> None:
    answer = send(program, ticket(program), MIB, "image/png", "PUT")
    assert answer.status_code == 200 and set(answer.json) == {"storageId"}
    path = ticket(program)
    for method in ("GET", "DELETE", "PATCH", "HEAD", "TRACE"):
        refusal = send(program, path, b"", method=method)
        assert refusal.status_code == 405
        assert refusal.headers["Allow"] == "POST, PUT, OPTIONS"
    assert StoredFile.select().count() == 1


def test_without_a_type_none_is_recorded(program: Program) -> None:
    storage_id = upload(program, b"anything")
    assert program.get(f"{API}/{storage_id}").json["contentType"] is None


def test_the_metadata_are_exactly_five_fields(program: Program) -> None:
    storage_id = upload(program, MIB, "image/png")
    found = program.get(f"{API}/{storage_id}")
    assert found.status_code == 200 and set(found.json) == FIELDS
    assert found.json["_id"] == storage_id
    assert found.json["sha256"] == hex_of(MIB)
    assert found.json["size"] == 1048576
    assert found.json["contentType"] == "image/png"
    assert isinstance(found.json["_creationTime"], int)
    assert abs(found.json["_creationTime"] - db.now_ms()) < 60_000


def test_a_token_that_is_missing_altered_or_late_stores_nothing(program: Program) -> None:
    path = ticket(program)
    before = counted()
    refused(send(program, "/storage/upload", MIB), 400, "MISSING_TOKEN")
    refused(send(program, "/storage/upload?token=", MIB), 400, "MISSING_TOKEN")
    other = "0" if path[-1] != "0" else "1"
    refused(send(program, path[:-1] + other, MIB), 401, "STORAGE_TOKEN_INVALID")
    for odd in ("x", "%00", "%ed%a0%80", "a" * 5000):
        refused(send(program, f"/storage/upload?token={odd}", MIB), 401, "STORAGE_TOKEN_INVALID") if odd not in (
            "%00", "%ed%a0%80",
        ) else None  # fmt: skip
    for odd in ("%00", "%ed%a0%80"):
        assert send(program, f"/storage/upload?token={odd}", MIB).status_code in (400, 401)
    UploadTicket.update(expires_at=db.now_ms() - 1).execute()
    refused(send(program, path, MIB), 401, "STORAGE_TOKEN_EXPIRED")
    assert counted() == before


def body_of(stream: Any, length: int | None = None) -> dict[str, Any]:
    """The environment of a body of this announced length; of one in chunks, without a length, if there is none."""
    if length is None:
        return {"wsgi.input": stream, "wsgi.input_terminated": True, "CONTENT_LENGTH": None}
    return {"wsgi.input": stream, "CONTENT_LENGTH": str(length)}


class Unreadable(io.RawIOBase):
    """A body that must not be looked at."""

    def readable(self) -> bool:
        return True

    def readinto(self, _: Any) -> int:
        raise AssertionError("The body was read before authority was known.")


@pytest.mark.parametrize("headers", [{}, {"Digest": "md5=x"}, {"Content-Type": "nonsense"}], ids=str)
def test_no_byte_is_read_before_the_token_the_headers_and_the_length_are_judged(
    program: Program, headers: dict[str, str]
) -> None:
    path = ticket(program) if headers else "/storage/upload?token=unknown"
    answer = send(program, path, b"", headers=headers, environ_overrides=body_of(Unreadable(), 50))
    assert answer.status_code == (400 if headers else 401)
    too_long = send(program, ticket(program, maxBytes=10), b"", environ_overrides=body_of(Unreadable(), 50))
    refused(too_long, 413, "FILE_TOO_LARGE")


def test_a_digest_is_verified(program: Program) -> None:
    def with_digest(value: str) -> Any:
        return send(program, ticket(program), MIB, headers={"Digest": value})

    assert with_digest(f"sha-256={base64_of(MIB)}").status_code == 200
    assert with_digest(f"SHA-256={base64_of(MIB)}").status_code == 200
    before, count = counted(), len(program.get(API).json["page"])
    refused(with_digest(f"sha-256={base64_of(b'other')}"), 400, "SHA256_MISMATCH")
    for malformed in (f"sha-256={hex_of(MIB)}", "md5=1B2M2Y8AsgTpgAmY7PhCfg==", "", "sha-256", "sha-256=:x:", "é"):
        details = refused(with_digest(malformed), 400, "BAD_HEADER")
        assert set(details) == {"Digest"}
    assert counted() == before
    assert len(program.get(API).json["page"]) == count


@pytest.mark.parametrize("name", ["Repr-Digest", "Content-Digest"])
def test_so_are_the_headers_of_rfc_9530(program: Program, name: str) -> None:
    def with_digest(value: str) -> Any:
        return send(program, ticket(program), MIB, headers={name: value})

    assert with_digest(f"sha-256=:{base64_of(MIB)}:").status_code == 200
    assert with_digest(f"sha-512=:AAAA:, sha-256=:{base64_of(MIB)}:").status_code == 200
    before = counted()
    refused(with_digest(f"sha-256=:{base64_of(b'other')}:"), 400, "SHA256_MISMATCH")
    for malformed in (f"sha-256={base64_of(MIB)}", "sha-512=:AAAA:", f"sha-256=:{hex_of(MIB)}:"):
        refused(with_digest(malformed), 400, "BAD_HEADER")
    assert counted() == before


def test_the_hex_header_is_verified_and_headers_that_disagree_are_refused(program: Program) -> None:
    for spelt in (hex_of(MIB), hex_of(MIB).upper()):
        assert send(program, ticket(program), MIB, headers={"X-Content-SHA256": spelt}).status_code == 200
    agreeing = {"X-Content-SHA256": hex_of(MIB), "Digest": f"sha-256={base64_of(MIB)}"}
    assert send(program, ticket(program), MIB, headers=agreeing).status_code == 200
    before = counted()
    refused(send(program, ticket(program), MIB, headers={"X-Content-SHA256": "ab"}), 400, "BAD_HEADER")
    refused(send(program, ticket(program), MIB, headers={"X-Content-SHA256": EMPTY}), 400, "SHA256_MISMATCH")
    disagreeing = {**agreeing, "Repr-Digest": f"sha-256=:{base64_of(b'other')}:"}
    refused(send(program, ticket(program), MIB, headers=disagreeing), 400, "BAD_HEADER")
    assert counted() == before


def test_an_empty_body_is_a_file(program: Program) -> None:
    found = program.get(f"{API}/{upload(program, b'')}").json
    assert (found["size"], found["sha256"]) == (0, EMPTY)


def test_a_body_that_breaks_off_leaves_nothing(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = send(program, ticket(program), b"", environ_overrides=body_of(io.BytesIO(MIB[: 2**19]), 2**20))
    refused(cut, 400, "UPLOAD_INCOMPLETE")
    assert program.get(API).json["page"] == []
    now = db.now_ms
    monkeypatch.setattr(db, "now_ms", lambda: now() + 2 * db.HOUR_MS)
    cleanup.sweep_staging()
    cleanup.sweep_orphaned_blobs()
    assert counted() == (0, 0, [])


def test_a_ticket_stores_one_file_and_may_be_repeated(program: Program) -> None:
    path = ticket(program)
    first = send(program, path, MIB, "image/png")
    again = send(program, path, MIB, "image/png", "PUT")
    assert first.status_code == again.status_code == 200 and first.json == again.json
    refused(send(program, path, MIB + b"!"), 409, "TICKET_USED")
    refused(send(program, path, MIB, headers={"X-Content-SHA256": EMPTY}), 400, "SHA256_MISMATCH")
    assert counted()[:2] == (1, 1) and len(objects()) == 1
    assert program.delete(f"{API}/{first.json['storageId']}").status_code == 200
    refused(send(program, path, MIB), 409, "TICKET_USED")


@pytest.mark.parametrize("purpose", ["file", "image"])
@pytest.mark.parametrize("same", [True, False])
def test_of_two_simultaneous_uploads_with_one_ticket_one_stores(
    program: Program, client_for: ClientFor, olga: Actor, purpose: str, same: bool
) -> None:
    path, pictures = ticket(client_for(olga), purpose=purpose), [new_photo() for _ in range(4)]
    answers = together(4, lambda n: send(program, path, pictures[0 if same else n]))
    codes = sorted(answer.status_code for answer in answers)  # type: ignore[union-attr]
    assert codes == ([200] * 4 if same else [200, 409, 409, 409])
    assert len({answer.json["storageId"] for answer in answers if answer.status_code == 200}) == 1  # type: ignore[union-attr]
    assert StoredFile.select().count() == 1
    assert len(objects()) == 1


def test_equal_bytes_uploaded_at_once_are_one_object(program: Program) -> None:
    paths = [ticket(program) for _ in range(20)]
    answers: list[Any] = together(20, lambda n: send(program, paths[n], MIB))
    assert [answer.status_code for answer in answers] == [200] * 20
    ids = [answer.json["storageId"] for answer in answers]
    assert len(set(ids)) == 20
    for storage_id in ids:
        assert program.get(f"{API}/{storage_id}/content").data == MIB
    (key,) = objects()
    assert key.startswith(f"files/{hex_of(MIB)[:2]}/{hex_of(MIB)}")


def test_a_general_file_lies_under_its_hash(program: Program) -> None:
    upload(program, MIB)
    assert objects() == [keys.general_key(hex_of(MIB))]


def test_a_direct_store_checks_its_digest_in_every_spelling(
    program: Program, client_for: ClientFor, olga: Actor
) -> None:
    data = os.urandom(3000)
    for spelt in (hex_of(data), hex_of(data).upper(), base64_of(data)):
        answer = program.post(API, data=data, query_string={"sha256": spelt})
        assert answer.status_code == 201 and set(answer.json) == {"storageId"}
    raw = base64_of(data)  # a caller that does not escape `+`
    assert program.post(f"{API}?sha256={raw}", data=data).status_code == 201
    assert store(client_for(olga), data, headers={"Digest": f"sha-256={raw}"})
    before = counted()
    refused(program.post(f"{API}?sha256={hex_of(b'other')}", data=data), 400, "SHA256_MISMATCH")
    for malformed in (hex_of(data)[:63], hex_of(data) + "0", "", "zz", "é", "%00", raw[:-1]):
        assert program.post(f"{API}?sha256={malformed}", data=data).status_code == 400
    disagreeing = program.post(f"{API}?sha256={hex_of(data)}", data=data, headers={"X-Content-SHA256": EMPTY})
    refused(disagreeing, 400, "BAD_HEADER")
    assert counted() == before
