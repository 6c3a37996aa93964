"""A program that calls with its key, new keys, and how a refusal looks to it."""

import json
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pindeck.access import Actor
from pindeck.services.clients import api_keys
from pindeck.services.images import projects


class Program:
    """A client that sends its key with every call. `json=` sends a body, everything else is werkzeug's."""

    def __init__(self, client: FlaskClient, key: str | None) -> None:
        self.client = client
        self.key = key

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", None) or {})
        if self.key is not None:
            headers.setdefault("X-API-Key", self.key)
        return self.client.open(path, method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        return self.call("POST", path, **options)

    def put(self, path: str, **options: Any) -> TestResponse:
        return self.call("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> TestResponse:
        return self.call("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self.call("DELETE", path, **options)


ProgramFor = Callable[..., Program]


def new_key(kind: str = "project", *, project: str | None = None, actor: Actor | None = None, **options: Any) -> str:
    """The text of a new key. `project` is the name of its project, made if it is new; `actor` whom it is bound to."""
    slug = projects.find_or_create(project).slug if kind == "project" else None
    return api_keys.create(api_keys.NewClient(kind, project=slug, user_email=actor.email if actor else None, **options))[2]


def refused(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    """Check an error and its envelope; its details, which are empty when there are none."""
    assert answer.status_code == status, answer.text
    body = json.loads(answer.text)
    assert set(body) - {"data", "deleted"} == {"success", "error"} and body["success"] is False
    assert set(body["error"]) <= {"code", "message", "details"}
    assert body["error"]["code"] == code, body
    details: dict[str, Any] = body["error"].get("details", {})
    return details
