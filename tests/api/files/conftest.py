"""The program whose files are stored, read and deleted."""

import pytest

from tests.programs import Program, ProgramFor, new_key


@pytest.fixture
def program(program_for: ProgramFor) -> Program:
    return program_for(new_key("project", project="Blade"))
