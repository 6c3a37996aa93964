"""Who presses in Discord, and as which accounts they may act: their own, and the one that their role lends."""

from dataclasses import dataclass
from typing import Any

from pindeck import access, config
from pindeck.access import Actor, Asker
from pindeck.discord.events import dict_in, on_one_line
from pindeck.errors import Forbidden, NotFound
from pindeck.models import Image, User
from pindeck.services.clients import discord_people
from pindeck.states import Role
from pindeck.text import can_be_id

NOBODY = (
    "You may not do this here. Link your account with `/images link` and the code of your account's page, "
    "or ask somebody who runs this server for the role of its moderators."
)


@dataclass(frozen=True)
class Presser:
    """Somebody in Discord, with the roles of the server where they pressed: none in a private chat."""

    asker: Asker
    roles: tuple[str, ...] = ()

    @property
    def told(self) -> dict[str, Any]:
        """As the payload of a job holds it."""
        return {"id": self.asker.id, "name": self.asker.name, "roles": list(self.roles)}

    @property
    def name(self) -> str:
        return self.asker.name or self.asker.id


def of(event: dict[str, Any]) -> Presser:
    """Who an interaction or a reaction is of."""
    member = dict_in(event, "member")
    who = dict_in(member, "user") or dict_in(event, "user")
    roles = member.get("roles")
    name = on_one_line(member.get("nick") or who.get("global_name") or who.get("username"))
    return Presser(Asker(on_one_line(who.get("id")), name), tuple(map(str, roles)) if isinstance(roles, list) else ())


def of_told(told: dict[str, Any]) -> Presser:
    return Presser(Asker(told["id"], told["name"]), tuple(told["roles"]))


def actors_of(presser: Presser) -> list[Actor]:
    """The accounts that they act as, their own before the one of the settings. Raises Forbidden for who has neither,
    NotFound where a role is held and lends no account."""
    own = discord_people.find_account(presser.asker.id)
    found = [_actor(own, Role(own.role), presser)] if own else []
    if _has_role(presser):
        lent = discord_people.find_lent()
        if lent is None and not found:
            raise NotFound("The bot belongs to no account. Set PINDECK_USER_ID to the id of one.")
        if lent is not None and (own is None or lent.id != own.id):
            # What a role in Discord lends is the account's own pictures, and never the rights of an administrator.
            found.append(_actor(lent, Role.CURATOR if lent.role == Role.ADMIN else Role(lent.role), presser))
    if not found:
        raise Forbidden(NOBODY)
    return found


def _actor(user: User, role: Role, presser: Presser) -> Actor:
    return Actor(user.id, role, user.name, user.email, asked_by=presser.asker)


def _has_role(presser: Presser) -> bool:
    """Without a role in the settings nobody has it: anyone can bring an application into a server of their own and
    manage it, while the id of a role is one server's alone."""
    role = config.current().discord_moderator_role
    return bool(role) and role in presser.roles


def who_decides(actors: list[Actor], image_id: str) -> Actor:
    """The first of them that decides about a picture; else the first of all, who is told why not."""
    image = Image.get_or_none(Image.id == image_id) if can_be_id(image_id) else None
    return next((each for each in actors if image is not None and access.can(each, "image.publish", image)), actors[0])
