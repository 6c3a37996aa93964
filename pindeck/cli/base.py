"""What every command begins and ends with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from pindeck import config
from pindeck.config import Settings
from pindeck.errors import PindeckError, SettingError
from pindeck.masking import masked

if TYPE_CHECKING:
    from pindeck.access import Actor


def with_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Load the settings, bind the parts, and say errors in a sentence."""

    def connect(settings: Settings) -> None:
        from pindeck.bootstrap import connect_parts

        connect_parts(settings)

    return _connected(command, connect)


def with_database(command: Callable[..., Any]) -> Callable[..., Any]:
    """As `with_settings`, for a command that stays and reads all of the database: store, jobs and the mapped file would only take memory."""

    def connect(settings: Settings) -> None:
        from pindeck.bootstrap import connect_database

        connect_database(settings, maps_file=False)

    return _connected(command, connect)


def _connected(command: Callable[..., Any], connect: Callable[[Settings], None]) -> Callable[..., Any]:
    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        with in_sentences():
            settings = config.load()
            with in_sentences(settings):
                connect(settings)
                return command(settings, *args, **kwargs)

    return run


@contextmanager
def in_sentences(settings: Settings | None = None) -> Iterator[None]:
    """What goes wrong ends the command with a sentence instead of a traceback. With settings also their database."""
    try:
        yield
    except (SettingError, PindeckError) as error:
        message = getattr(error, "message", str(error))
        fields = getattr(error, "fields", {})
        lines = [message, *(f"{name}: {text}" for name, text in fields.items() if text != message)]
        raise click.ClickException(masked("\n".join(lines))) from error
    except OSError as error:
        if settings is None or error.filename is None:
            raise
        raise click.ClickException(
            f"{error.filename} cannot be used ({error.strerror}). Check that this user may read and write there."
        ) from error
    except Exception as error:
        message = _of_the_database(error, settings)
        if message is None:
            raise
        raise click.ClickException(message) from error


def _of_the_database(error: Exception, settings: Settings | None) -> str | None:
    """What a fault of the database means. Its module is loaded here, because a command that goes well may need no database."""
    from pindeck.db import faults

    return faults.sentence(error, settings) if settings and isinstance(error, faults.ERRORS) else None


def operator() -> "Actor":
    """The actor of the command line: an administrator without an account."""
    from pindeck.access import Actor
    from pindeck.states import Way

    return Actor(role="admin", name="command line", comes_by=Way.COMMAND)
