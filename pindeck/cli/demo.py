"""`pindeck demo`: fill an empty installation with generated pictures, and take them away again."""

import sys

import click

from pindeck.cli.base import with_settings
from pindeck.config import Settings

LEAST, MOST = 24, 300


@click.command()
@click.option("--pictures", type=click.IntRange(LEAST, MOST), default=MOST, show_default=True, help="How many pictures to make.")
@click.option("--remove", is_flag=True, help="Take the demonstration away again.")
@click.option("--yes", is_flag=True, help="Do not ask before removing.")
@with_settings
def demo(settings: Settings, pictures: int, remove: bool, yes: bool) -> None:
    """Fill an empty installation with generated pictures, people, projects and boards.

    Run it again to go on with one that was broken off. No model is asked about these pictures.
    """
    from pindeck import db, locks

    db.connect()
    with db.alone(locks.DEMO, settings.data_dir / "demo.lock", 1.0):
        if remove:
            _remove(yes)
        else:
            _fill(settings, pictures)


def _fill(settings: Settings, count: int) -> None:
    from pindeck.demo import filling, state
    from pindeck.services.accounts import invitations

    progress = filling.fill(count)
    there = next(progress)
    with click.progressbar(length=count, label="Drawing", file=sys.stderr) as bar:
        bar.update(there)
        for _ in progress:
            bar.update(1)
    click.echo(f"{count} generated pictures are there. They appear as the workers store them; /work shows how far they are.")
    token = invitations.make_reset_for_email(state.address_of("vera"))
    base = settings.site_url or f"http://localhost:{settings.port}"
    click.echo(f"Open this link to sign in as Vera Lind ({state.address_of('vera')}); it works once, within seven days:")
    click.echo(f"{base}/reset/{token}")
    click.echo("Take all of it away again with: pindeck demo --remove")


def _remove(yes: bool) -> None:
    from pindeck.demo import removing, state

    if not yes and state.began_at() is not None:
        click.confirm("Delete the pictures, boards and people of the demonstration for good?", abort=True)
    progress = removing.remove()
    count = next(progress)
    with click.progressbar(length=count, label="Removing", file=sys.stderr) as bar:
        for _ in progress:
            bar.update(1)
    kept = state.people()
    click.echo(f"The demonstration is removed: {count} pictures, with their boards and people.")
    if kept:
        names = ", ".join(sorted(user.display_name for user in kept.values()))
        click.echo(f"{names} stayed, because nobody else is administrator or because they keep pictures of their own.")
