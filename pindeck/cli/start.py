"""`pindeck up`, `pindeck migrate` and `pindeck procfile`."""

import os
import sys
from pathlib import Path

import click

from pindeck import config, resources
from pindeck.cli.base import in_sentences, with_settings
from pindeck.config import Settings


@click.command()
def up() -> None:
    """Start everything on this machine: queue, web, worker, index. Ctrl-C stops it."""
    from pindeck.runtime import up as runtime

    environ = runtime.on_loopback(os.environ)
    with in_sentences():
        settings = config.load(environ)
        procfile = resources.ROOT / "Procfile"
        with in_sentences(settings):
            sys.exit(runtime.up(settings, environ=environ, prepare=lambda: _prepare(settings), procfile=procfile))


def _prepare(settings: Settings) -> str:
    """Create or migrate the database, make folders and buckets; returns how to begin."""
    from pindeck import storage
    from pindeck.runtime import ready

    host = "localhost" if settings.listens_on_loopback else settings.host
    address = settings.site_url or f"http://{host}:{settings.port}"
    if not settings.crop_presets and ready.is_ready(settings):  # whether presets are well spelt, the parts know
        config.bind(settings)
        config.secret_key(settings)
        storage.from_settings(settings).prepare()
        return f"Pindeck is at {address}"
    from pindeck import db
    from pindeck.bootstrap import connect_parts
    from pindeck.db import migrate as schema
    from pindeck.services.accounts import accounts

    connect_parts(settings)
    config.secret_key(settings)
    schema.migrate(settings)
    storage.current().prepare()
    lines = [f"Pindeck is at {address}"]
    if not accounts.first_account_exists():
        lines.append(f"Make the first account at {address}/sign-up; it becomes the administrator.")
        code = accounts.first_account_code()
        if code:
            lines.append(f"It asks for this code, once: {code}")
    db.close()
    return "\n".join(lines)


@click.command()
@click.option("--down", is_flag=True, help="Take back the last migration instead.")
@click.option("--to", "target", help="With --down: take back all down to this one.")
@click.option("--yes", is_flag=True, help="With --down: go on even if that loses data. Without this, the loss is named and nothing is done.")
@with_settings
def migrate(settings: Settings, down: bool, target: str | None, yes: bool) -> None:
    """Bring the database up to this version. Run by the `release` process on every deploy."""
    from pindeck import storage
    from pindeck.db import migrate as schema
    from pindeck.db import migrate_down
    from pindeck.services.accounts import accounts

    if target and not down:
        raise click.UsageError("--to needs --down.")
    if down:
        names = migrate_down.migrate_down(settings, target, may_lose=yes)
        click.echo(f"Taken back: {', '.join(names) or 'nothing'}.")
        return
    names = schema.migrate(settings)
    storage.current().prepare()
    click.echo(f"Applied: {', '.join(names)}." if names else "The database is up to date.")
    code = accounts.first_account_code() if not accounts.first_account_exists() else None
    if code:
        click.echo(f"The first account becomes administrator. It asks for this code, once: {code}")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.option("--replace", is_flag=True, help="Overwrite files there that differ.")
def procfile(folder: Path, replace: bool) -> None:
    """Write the Procfile and what its processes load into FOLDER, for where there is no checkout."""
    try:
        texts = {name: (resources.ROOT / name).read_bytes() for name in resources.PROCESS_FILES}
        folder.mkdir(parents=True, exist_ok=True)
        others = [name for name, text in texts.items() if _says_something_else(folder / name, text)]
        if others and not replace:
            raise click.ClickException(
                f"{', '.join(others)} in {folder} would be lost: name another folder, or add --replace."
            )
        for name, text in texts.items():
            (folder / name).write_bytes(text)
    except OSError as error:
        raise click.ClickException(f"{error.filename} cannot be used ({error.strerror}).") from error
    click.echo(f"Written to {folder}: {', '.join(texts)}.")


def _says_something_else(path: Path, text: bytes) -> bool:
    return path.exists() and path.read_bytes() != text
