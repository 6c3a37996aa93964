"""The `pindeck` command: start, migrate, people, keys, import, demo, sources, analyse, discord, index, doctor, sweep, check, audit, backfill, tidy, backup, restore, move.

It may use everything.
"""

import click

from pindeck import __version__
from pindeck.cli import (
    analyse,
    audit,
    backfill,
    care,
    copies,
    demo,
    discord,
    index,
    people,
    pictures,
    programs,
    sources,
    start,
    tidy,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Pindeck: a shared library of reference pictures."""


for command in (
    start.up, start.migrate, start.procfile, people.user, programs.key, programs.client, pictures.import_folder, demo.demo, sources.source, care.doctor, analyse.analyse,
    care.sweep, care.check, audit.audit, backfill.backfill, tidy.tidy, discord.bot, index.index,
    discord.discord_commands, copies.backup, copies.restore, copies.move,
):  # fmt: skip
    cli.add_command(command)


def main() -> None:
    cli()
