"""`pindeck user …`: accounts."""

import sys

import click

from pindeck.cli.base import with_settings
from pindeck.config import Settings


@click.group()
def user() -> None:
    """People."""


@user.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice(["admin", "curator"]), default="curator", show_default=True)
@click.option("--name", default="")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@with_settings
def user_create(settings: Settings, email: str, role: str, name: str, password_stdin: bool) -> None:
    """Make an account."""
    from pindeck.services.accounts import accounts
    from pindeck.states import Way

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else click.prompt(
        "Password", hide_input=True, confirmation_prompt=True
    )  # fmt: skip
    made = accounts.create(email, password, role=role, name=name, way=Way.COMMAND)
    click.echo(f"{made.email} is a new {made.role}.")


@user.command("reset")
@click.argument("email")
@with_settings
def user_reset(settings: Settings, email: str) -> None:
    """Print a link that sets a new password, once, within seven days."""
    from pindeck.services.accounts import invitations

    token = invitations.make_reset_for_email(email)
    base = settings.site_url or f"http://localhost:{settings.port}"
    click.echo(f"{base}/reset/{token}")
