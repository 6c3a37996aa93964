"""`pindeck backup`, `restore` and `move`."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pindeck import config
from pindeck.cli.base import in_sentences, with_settings
from pindeck.config import Settings
from pindeck.errors import SettingError
from pindeck.masking import masked

if TYPE_CHECKING:
    from pindeck.services.backup import Report


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option("--verify", is_flag=True, help="Also read and check what is there already.")
@click.option("--prune", is_flag=True, help="Remove pictures from the backup that are no longer in the library.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def backup(settings: Settings, folder: Path | None, verify: bool, prune: bool, as_json: bool) -> None:
    """Write everything to FOLDER, or to BACKUP_DIR, while Pindeck works. Running it again brings it up to date."""
    from pindeck.services import backup as backups

    if folder is None:
        if not settings.backup_dir:
            raise SettingError("Name a folder: pindeck backup FOLDER. Or set BACKUP_DIR.")
        folder = Path(settings.backup_dir)
    with _bars(as_json) as progress:
        report = backups.backup(settings, folder, verify=verify, prune=prune, progress=progress)
    _tell(report, as_json)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--verify", is_flag=True, help="Read every picture back from the store and check it.")
@click.option("--overwrite", is_flag=True, help="Replace other bytes that the store holds under the same key.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def restore(settings: Settings, folder: Path, verify: bool, overwrite: bool, as_json: bool) -> None:
    """Load a backup into an empty installation. Running it again goes on where it was interrupted."""
    from pindeck.services import backup as backups

    with _bars(as_json) as progress:
        report = backups.restore(settings, folder, verify=verify, overwrite=overwrite, progress=progress)
    _tell(report, as_json)


@click.command()
@click.option("--to", "url", metavar="DATABASE_URL", required=True, help="postgresql://…, or sqlite:FOLDER.")
@click.option(
    "--store", type=click.Choice(["s3", "files"]), help="Move the pictures too: to MINIO_…, or to files on disk."
)
@click.option("--verify", is_flag=True, help="Read every picture back from the new store and check it.")
@click.option("--overwrite", is_flag=True, help="Replace other bytes that the new store holds under the same key.")
@click.option("--json", "as_json", is_flag=True)
def move(url: str, store: str | None, verify: bool, overwrite: bool, as_json: bool) -> None:
    """Copy the library to another database, and its pictures to another store. The present one is only read."""
    from pindeck.bootstrap import connect_parts
    from pindeck.services import backup as backups

    with in_sentences():
        settings, target, changes = _two_places(os.environ, url, store)
        with in_sentences(settings):
            connect_parts(settings)
            with _bars(as_json) as progress:
                report = backups.move(settings, target, verify=verify, overwrite=overwrite, progress=progress)
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
        raise SettingError(
            "The object store is not named. Set MINIO_ENDPOINT, MINIO_ACCESS_KEY and MINIO_SECRET_KEY."
        )
    changes = [f"{name}={masked(value) or '   (empty)'}" for name, value in database.items()]
    if store == "s3":
        changes.append(f"MINIO_ENDPOINT={target.minio_endpoint}   (and the other MINIO_… settings, as now)")
    elif store == "files":
        changes.append("MINIO_ENDPOINT=   (empty)")
    changes += _secret_to_keep(settings, target)
    if target.is_postgres and not target.is_s3:
        changes.append("ALLOW_LOCAL_FILES=1   (the pictures stay on this machine)")
    elif target.is_postgres and not target.redis_url:
        changes.append("REDIS_URL=redis://…   (the queue of all machines)")
    return settings, target, changes


def _secret_to_keep(settings: Settings, target: Settings) -> list[str]:
    """The key in DATA_DIR does not come along by itself, and with another one signed addresses open nothing."""
    kept = settings.data_dir / "secret-key"
    if settings.secret_key or (not target.is_postgres and target.data_dir.resolve() == settings.data_dir.resolve()):
        return []
    if kept.exists():
        return [
            f"SECRET_KEY=…   (what stands in {kept.resolve()}, on every machine; with another one, addresses that "
            "were signed before no longer work)"
        ]
    return ["SECRET_KEY=…   (at least 16 characters, the same on every machine)"] if target.is_postgres else []


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
