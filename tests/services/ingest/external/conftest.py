"""A site with a picture, and an import of it."""

from collections.abc import Callable
from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.ingest import external
from pindeck.services.ingest.external import Candidate
from tests.fetching.hostile import HostileServer, answer
from tests.services.ingest.external.elsewhere import PICTURE, get


@pytest.fixture
def environ(web: HostileServer) -> dict[str, str]:
    web.pages = {"/alley.jpg": answer(PICTURE, "Content-Type: image/jpeg")}
    web.requests.clear()
    return {"FETCH_ALLOW_HOSTS": f"127.0.0.1:{web.port}", "MAX_UPLOAD_MB": "1"}


@pytest.fixture
def alley(web: HostileServer, olga: Actor) -> Callable[..., Image]:
    """Import the picture, or another path of the server, as Olga."""

    def make(path: str = "/alley.jpg", **more: Any) -> Image:
        words = {"title": "Alley", **more.pop("words", {})}
        return get(external.create_external(olga, Candidate(web.base + path, words, **more)))

    return make
