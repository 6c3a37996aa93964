"""`pindeck discord …`: the bot, and who in Discord is which account."""

import json
import threading

import click

from pindeck.cli.base import in_sentences, operator, with_settings
from pindeck.config import Settings

IDLE = "DISCORD_TOKEN is not set, so there is no bot in Discord. This process waits and does nothing."


@click.group("discord", invoke_without_command=True)
@click.pass_context
def bot(context: click.Context) -> None:
    """Connect the bot to Discord, and stay. Without DISCORD_TOKEN it waits and does nothing."""
    if context.invoked_subcommand is None:
        _connect()


@with_settings
def _connect(settings: Settings) -> None:
    if settings.discord_token:
        from pindeck.runtime import gateway

        gateway.run(settings)
        return
    from pindeck.runtime.processes import on_stop_signals

    click.echo(IDLE)
    over = threading.Event()
    on_stop_signals(lambda *_: over.set())
    over.wait()


@bot.command("link")
@click.argument("discord_id")
@click.argument("email")
@click.option("--name", default="", help="What they are called in Discord.")
@with_settings
def link(settings: Settings, discord_id: str, email: str, name: str) -> None:
    """Somebody in Discord is this account: what they save and decide there is theirs."""
    from pindeck.services.clients import discord_people

    user = discord_people.link(operator(), discord_id, email, name=name)
    click.echo(f"{discord_id} is {user.email} from now on.")


@bot.command("unlink")
@click.argument("discord_id")
@with_settings
def unlink(settings: Settings, discord_id: str) -> None:
    """Take the account away from somebody in Discord."""
    from pindeck.services.clients import discord_people

    discord_people.unlink(operator(), discord_id)
    click.echo(f"{discord_id} no longer has an account.")


@bot.command("people")
@with_settings
def people(settings: Settings) -> None:
    """List who in Discord is which account."""
    from pindeck.services.clients import discord_people

    for each in discord_people.list_all(operator()):
        click.echo(f"{each.discord_id}\t{each.user.email}\t{each.name}")


@click.command("discord-commands")
def discord_commands() -> None:
    """Print the commands of the bot as Discord takes them: put them at /applications/<id>/commands where no bot runs."""
    with in_sentences():
        from pindeck import config
        from pindeck.discord import commands

        config.bind(config.load())
        click.echo(json.dumps(commands.all_of_them(), indent=2))
