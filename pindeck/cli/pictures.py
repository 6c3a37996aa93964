"""`pindeck import`: a folder of pictures."""

import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pindeck.cli.base import with_settings
from pindeck.config import Settings
from pindeck.logs import escaped

if TYPE_CHECKING:
    from pindeck.services.ingest.folder import Result

NAMED = 10  # names in a line
NICE = 10  # people who wait for a page come before the folder


@click.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--user", "email", required=True, help="Owner of the pictures.")
@click.option("--publish", is_flag=True, help="Publish them at once instead of leaving drafts to review.")
@click.option("--project", help="Put them into this project.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file, and no progress bar.")
@with_settings
def import_folder(
    settings: Settings, folder: Path, email: str, publish: bool, project: str | None, as_json: bool
) -> None:
    """Import every picture below FOLDER. Running it again skips what is there already."""
    from pindeck.services.ingest import folder as folder_import
    from pindeck.services.ingest import folder_files

    os.nice(NICE)
    actor = folder_import.actor_for(email)
    found = folder_files.look(folder)
    results: list[folder_import.Result] = []
    count = len(found.pictures) + len(found.unread) + len(found.left_out)
    bar = None if as_json else click.progressbar(length=count, label="Importing", file=sys.stderr)
    for result in folder_import.run(actor, found, project=project, publish=publish):
        results.append(result)
        if bar is not None:
            bar.update(1)
            if result.error:
                click.echo(f"\n{escaped(str(result.path))}: {result.error}", err=True)
        else:
            there = result.outcome == "there"
            click.echo(json.dumps(
                {"path": str(result.path), "id": result.image_id, "outcome": result.outcome, "wasThere": there,
                 "error": result.error}
            ))  # fmt: skip
    if bar is not None:
        bar.render_finish()
        _sum_up(results)
    if any(result.error for result in results):
        sys.exit(1)


def _sum_up(results: "list[Result]") -> None:
    count = Counter(str(result.outcome) for result in results)
    click.echo(f"{count['added']} imported, {count['there']} were there already, {count['refused']} refused.")
    trashed = [escaped(str(result.path)) for result in results if result.outcome == "trashed"]
    if trashed:
        click.echo(f"{len(trashed)} in the trash (open /trash to restore): {_some(trashed)}.")
    kinds = Counter(escaped(result.path.suffix) or "no ending" for result in results if result.outcome == "left_out")
    if kinds:
        named = [f"{number} {kind}" for kind, number in kinds.most_common()]
        click.echo(f"{count['left_out']} left out (not pictures by their names): {_some(named)}.")


def _some(names: list[str]) -> str:
    rest = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {rest} more" if rest > 0 else "")
