"""`pindeck key …` and `pindeck client …`: what programs may do."""

import json
from typing import Any

import click

from pindeck.cli.base import operator, with_settings
from pindeck.config import Settings


@click.group()
def key() -> None:
    """Keys for programs."""


@key.command("create")
@click.option("--kind", type=click.Choice(["master", "project", "extension"]), required=True)
@click.option("--name", default="")
@click.option("--project", "project", metavar="SLUG")
@click.option("--identifier", metavar="ID")
@click.option("--install-scope", type=click.Choice(["user", "operator"]))
@click.option("--user", "user_email", metavar="EMAIL")
@click.option("--scopes", metavar="A,B")
@click.option("--expires-in", metavar="90d")
@with_settings
def key_create(settings: Settings, scopes: str | None, expires_in: str | None, **asked: Any) -> None:
    """Make a key and print it, and only it, on standard output. It is shown this once."""
    from pindeck.services.clients import api_keys

    days = None
    if expires_in:
        if not expires_in.endswith("d") or not expires_in[:-1].isdigit() or int(expires_in[:-1]) < 1:
            raise click.BadParameter("Give a number of days, such as 90d.", param_hint="--expires-in")
        days = int(expires_in[:-1])
    allowed = tuple(s.strip() for s in scopes.split(",") if s.strip()) if scopes else ()
    _, _, text = api_keys.create(api_keys.NewClient(**asked, scopes=allowed, expires_in_days=days), by=operator())
    click.echo(text)


@key.command("list")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def key_list(settings: Settings, as_json: bool) -> None:
    """All keys, by prefix; the keys themselves are not kept."""
    from pindeck.services.clients import api_keys
    from pindeck.times import day

    rows = api_keys.list_keys()
    if as_json:
        click.echo(json.dumps([
            {
                "prefix": row.prefix, "kind": row.client.kind, "identifier": row.client.identifier,
                "createdAt": row.created_at, "expiresAt": row.expires_at, "revokedAt": row.revoked_at,
                "lastUsedAt": row.last_used_at,
            }
            for row in rows
        ]))  # fmt: skip
        return
    for row in rows:
        state = "revoked" if row.revoked_at else f"until {day(row.expires_at)}" if row.expires_at else "no end"
        click.echo(f"{row.prefix:14} {row.client.kind:10} {row.client.identifier:30} {state}")


@key.command("revoke")
@click.argument("prefix_or_key")
@with_settings
def key_revoke(settings: Settings, prefix_or_key: str) -> None:
    """Make a key useless, at once."""
    from pindeck.services.clients import api_keys

    api_keys.revoke(prefix_or_key, by=operator())
    click.echo("The key is revoked.")


@click.group()
def client() -> None:
    """Programs: what their keys may do."""


@client.command("list")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def client_list(settings: Settings, as_json: bool) -> None:
    """Every program, the newest first."""
    from pindeck.services.clients import clients

    views = clients.list_clients(operator())
    if as_json:
        click.echo(json.dumps([
            {
                "id": view.client.id, "kind": view.client.kind, "identifier": view.client.identifier,
                "name": view.client.name, "scopes": view.scopes,
                "disabled": view.client.disabled_at is not None, "keys": [key.prefix for key in view.keys],
            }
            for view in views
        ]))  # fmt: skip
        return
    for view in views:
        row, state = view.client, "disabled" if view.client.disabled_at else "good"
        click.echo(f"{row.identifier:30} {row.kind:10} {state:9} {','.join(view.scopes) or 'nothing'}")


@client.command("scopes")
@click.argument("identifier")
@click.argument("scopes", metavar="A,B")
@with_settings
def client_scopes(settings: Settings, identifier: str, scopes: str) -> None:
    """Set what a program may do, from its next request on; `none` takes everything away."""
    from pindeck.services.clients import clients

    chosen = () if scopes == "none" else tuple(s.strip() for s in scopes.split(",") if s.strip())
    view = clients.set_scopes(operator(), clients.id_of(identifier), chosen)
    click.echo(f"{identifier} may: {', '.join(view.scopes) or 'nothing'}.")


@client.command("disable")
@click.argument("identifier")
@with_settings
def client_disable(settings: Settings, identifier: str) -> None:
    """Make all keys of a program useless, at once. What it brought in stays."""
    from pindeck.services.clients import clients

    clients.set_disabled(operator(), clients.id_of(identifier), True)
    click.echo(f"{identifier} is disabled.")


@client.command("enable")
@click.argument("identifier")
@with_settings
def client_enable(settings: Settings, identifier: str) -> None:
    """Take a disabling back."""
    from pindeck.services.clients import clients

    clients.set_disabled(operator(), clients.id_of(identifier), False)
    click.echo(f"{identifier} is enabled.")
