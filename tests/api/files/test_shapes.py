"""The exact keys and types of every answer about files."""

from typing import Any

from pindeck.models import Job
from tests.api.storing import API, UNKNOWN, store, ticket, upload
from tests.programs import Program, ProgramFor, new_key

DOCUMENT = {"_id": str, "_creationTime": int, "sha256": str, "size": int, "contentType": (str, type(None))}
PAGE = {"page": list, "isDone": bool, "continueCursor": (str, type(None))}
STATS = {"count": int, "bytes": int, "uniqueBytes": int}
STORED = {"storageId": str}
TICKET = {"uploadUrl": str, "expiresAt": int}
ADDRESS = {"url": (str, type(None))}
SUCCESS = {"success": bool}
ASKED = {"jobId": str}
STATE = {"id": str, "status": str}
DONE = STATE | {"storageId": str}
FAILED = STATE | {"error": str}
REFUSED = {"success": bool, "error": dict}


def is_shaped(value: Any, shape: dict[str, Any]) -> bool:
    return set(value) == set(shape) and all(
        isinstance(value[name], kind) and (kind is bool or not isinstance(value[name], bool) or kind is not int)
        for name, kind in shape.items()
    )


def test_every_answer_has_the_documented_keys_and_types(program: Program) -> None:
    first = store(program, b"one", "text/plain")
    second = upload(program, b"two")
    job = program.post(f"{API}/fetch", json={"url": "https://example.org/"})
    calls: list[tuple[Any, int, dict[str, Any]]] = [
        (program.post(f"{API}/upload-url"), 200, TICKET),
        (program.client.post(ticket(program), data=b"x"), 200, STORED),
        (program.client.put(ticket(program), data=b"x"), 200, STORED),
        (program.post(API, data=b"x"), 201, STORED),
        (job, 202, ASKED),
        (program.get(f"/api/v1/jobs/{job.json['jobId']}"), 200, STATE),  # type: ignore[index]
        (program.get(API), 200, PAGE),
        (program.get(f"{API}?limit=1"), 200, PAGE),
        (program.get(f"{API}/stats"), 200, STATS),
        (program.get(f"{API}/{first}"), 200, DOCUMENT),
        (program.get(f"{API}/{second}"), 200, DOCUMENT),
        (program.get(f"{API}/{first}/url"), 200, ADDRESS),
        (program.get(f"{API}/{first}/url?expiresIn=60"), 200, ADDRESS),
        (program.get(f"{API}/{UNKNOWN}/url"), 200, ADDRESS),
        (program.post(f"{API}/{first}/rotate-url"), 200, ADDRESS),
        (program.delete(f"{API}/{first}"), 200, SUCCESS),
        (program.post(f"{API}/delete", json={"storageIds": [second]}), 200, SUCCESS),
    ]
    for answer, status, shape in calls:
        assert answer.status_code == status, answer.text
        assert answer.mimetype == "application/json"
        assert is_shaped(answer.json, shape), answer.text
        assert answer.headers["X-Request-Id"]
    for document in calls[6][0].json["page"]:
        assert is_shaped(document, DOCUMENT)


def test_every_state_of_a_job_has_its_keys(program: Program) -> None:
    """How a job gets there is in the tests of fetching."""
    stored = store(program, b"one")
    job_id = program.post(f"{API}/fetch", json={"url": "https://example.org/"}).json["jobId"]
    states: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"status": "running"}, STATE),
        ({"status": "completed", "result": {"storageId": stored}}, DONE),
        ({"status": "failed", "result": None, "error": "There is no picture at this address."}, FAILED),
    ]
    for change, shape in states:
        Job.update(**change).where(Job.id == job_id).execute()
        assert is_shaped(program.get(f"/api/v1/jobs/{job_id}").json, shape), change


def test_every_refusal_has_the_one_shape(program: Program, program_for: ProgramFor) -> None:
    first = store(program, b"one")
    reader = program_for(new_key("project", project="Blade", scopes=["storage:read"]))
    refusals: list[tuple[Any, int, set[str]]] = [
        (program_for(None).get(API), 401, {"code", "message"}),
        (reader.post(f"{API}/upload-url"), 403, {"code", "message"}),
        (program.get(f"{API}/{UNKNOWN}"), 404, {"code", "message"}),
        (program.get(f"{API}?limit=soon"), 400, {"code", "message", "details"}),
        (program.post(f"{API}/delete", json={"storageIds": "all"}), 400, {"code", "message", "details"}),
        (program.get(f"{API}/{first}/content", headers={"Range": "bytes=99-"}), 416, {"code", "message"}),
    ]
    for answer, status, keys in refusals:
        assert answer.status_code == status, answer.text
        assert is_shaped(answer.json, REFUSED) and answer.json["success"] is False, answer.text
        error = answer.json["error"]
        assert set(error) == keys, answer.text
        assert isinstance(error["code"], str) and isinstance(error["message"], str)
        assert all(isinstance(text, str) for text in error.get("details", {}).values())
