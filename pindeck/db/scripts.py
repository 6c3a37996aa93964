"""Scripts of SQL, as migrations hold them."""

from typing import Any


def run(database: Any, script: str) -> None:
    """Execute the statements of `script`, each ended by a semicolon and a line break, in order and in the caller's transaction."""
    for statement in script.split(";\n"):
        if statement.strip():
            database.execute_sql(statement)
