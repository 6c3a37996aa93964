"""`pindeck analyse`: have pictures described again by the model."""

import json
import sys
import time
from typing import TYPE_CHECKING

import click

from pindeck.cli.base import with_settings
from pindeck.config import Settings

if TYPE_CHECKING:
    from pindeck.services.images.rounds import RoundView
    from pindeck.services.library.describing import Plan

LOOK_S = 1.0


@click.command()
@click.argument("ids", nargs=-1, metavar="[IMAGE_ID]…")
@click.option("--user", "email", required=True, help="Who asks: this account's pictures, or everybody's if it is an administrator's; its limit counts.")
@click.option("--query", default="", help="Pictures that this finds: words, or an address of the gallery such as `tag=rain&q=neon`.")
@click.option("--lacking", default="", metavar="FIELD", help="Only pictures in which this field is empty, such as `description`.")
@click.option("--all", "everything", is_flag=True, help="All pictures, where nothing else narrows them.")
@click.option("--dry-run", is_flag=True, help="Only say how many they are and what it will cost.")
@click.option("--yes", is_flag=True, help="Do not ask before it begins.")
@click.option("--wait", is_flag=True, help="Say how far it is until it ends, or waits for another day.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def analyse(
    settings: Settings, ids: tuple[str, ...], email: str, query: str, lacking: str, everything: bool, dry_run: bool,
    yes: bool, wait: bool, as_json: bool,
) -> None:  # fmt: skip
    """Have pictures described again by the model. A worker does it; what a person wrote stays."""
    from pindeck.services.images import rounds
    from pindeck.services.ingest.folder import actor_for
    from pindeck.services.library import describing
    from pindeck.services.library.choices import Choice

    actor = actor_for(email)
    choice = Choice(ids=ids, query=query, lacking=lacking, is_all=everything)
    plan = describing.plan(actor, choice)
    if dry_run:
        click.echo(json.dumps(_facts(plan)) if as_json else _planned(plan))
        return
    if not yes:
        click.echo(_planned(plan), err=True)
        click.confirm("Begin?", abort=True, err=True)
    row = describing.begin(actor, choice)
    view = rounds.get(actor, row.id)
    while wait and view.state == "running" and not view.waits_until:
        click.echo(_told(view), err=True)
        time.sleep(LOOK_S)
        view = rounds.get(actor, row.id)
    click.echo(json.dumps({"round": row.id, "count": row.total, "state": view.state}) if as_json else _told(view))
    sys.exit(1 if wait and (view.failed or view.state == "stopped") else 0)


def _facts(plan: "Plan") -> dict[str, object]:
    return {
        "count": plan.count, "isMore": plan.is_more, "model": plan.model, "priceMicro": plan.price_micro,
        "costMicro": plan.cost_micro, "leftToday": plan.left.today, "leftThisMonth": plan.left.month, "later": plan.later,
    }  # fmt: skip


def _planned(plan: "Plan") -> str:
    more = "more than " if plan.is_more else ""
    lines = [f"{plan.choice.text}: {more}{plan.count} {'picture' if plan.count == 1 else 'pictures'}, described by {plan.model}."]
    if plan.cost_micro is None:
        lines.append("What it will cost is not known: the provider has named no price so far.")
    else:
        lines.append(f"It will cost about ${plan.cost_micro / 1e6:.2f}, at ${(plan.price_micro or 0) / 1e6:.6f} a picture lately.")
    if plan.later:
        lines.append(f"{plan.later} of them wait for another day: the limits allow {plan.left.now} now.")
    return "\n".join(lines)


def _told(view: "RoundView") -> str:
    parts = [f"{view.done} of {view.row.total} described"]
    if view.failed:
        parts.append(f"{view.failed} failed")
    if left := view.waiting + view.running + view.to_come:
        parts.append(f"{left} to come")
    said = view.row.said or view.reason or (view.error if view.failed else "")
    return ", ".join(parts) + "." + (f" {said}" if said else "")
