"""Programs that call the API. Every test here runs on both databases unless its file says otherwise."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from pindeck.access import Actor
from tests.conftest import Browser, ClientFor
from tests.programs import Program, ProgramFor

if TYPE_CHECKING:
    from tests.api.managing import World


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


_document: list[bytes] = []  # making it takes most of a test that reads it


@pytest.fixture
def document(program_for: ProgramFor) -> dict[str, Any]:
    """The OpenAPI document."""
    if not _document:
        answer = program_for(None).get("/api/v1/openapi.json")
        assert answer.status_code == 200 and answer.json["openapi"].startswith("3.1")
        _document.append(answer.data)
    found: dict[str, Any] = json.loads(_document[0])
    return found


@pytest.fixture
def world(program_for: ProgramFor) -> "World":
    """The setting of the tests of images."""
    from tests.api.managing import World

    return World(program_for)


# Callers of the library


@pytest.fixture
def owner(client_for: ClientFor, olga: Actor) -> Browser:
    return client_for(olga)


@pytest.fixture
def other(client_for: ClientFor, sam: Actor) -> Browser:
    return client_for(sam)


@pytest.fixture
def visitor(program_for: ProgramFor) -> Program:
    return program_for(None)
