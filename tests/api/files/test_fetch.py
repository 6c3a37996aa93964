"""Files from the web and the state of their jobs, with a server of our own."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pindeck import queue
from pindeck.access import Actor
from pindeck.models import ApiKey, Client, Job, StoredFile, User
from pindeck.services.clients import api_keys
from pindeck.services.files import from_web
from pindeck.states import JobStatus
from tests.api.storing import API, UNKNOWN, base64_of, counted, hex_of
from tests.conftest import ClientFor, RunJobs
from tests.factories import jobs_of, photo
from tests.programs import Program, ProgramFor, new_key, refused

PICTURE = photo(mark="from the web")
JOBS = "/api/v1/jobs"


class Web(BaseHTTPRequestHandler):
    """A picture, redirects to where nobody may go, and some trouble."""

    def do_GET(self) -> None:
        if self.path.startswith("/to?"):
            self.send_response(302)
            self.send_header("Location", self.path.partition("?")[2])
            self.end_headers()
        elif self.path == "/picture":
            self._answer(PICTURE, "image/jpeg")
        elif self.path == "/odd":
            self._answer(b"x", "nonsense")
        else:
            self.send_error(404)

    def _answer(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    """A server that counts as public, by the setting for a team's own servers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Web)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def environ(web: str) -> dict[str, str]:
    return {"FETCH_ALLOW_HOSTS": web}


def ask(asker: Any, url: str, **more: Any) -> str:
    answer = asker.post(f"{API}/fetch", json={"url": url, **more})
    assert answer.status_code == 202 and set(answer.json) == {"jobId"}, answer.text
    return str(answer.json["jobId"])


def state(asker: Any, job_id: str) -> dict[str, Any]:
    answer = asker.get(f"{JOBS}/{job_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_a_public_picture_is_fetched_and_stored(program: Program, web: str, run_jobs: RunJobs) -> None:
    job_id = ask(program, f"http://{web}/picture", sha256=hex_of(PICTURE))
    assert state(program, job_id) == {"id": job_id, "status": "queued"}
    run_jobs()
    done = state(program, job_id)
    assert set(done) == {"id", "status", "storageId"} and done["status"] == "done"
    found = program.get(f"{API}/{done['storageId']}").json
    assert (found["sha256"], found["size"], found["contentType"]) == (hex_of(PICTURE), len(PICTURE), "image/jpeg")
    assert program.get(f"{API}/{done['storageId']}/content").data == PICTURE
    assert counted()[0] == 1


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1/", "http://169.254.169.254/", "http://[::1]/", "http://2130706433/", "http://localhost:1/"],
)
@pytest.mark.parametrize("way", ["at once", "by a redirect"])
def test_private_addresses_are_not_fetched(
    program: Program, web: str, run_jobs: RunJobs, target: str, way: str
) -> None:
    job_id = ask(program, target if way == "at once" else f"http://{web}/to?{target}")
    run_jobs(include_later=True)
    failed = state(program, job_id)
    assert set(failed) == {"id", "status", "error"} and failed["status"] == "failed"
    assert failed["error"] and "127.0.0.1" not in failed["error"] and "169.254" not in failed["error"]
    assert counted() == (0, 0, [])


def test_a_redirect_to_a_public_place_is_followed(program: Program, web: str, run_jobs: RunJobs) -> None:
    job_id = ask(program, f"http://{web}/to?/picture")
    run_jobs()
    assert state(program, job_id)["status"] == "done"


@pytest.mark.parametrize(
    "wish",
    [{"sha256": hex_of(b"other")}, {"sha256": base64_of(b"other")}, {"maxBytes": len(PICTURE) - 1}, {"maxBytes": 0}],
    ids=lambda wish: next(iter(wish)),
)
def test_what_is_not_as_wished_is_not_kept(
    program: Program, web: str, run_jobs: RunJobs, wish: dict[str, Any]
) -> None:
    job_id = ask(program, f"http://{web}/picture", **wish)
    run_jobs(include_later=True)
    assert state(program, job_id)["status"] == "failed"
    assert counted() == (0, 0, [])


def test_what_is_not_there_fails_and_an_odd_type_is_none(program: Program, web: str, run_jobs: RunJobs) -> None:
    missing, odd = ask(program, f"http://{web}/nothing"), ask(program, f"http://{web}/odd")
    run_jobs(include_later=True)
    assert state(program, missing)["status"] == "failed"
    found = program.get(f"{API}/{state(program, odd)['storageId']}").json
    assert (found["size"], found["contentType"]) == (1, None)


@pytest.mark.parametrize(
    ("wish", "code", "field"),
    [
        ({}, "VALIDATION_ERROR", "url"),
        ({"url": "ftp://example.org/"}, "VALIDATION_ERROR", "url"),
        ({"url": "file:///etc/passwd"}, "VALIDATION_ERROR", "url"),
        ({"url": "http://x/" + "a" * 2048}, "VALIDATION_ERROR", "url"),
        ({"url": 5}, "VALIDATION_ERROR", "url"),
        ({"url": "http://x/\x00"}, "VALIDATION_ERROR", "url"),
        ({"url": "http://x/", "maxBytes": -1}, "VALIDATION_ERROR", "maxBytes"),
        ({"url": "http://x/", "sha256": "abc"}, "BAD_HEADER", "sha256"),
        ({"url": "http://x/", "sha256": ""}, "BAD_HEADER", "sha256"),
    ],
    ids=str,
)
def test_a_wrong_wish_is_named(program: Program, wish: dict[str, Any], code: str, field: str) -> None:
    assert set(refused(program.post(f"{API}/fetch", json=wish), 400, code)) == {field}
    assert Job.select().count() == 0


def test_a_job_is_seen_by_whoever_asked_for_it(
    program: Program, program_for: ProgramFor, client_for: ClientFor, olga: Actor, sam: Actor, mo: Actor, gus: Actor
) -> None:
    of_key, of_person = ask(program, "https://example.org/"), ask(client_for(olga), "https://example.org/")
    assert state(client_for(olga), of_person)["status"] == "queued"
    others = (
        program_for(new_key("project", project="Blade")),
        program_for(new_key("master", actor=olga)),
        client_for(sam), client_for(mo), client_for(gus),
    )  # fmt: skip
    for other in others:
        for job_id in (of_key, of_person):
            refused(other.get(f"{JOBS}/{job_id}"), 404, "JOB_NOT_FOUND")
    refused(program.get(f"{JOBS}/{of_person}"), 404, "JOB_NOT_FOUND")
    refused(client_for(olga).get(f"{JOBS}/{of_key}"), 404, "JOB_NOT_FOUND")
    refused(client_for(None).get(f"{JOBS}/{of_key}"), 401, "UNAUTHORIZED")
    for odd in (UNKNOWN, "x", "é", "%ff"):
        refused(program.get(f"{JOBS}/{odd}"), 404, "JOB_NOT_FOUND")
    extension = new_key("extension", identifier="tagger", install_scope="user", actor=olga)
    refused(program_for(extension).get(f"{JOBS}/{of_key}"), 404, "JOB_NOT_FOUND")
    reader = program_for(new_key("project", project="Heat", scopes=("images:read",)))
    refused(reader.get(f"{JOBS}/{UNKNOWN}"), 404, "JOB_NOT_FOUND")


def test_the_states_of_a_job_have_their_words(program: Program) -> None:
    job_id = ask(program, "https://example.org/")
    for status, word in (("running", "running"), ("completed", "done"), ("failed", "failed"), ("queued", "queued")):
        Job.update(status=status, error="It did not answer.").where(Job.id == job_id).execute()
        found = state(program, job_id)
        assert found["status"] == word
        assert ("error" in found) is (word == "failed")
    assert {str(status) for status in JobStatus} == {"queued", "running", "completed", "failed"}


def test_whoever_may_not_any_more_gets_nothing(
    program: Program, client_for: ClientFor, olga: Actor, web: str, run_jobs: RunJobs
) -> None:
    ask(client_for(olga), f"http://{web}/picture")
    ask(program, f"http://{web}/picture")
    User.update(disabled_at=1).where(User.id == olga.user_id).execute()
    Client.update(disabled_at=1).execute()
    run_jobs(include_later=True)
    assert {job.status for job in jobs_of(queue.FETCH_FILE.kind)} == {"failed"}
    assert StoredFile.select().count() == 0


@pytest.mark.parametrize("what", ["revoked", "expired", "of a disabled client", "without the scope", "of a disabled person"])
def test_a_fetch_does_not_outlive_its_key(
    program_for: ProgramFor, olga: Actor, web: str, run_jobs: RunJobs, what: str
) -> None:
    key = new_key("master", actor=olga)
    ask(program_for(key), f"http://{web}/picture")
    row = ApiKey.get()
    if what == "revoked":
        api_keys.revoke(key)
        api_keys.issue(Client.get_by_id(row.client_id), None)  # another key of the same client is no help
    elif what == "expired":
        ApiKey.update(expires_at=1).execute()
    elif what == "of a disabled client":
        Client.update(disabled_at=1).execute()
    elif what == "of a disabled person":
        User.update(disabled_at=1).where(User.id == olga.user_id).execute()
    else:
        Client.update(permissions=["storage:read", "images:write"]).execute()
    run_jobs()
    (job,) = jobs_of(queue.FETCH_FILE.kind)
    assert (job.status, job.attempts) == ("failed", 1), "it is not tried again"
    assert "may no longer do it" in job.error
    assert ("right was taken back" in job.error) is (what == "without the scope")
    assert StoredFile.select().count() == 0


def test_a_person_who_has_become_a_guest_gets_nothing(
    client_for: ClientFor, olga: Actor, web: str, run_jobs: RunJobs
) -> None:
    ask(client_for(olga), f"http://{web}/picture")
    User.update(role="guest").where(User.id == olga.user_id).execute()
    run_jobs()
    (job,) = jobs_of(queue.FETCH_FILE.kind)
    assert job.status == "failed" and "right was taken back" in job.error


def test_a_job_that_is_run_again_stores_once(program: Program, web: str, run_jobs: RunJobs) -> None:
    job_id = ask(program, f"http://{web}/picture")
    run_jobs()
    first = state(program, job_id)["storageId"]
    from_web.run(Job.get_by_id(job_id))
    Job.update(status="queued", due_at=0).where(Job.id == job_id).execute()
    run_jobs()
    assert state(program, job_id)["storageId"] == first
    assert StoredFile.select().count() == 1


def test_a_fetched_file_belongs_to_the_asker(
    program: Program, client_for: ClientFor, olga: Actor, web: str, run_jobs: RunJobs
) -> None:
    ask(client_for(olga), f"http://{web}/picture")
    ask(program, f"http://{web}/picture")
    run_jobs()
    assert len(client_for(olga).get(API).json["page"]) == len(program.get(API).json["page"]) == 1
