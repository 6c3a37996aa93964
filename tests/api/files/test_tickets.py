"""The limits of an upload address: size, type, time, and the rights of whoever asked for it."""

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
from tests.api.storing import API, counted, hex_of, path_of, send, store, ticket, upload, url_of
from tests.conftest import ClientFor
from tests.factories import new_photo, objects
from tests.programs import Program, ProgramFor, new_key, refused

MIB = os.urandom(2**20)


@pytest.fixture
def environ() -> dict[str, str]:
    return {
        "WEB_THREADS": "24",
        "MAX_FILE_MB": "2",
        "ALLOWED_ORIGINS": "https://studio.example, http://localhost:5173",
    }


def body_of(stream: Any, length: int | None = None) -> dict[str, Any]:
    """The environment of a body of this announced length; of one in chunks, without a length, if there is none."""
    if length is None:
        return {"wsgi.input": stream, "wsgi.input_terminated": True, "CONTENT_LENGTH": None}
    return {"wsgi.input": stream, "CONTENT_LENGTH": str(length)}


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
