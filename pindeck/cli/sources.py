"""`pindeck source`: places that pictures come from again and again."""

import json
from typing import TYPE_CHECKING

import click

from pindeck.cli.base import operator, with_settings
from pindeck.config import Settings
from pindeck.logs import escaped

if TYPE_CHECKING:
    from pindeck.services.ingest.sources.sources import SourceView

PAGE = 100


@click.group()
def source() -> None:
    """Places that pictures come from again and again."""


@source.command("list")
@click.option("--user", "email", help="Only the sources of this account; everybody's otherwise.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a source.")
@with_settings
def list_all(settings: Settings, email: str | None, as_json: bool) -> None:
    """List sources, newest first."""
    from pindeck.services.ingest.folder import actor_for
    from pindeck.services.ingest.sources import sources

    whose = actor_for(email) if email else None
    after, count = None, 0
    while True:
        found, after = sources.list_page(whose or operator(), limit=PAGE, after=after)
        for view in found:
            if whose is None or view.source.user_id == whose.user_id:
                click.echo(json.dumps(_told(view)) if as_json else _line(view))
                count += 1
        if after is None:
            break
    if not count and not as_json:
        click.echo("There is no source yet. Add one with: pindeck source add ADDRESS --user EMAIL")


@source.command()
@click.argument("urls", metavar="URL...", nargs=-1, required=True)
@click.option("--kind", default="feed", show_default=True, help="feed, links (many addresses), folder (a path), arena, pinterest or discord (a channel).")
@click.option("--user", "email", required=True, help="Owner of its pictures.")
@click.option("--name", default="", help="What people read; its address without one.")
@click.option("--project", default="", help="Put its pictures into this project.")
@click.option("--tag", "tags", multiple=True, help="Tag its pictures with this word; may be repeated.")
@click.option("--every", type=int, metavar="MINUTES", help="Read it by itself, 15 minutes to 30 days apart.")
@click.option("--publish", is_flag=True, help="Publish its pictures at once; they wait for a person otherwise.")
@with_settings
def add(
    settings: Settings, urls: tuple[str, ...], kind: str, email: str, name: str, project: str, tags: tuple[str, ...],
    every: int | None, publish: bool,
) -> None:  # fmt: skip
    """Add the feed (RSS, Atom or JSON) at the address URL, or a source of another kind."""
    if kind != "links" and len(urls) > 1:
        raise click.UsageError("Give one address, or --kind links.")
    from pindeck.services.ingest.folder import actor_for
    from pindeck.services.ingest.sources import sources

    place = {"links": list(urls)} if kind == "links" else {"path" if kind == "folder" else "url": urls[0]}
    made = sources.create(
        actor_for(email), kind, **place, name=name, project=project, tags=list(tags), every_minutes=every,
        moderated=not publish,
    )  # fmt: skip
    click.echo(f"{made.source.id} is the source “{escaped(made.source.name)}”. Read it with: pindeck source run {made.source.id}")


@source.command()
@click.argument("source_id")
@with_settings
def run(settings: Settings, source_id: str) -> None:
    """Read a source now, and try again what failed. A worker does it."""
    from pindeck.services.ingest.sources import runs

    batch = runs.run(operator(), source_id)
    click.echo(f"A worker reads it now, as the import {batch.id}.")


def _line(view: "SourceView") -> str:
    state = "paused" if view.source.is_paused else view.run.status if view.run else "not read yet"
    return escaped(f"{view.source.id}  {state}  {view.source.kind}  {view.source.name}")


def _told(view: "SourceView") -> dict[str, object]:
    source, run = view.source, view.run
    return {
        "id": source.id,
        "kind": source.kind,
        "name": source.name,
        "url": source.url,
        "links": source.links,
        "path": source.path,
        "project": view.project,
        "paused": source.is_paused,
        "everyMinutes": source.every_minutes,
        "lastRun": {"id": run.id, "status": run.status, "error": run.error} if run else None,
    }
