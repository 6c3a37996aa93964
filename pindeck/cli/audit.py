"""`pindeck audit`: who decided what, as a file."""

from typing import IO

import click

from pindeck.cli.base import operator, with_settings
from pindeck.config import Settings


@click.group()
def audit() -> None:
    """Who decided what, when, why and from where."""


@audit.command()
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@click.option("--since", default="", metavar="DAY", help="The first day, such as 2026-11-07 (UTC).")
@click.option("--until", default="", metavar="DAY", help="The last day.")
@click.option("--user", "who", default="", metavar="EMAIL", help="Only what this account did.")
@click.option("--deed", "verb", default="", metavar="NAME", help="Only this kind, such as image.trash.")
@click.option("--from", "way", default="", metavar="WAY", help="page, api, discord, command, source or itself.")
@click.option("--image", default="", metavar="ID", help="Only what is about this picture.")
@click.option("--output", type=click.File("w", encoding="utf-8", atomic=True), default="-", metavar="FILE")
@with_settings
def export(settings: Settings, form: str, output: IO[str], **asked: str) -> None:
    """Write the trail, the oldest first. What is read is written, so its length does not matter."""
    from pindeck.services.maintenance import audit as trail
    from pindeck.services.maintenance import audit_files

    for piece in audit_files.written(trail.export(operator(), trail.filters_of(**asked)), form):
        output.write(piece)
