"""What every command begins and ends with."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from pindeck import config
from pindeck.errors import PindeckError, SettingError

if TYPE_CHECKING:
    from pindeck.access import Actor


def with_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Load the settings, bind the parts, and say errors in a sentence."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from pindeck.bootstrap import connect_parts

        try:
            settings = config.load()
            connect_parts(settings)
            return command(settings, *args, **kwargs)
        except (SettingError, PindeckError) as error:
            message = getattr(error, "message", str(error))
            fields = getattr(error, "fields", {})
            lines = [message, *(f"{name}: {text}" for name, text in fields.items() if text != message)]
            raise click.ClickException("\n".join(lines)) from error

    return run


def operator() -> "Actor":
    """Whoever has a shell on the server is an administrator without an account."""
    from pindeck.access import Actor

    return Actor(role="admin", name="command line")
