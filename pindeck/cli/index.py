"""`pindeck index`: the process that finds pictures by colours and by likeness."""

import importlib.util
import threading

import click

from pindeck.cli.base import with_database
from pindeck.config import Settings

IDLE = "numpy is not installed, so pictures are not found by colours and likeness. This process waits and does nothing."


@click.command("index")
@with_database
def index(settings: Settings) -> None:
    """Find pictures by colours and likeness, and stay. Web asks this process over the queue."""
    if importlib.util.find_spec("numpy") is not None:
        from pindeck.runtime import index as running

        running.run(settings)
        return
    from pindeck.runtime.processes import on_stop_signals

    click.echo(IDLE)
    over = threading.Event()
    on_stop_signals(lambda *_: over.set())
    over.wait()
