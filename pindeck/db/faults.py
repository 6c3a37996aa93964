"""What a database that cannot be used means for the person who operates it, in one sentence."""

import sqlite3

import peewee

from pindeck.config import Settings
from pindeck.errors import SettingError
from pindeck.masking import masked

# What the drivers raise. A damaged file is reported by the base class itself; most of its children are bugs.
ERRORS = (peewee.DatabaseError, peewee.InterfaceError, sqlite3.DatabaseError)
_DAMAGED = ("not a database", "malformed", "encrypted")
_NO_TABLE = "42P01"


def is_damage(error: BaseException) -> bool:
    """Whether SQLite says that its file is no good."""
    return any(words in str(error) for words in _DAMAGED)


def sentence(error: BaseException, settings: Settings) -> str | None:
    """What is wrong and what to do; None for an error that says nothing about the database itself."""
    said = masked(str(error).strip().split("\n")[0].rstrip("."))
    driver = _first(error)
    if "no such table" in said or getattr(driver, "sqlstate", None) == _NO_TABLE:
        return "The database has no tables of this version yet. Run: pindeck migrate"
    if isinstance(error, (peewee.IntegrityError, peewee.DataError, peewee.ProgrammingError, peewee.NotSupportedError)):
        return None
    if not isinstance(driver, sqlite3.Error):
        return f"The database does not answer ({said}). Check that the server is running and that DATABASE_URL is right."
    path = settings.sqlite_path
    if is_damage(error):
        return (
            f"The database {path} is damaged ({said}). Stop Pindeck, move that file and those beside it that begin with "
            "its name to another place, and load your backup: pindeck restore FOLDER"
        )
    return (
        f"The database {path} cannot be used ({said}). Check that this user may write to that folder and that the disk has room. "
        "If another program uses the file, stop it."
    )


def _first(error: BaseException) -> BaseException:
    """What the driver raised; peewee wraps it, and wraps that again when it connects for a query."""
    while isinstance(inner := getattr(error, "orig", None), BaseException):
        error = inner
    return error


def refuse_damaged(settings: Settings) -> None:
    """Raise SettingError with that sentence if the file of SQLite cannot be read. No connection stays open."""
    if settings.is_postgres or not settings.sqlite_path.exists():
        return
    try:
        connection = sqlite3.connect(settings.sqlite_path, timeout=15)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        raise SettingError(sentence(error, settings)) from None
