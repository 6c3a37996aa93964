"""What the two engines do in ways of their own, as operations with one name each. Whoever needs another adds it here."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pindeck.db import connection
from pindeck.db.connection import PreparedQuery, is_postgres, sql


def name() -> str:
    """What a backup calls the engine: "postgresql" or "sqlite"."""
    return "postgresql" if is_postgres() else "sqlite"


def is_shared() -> bool:
    """Whether processes of other machines may use the same database."""
    return is_postgres()


def lock(row: PreparedQuery, **values: Any) -> None:
    """Inside a transaction: a prepared `locked` query for its lock alone. SQLite is not asked: one writer at a time."""
    if is_postgres():
        row.rows(**values)


def each_by_id(table: str, alias: str, id: str) -> str:
    """The end of a FROM that joins the one row with this id to each row before it, always by its key: where its statistics are old,
    PostgreSQL would rather read the other table once for each row. Neither engine does then, and the order before it stays."""
    if is_postgres():
        return f"CROSS JOIN LATERAL (SELECT * FROM {quoted(table)} WHERE id = {id} OFFSET 0) AS {alias}"
    return f"CROSS JOIN {quoted(table)} {alias} ON {alias}.id = {id}"


def look_over() -> tuple[str, str | None]:
    """What answers, and what is wrong with it."""
    if is_postgres():
        return f"PostgreSQL {sql('SHOW server_version').fetchone()[0]}", None
    found = str(sql("PRAGMA quick_check(1)").fetchone()[0])
    return "SQLite", None if found == "ok" else found


def tables() -> list[str]:
    """The tables that hold data. Virtual tables of SQLite and what they keep are indexes."""
    if is_postgres():
        found = sql(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace"
        )
    else:
        found = sql(
            "SELECT name FROM pragma_table_list"
            " WHERE schema = 'main' AND type = 'table' AND substr(name, 1, 7) <> 'sqlite_'"
        )
    return [row[0] for row in found.fetchall()]


def columns(table: str) -> list[tuple[str, str, bool]]:
    """In order: name, type, and whether a sequence of its own numbers it. Without those that are computed."""
    if is_postgres():
        found = sql(
            "SELECT attname, format_type(atttypid, atttypmod), attidentity <> '' FROM pg_attribute"
            " WHERE attrelid = :name::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
            " ORDER BY attnum",
            name=quoted(table),
        )
    else:
        found = sql("SELECT name, type, 0 FROM pragma_table_xinfo(:name) WHERE hidden = 0 ORDER BY cid", name=table)
    return [(row[0], row[1], bool(row[2])) for row in found.fetchall()]


def keys() -> dict[str, tuple[str, ...]]:
    """The columns of the primary key of every table that has one, in their order."""
    if is_postgres():
        found = sql(
            "SELECT relname, attname FROM pg_index JOIN pg_class ON pg_class.oid = indrelid"
            " CROSS JOIN unnest(indkey::int2[]) WITH ORDINALITY AS part (number, place)"
            " JOIN pg_attribute ON attrelid = indrelid AND attnum = part.number"
            " WHERE indisprimary AND relnamespace = current_schema()::regnamespace ORDER BY relname, part.place"
        )
    else:
        found = sql(
            "SELECT list.name, part.name FROM pragma_table_list AS list, pragma_table_info(list.name) AS part"
            " WHERE list.schema = 'main' AND part.pk > 0 ORDER BY list.name, part.pk"
        )
    made: dict[str, tuple[str, ...]] = {}
    for table, column in found.fetchall():
        made[table] = (*made.get(table, ()), column)
    return made


def references() -> set[tuple[str, str, str]]:
    """Every table, its column, and the table to which the column refers. One statement for all: the views that the standard
    knows take PostgreSQL 80 ms a table."""
    if is_postgres():
        found = sql(
            "SELECT own.relname, attname, other.relname FROM pg_constraint AS it"
            " JOIN pg_class AS own ON own.oid = it.conrelid JOIN pg_class AS other ON other.oid = it.confrelid"
            " JOIN pg_attribute ON attrelid = it.conrelid AND attnum = ANY (it.conkey)"
            " WHERE it.contype = 'f' AND own.relnamespace = current_schema()::regnamespace"
        )
    else:
        found = sql(
            """SELECT list.name, part."from", part."table" FROM pragma_table_list AS list"""
            ", pragma_foreign_key_list(list.name) AS part WHERE list.schema = 'main'"
        )
    return {tuple(row) for row in found.fetchall()}


def begin_load(locked: Sequence[str]) -> None:
    """Inside a transaction that fills an empty database: rows may refer to later ones, and nobody else fills it."""
    if is_postgres():
        sql(f"LOCK TABLE {', '.join(map(quoted, locked))} IN EXCLUSIVE MODE")
    else:
        sql("PRAGMA defer_foreign_keys = ON")


def insert(table: str, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write many rows in the quickest way. Raises what the driver raises."""
    cursor: Any = connection.database.cursor()
    listed = ", ".join(map(quoted, names))
    if is_postgres():
        with cursor.copy(f"COPY {quoted(table)} ({listed}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([_without_nul(row[name]) for name in names])
    else:
        slots = ", ".join(f":{name}" for name in names)
        cursor.executemany(f"INSERT INTO {quoted(table)} ({listed}) VALUES ({slots})", rows)


def end_load() -> None:
    """After it: statistics, without which PostgreSQL would plan the first days as for empty tables."""
    if is_postgres():
        sql("ANALYZE")


def _without_nul(value: Any) -> Any:
    """The one character that SQLite keeps in text and PostgreSQL cannot."""
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def count_on(table: str, column: str) -> None:
    """The sequence of an identity column goes on after what was loaded. PostgreSQL alone has such columns."""
    sql(
        f"SELECT setval(pg_get_serial_sequence(:table, :column), (SELECT max({quoted(column)}) FROM {quoted(table)}))",
        table=quoted(table),
        column=column,
    )
