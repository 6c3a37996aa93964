"""Which files an actor sees: who brought one, the keys of its project, and administrators. Exports are their maker's alone."""

from typing import Any

from pindeck.access.actor import Actor
from pindeck.access.conditions import ALWAYS, Condition, Filled, equal
from pindeck.access.images import with_files
from pindeck.models import Export, Image, StoredFile
from pindeck.states import ClientKind

NO_IMAGE = Filled(Image.seq, empty=True)


def files_of(actor: Actor) -> Condition:
    """The files an actor sees, each with the image whose original it is, or none (left outer join).

    The file of a picture is seen only while the picture is: moved, hidden or trashed, it takes its file along.
    """
    if actor.is_admin and not actor.is_program:
        return ALWAYS
    return _held_by(actor) & (NO_IMAGE | with_files(actor))


def _held_by(actor: Actor) -> Condition:
    """Those of a key, its project or a person, whether an image uses them or not."""
    if actor.is_admin:
        return ALWAYS
    if actor.client_kind == ClientKind.MASTER:
        return Filled(StoredFile.project) | equal(StoredFile.client, actor.client_id, "client_id")
    if actor.client_kind == ClientKind.PROJECT:
        return equal(StoredFile.project, actor.project_id, "project_id")
    return equal(StoredFile.user, actor.user_id, "user_id")


def exports_of(actor: Actor) -> Any:
    """The condition of the exports that exist for an actor. The key of a project knows those that it asked for.

    What is in one was chosen among what its maker sees, so nobody else is shown it, not even an administrator.
    """
    mine = Export.user_id == actor.user_id
    return mine if actor.project_id is None else mine & (Export.project_id == actor.project_id)
