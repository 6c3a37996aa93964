"""People whom the tests of pages begin with."""

import pytest

from pindeck.config import Settings
from pindeck.models import User
from pindeck.services.accounts import accounts
from tests.web.doors import PASSWORD


@pytest.fixture
def first(database: Settings) -> User:
    """An account with a password; being the first it is an administrator."""
    return accounts.create("first@example.org", PASSWORD, name="First")
