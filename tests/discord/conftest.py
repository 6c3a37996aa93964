"""A channel of Discord that listens."""

from collections.abc import Iterator

import pytest

from tests.servers.discord import DiscordServer, serving


@pytest.fixture
def discord() -> Iterator[DiscordServer]:
    with serving() as running:
        yield running
