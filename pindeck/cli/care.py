"""`pindeck doctor`, `sweep` and `check`: whether all is well, what is cleared away, and whether files are whole."""

import json
import sys
from collections.abc import Mapping

import click

from pindeck import config
from pindeck.cli.base import in_sentences, operator, with_settings
from pindeck.config import Settings
from pindeck.errors import SettingError


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.option("--vision", "with_vision", is_flag=True, help="Show the model one small picture as well, which is paid for.")
def doctor(as_json: bool, with_vision: bool) -> None:
    """Check settings, database, queue, store, versions and disk; say what is wrong and how to mend it."""
    from pindeck.services.maintenance import doctor as checks

    try:
        settings = config.load()
    except SettingError as error:
        found = [checks.Finding("settings", False, str(error), "Correct the setting and start again.")]
    else:
        from pindeck.bootstrap import connect_parts

        with in_sentences(settings):
            carrier = connect_parts(settings)
        found = checks.examine(carrier.ping)
        if with_vision:
            from pindeck.services.maintenance import vision_trial

            found.append(vision_trial.show())
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
@click.option("--list", "only_list", is_flag=True, help="List the sweeps and what they do.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def sweep(settings: Settings, names: tuple[str, ...], only_list: bool, as_json: bool) -> None:
    """Clear away what a worker would within ten minutes: all of it, or what is NAMEd.

    The exit code is 1 when one of them failed.
    """
    from pindeck.services.maintenance import sweeps

    if only_list:
        _print({name: each.does for name, each in sweeps.SWEEPS.items()}, as_json=as_json)
        return
    swept = sweeps.sweep(names)
    _print(swept.found, as_json=as_json)
    if swept.trouble:
        click.echo(swept.trouble, err=True)
        sys.exit(1)


def _print(told: Mapping[str, str | int], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told))
        return
    for name, each in told.items():
        click.echo(f"{name:16} {each}")


_FOUND = {
    "missing": "the original is missing",
    "differs": "the original holds other bytes",
    "unreadable": "the original cannot be read",
}


@click.command()
@click.option("--all", "everything", is_flag=True, help="Read everything, and not only a night's share.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def check(settings: Settings, everything: bool, as_json: bool) -> None:
    """Read stored files again, the longest unread first; mend what is damaged where that can be done.

    The exit code is 1 while anything is damaged.
    """
    from pindeck import db
    from pindeck.services.maintenance import damage, integrity
    from pindeck.times import iso_day

    db.connect()
    wanted = integrity.EVERYTHING if everything else integrity.share()
    reader = integrity.Reader(wanted, db.now_ms(), lambda: None)
    reader.read()
    found = damage.list_damaged(operator())
    if as_json:
        lines = [
            {"key": each.key, "sha256": each.sha256, "preset": each.preset, "problem": each.problem, "note": each.note,
             "since": each.since, "images": [image.id for image in each.images]} for each in found
        ]  # fmt: skip
        click.echo(json.dumps({"readBytes": wanted - reader.left, "damaged": lines}))
    else:
        click.echo(f"{(wanted - reader.left) / 2**20:.1f} MiB were read.")
        for each in found:
            what = f"the size {each.preset}" if each.preset else _FOUND.get(each.problem or "", "the original")
            click.echo(f"damaged: {each.name} ({each.key}), {what}, since {iso_day(each.since)}. {each.note or ''}")
    sys.exit(1 if found else 0)
