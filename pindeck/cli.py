"""The `pindeck` command: start, migrate, people, keys, import, doctor, backup, restore, move."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pindeck import __version__, config
from pindeck.config import Settings
from pindeck.errors import PindeckError, SettingError

if TYPE_CHECKING:
    from pindeck.services.backup import Report

ROOT = Path(__file__).resolve().parent.parent


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Pindeck: a shared library of reference pictures."""


def with_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Load the settings, bind the parts, and say errors in a sentence."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from pindeck.bootstrap import connect_parts

        try:
            settings = config.load()
            connect_parts(settings)
            return command(settings, *args, **kwargs)
        except (SettingError, PindeckError) as error:
            message = getattr(error, "message", str(error))
            fields = getattr(error, "fields", {})
            lines = [message, *(f"{name}: {text}" for name, text in fields.items() if text != message)]
            raise click.ClickException("\n".join(lines)) from error

    return run


@cli.command()
def up() -> None:
    """Start everything on this machine: queue, web and worker. Ctrl-C stops it."""
    from pindeck.runtime import up as runtime

    environ = runtime.on_loopback(os.environ)
    try:
        settings = config.load(environ)
        sys.exit(
            runtime.up(settings, environ=environ, prepare=lambda: _prepare(settings), procfile=ROOT / "Procfile")
        )
    except (SettingError, PindeckError) as error:
        raise click.ClickException(getattr(error, "message", str(error))) from error


def _prepare(settings: Settings) -> str:
    """Create or migrate the database, make folders and buckets; returns how to begin."""
    from pindeck import db, storage
    from pindeck.bootstrap import connect_parts
    from pindeck.services import accounts, schema

    connect_parts(settings)
    config.secret_key(settings)
    schema.migrate(settings)
    storage.current().prepare()
    host = "localhost" if settings.listens_on_loopback else settings.host
    address = settings.site_url or f"http://{host}:{settings.port}"
    lines = [f"Pindeck is at {address}"]
    if not accounts.first_account_exists():
        lines.append(f"Make the first account at {address}/sign-up; it becomes the administrator.")
        code = accounts.first_account_code(settings)
        if code:
            lines.append(f"It asks for this code, once: {code}")
    db.close()
    return "\n".join(lines)


@cli.command()
@click.option("--down", is_flag=True, help="Take back the last migration instead.")
@click.option("--to", "target", help="With --down: take back all down to this one.")
@with_settings
def migrate(settings: Settings, down: bool, target: str | None) -> None:
    """Bring the database up to this version. Run by the `release` process on every deploy."""
    from pindeck import storage
    from pindeck.services import accounts, schema

    if down:
        names = schema.migrate_down(settings, target)
        click.echo(f"Taken back: {', '.join(names) or 'nothing'}.")
        return
    names = schema.migrate(settings)
    storage.current().prepare()
    click.echo(f"Applied: {', '.join(names)}." if names else "The database is up to date.")
    code = accounts.first_account_code(settings) if not accounts.first_account_exists() else None
    if code:
        click.echo(f"The first account becomes administrator. It asks for this code, once: {code}")


@cli.group()
def user() -> None:
    """People."""


@user.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice(["admin", "curator"]), default="curator", show_default=True)
@click.option("--name", default="")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@with_settings
def user_create(settings: Settings, email: str, role: str, name: str, password_stdin: bool) -> None:
    """Make an account."""
    from pindeck.services import accounts

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else click.prompt(
        "Password", hide_input=True, confirmation_prompt=True
    )  # fmt: skip
    made = accounts.create(email, password, role=role, name=name)
    click.echo(f"{made.email} is a new {made.role}.")


@user.command("reset")
@click.argument("email")
@with_settings
def user_reset(settings: Settings, email: str) -> None:
    """Print a link that sets a new password, once, within seven days."""
    from pindeck.services import invites

    token = invites.make_reset_for_email(email)
    base = settings.site_url or f"http://localhost:{settings.port}"
    click.echo(f"{base}/reset/{token}")


@cli.group()
def key() -> None:
    """Keys for programs."""


@key.command("create")
@click.option("--kind", type=click.Choice(["master", "project", "extension"]), required=True)
@click.option("--name", default="")
@click.option("--project", "project", metavar="SLUG")
@click.option("--identifier", metavar="ID")
@click.option("--install-scope", type=click.Choice(["user", "operator"]))
@click.option("--user", "user_email", metavar="EMAIL")
@click.option("--scopes", metavar="A,B")
@click.option("--expires-in", metavar="90d")
@with_settings
def key_create(
    settings: Settings,
    kind: str,
    name: str,
    project: str | None,
    identifier: str | None,
    install_scope: str | None,
    user_email: str | None,
    scopes: str | None,
    expires_in: str | None,
) -> None:
    """Make a key and print it, and only it, on standard output. It is shown this once."""
    from pindeck.services import keys

    days = None
    if expires_in:
        if not expires_in.endswith("d") or not expires_in[:-1].isdigit() or int(expires_in[:-1]) < 1:
            raise click.BadParameter("Give a number of days, such as 90d.", param_hint="--expires-in")
        days = int(expires_in[:-1])
    _, _, text = keys.create(
        kind,
        name=name,
        project=project,
        identifier=identifier,
        install_scope=install_scope,
        user_email=user_email,
        scopes=tuple(s.strip() for s in scopes.split(",") if s.strip()) if scopes else (),
        expires_in_days=days,
    )
    click.echo(text)


@key.command("list")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def key_list(settings: Settings, as_json: bool) -> None:
    """All keys, by prefix; the keys themselves are not kept."""
    from pindeck.services import keys
    from pindeck.web.filters import day

    rows = keys.list_keys()
    if as_json:
        click.echo(json.dumps([
            {
                "prefix": row.prefix, "kind": row.client.kind, "identifier": row.client.identifier,
                "createdAt": row.created_at, "expiresAt": row.expires_at, "revokedAt": row.revoked_at,
                "lastUsedAt": row.last_used_at,
            }
            for row in rows
        ]))  # fmt: skip
        return
    for row in rows:
        state = "revoked" if row.revoked_at else f"until {day(row.expires_at)}" if row.expires_at else "no end"
        click.echo(f"{row.prefix:14} {row.client.kind:10} {row.client.identifier:30} {state}")


@key.command("revoke")
@click.argument("prefix_or_key")
@with_settings
def key_revoke(settings: Settings, prefix_or_key: str) -> None:
    """Make a key useless, at once."""
    from pindeck.services import keys

    keys.revoke(prefix_or_key)
    click.echo("The key is revoked.")


@cli.group()
def client() -> None:
    """Programs: what their keys may do."""


@client.command("list")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def client_list(settings: Settings, as_json: bool) -> None:
    """Every program, the newest first."""
    from pindeck.services import clients

    views = clients.list_clients(_operator())
    if as_json:
        click.echo(json.dumps([
            {
                "id": view.client.id, "kind": view.client.kind, "identifier": view.client.identifier,
                "name": view.client.name, "scopes": view.client.permissions,
                "disabled": view.client.disabled_at is not None, "keys": [key.prefix for key in view.keys],
            }
            for view in views
        ]))  # fmt: skip
        return
    for view in views:
        row, state = view.client, "disabled" if view.client.disabled_at else "good"
        click.echo(f"{row.identifier:30} {row.kind:10} {state:9} {','.join(row.permissions) or 'nothing'}")


@client.command("scopes")
@click.argument("identifier")
@click.argument("scopes", metavar="A,B")
@with_settings
def client_scopes(settings: Settings, identifier: str, scopes: str) -> None:
    """Set what a program may do, from its next request on; `none` takes everything away."""
    from pindeck.services import clients

    chosen = () if scopes == "none" else tuple(s.strip() for s in scopes.split(",") if s.strip())
    view = clients.set_scopes(_operator(), clients.id_of(identifier), chosen)
    click.echo(f"{identifier} may: {', '.join(view.client.permissions) or 'nothing'}.")


@client.command("disable")
@click.argument("identifier")
@with_settings
def client_disable(settings: Settings, identifier: str) -> None:
    """Make all keys of a program useless, at once. What it brought in stays."""
    from pindeck.services import clients

    clients.set_disabled(_operator(), clients.id_of(identifier), True)
    click.echo(f"{identifier} is disabled.")


@client.command("enable")
@click.argument("identifier")
@with_settings
def client_enable(settings: Settings, identifier: str) -> None:
    """Take a disabling back."""
    from pindeck.services import clients

    clients.set_disabled(_operator(), clients.id_of(identifier), False)
    click.echo(f"{identifier} is enabled.")


def _operator() -> Any:
    """Whoever has a shell on the server is an administrator without an account."""
    from pindeck.access import Actor

    return Actor(role="admin", name="command line")


@cli.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--user", "email", required=True, help="Whose pictures they become.")
@click.option("--publish", is_flag=True, help="Publish them at once instead of leaving drafts to review.")
@click.option("--project", help="Put them into this project.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file, and no progress bar.")
@with_settings
def import_folder(
    settings: Settings, folder: Path, email: str, publish: bool, project: str | None, as_json: bool
) -> None:
    """Import every picture below FOLDER. Running it again skips what is there already."""
    from pindeck.services import folder_import

    actor = folder_import.actor_for(email)
    files = folder_import.find_files(folder)
    refused = added = skipped = 0
    bar = None if as_json else click.progressbar(length=len(files), label="Importing", file=sys.stderr)
    for result in folder_import.run(actor, folder, files, project=project, publish=publish):
        refused += result.error is not None
        skipped += result.was_there
        added += result.image_id is not None and not result.was_there
        if bar is not None:
            bar.update(1)
            if result.error:
                click.echo(f"\n{result.path}: {result.error}", err=True)
        else:
            click.echo(json.dumps(
                {"path": str(result.path), "id": result.image_id, "wasThere": result.was_there, "error": result.error}
            ))  # fmt: skip
    if bar is not None:
        bar.render_finish()
        click.echo(f"{added} imported, {skipped} were there already, {refused} refused.")
    if refused:
        sys.exit(1)


@cli.command()
@click.option("--json", "as_json", is_flag=True)
def doctor(as_json: bool) -> None:
    """Check settings, database, queue, store, versions and disk; say what is wrong and how to mend it."""
    from pindeck.services import doctor as checks

    try:
        settings = config.load()
    except SettingError as error:
        found = [checks.Finding("settings", False, str(error), "Correct the setting and start again.")]
    else:
        from pindeck.bootstrap import connect_parts

        carrier = connect_parts(settings)
        found = checks.examine(settings, carrier.ping)
    if as_json:
        click.echo(json.dumps([finding.__dict__ for finding in found]))
    else:
        for finding in found:
            click.echo(f"{'ok  ' if finding.ok else 'BAD '} {finding.part:10} {finding.message}")
            if not finding.ok and finding.mend:
                click.echo(f"                {finding.mend}")
    sys.exit(0 if all(finding.ok for finding in found) else 1)


# Backup, restore, move


@cli.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--verify", is_flag=True, help="Read what lies there already and prove it too.")
@click.option("--prune", is_flag=True, help="Remove pictures from the backup that the library has no more.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def backup(settings: Settings, folder: Path, verify: bool, prune: bool, as_json: bool) -> None:
    """Write everything to FOLDER while Pindeck works. Running it again brings the folder up to date."""
    from pindeck.services import backup as backups

    with _bars(as_json) as progress:
        report = backups.backup(settings, folder, verify=verify, prune=prune, progress=progress)
    _tell(report, as_json)


@cli.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--verify", is_flag=True, help="Read every picture back from the store and prove it.")
@click.option("--overwrite", is_flag=True, help="Replace other bytes that the store holds under the same key.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def restore(settings: Settings, folder: Path, verify: bool, overwrite: bool, as_json: bool) -> None:
    """Load a backup into an empty installation. Running it again goes on where it was interrupted."""
    from pindeck.services import backup as backups

    with _bars(as_json) as progress:
        report = backups.restore(settings, folder, verify=verify, overwrite=overwrite, progress=progress)
    _tell(report, as_json)


@cli.command()
@click.option("--to", "url", metavar="DATABASE_URL", required=True, help="postgresql://…, or sqlite:FOLDER.")
@click.option(
    "--store", type=click.Choice(["s3", "files"]), help="Move the pictures too: to MINIO_…, or to files on disk."
)
@click.option("--verify", is_flag=True, help="Read every picture back from the new store and prove it.")
@click.option("--overwrite", is_flag=True, help="Replace other bytes that the new store holds under the same key.")
@click.option("--json", "as_json", is_flag=True)
def move(url: str, store: str | None, verify: bool, overwrite: bool, as_json: bool) -> None:
    """Copy the library to another database, and its pictures to another store. The present one is only read."""
    from pindeck.bootstrap import connect_parts
    from pindeck.services import backup as backups

    try:
        settings, target, changes = _two_places(os.environ, url, store)
        connect_parts(settings)
        with _bars(as_json) as progress:
            report = backups.move(settings, target, verify=verify, overwrite=overwrite, progress=progress)
    except (SettingError, PindeckError) as error:
        raise click.ClickException(getattr(error, "message", str(error))) from error
    _tell(report, as_json, changes)


def _two_places(environ: Mapping[str, str], url: str, store: str | None) -> tuple[Settings, Settings, list[str]]:
    """The settings of the present place and of the new one, and what has to be set then.

    MINIO_… name the object store in either direction; `store` says whether it is the source or the target.
    """
    on_disk = {name: value for name, value in environ.items() if not name.startswith("MINIO_ENDPOINT")}
    settings = config.load(on_disk if store == "s3" else environ)
    kind, _, folder = url.partition(":")
    if kind == "sqlite":
        database = {"DATABASE_URL": "", **({"DATA_DIR": folder} if folder else {})}
    else:
        database = {"DATABASE_URL": url}
    base = {name: value for name, value in environ.items() if name not in ("DATABASE_URL", "DATABASE_URL_FILE")}
    if store == "files":
        base = {name: value for name, value in base.items() if not name.startswith("MINIO_ENDPOINT")}
    # What only the web server needs is asked for when that starts.
    loose = {"ALLOW_LOCAL_FILES": "1", "SECRET_KEY": settings.secret_key or "nothing is signed while moving"}
    target = config.load({**base, **database, **loose})
    if store == "s3" and not target.is_s3:
        raise SettingError("Where is the object store? Set MINIO_ENDPOINT, MINIO_ACCESS_KEY and MINIO_SECRET_KEY.")
    changes = [f"{name}={value or '   (empty)'}" for name, value in database.items()]
    if store == "s3":
        changes.append(f"MINIO_ENDPOINT={target.minio_endpoint}   (and the other MINIO_… settings, as now)")
    elif store == "files":
        changes.append("MINIO_ENDPOINT=   (empty)")
    if target.is_postgres and not settings.secret_key:
        changes.append("SECRET_KEY=…   (at least 16 characters, the same on every machine)")
    if target.is_postgres and not target.is_s3:
        changes.append("ALLOW_LOCAL_FILES=1   (the pictures stay on this machine)")
    return settings, target, changes


@contextmanager
def _bars(as_json: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar for each kind of work, on standard error; none for scripts."""
    bars: dict[str, Any] = {}

    def progress(what: str, done: int, total: int) -> None:
        if as_json:
            return
        if what not in bars:
            _end(bars)
            bars[what] = click.progressbar(length=total, label=what, file=sys.stderr)
        bars[what].length = total
        bars[what].update(done - bars[what].pos)

    try:
        yield progress
    finally:
        _end(bars)


def _end(bars: dict[str, Any]) -> None:
    for bar in list(bars.values())[-1:]:
        bar.render_finish()


def _tell(report: "Report", as_json: bool, changes: Sequence[str] = ()) -> None:
    """What was done; the exit code is 1 when something is damaged."""
    if as_json:
        faults = [
            {"key": fault.stored.key, "sha256": fault.stored.sha256, "problem": fault.problem}
            for fault in report.faults
        ]
        click.echo(json.dumps({
            "rows": report.tables, "objects": report.objects, "copied": report.copied,
            "copiedBytes": report.copied_bytes, "faults": faults, **({"set": changes} if changes else {}),
        }))  # fmt: skip
    else:
        for name, count in sorted(report.tables.items()):
            click.echo(f"{count:10} {name}")
        click.echo(
            f"{report.objects:10} files, all with the right SHA-256; "
            f"{report.copied} of them copied now ({report.copied_bytes / 2**20:.1f} MiB)"
        )
        for fault in report.faults:
            click.echo(
                f"{fault.problem}: {fault.stored.key} (SHA-256 {fault.stored.sha256}). {fault.message}", err=True
            )
        for line in ["Now set these, and start Pindeck again:", *changes] if changes else ():
            click.echo(line)
    if report.damage:
        sys.exit(1)


def main() -> None:
    cli()


if __name__ == "__main__":
    main()
