"""A site with a picture, and bots that bring it in."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from pindeck.access import Actor
from tests.fetching.hostile import HostileServer, answer
from tests.programs import ProgramFor, new_key
from tests.services.ingest.external.elsewhere import PICTURE

KEY = "one-key-of-the-settings"
Post = Callable[..., TestResponse]


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def environ(web: HostileServer) -> dict[str, str]:
    web.pages = {f"/{name}.jpg": answer(PICTURE, "Content-Type: image/jpeg") for name in ("alley", "bridge")}
    web.requests.clear()
    return {"FETCH_ALLOW_HOSTS": f"127.0.0.1:{web.port}", "INGEST_API_KEY": KEY}


@pytest.fixture
def post(program_for: ProgramFor) -> Post:
    """`post(path, key=…, **body)` as a bot does; without `key` with that of the settings, with None without any."""

    def send(path: str, /, *, key: str | None = KEY, **body: Any) -> TestResponse:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return program_for(None).post(path, json=body, headers=headers)

    return send


@pytest.fixture
def bound(olga: Actor) -> Callable[..., str]:
    """`bound("ingest")` is a key of Olga's that may do this alone."""
    return lambda *scopes: new_key("master", actor=olga, scopes=scopes)
