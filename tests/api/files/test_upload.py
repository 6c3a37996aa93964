"""Files on their way in: tickets, the upload door, digests, limits."""

import io
import os
from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.models import ApiKey, Client, StoredFile, UploadTicket, User
from pindeck.services.ingest import tickets
from pindeck.services.maintenance import cleanup
from pindeck.storage import keys
from tests.api.conftest import Program, ProgramFor, new_key, refused
from tests.api.storing import API, FIELDS, base64_of, counted, hex_of, path_of, send, store, ticket, upload, url_of
from tests.conftest import ClientFor
from tests.factories import new_photo, objects, together

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
MIB = os.urandom(2**20)


@pytest.fixture
def environ() -> dict[str, str]:
    return {
        "WEB_THREADS": "24",
        "MAX_FILE_MB": "2",
        "ALLOWED_ORIGINS": "https://studio.example, http://localhost:5173",
    }


@pytest.fixture
def program(program_for: ProgramFor) -> Program:
    return program_for(new_key("project", project="Blade"))


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


def test_the_limits_of_a_ticket_are_kept(program: Program) -> None:
    path = ticket(program, maxBytes=1000)
    refused(send(program, path, b"x" * 1001), 413, "FILE_TOO_LARGE")
    refused(send(program, path, b"", environ_overrides=body_of(io.BytesIO(b"x" * 1001))), 413, "FILE_TOO_LARGE")
    typed = ticket(program, contentTypes=["image/png"])
    refused(send(program, typed, b"x", "text/plain"), 415, "UNSUPPORTED_FILE_TYPE")
    refused(send(program, typed, b"x"), 415, "UNSUPPORTED_FILE_TYPE")
    assert counted() == (0, 0, [])
    assert send(program, path, b"x" * 1000).status_code == 200
    assert send(program, typed, b"x", "Image/PNG; charset=x").status_code == 200


def test_nothing_is_larger_than_the_installation_allows(program: Program) -> None:
    big = b"x" * (2 * 2**20 + 1)
    refused(program.post(API, data=big), 413, "FILE_TOO_LARGE")
    refused(send(program, ticket(program, maxBytes=2**40), big), 413, "FILE_TOO_LARGE")
    assert counted() == (0, 0, [])


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"maxBytes": -1}, "maxBytes"),
        ({"maxBytes": "5"}, "maxBytes"),
        ({"maxBytes": 2**60}, "maxBytes"),
        ({"contentTypes": []}, "contentTypes"),
        ({"contentTypes": ["png"]}, "contentTypes.0"),
        ({"contentTypes": ["image/png\x00"]}, "contentTypes.0"),
        ({"contentTypes": ["a/b"] * 51}, "contentTypes"),
        ({"purpose": "avatar"}, "purpose"),
        ([], "body"),
    ],
    ids=str,
)
def test_a_wrong_wish_for_an_address_is_named(program: Program, wish: Any, field: str) -> None:
    details = refused(program.post(f"{API}/upload-url", json=wish), 400, "VALIDATION_ERROR")
    assert set(details) == {field}
    assert UploadTicket.select().count() == 0


@pytest.mark.parametrize(
    "kind", ["text/plain; charset=utf-8", "x/y", "image/svg+xml", 'a/b; c="d e"', "a/" + "b" * 253]
)
def test_a_type_is_recorded_word_for_word(program: Program, kind: str) -> None:
    assert program.get(f"{API}/{upload(program, b'x', kind)}").json["contentType"] == kind
    assert program.get(f"{API}/{store(program, b'x', kind)}").json["contentType"] == kind


@pytest.mark.parametrize(
    "kind", ["plain", "text/", "a/b;;=", "a/b c", "a/é", "text/plain; charset", "a/" + "b" * 254]
)
def test_a_type_that_is_none_is_refused(program: Program, kind: str) -> None:
    path = ticket(program)
    for answer in (send(program, path, b"x", kind), program.post(API, data=b"x", content_type=kind)):
        assert set(refused(answer, 400, "BAD_HEADER")) == {"Content-Type"}
    assert counted() == (0, 0, [])


def test_a_ticket_for_pictures_takes_pictures_only(client_for: ClientFor, olga: Actor) -> None:
    client, data = client_for(olga), new_photo()
    path = ticket(client, purpose="image")
    refused(send(client, path, b"text", "image/png"), 415, "UNSUPPORTED_FILE_TYPE")
    refused(send(client, path, data, "multipart/form-data; boundary=x"), 415, "UNSUPPORTED_FILE_TYPE")
    refused(send(client, path, b""), 400, "EMPTY_IMAGE")
    assert counted() == (0, 0, [])
    answer = send(client, path, data, "application/octet-stream")
    found = client.get(f"{API}/{answer.json['storageId']}").json
    assert (found["contentType"], found["sha256"]) == ("application/octet-stream", hex_of(data))
    file = StoredFile.get()
    assert (file.purpose, file.measured_type) == ("image", "image/jpeg") and file.claim_deadline is not None


def test_a_form_is_opaque_bytes_for_a_general_file(program: Program) -> None:
    data = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\n"
    storage_id = upload(program, data, "multipart/form-data; boundary=x")
    assert program.get(f"{API}/{storage_id}/content").data == data


def test_pictures_that_nobody_claims_go_after_a_day_and_files_stay(
    client_for: ClientFor, olga: Actor, monkeypatch: pytest.MonkeyPatch, run_jobs: Any
) -> None:
    client = client_for(olga)
    picture, file = upload(client, new_photo(), purpose="image"), upload(client, b"kept")
    now = db.now_ms
    monkeypatch.setattr(db, "now_ms", lambda: now() + 23 * db.HOUR_MS)
    cleanup.sweep_unclaimed()
    assert client.get(f"{API}/{picture}").status_code == 200
    monkeypatch.setattr(db, "now_ms", lambda: now() + 24 * db.HOUR_MS + 1000)
    cleanup.sweep_unclaimed()
    run_jobs(include_later=True)
    assert client.get(f"{API}/{picture}").status_code == 404
    assert client.get(f"{API}/{file}/content").data == b"kept"
    assert objects() == [keys.general_key(hex_of(b"kept"))]


def test_an_address_dies_with_whoever_asked_for_it(
    program_for: ProgramFor, client_for: ClientFor, olga: Actor
) -> None:
    program = program_for(new_key("project", project="Blade"))
    by_person, by_key, by_client = ticket(client_for(olga)), ticket(program), ticket(program)
    User.update(disabled_at=1).where(User.id == olga.user_id).execute()
    refused(send(program, by_person, MIB), 401, "STORAGE_TOKEN_INVALID")
    other = new_key("project", project="Blade")  # the client of the first key has no other
    ApiKey.update(revoked_at=1).where(ApiKey.prefix == program.key[:12]).execute()  # type: ignore[index]
    refused(send(program, by_key, MIB), 401, "STORAGE_TOKEN_INVALID")
    ApiKey.update(revoked_at=None, expires_at=1).where(ApiKey.prefix == program.key[:12]).execute()  # type: ignore[index]
    refused(send(program, by_key, MIB), 401, "STORAGE_TOKEN_INVALID")
    ApiKey.update(expires_at=None).where(ApiKey.prefix == program.key[:12]).execute()  # type: ignore[index]
    Client.update(disabled_at=1).execute()
    refused(send(program, by_client, MIB), 401, "STORAGE_TOKEN_INVALID")
    assert counted() == (0, 0, []) and other


def test_an_address_dies_with_the_right_of_whoever_asked_for_it(
    program: Program, program_for: ProgramFor, client_for: ClientFor, olga: Actor, mo: Actor
) -> None:
    """Scopes and roles count as they are when the bytes come, and come back with them."""
    master, key = program_for(new_key("master")), ApiKey.get(ApiKey.prefix == str(program.key)[:12])
    by_key = {purpose: ticket(program, purpose=purpose) for purpose in ("file", "image")}
    by_person = {purpose: ticket(client_for(olga), purpose=purpose) for purpose in ("file", "image")}
    picture = new_photo()

    def scoped(*scopes: str) -> None:
        answer = master.patch(f"/api/v1/admin/clients/{key.client_id}", json={"scopes": scopes})
        assert answer.status_code == 200, answer.text

    def check_refused(paths: list[str]) -> None:
        for path in paths:
            refused(send(program, path, picture), 401, "STORAGE_TOKEN_INVALID")
        assert counted() == (0, 0, [])

    scoped("storage:read", "images:read")
    User.update(role="guest").where(User.id == olga.user_id).execute()
    check_refused([*by_key.values(), *by_person.values()])
    scoped("images:write")  # which lets pictures in, and no other files
    check_refused([by_key["file"]])
    assert send(program, by_key["image"], picture).status_code == 200
    scoped("storage:write")
    User.update(role="curator").where(User.id == olga.user_id).execute()
    for path in (by_key["file"], *by_person.values()):
        assert send(program, path, picture).status_code == 200
    User.update(role="guest").where(User.id == olga.user_id).execute()
    before = counted()
    refused(send(program, by_person["file"], picture), 401, "STORAGE_TOKEN_INVALID")  # nor is an answer repeated
    assert counted() == before and before[0] == 4


def test_lifetime_is_judged_when_the_headers_arrive(program: Program) -> None:
    path = ticket(program)

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            UploadTicket.update(expires_at=1).execute()
            return super().read(size)

    answer = send(program, path, b"", environ_overrides=body_of(Slow(b"late"), 4))
    assert answer.status_code == 200


def test_the_door_needs_no_session_and_no_token_of_a_page(client_for: ClientFor, olga: Actor) -> None:
    client = client_for(olga)
    path = ticket(client)
    assert client_for(olga, csrf=False).open(path, method="POST", data=b"mine").status_code == 200


def test_a_change_with_a_session_needs_its_token(client_for: ClientFor, olga: Actor) -> None:
    client = client_for(olga, csrf=False)
    for answer in (
        client.post(f"{API}/upload-url"),
        client.post(API, data=b"x"),
        client.post(f"{API}/fetch", json={"url": "https://example.org/"}),
        client.post(f"{API}/delete", json={"storageIds": []}),
    ):
        refused(answer, 400, "CSRF")
    assert counted() == (0, 0, [])


# Other sites


@pytest.mark.parametrize("origin", ["https://studio.example", "http://localhost:5173"])
def test_pages_of_allowed_sites_may_upload(program: Program, origin: str) -> None:
    path = ticket(program)
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, digest",
    }
    answer = send(program, path, b"", method="OPTIONS", headers=asked)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Allow-Methods"] == "POST, PUT"
    assert answer.headers["Access-Control-Allow-Headers"] == "content-type, digest"
    assert answer.headers["Access-Control-Max-Age"] == "86400"
    assert "Origin" in answer.headers["Vary"]
    for answer in (
        send(program, path, b"x", headers={"Origin": origin}),
        send(program, "/storage/upload", b"x", headers={"Origin": origin}),
    ):
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_pages_of_other_sites_may_not(program: Program) -> None:
    path, origin = ticket(program), {"Origin": "https://evil.example"}
    for answer in (
        send(program, path, b"", method="OPTIONS", headers=origin),
        send(program, path, b"x", headers=origin),
    ):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
        assert "Origin" in answer.headers["Vary"]


def test_an_internal_call_gives_an_address_that_works(program: Program, olga: Actor) -> None:
    address = tickets.upload_url(olga, base="http://localhost")
    answer = send(program, path_of(address), b"from a job")
    assert answer.status_code == 200


def test_tickets_and_direct_stores_of_one_content_share_the_blob_of_a_picture(
    client_for: ClientFor, olga: Actor, run_jobs: Any
) -> None:
    client, data = client_for(olga), new_photo()
    ids = [upload(client, data, purpose="image"), upload(client, data), store(client, data)]
    assert len(set(ids)) == 3 and len(objects()) == 1
    for storage_id in ids:
        assert send(client, url_of(client, storage_id), b"", method="GET").data == data


def test_settings_reach_the_door(database: Settings) -> None:
    assert database.origins == {"https://studio.example", "http://localhost:5173"}
    assert (database.upload_idle_s, database.upload_total_s, database.max_file_bytes) == (120, 1800, 2 * 2**20)
