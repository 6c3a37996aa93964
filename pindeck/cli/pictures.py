"""`pindeck import`: a folder of pictures."""

import json
import sys
from pathlib import Path

import click

from pindeck.cli.base import with_settings
from pindeck.config import Settings
from pindeck.logs import escaped


@click.command("import")
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
    from pindeck.services.ingest import folder as folder_import

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
                click.echo(f"\n{escaped(str(result.path))}: {result.error}", err=True)
        else:
            click.echo(json.dumps(
                {"path": str(result.path), "id": result.image_id, "wasThere": result.was_there, "error": result.error}
            ))  # fmt: skip
    if bar is not None:
        bar.render_finish()
        click.echo(f"{added} imported, {skipped} were there already, {refused} refused.")
    if refused:
        sys.exit(1)
