"""`pindeck up` and `pindeck migrate`."""

import os
import sys
from pathlib import Path

import click

from pindeck import config
from pindeck.cli.base import with_settings
from pindeck.config import Settings
from pindeck.errors import PindeckError, SettingError

ROOT = Path(__file__).resolve().parent.parent.parent


@click.command()
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


@click.command()
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
