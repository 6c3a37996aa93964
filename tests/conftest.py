"""What most tests stand on: a migrated database of either kind, a store on disk, people, and jobs run at once."""

import gc
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import hypothesis
import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from pindeck import bootstrap, config, db, jobs, queue, storage
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.db import migrate as schema
from pindeck.models import Job, User
from pindeck.services.accounts import passwords, sessions
from pindeck.states import JobStatus, Lane, Role
from tests.fetching.hostile import HostileServer, serving
from tests.programs import Program, ProgramFor
from tests.quick_site import KnownSite
from tests.servers.kept_pool import LASTING, KeptPool
from tests.servers.postgres import PostgresServer, start_postgres
from tests.servers.s3 import S3Server, start_ministack
from tests.stack import Stack

# How long an example takes depends on what else the machine does.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_configure() -> None:
    """Ten thousand tests and what they import stay for good: looking through them again and again took a fifth of the run."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(7_000, 10, 10)


HTMX = {"HX-Request": "true"}
SECRET = "test-test-test-test-test-test"
RunJobs = Callable[..., int]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A server for this test process, started when the first test asks for it."""
    server = start_postgres(tmp_path_factory.mktemp("postgres"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """An object store for this test process, started when the first test asks for it."""
    server = start_ministack(tmp_path_factory.mktemp("ministack"))
    yield server
    server.stop()


def load_settings(folder: Path, **environ: str) -> Settings:
    """Settings of an installation in `folder`, quick where that changes nothing that is tested."""
    return config.load(
        {
            "DATA_DIR": str(folder),
            "HOST": "127.0.0.1",
            "SECRET_KEY": SECRET,
            "WEBP_METHOD": "0",
            "ALLOW_LOCAL_FILES": "1",
            "LOG_LEVEL": "warning",
            "DISK_RESERVE_MB": "1",
            **environ,
        }
    )


@pytest.fixture(scope="session", autouse=True)
def _bound_settings() -> None:
    """What counts until a test binds settings of its own."""
    config.bind(config.load({"SECRET_KEY": SECRET}))


@pytest.fixture
def doors_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doors of applications that are made from here on are their own."""
    monkeypatch.setattr(KnownSite, "_registered", {})


@pytest.fixture(scope="session", autouse=True)
def _made_once() -> Iterator[None]:
    """Making an application would take most of a test that asks one page, and a small picture need not be packed well."""
    with patch("pindeck.http.site.Site", KnownSite), patch.object(Stack, "quick", {"WEBP_METHOD": "0"}):
        yield


ChangeSettings = Callable[..., Settings]


@pytest.fixture
def change_settings() -> Iterator[ChangeSettings]:
    """`change_settings(public_library=False)` holds in this process until the test ends. Values are not checked."""
    before = config.current()

    def change(**values: Any) -> Settings:
        config.bind(config.current().model_copy(update=values))
        return config.current()

    yield change
    config.bind(before)


def migrate(settings: Settings) -> None:
    db.bind(db.make(settings))
    schema.migrate(settings)
    disconnect()


def disconnect() -> None:
    """Close this thread's connection and whatever a pool still holds."""
    db.close()
    if db.is_postgres():
        db.database.obj.close_all()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database as a file that tests copy."""
    settings = load_settings(tmp_path_factory.mktemp("template"))
    migrate(settings)
    return settings.sqlite_path


@dataclass
class EmptiedDatabase:
    """A migrated database that every test empties before it begins, and the connection that does so."""

    url: str
    connection: psycopg.Connection
    tables: list[str]
    statements: str

    def empty(self, *, anew: bool = False) -> None:
        """Remove every row but the history of migrations and the default project; numbers begin at one again.

        Rows are deleted, because TRUNCATE makes a new file for every table and index, however empty. With `anew` it does,
        and the test gets connections that nobody used.
        """
        if anew:
            KeptPool.close_kept()
            self.connection.execute(f"TRUNCATE {', '.join(self.tables)} CASCADE")  # type: ignore[call-overload]
        self.connection.execute(self.statements)  # type: ignore[call-overload]


@pytest.fixture(scope="session")
def emptied_postgres(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmptiedDatabase]:
    url = postgres.create_database(LASTING)
    migrate(load_settings(tmp_path_factory.mktemp("migrating"), DATABASE_URL=url))
    with psycopg.connect(url, autocommit=True) as connection:
        found = "SELECT format('{}', {}) FROM {} WHERE schemaname = 'public' AND {} NOT LIKE '%migrat%'"
        names = connection.execute(found.format("%I", "tablename", "pg_tables", "tablename"))
        tables = [row[0] for row in names.fetchall()]
        counters = connection.execute(
            found.format("SELECT setval(''%I'', 1, FALSE)", "sequencename", "pg_sequences", "sequencename")
        )
        statements = [  # one message, so one transaction
            "SET LOCAL session_replication_role = replica",  # what refers to a row goes with it
            *(f"DELETE FROM {name}" for name in tables),
            *(row[0] for row in counters.fetchall()),
            "INSERT INTO project (id, slug, name, name_key, is_default, created_at) VALUES "
            "('00000000-0000-7000-8000-000000000000', 'library', 'Library', 'library', TRUE, 0)",
        ]
        with patch("playhouse.pool.PooledPostgresqlDatabase", KeptPool):
            yield EmptiedDatabase(url, connection, tables, ";\n".join(statements))
        KeptPool.close_kept()


@pytest.fixture
def engine() -> str:
    """Which database; the service tests run on each."""
    return "sqlite"


@pytest.fixture
def environ() -> dict[str, str]:
    """More settings; a test file overrides this."""
    return {}


@pytest.fixture
def store_of_pair(engine: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings of the store that goes with the database where it is deployed: files with SQLite, S3 with PostgreSQL."""
    return request.getfixturevalue("ministack").environ() if engine == "postgres" else {}


@pytest.fixture
def settings(engine: str, environ: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """Settings of an empty, migrated installation of this engine."""
    folder = tmp_path / "data"
    folder.mkdir()
    if engine == "sqlite":
        made = load_settings(folder, **environ)
        shutil.copyfile(request.getfixturevalue("sqlite_template"), made.sqlite_path)
        return made
    emptied: EmptiedDatabase = request.getfixturevalue("emptied_postgres")
    emptied.empty(anew=request.node.get_closest_marker("plans") is not None)
    return load_settings(folder, DATABASE_URL=emptied.url, **environ)


@pytest.fixture
def database(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Every part bound to these settings, without a queue: jobs wait for `run_jobs`."""
    # Hashing that is meant to be slow, and waiting for the disk, would be most of the time of a test.
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setitem(db.SQLITE_PRAGMAS, "synchronous", "off")
    monkeypatch.setattr(os, "fsync", lambda _: None)
    # The handlers of the test runner stay.
    monkeypatch.setattr("logging.basicConfig", lambda **_: None)
    passwords._nobody.cache_clear()
    before = config.current()
    bootstrap.create_worker_parts(settings)
    queue.bind(_keep)
    storage.current().prepare()
    db.connect()
    yield settings
    disconnect()
    config.bind(before)
    passwords._nobody.cache_clear()


def _keep(spec: queue.JobSpec, job_id: str, attempt: int, lane: Lane) -> None:
    """The row waits in the database."""


@pytest.fixture
def run_jobs(database: Settings) -> RunJobs:
    return run_due_jobs


def run_due_jobs(*, include_later: bool = False) -> int:
    """Do what is due until nothing is; with `include_later` also what is due later. How many attempts that were."""
    count = 0
    while True:
        if include_later:
            Job.update(due_at=0).where(Job.status == JobStatus.QUEUED).execute()
        due = Job.select().where((Job.status == JobStatus.QUEUED) & (Job.due_at <= db.now_ms()))
        found = list(due.order_by(Job.due_at, Job.id))
        if not found:
            return count
        for job in found:
            jobs.run(job.id)
            count += 1
        assert count < 2000, "Jobs make jobs without end."


# People


def add_person(settings: Settings, role: Role, name: str) -> Actor:
    """An account or a guest with a session of its own."""
    email = None if role == Role.GUEST else f"{name.lower()}@example.org"
    user = User.create(
        id=db.new_id(), email=email, name=name, role=role, password_hash=email and "none", created_at=db.now_ms()
    )
    token = sessions.start(user, days=settings.session_days)
    return Actor(user.id, role, name, email, hashlib.sha256(token.encode()).hexdigest())


@pytest.fixture
def olga(database: Settings) -> Actor:
    """A curator who owns the pictures of most tests."""
    return add_person(database, Role.CURATOR, "Olga")


@pytest.fixture
def sam(database: Settings) -> Actor:
    """Another curator."""
    return add_person(database, Role.CURATOR, "Sam")


@pytest.fixture
def mo(database: Settings) -> Actor:
    """An administrator."""
    return add_person(database, Role.ADMIN, "Mo")


@pytest.fixture
def gus(database: Settings) -> Actor:
    """A guest."""
    return add_person(database, Role.GUEST, "Gus")


# Counting queries

CountQueries = Callable[[], AbstractContextManager[list[str]]]


@contextmanager
def count_queries() -> Iterator[list[str]]:
    """The statements that ran meanwhile, without those that open and close transactions."""
    target = db.database.obj
    original, seen = target.execute_sql, []

    def noted(sql: str, *args: Any, **kwargs: Any) -> Any:
        if sql.lstrip().split(" ")[0].rstrip(";").upper() not in (
            "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET",
        ):  # fmt: skip
            seen.append(sql)
        return original(sql, *args, **kwargs)

    target.execute_sql = noted
    try:
        yield seen
    finally:
        del target.execute_sql


# The web


@pytest.fixture
def app(database: Settings) -> Iterator[Flask]:
    """The web application on the same database, with the queue left out."""
    disconnect()
    made = bootstrap.create_app(database)
    made.testing = True
    queue.bind(_keep)
    db.connect()
    yield made
    disconnect()


class Browser(FlaskClient):
    """A client that sends the token which a page would have given it."""

    csrf = ""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if self.csrf and kwargs.get("method", "GET") in ("POST", "PUT", "PATCH", "DELETE"):
            headers = dict(kwargs.pop("headers", None) or {})
            headers.setdefault("X-CSRFToken", self.csrf)
            kwargs["headers"] = headers
        return super().open(*args, **kwargs)


ClientFor = Callable[..., Browser]


@pytest.fixture
def client_for(app: Flask, database: Settings) -> ClientFor:
    """`client_for(actor)` is a signed-in browser, `client_for(None)` a visitor's; `csrf=False` sends no token."""
    from pindeck.http import auth

    def make(actor: Actor | None = None, *, csrf: bool = True) -> Browser:
        app.test_client_class = Browser
        client: Browser = app.test_client()  # type: ignore[assignment]
        if actor is not None and actor.user_id is not None:
            token = sessions.start(User.get_by_id(actor.user_id), days=database.session_days)
            client.set_cookie(auth.COOKIE, token)
        if csrf:
            raw = hashlib.sha1(b"any").hexdigest()
            with client.session_transaction() as session:
                session["csrf_token"] = raw
            client.csrf = str(URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(raw))  # type: ignore[arg-type]
        return client

    return make


@pytest.fixture
def program_for(app: Flask) -> ProgramFor:
    """`program_for(key)` calls with this key, `program_for(None)` with none at all."""
    return lambda key: Program(app.test_client(), key)


@pytest.fixture(scope="module")
def web() -> Iterator[HostileServer]:
    """Another site, which counts as public by the setting for a team's own servers."""
    with serving() as running:
        yield running
