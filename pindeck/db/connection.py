"""The one connection to the database: SQLite by default, PostgreSQL when a team outgrows one machine.

`writing()` is a short transaction without input or output inside it; `reading()` a snapshot for reads that
must agree; everything else runs by itself.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

import peewee
from peewee import DatabaseProxy, SqliteDatabase

from pindeck import data_folder, locks, resources
from pindeck.config import Settings
from pindeck.db.drivers import load_postgres
from pindeck.db.turns import WriteLock
from pindeck.disk import Ballast
from pindeck.errors import Busy, NoSpace

database = DatabaseProxy()

TIMEOUT_S = 15
LOOK_S = 0.02  # between two looks whether a lock is free
SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",  # an acknowledged upload survives power loss
    "foreign_keys": 1,
    "cache_size": -16000,
    "mmap_size": 268435456,
    "temp_store": "memory",
}


def make(settings: Settings, *, maps_file: bool = True) -> peewee.Database:
    """A database for these settings; no connection is opened yet.

    Without `maps_file` a process that reads all of SQLite once does not keep all of it in its memory.
    """
    if not settings.is_postgres:
        settings.make_data_dir()
        data_folder.touch(settings.sqlite_path)
        # IMMEDIATE: a deferred transaction that reads first and writes later fails under contention.
        pragmas = SQLITE_PRAGMAS if maps_file else {**SQLITE_PRAGMAS, "mmap_size": 0}
        made = SqliteDatabase(
            str(settings.sqlite_path), pragmas=pragmas, lock_type="IMMEDIATE", timeout=TIMEOUT_S
        )
        made.turns = WriteLock(  # type: ignore[attr-defined]
            settings.sqlite_path.with_suffix(".turn"), TIMEOUT_S
        )
        made.ballast = Ballast(settings.data_dir.absolute() / "ballast")  # type: ignore[attr-defined]
        return made
    load_postgres()
    from playhouse.pool import PooledPostgresqlDatabase

    url = urlsplit(settings.database_url)
    where = {
        "host": url.hostname,
        "port": url.port,
        "user": unquote(url.username) if url.username else None,
        "password": unquote(url.password) if url.password else None,
        **dict(parse_qsl(url.query)),
    }
    return PooledPostgresqlDatabase(
        unquote(url.path.lstrip("/")),
        prefer_psycopg3=True,
        max_connections=max(settings.web_threads, settings.vision_concurrency) + 4,
        stale_timeout=300,
        timeout=5,
        **{name: value for name, value in where.items() if value},
    )


def bind(chosen: peewee.Database) -> None:
    database.initialize(chosen)


def is_postgres() -> bool:
    return isinstance(database.obj, peewee.PostgresqlDatabase)


def ballast() -> Ballast | None:
    """What a full disk can be relieved of; None where the database is not a file of this machine."""
    return getattr(database.obj, "ballast", None)


def connect() -> None:
    """Open a connection for this thread if there is none."""
    relief = ballast()
    if relief is not None:
        relief.give_back_if_low()  # before a write fails: one look at the disk costs a microsecond
    database.connect(reuse_if_open=True)


def release() -> None:
    """After a request: give a pooled connection back. SQLite keeps one open for each thread, which costs nothing."""
    if is_postgres() and not database.is_closed():
        database.close()


def close() -> None:
    """Close this thread's connection. Needed before a fork: SQLite connections must not cross one."""
    if not database.is_closed():
        database.close()
    if is_postgres():
        database.close_idle()  # closing gives back to the pool, and a pool must not cross a fork either


@contextmanager
def writing() -> Iterator[None]:
    """A transaction that writes; nested use joins the outer one."""
    connect()
    turns: WriteLock | None = getattr(database.obj, "turns", None)
    try:
        if turns is None or database.in_transaction():
            with database.atomic():
                yield
            return
        turns.take()
        try:
            with database.atomic():
                # The first to hear of the commit: what else waits for it may take its time.
                database.after_commit(turns.give_back)
                yield
        finally:
            turns.give_back()
    except peewee.OperationalError as error:
        if is_full(error):
            raise NoSpace(FULL) from error
        raise


FULL = "The disk is full: nothing was changed. Make room on it and try again."


def is_full(error: BaseException) -> bool:
    """Whether the database could not write because its disk is full."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return isinstance(error, peewee.OperationalError) and (
        state == "53100" or "database or disk is full" in str(error)
    )


def write_if_free(work: Callable[[], object]) -> bool:
    """A small write that may as well be left out: False when somebody else writes to SQLite, and nobody waits."""
    connect()
    if is_postgres():  # where one writer does not keep out another
        with writing():
            work()
        return True
    turns: WriteLock = database.obj.turns
    if not turns.take(waits=False):
        return False
    try:
        database.connection().execute("PRAGMA busy_timeout = 0")
        with database.atomic():
            work()
    except peewee.OperationalError:  # somebody writes who did not ask for a turn
        return False
    finally:
        database.connection().execute(f"PRAGMA busy_timeout = {TIMEOUT_S * 1000}")
        turns.give_back()
    return True


@contextmanager
def reading() -> Iterator[None]:
    """A snapshot in which several reads agree."""
    connect()
    if database.in_transaction():
        yield
    elif is_postgres():
        with database.atomic():
            database.execute_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        with database.transaction("DEFERRED"):
            yield


T = TypeVar("T")
ATTEMPTS = 5  # of a transaction that PostgreSQL asks to repeat


def retried(work: Callable[[], T]) -> T:
    """Do `work` in a transaction of its own; once more when PostgreSQL broke it off in favour of another one.

    Deadlocks and failed serialisation end this way (SQLSTATE class 40). After five attempts the error is raised.
    Within another transaction there is one attempt, because only the outer one can begin again.
    """
    connect()
    for attempt in range(1, ATTEMPTS + 1):
        alone = not database.in_transaction()
        try:
            with writing():
                return work()
        except peewee.OperationalError as error:
            state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
            if not (alone and state.startswith("40") and attempt < ATTEMPTS):
                raise
    raise AssertionError("unreachable")


M = TypeVar("M", bound=peewee.Model)


def locked(query: "peewee.ModelSelect[M]", how: str = "FOR UPDATE") -> "peewee.ModelSelect[M]":
    """Lock the rows of a query until the transaction ends. SQLite needs no word for it: one writer at a time.

    `FOR NO KEY UPDATE` lets those pass who only refer to the rows.
    """
    return query.for_update(how) if is_postgres() else query  # type: ignore[arg-type]


def lock_rows(query: "peewee.ModelSelect[M]", how: str = "FOR UPDATE") -> None:
    """The same where nothing is wanted but the lock. SQLite is not even asked."""
    if is_postgres():
        list(locked(query, how))


def take_turn(name: str) -> None:
    """Inside a transaction: others that ask for the same name wait until it ends. On SQLite one writer waits anyway."""
    if is_postgres():
        sql("SELECT pg_advisory_xact_lock(:kind, hashtext(:name))", kind=locks.NAMES, name=name)


@contextmanager
def alone(number: int, file: Path, wait_s: float | None = None) -> Iterator[None]:
    """Wait until nobody else is inside with this number, or with this file where the database is one of this machine.

    The lock ends with its holder. Not inside a transaction, and never twice in one thread. Raises Busy when it
    takes longer than `wait_s`.
    """
    if not is_postgres():
        file.parent.mkdir(0o700, exist_ok=True)
        with locks.opened(file) as opened:
            _wait(lambda: locks.lock(opened, waits=wait_s is None), wait_s)
            yield
        return
    take = "pg_advisory_lock(:number) IS NOT NULL" if wait_s is None else "pg_try_advisory_lock(:number)"
    _wait(lambda: sql(f"SELECT {take}", number=number).fetchone()[0], wait_s)
    try:
        yield
    finally:
        sql("SELECT pg_advisory_unlock(:number)", number=number)


def _wait(is_mine: Callable[[], bool], wait_s: float | None) -> None:
    """Look again and again, because a wait inside the lock itself would have no end. Without a limit it may have none."""
    until = time.monotonic() + (wait_s or 0)
    while not is_mine():
        if time.monotonic() > until:
            raise Busy("Somebody else has been doing this for a long time. Try again later.")
        time.sleep(LOOK_S)


def in_byte_order(column: peewee.Field) -> Any:
    """The column ordered by its bytes, as object stores list their keys and not as a language sorts words."""
    return column.collate('"C"' if is_postgres() else "BINARY")


def differs(column: peewee.Field, value: Any) -> Any:
    """Whether the column holds another value than this one, where nothing (NULL) is a value like any other.

    `value` is one of Python's, or an expression that gives what the column keeps.
    """
    other = value if isinstance(value, peewee.Node) else column.db_value(value)
    words = peewee.SQL("IS DISTINCT FROM" if is_postgres() else "IS NOT")
    return peewee.NodeList((column, words, other), parens=True)


# SQL by hand

_NAMED = re.compile(r"(?<![:\w]):([a-z]\w*)")


@lru_cache(maxsize=512)
def _spelt(text: str, postgres: bool) -> tuple[str, tuple[str, ...]]:
    """The text in the words of an engine's driver, and the names of the values in their order."""
    if postgres:
        text = text.replace("%", "%%")
    return _NAMED.sub("%s" if postgres else "?", text), tuple(_NAMED.findall(text))


def sql(text: str, /, **values: Any) -> Any:
    """Run SQL that is written by hand, the same on both engines; the cursor, with `fetchone`, `fetchall`, `rowcount`.

        db.sql("SELECT id FROM image WHERE project_id = :project AND likes > :least", project=project_id, least=3)

    A value stands where its name does, as often as it is named. Raises KeyError for a name without a value. Texts are
    few and fixed, because each is spelt once: what varies is a value, or chosen from a list in the code.
    """
    spelt, names = _spelt(text, is_postgres())
    return database.execute_sql(spelt, [values[name] for name in names])


P = ParamSpec("P")
R = TypeVar("R")


def per_engine(build: Callable[P, R]) -> Callable[P, R]:
    """Keep what `build` makes of its arguments, for each engine apart: for queries that are spelt once."""
    kept = lru_cache(maxsize=256)(lambda postgres, args, named: build(*args, **dict(named)))

    @wraps(build)
    def find(*args: P.args, **named: P.kwargs) -> R:
        return kept(is_postgres(), args, tuple(sorted(named.items())))

    return find


class Param(str):
    """Stands for a value that is not known yet, in a query that is spelt once."""


@dataclass(frozen=True)
class PreparedQuery:
    """A query as SQL, with slots among its values.

    Peewee takes several times longer to spell a query than SQLite to answer it, so the queries of what is
    opened most are spelt once for each engine and shape: by functions under `per_engine`.
    """

    sql: str
    values: tuple[Any, ...]

    @classmethod
    def of(cls, query: "peewee.Query") -> "PreparedQuery":
        sql, values = query.sql()
        return cls(sql, tuple(values))

    def filled(self, **known: Any) -> list[Any]:
        """The values, each slot replaced by what is known under its name."""
        return [known[value] if isinstance(value, Param) else value for value in self.values]

    def rows(self, **known: Any) -> list[tuple]:
        """Ask the database; values come as it gives them, so a JSON column is text."""
        return database.execute_sql(self.sql, self.filled(**known)).fetchall()

    def row(self, **known: Any) -> tuple | None:
        """The only one."""
        return database.execute_sql(self.sql, self.filled(**known)).fetchone()

    def run(self, **known: Any) -> int:
        """Change something; how many rows that were."""
        return database.execute_sql(self.sql, self.filled(**known)).rowcount


def migrations_dir() -> Path:
    """The folder of the migrations. Raises SettingError where there are none."""
    return resources.folder("migrations", holding="[0-9]*.py")


HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def now_ms() -> int:
    """Milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000
