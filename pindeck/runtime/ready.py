"""A look whether a library on SQLite has all that this version needs.

It takes a millisecond and the standard library. Whether to migrate is otherwise asked of peewee, with the models and the
services behind it, and to load them takes longer than anything else that `pindeck up` does before the site starts.
"""

import contextlib
import sqlite3

from pindeck import resources
from pindeck.config import Settings


def is_ready(settings: Settings) -> bool:
    """Exactly the migrations of this version are applied, and somebody has an account. False where that is not certain."""
    if settings.is_postgres or not settings.sqlite_path.is_file():
        return False
    names = {path.stem for path in resources.folder("migrations", holding="[0-9]*.py").glob("[0-9]*.py")}
    try:
        with contextlib.closing(sqlite3.connect(f"{settings.sqlite_path.absolute().as_uri()}?mode=ro", uri=True)) as library:
            applied = {name for (name,) in library.execute("SELECT name FROM schema_migration")}
            has_account = library.execute("SELECT 1 FROM setup WHERE name = 'first_account'").fetchone()
    except sqlite3.Error:
        return False
    return applied == names and has_account is not None
