"""Generated calls against the document: no failure of ours, no status, no header and no shape that is not described.

A bounded run with a fixed seed, on SQLite. Addresses often name what exists, so that the calls come past
the doors. The caller who may do most sends what fits the document and what does not; the others what fits.
"""

import tempfile
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks

from pindeck import bootstrap, config
from pindeck.access import Actor
from pindeck.api import openapi, parameters
from pindeck.models import ApiKey, Client, Job, StoredFile
from pindeck.services.clients import api_keys
from tests.conftest import ClientFor
from tests.factories import make_active
from tests.programs import new_key

EXAMPLES = {GenerationMode.POSITIVE: 12, GenerationMode.NEGATIVE: 8}
OF_OTHERS = 8


@schemathesis.check
def described_headers(ctx: Any, response: Any, case: Any) -> None:
    """Headers that the document knows stand at the answers that have them."""
    told = case.operation.definition.raw["responses"][str(response.status_code)].get("headers", {})
    for name in parameters.HEADERS:
        assert name in told or name.lower() not in response.headers, f"{name} is not described"


@schemathesis.check
def no_fault_of_ours(ctx: Any, response: Any, case: Any) -> None:
    """No process `index` runs here, and the operations that ask it say so; any other answer of 500 and more is a fault."""
    is_away = response.status_code == 503 and response.json()["error"]["code"] == "INDEX_AWAY"
    assert response.status_code < 500 or is_away, f"{response.status_code} is a fault of the server"


CHECKS = [
    no_fault_of_ours,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    described_headers,
]


@cache
def described() -> Any:
    """The document, read once and known before any test begins."""
    with tempfile.TemporaryDirectory() as folder:
        app = bootstrap.create_app(config.load({"DATA_DIR": folder, "LOG_LEVEL": "error"}))
    return schemathesis.openapi.from_dict(openapi.build(app, "http://localhost"))


def operations() -> list[tuple[str, str]]:
    """Method and path of every operation."""
    paths = described().raw_schema["paths"]
    return [(method, path) for path, methods in paths.items() for method in methods]


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def environ() -> dict[str, str]:
    return {
        "RATE_READ": "0",
        "RATE_WRITE": "0",
        "RATE_UPLOAD": "0",
        "SIGN_IN_RATE": "0",
        "CROP_PRESETS": "square=60x60",
    }


def names_of_what_exists(olga: Actor) -> dict[str, str]:
    """By path parameter: the id of something that is there."""
    image = make_active(olga)
    client, key, _ = api_keys.create(api_keys.NewClient("master"))  # which no generated call needs for itself
    file = StoredFile.get()
    return {
        "ref": image.id,
        "image_id": image.id,
        "storage_id": file.id,
        "file_key": file.file_key,
        "project": "library",
        "kind": "character",
        "client_id": Client.get_by_id(client.id).id,
        "key_id": ApiKey.get_by_id(key.id).id,
        "job_id": Job.get().id,
    }


Headers = dict[str, str]


@pytest.fixture
def session(client_for: ClientFor, mo: Actor) -> Headers:
    """Of a person who administers."""
    browser = client_for(mo)
    cookies = [browser.get_cookie(name) for name in ("pindeck_session", "pindeck_page")]
    pairs = "; ".join(f"{cookie.key}={cookie.value}" for cookie in cookies if cookie)
    return {"Cookie": pairs, "X-CSRFToken": browser.csrf}


@pytest.fixture
def callers(mo: Actor, olga: Actor, session: Headers) -> Callable[[str], list[Headers]]:
    """Who calls an address: first whoever may do most there."""
    operator = new_key("extension", identifier="host", install_scope="operator")

    def calling(path: str) -> list[Headers]:
        master = new_key("master", actor=mo)
        user = new_key("extension", identifier="ext", install_scope="user", actor=olga)
        reader = new_key("project", scopes=("images:read",))
        programs = [{"X-API-Key": key} for key in (master, new_key("project", actor=olga), reader, operator, user)]
        if path.startswith("/api/v1/session"):
            return [session, {}]
        if path.startswith("/api/v1/extension"):
            programs.reverse()
        return [*programs, session, {}]

    return calling


def some(
    operation: Any, mode: GenerationMode, count: int, callers: list[Headers], call: Callable[[Headers, Any], None]
) -> None:
    """Call with so many generated cases, each by one of the callers."""

    @settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), caller=st.sampled_from(callers))
    def calls(case: Any, caller: Headers) -> None:
        call(caller, case)

    calls()


@pytest.mark.parametrize(("method", "path"), operations(), ids=lambda word: word)
def test_an_operation_answers_as_it_is_described(
    app: Flask, olga: Actor, callers: Callable[[str], list[Headers]], method: str, path: str
) -> None:
    names = names_of_what_exists(olga)
    described().app = app
    operation = described()[path][method]
    able, *others = callers(path)

    def answers(caller: Headers, case: Any) -> None:
        for name, value in (case.path_parameters or {}).items():
            if name in names and len(str(value)) % 2:
                case.path_parameters[name] = names[name]
        case.call_and_validate(headers={"Accept-Encoding": "identity", **caller}, checks=CHECKS)

    for mode, count in EXAMPLES.items():
        if mode == GenerationMode.POSITIVE or _can_be_wrong(operation):
            some(operation, mode, count, [able], answers)
    some(operation, GenerationMode.POSITIVE, OF_OTHERS, others, answers)


def _can_be_wrong(operation: Any) -> bool:
    """Where nothing goes in but a name, which may be any text, nothing can be wrong."""
    raw = operation.definition.raw
    return "requestBody" in raw or any(each["in"] != "path" for each in raw["parameters"])
