"""Taking migrations back: tried first, so that what would be lost is known before anything is.

A migration says in `MADE_AGAIN` which rows come back by themselves: a condition by `table` or `table.column`. All
else that disappears with it counts as lost, also where its author did not think of that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pindeck import db
from pindeck.config import Settings
from pindeck.db import migrate
from pindeck.errors import Conflict, Invalid

# Tables that nobody takes back while they hold something, whatever is said.
LIBRARY = {"user": "accounts", "image": "pictures"}
_OURS_ALONE = ("schema_migration", "image_search", "sqlite_")

Shape = dict[str, set[str]]


@dataclass(frozen=True)
class Loss:
    """Rows of a table, or values of a column, that would be gone."""

    place: str
    count: int


def migrate_down(settings: Settings, target: str | None = None, *, may_lose: bool = False) -> list[str]:
    """Take back the last migration, or all back to `target`; their names.

    Raises Invalid for a target that is none, and Conflict, with nothing changed, when data would be lost unless
    `may_lose`; for a library with people or pictures in any case.
    """
    db.connect()
    with migrate.alone(settings), _loose_keys():
        lost = _would_lose(target)
        kept = [f"{loss.count} {LIBRARY[loss.place]}" for loss in lost if loss.place in LIBRARY]
        if kept:
            raise Conflict(
                f"Refused: this would remove the whole library ({' and '.join(kept)}). For an empty Pindeck "
                "use a new DATA_DIR or database."
            )
        if lost and not may_lose:
            named = ", ".join(f"{loss.count} of {loss.place}" for loss in lost)
            raise Conflict(f"This loses data: {named}. Make a backup (pindeck backup FOLDER), then add --yes.")
        with db.database.atomic():
            return _down(target)


def _down(target: str | None) -> list[str]:
    from playhouse.migrations import MigrationError  # see `migrate.runner`

    try:
        return list(migrate.runner().down(target))
    except MigrationError as error:
        raise Invalid(f"That cannot be taken back: {error}") from error


def _would_lose(target: str | None) -> list[Loss]:
    """Try it, look, and leave everything as it was."""
    before = _shape()
    counts = {table: _count(table) for table in before}
    with db.database.atomic() as transaction:
        names = _down(target)
        after = _shape()
        fewer = {table: counts[table] - _count(table) for table in after if table in before}
        transaction.rollback()
    again = _made_again(names)
    gone = [table for table in before if table not in after]
    lost = [Loss(table, _count(table, again.get(table))) for table in gone]
    for table, columns in before.items():
        for column in sorted(columns - after.get(table, columns)):
            place = f"{table}.{column}"
            lost.append(Loss(place, _count(table, again.get(place), column)))
    lost += [Loss(table, count) for table, count in fewer.items() if table not in again]
    return [loss for loss in lost if loss.count > 0]


def _made_again(names: list[str]) -> dict[str, str]:
    modules = [found.load() for found in migrate.runner().migrations() if found.name in names]
    return {place: rows for module in modules for place, rows in getattr(module, "MADE_AGAIN", {}).items()}


def _shape() -> Shape:
    tables = [name for name in db.database.get_tables() if not name.startswith(_OURS_ALONE)]
    return {name: {column.name for column in db.database.get_columns(name)} for name in tables}


def _count(table: str, made_again: str | None = None, column: str | None = None) -> int:
    """The rows of a table, or those with a value in a column, without those that come back."""
    conditions = [f'"{column}" IS NOT NULL'] if column else []
    conditions += [f"NOT ({made_again})"] if made_again else []
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    found: int = db.sql(f'SELECT count(*) FROM "{table}"{where}').fetchone()[0]
    return found


@contextmanager
def _loose_keys() -> Iterator[None]:
    """SQLite deletes what refers to a table along with it, unless it is told before the transaction not to."""
    if db.is_postgres():
        yield
        return
    db.database.pragma("foreign_keys", 0)
    try:
        yield
    finally:
        db.database.pragma("foreign_keys", 1)
