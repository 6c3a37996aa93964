"""Service tests run on both databases."""

import pytest


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found
