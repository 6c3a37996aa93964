"""Which projects an actor is told of by name."""

from typing import Any

from peewee import fn

from pindeck.access.actor import Actor
from pindeck.access.images import found_by
from pindeck.access.rules import can
from pindeck.models import Image, Project


def projects_named(actor: Actor) -> Any:
    """The condition of the projects whose names an actor is told. The key of a project is told that one, and whoever
    may make projects all of them. Everybody else is told the default one, and those with a picture that tells its words to
    the actor (`found_by`): what a project of hidden pictures is called says what they are about.
    """
    if actor.project_id is not None:
        return Project.id == actor.project_id
    if can(actor, "admin"):
        return Project.id.is_null(False)
    held = Image.select(Image.seq).where((Image.project == Project.id) & found_by(actor).expression())
    return Project.is_default | fn.EXISTS(held)
