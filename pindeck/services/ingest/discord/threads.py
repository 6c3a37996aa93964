"""Threads and channels whose pictures belong to a project."""

from dataclasses import dataclass

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Invalid, NotFound
from pindeck.models import DiscordThread, Project
from pindeck.services import activity
from pindeck.services.images import projects
from pindeck.services.images.fields import spec_of


@dataclass(frozen=True)
class Bound:
    channel_id: str
    name: str
    project: str
    created_at: int


def project_of(channel_id: str) -> str | None:
    """The name of the project that a thread belongs to."""
    rows = Project.select(Project.name).join(DiscordThread, on=(DiscordThread.project == Project.id))
    return rows.where(DiscordThread.channel_id == channel_id).scalar() if channel_id else None


def bind(actor: Actor, guild_id: str, channel_id: str, name: str, project: str) -> str:
    """From now on what is saved there belongs to this project, which is made if there is none of the name; its name."""
    access.require(actor, "upload")
    if not guild_id or not channel_id:
        raise Invalid("Only a thread or channel of a server can belong to a project.")
    wanted = str(spec_of("project").clean(project) or "")
    if not wanted:
        raise Invalid("Name the project.")

    def work() -> str:
        found = projects.find_or_create(wanted)
        columns = dict(
            guild_id=guild_id, name=name[:120], project=found.id, bound_by=actor.user_id, created_at=db.now_ms()
        )
        DiscordThread.delete().where(DiscordThread.channel_id == channel_id).execute()
        DiscordThread.insert(channel_id=channel_id, **columns).execute()
        activity.note(actor, "discord.bind", channel=channel_id, project=found.name)
        return found.name

    return db.retried(work)


def unbind(actor: Actor, channel_id: str) -> None:
    """What is saved there belongs to no project any more; what is in the project stays. Raises NotFound."""
    if not access.can(actor, "admin"):  # of the page, where nobody uploads
        access.require(actor, "upload")
    with db.writing():
        if not DiscordThread.delete().where(DiscordThread.channel_id == channel_id).execute():
            raise NotFound("This thread belongs to no project.")
        activity.note(actor, "discord.unbind", channel=channel_id)


def list_all(actor: Actor) -> list[Bound]:
    access.require(actor, "admin")
    rows = DiscordThread.select(DiscordThread, Project).join(Project).order_by(Project.name_key, DiscordThread.channel_id)
    return [Bound(row.channel_id, row.name, row.project.name, row.created_at) for row in rows]
