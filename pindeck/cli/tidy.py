"""`pindeck tidy`: what earlier versions left in the library and is offered for removal."""

import json

import click

from pindeck.cli.base import operator, with_settings
from pindeck.config import Settings


@click.group()
def tidy() -> None:
    """Remove what earlier versions left in the library."""


@tidy.command()
@click.option("--dry-run", is_flag=True, help="Say how many pictures it is about, and change nothing.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def tags(settings: Settings, dry_run: bool, as_json: bool) -> None:
    """Remove the tags that no person, no model and no import wrote: describing without a model made them once.

    An administrator can undo it on the page of the history for 30 days.
    """
    from pindeck import db
    from pindeck.services.images import offline_tags

    db.connect()
    action_id, count = (None, offline_tags.count(operator())) if dry_run else offline_tags.remove(operator())
    _tell(action_id, count, "{} would lose such tags." if dry_run else "Such tags were removed from {}.", as_json)


@tidy.command()
@click.option("--dry-run", is_flag=True, help="Say how many pictures it is about, and change nothing.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def projects(settings: Settings, dry_run: bool, as_json: bool) -> None:
    """Take pictures out of projects that hold one picture and bear its title: imports made such projects once.

    An administrator can undo it on the page of the history for 30 days.
    """
    from pindeck import db
    from pindeck.services.images import title_projects

    db.connect()
    action_id, count = (None, len(title_projects.ids_of(operator()))) if dry_run else title_projects.release(operator())
    _tell(action_id, count, "{} would leave such projects." if dry_run else "{} left such projects.", as_json)


def _tell(action_id: str | None, count: int, sentence: str, as_json: bool) -> None:
    pictures = f"{count} {'picture' if count == 1 else 'pictures'}"
    click.echo(json.dumps({"images": count, "action": action_id}) if as_json else sentence.format(pictures))
