"""`pindeck backfill`: what should have been done to pictures and was not, for everybody or one person."""

import json

import click

from pindeck.cli.base import operator, with_settings
from pindeck.config import Settings

WHOSE = click.option("--user", "email", help="Only the pictures of this account; everybody's otherwise.")
AS_JSON = click.option("--json", "as_json", is_flag=True)


@click.group()
def backfill() -> None:
    """Do what should have been done to pictures and was not."""


@backfill.command()
@click.option("--limit", type=click.IntRange(1, 200, clamp=True), default=50, show_default=True, help="How many; at most 200.")
@WHOSE
@AS_JSON
@with_settings
def persistence(settings: Settings, limit: int, email: str | None, as_json: bool) -> None:
    """Store uploads again that were never stored for good. A worker does it."""
    from pindeck.services.ingest.folder import actor_for
    from pindeck.services.maintenance import repair

    count = repair.backfill_persistence(actor_for(email) if email else operator(), limit=limit)
    click.echo(json.dumps({"scheduled": count}) if as_json else f"{count} uploads are stored again by a worker.")


@backfill.command()
@click.option(
    "--limit", type=click.IntRange(1, 2000, clamp=True), default=400, show_default=True,
    help="How many of the newest pictures are looked at; at most 2000.",
)  # fmt: skip
@WHOSE
@AS_JSON
@with_settings
def generations(settings: Settings, limit: int, email: str | None, as_json: bool) -> None:
    """Record the runs of pictures that a machine made and that have none."""
    from pindeck.services.ingest.folder import actor_for
    from pindeck.services.maintenance import repair

    told = repair.backfill_generations(actor_for(email) if email else operator(), limit=limit)
    made, new, known = told["scanned"], told["inserted"], told["skippedExisting"]
    click.echo(
        json.dumps(told)
        if as_json
        else f"{made} pictures were made by a machine: {new} runs were recorded, {known} were there already."
    )


@backfill.command()
@AS_JSON
@with_settings
def embeddings(settings: Settings, as_json: bool) -> None:
    """Have the model of EMBEDDINGS_BASE_URL read the words of all pictures anew. Workers do by themselves when it is another one."""
    from pindeck.services.maintenance import embedding

    if not settings.embeddings_is_on:
        raise click.ClickException("EMBEDDINGS_BASE_URL is empty, so nobody reads the words of pictures.")
    asked = embedding.begin_again()
    told = "A worker has the words of all pictures read." if asked else "A worker has the words of pictures read already."
    click.echo(json.dumps({"asked": asked}) if as_json else told)


@backfill.command()
@AS_JSON
@with_settings
def likeness(settings: Settings, as_json: bool) -> None:
    """Read once more how pictures of before look, so that those that look alike are found. Workers begin with it by themselves."""
    from pindeck.services.maintenance import hashing

    asked = hashing.begin_again()
    told = "A worker reads how pictures look." if asked else "A worker reads how pictures look already."
    click.echo(json.dumps({"asked": asked}) if as_json else told)
