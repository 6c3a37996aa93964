"""Where pictures come from, and which origins wait for a person."""

from pindeck import config
from pindeck.states import Origin


def is_moderated(origin: Origin | None) -> bool:
    """Whether a picture from there waits for a person."""
    return origin == Origin.DISCORD or (origin == Origin.PINTEREST and config.current().pinterest_moderated)
