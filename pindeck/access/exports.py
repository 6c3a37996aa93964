"""Which exports an actor knows of: its own. What is in one was chosen among what it sees, so nobody else's are shown, not even
to an administrator."""

from typing import Any

from pindeck.access.actor import Actor
from pindeck.models import Export


def exports_of(actor: Actor) -> Any:
    """The condition of the exports that exist for an actor. The key of a project knows those that it asked for."""
    mine = Export.user_id == actor.user_id
    return mine if actor.project_id is None else mine & (Export.project_id == actor.project_id)
