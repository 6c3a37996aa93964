"""Programs that call the API, on both databases, as in `tests/api`."""

from tests.api.conftest import engine, program_for

__all__ = ("engine", "program_for")
