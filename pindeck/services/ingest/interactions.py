"""What somebody does in Discord, as an act of the account that the bot belongs to. Who pressed is written down."""

from typing import Any

from pindeck import config
from pindeck.access import Actor, Asker
from pindeck.discord import cards, messages
from pindeck.discord.messages import Found
from pindeck.errors import Forbidden, NotFound, PindeckError
from pindeck.fetching import urls
from pindeck.models import User
from pindeck.services.images.fields import spec_of
from pindeck.services.ingest import deciding, external
from pindeck.services.ingest.external import Candidate
from pindeck.services.library import waiting
from pindeck.services.library.waiting import Waiting
from pindeck.states import Origin, Role

PING, COMMAND, BUTTON = 1, 2, 3
TAGS = ["discord", "imported"]
DECIDE = {"approve": deciding.approve, "reject": deciding.reject}


def answer(interaction: dict[str, Any]) -> dict[str, Any]:
    """What Discord is to be answered. What is refused is said to the presser alone; nothing is raised for it."""
    if interaction.get("type") == PING:
        return cards.PONG
    try:
        actor = _actor(interaction)
        if interaction.get("type") == BUTTON:
            return _pressed(actor, interaction)
        return _commanded(actor, interaction)
    except PindeckError as error:
        return cards.private(error.message)


def _actor(interaction: dict[str, Any]) -> Actor:
    """The account of the settings, asked by whoever pressed. Raises Forbidden for who may not, NotFound without an account."""
    member = _dict(interaction, "member")
    who = _dict(member, "user") or _dict(interaction, "user")
    if not _may(member):
        raise Forbidden("You may not do this here. Ask somebody who runs this server for the role of its moderators.")
    user = User.get_or_none((User.id == config.current().pindeck_user_id) & User.disabled_at.is_null())
    if user is None:
        raise NotFound("The bot belongs to no account. Set PINDECK_USER_ID to the id of one.")
    name = str(who.get("global_name") or who.get("username") or "")
    # What a role in Discord lends is the account's own pictures, and never the rights of an administrator.
    role = Role.CURATOR if user.role == Role.ADMIN else Role(user.role)
    return Actor(user.id, role, user.name, user.email, asked_by=Asker(str(who.get("id") or ""), name[:120]))


def _may(member: dict[str, Any]) -> bool:
    """Whoever has the role of the settings, and without one nobody: anyone can bring an application into a server of
    their own and manage it, while the id of a role is one server's alone. Never in a private chat."""
    role, roles = config.current().discord_moderator_role, member.get("roles")
    return bool(role) and isinstance(roles, list) and role in roles


def _pressed(actor: Actor, interaction: dict[str, Any]) -> dict[str, Any]:
    kind, _, rest = str(_dict(interaction, "data").get("custom_id") or "").partition(":")
    act, _, image_id = rest.partition(":")
    if kind != cards.MODERATE or act not in DECIDE:
        return cards.private("This button comes from an earlier bot and does nothing.")
    try:
        said = DECIDE[act](actor, image_id).said
    except PindeckError as error:
        return cards.private(f"{act.upper()} failed for {image_id}: {error.message}")
    return cards.decided(_dict(interaction, "message"), image_id, f"{said} ({_presser(actor)})")


def _presser(actor: Actor) -> str:
    return actor.asked_by.name or actor.asked_by.id if actor.asked_by else ""


def _commanded(actor: Actor, interaction: dict[str, Any]) -> dict[str, Any]:
    data = _dict(interaction, "data")
    if data.get("name") == cards.SAVE:
        return _save(actor, interaction, data)
    chosen = next(iter(_list(data, "options")), {})
    given = {each.get("name"): each.get("value") for each in _list(chosen, "options")}
    act, image_id = str(chosen.get("name")), str(given.get("image_id") or "")
    if act in DECIDE:
        return cards.private(f"{act.upper()} OK for {image_id}: {DECIDE[act](actor, image_id).said}")
    if act != "review":
        return cards.private("There is no such command.")
    limit = given.get("limit")
    most = max(1, min(limit, cards.MOST_CARDS)) if isinstance(limit, int) else cards.MOST_CARDS
    found = waiting.from_discord(actor, limit=most, image_id=image_id or None)
    return cards.queue([_told(each) for each in found]) if found else cards.private("Nothing waits.")


def _told(each: Waiting) -> dict[str, str]:
    image = each.entry.image
    return {
        "id": image.id, "title": image.title, "description": image.description or "", "sref": image.sref or "",
        "status": f"{image.status} / {image.ai_status}", "picture": image.external_url or "", "source": image.source_url or "",
    }  # fmt: skip


def _save(actor: Actor, interaction: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """Bring in the best picture of the message that was chosen; again is no harm."""
    message = _dict(_dict(_dict(data, "resolved"), "messages"), str(data.get("target_id")))
    guild_id = str(interaction.get("guild_id") or "") or None
    found = messages.read(message, guild_id=guild_id)
    if not found.images:
        return cards.private("This message has no picture.")
    made = external.bring_in(actor, _candidate(actor, found, guild_id), only_own=True)
    word = "It was there already" if made.is_duplicate else "It waits for approval"
    return cards.private(f"{word}. Image ID: {made.image_id}" + (f", sref {found.sref}" if found.sref else ""))


def _candidate(actor: Actor, found: Found, guild_id: str | None) -> Candidate:
    url = found.images[0]
    urls.parse(url)  # what is no address is refused before anything is written
    has_title = not found.title.startswith("Discord import ")
    words = {
        "title": found.title if has_title else None,
        "description": found.description,
        "source": "Discord",
        "sref": found.sref,
        "tags": [*TAGS, *([f"sref:{found.sref}"] if found.sref else [])],
    }
    return Candidate(
        url,
        {name: spec_of(name).clean(value) for name, value in words.items() if value},
        external_id=messages.external_id(str(actor.user_id), guild_id, url),
        source_url=_page(found.source_url),
        origin=Origin.DISCORD,
        untitled=str(spec_of("title").clean(found.title)),
    )


def _page(url: str) -> str | None:
    try:
        return urls.parse(url).url
    except PindeckError:
        return None


def _dict(node: dict[str, Any], name: str) -> dict[str, Any]:
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def _list(node: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = node.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
