"""Limits of calls: a bucket for each kind, told in headers, per key or session."""

import time

import pytest

from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.http.limits import Counter
from tests.conftest import ClientFor
from tests.factories import make_active
from tests.programs import ProgramFor, new_key, refused
from tests.servers.valkey import start_valkey


@pytest.fixture
def environ() -> dict[str, str]:
    return {"RATE_READ": "3/hour", "RATE_WRITE": "2/hour"}


def test_more_requests_than_the_bucket_allows(program_for: ProgramFor, olga: Actor, database: Settings) -> None:
    image = make_active(olga)
    program = program_for(new_key())
    for left in (2, 1, 0):
        answer = program.get("/api/v1/images")
        assert answer.status_code == 200
        assert answer.headers["X-RateLimit-Limit"] == "3"
        assert answer.headers["X-RateLimit-Remaining"] == str(left)
        assert time.time() < int(answer.headers["X-RateLimit-Reset"]) <= time.time() + 3601
    answer = program.get("/api/v1/images")
    refused(answer, 429, "RATE_LIMIT_EXCEEDED")
    assert 1 <= int(answer.headers["Retry-After"]) <= 3600
    assert {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} <= set(answer.headers.keys())
    # Public bytes go on, and so does everybody else.
    assert program.get(f"/i/{image.id}").status_code == 200
    assert program_for(None).get(f"/i/{image.id}").status_code == 200
    assert program_for(new_key()).get("/api/v1/images").status_code == 200


def test_the_buckets_are_separate(program_for: ProgramFor, mo: Actor) -> None:
    program = program_for(new_key("master"))
    for _ in range(2):
        assert program.post("/api/v1/admin/clients", json={"kind": "master"}).status_code == 201
    refused(program.post("/api/v1/admin/clients", json={"kind": "master"}), 429, "RATE_LIMIT_EXCEEDED")
    assert program.get("/api/v1/admin/clients").status_code == 200


def test_sessions_count_each_by_itself_and_pages_never(client_for: ClientFor, olga: Actor, sam: Actor) -> None:
    first, second = client_for(olga), client_for(sam)
    for _ in range(3):
        assert first.get("/api/v1/library/groups").status_code == 200
    assert first.get("/api/v1/library/groups").status_code == 429
    assert second.get("/api/v1/library/groups").status_code == 200
    assert first.get("/").status_code == 200


def test_a_refused_key_spends_nothing_of_others(program_for: ProgramFor, olga: Actor) -> None:
    for _ in range(5):
        refused(program_for("pd_p_wrong").get("/api/v1/images"), 401, "UNAUTHORIZED")
    assert program_for(new_key()).get("/api/v1/images").headers["X-RateLimit-Remaining"] == "2"


def test_refusals_tell_the_limit_too(program_for: ProgramFor, client_for: ClientFor, olga: Actor) -> None:
    answers = [
        program_for("pd_p_wrong").get("/api/v1/images"),  # 401 before anybody is known
        program_for(None).get("/api/v1/admin/clients"),  # 401 at the door
        program_for(new_key()).get("/api/v1/admin/clients"),  # 403
        client_for(olga, csrf=False).post("/api/v1/library/upload-url", json={}),  # 400 without a token of a page
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 403, 400]
    for answer in answers:
        assert {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} <= set(answer.headers.keys())


def test_a_key_that_may_only_read_cannot_hammer_writes_uncounted(program_for: ProgramFor, olga: Actor) -> None:
    image = make_active(olga)
    program = program_for(new_key(scopes=("images:read",)))
    for left in (1, 0):
        answer = program.delete(f"/api/v1/images/{image.id}")
        refused(answer, 403, "FORBIDDEN")
        assert answer.headers["X-RateLimit-Remaining"] == str(left)
    refused(program.delete(f"/api/v1/images/{image.id}"), 429, "RATE_LIMIT_EXCEEDED")


def test_an_unknown_key_is_always_told_so(program_for: ProgramFor, database: Settings) -> None:
    program = program_for("pd_p_wrong")
    left = [program.get("/api/v1/images").headers["X-RateLimit-Remaining"] for _ in range(5)]
    assert left == ["2", "1", "0", "0", "0"]
    refused(program.get("/api/v1/images"), 401, "UNAUTHORIZED")


def test_processes_count_together_in_the_queue_and_alone_without_it(tmp_path) -> None:
    url, stop = start_valkey(tmp_path)
    rates = {"read": "3/hour", "write": "0"}
    one, two = Counter(url, rates), Counter(url, rates)
    try:
        assert [counter.count("read", "me")[0] for counter in (one, two, one, two)] == [True, True, True, False]
    finally:
        stop()
    assert one.count("read", "me")[0] is True  # a limit is no reason to refuse work
    assert one.count("write", "me") is None


def test_the_end_of_a_window_is_never_later_than_one_that_begins_now() -> None:
    counter = Counter("memory://", {"read": "1/minute"})
    for _ in range(20):
        before = int(time.time())
        counted = counter.count("read", "somebody")
        assert counted and counted[1].reset_at <= int(time.time()) + 60 and counted[1].reset_at >= before
