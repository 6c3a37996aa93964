"""`pindeck doctor` and `pindeck sweep`: whether all is well, and what is cleared away."""

import json
import sys

import click

from pindeck import config
from pindeck.cli.base import in_sentences, with_settings
from pindeck.config import Settings
from pindeck.errors import SettingError


@click.command()
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

        with in_sentences(settings):
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


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option("--list", "only_list", is_flag=True, help="Say which sweeps there are, and what they do.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def sweep(settings: Settings, names: tuple[str, ...], only_list: bool, as_json: bool) -> None:
    """Clear away what a worker would within ten minutes: all of it, or what is NAMEd."""
    from pindeck.services import sweeps

    if only_list:
        found: dict[str, str] | dict[str, int] = {name: each.does for name, each in sweeps.SWEEPS.items()}
    else:
        found = sweeps.sweep(names)
    if as_json:
        click.echo(json.dumps(found))
        return
    for name, told in found.items():
        click.echo(f"{name:16} {told}")
