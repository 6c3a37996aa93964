"""`pindeck discord-commands`: what an application in Discord has to be told once."""

import json

import click


@click.command("discord-commands")
def discord_commands() -> None:
    """Print the commands of the bot as Discord takes them: put them at /applications/<id>/commands once."""
    from pindeck.discord import cards

    click.echo(json.dumps(cards.COMMANDS, indent=2))
