"""Generated calls against the document: no failure of ours, no status and no shape that is not described.

A bounded run with a fixed seed, on SQLite (decision 57). Callers hold every key there is, and addresses often name
what exists, so that the calls come past the doors.
"""

import functools
import tempfile
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks

from pindeck import bootstrap, config
from pindeck.access import Actor
from pindeck.api import openapi
from pindeck.models import ApiKey, Client, Job, StoredFile
from pindeck.services import keys
from tests.api.conftest import new_key
from tests.factories import make_active

EXAMPLES = 25
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


@functools.cache
def operations() -> list[tuple[str, str]]:
    """Method and path of every operation, known before any test begins."""
    with tempfile.TemporaryDirectory() as folder:
        app = bootstrap.create_app(config.load({"DATA_DIR": folder, "LOG_LEVEL": "error"}))
    return [(place.method, place.path) for place in openapi.places(app)]


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def environ() -> dict[str, str]:
    return {"RATE_READ": "0", "RATE_WRITE": "0", "RATE_UPLOAD": "0", "SIGN_IN_RATE": "0"}


def names_of_what_exists(olga: Actor) -> dict[str, str]:
    """By path parameter: the id of something that is there."""
    image = make_active(olga)
    client, key, _ = keys.create("master")  # which no generated call needs for itself
    return {
        "ref": image.id,
        "image_id": image.id,
        "storage_id": StoredFile.get().id,
        "client_id": Client.get_by_id(client.id).id,
        "key_id": ApiKey.get_by_id(key.id).id,
        "job_id": Job.get().id,
    }


@pytest.mark.parametrize(("method", "path"), operations(), ids=lambda word: word)
def test_an_operation_answers_as_it_is_described(app: Flask, mo: Actor, olga: Actor, method: str, path: str) -> None:
    names = names_of_what_exists(olga)
    if path.startswith("/api/v1/extension"):
        key = new_key("extension", identifier="ext", install_scope="user", actor=olga)
    else:
        key = new_key("master", actor=mo)
    headers = {"Accept-Encoding": "identity"}
    if not path.startswith("/api/v1/session"):
        headers["X-API-Key"] = key
    operation = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)[path][method]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def answers(case: Any) -> None:
        for name, value in (case.path_parameters or {}).items():
            if name in names and len(str(value)) % 2:
                case.path_parameters[name] = names[name]
        case.call_and_validate(headers=headers, checks=CHECKS)

    answers()
