"""Which sources an actor knows of: its own, and an administrator everybody's."""

from typing import Any

from pindeck.access.actor import Actor
from pindeck.models import Source


def sources_of(actor: Actor) -> Any:
    """The condition of the sources that exist for an actor. The key of a project knows those that fill it."""
    if actor.is_admin:
        return Source.id.is_null(False)
    own = Source.user == actor.user_id
    return own if actor.project_id is None else own & (Source.project_id == actor.project_id)
