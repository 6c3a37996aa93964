"""Who in Discord is which account: one's own on the page of the account, everybody's for administrators; and threads of projects."""

from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from pindeck import config
from pindeck.errors import Conflict, Invalid
from pindeck.http.auth import access_to
from pindeck.services.clients import discord_people
from pindeck.web.accounts import own_account
from pindeck.web.rendering import ListPage, done, show

bp = Blueprint("linking", __name__)


@bp.post("/account/discord/code")
@access_to("account")
def make_code() -> ResponseReturnValue:
    """The code stands in this one answer alone."""
    typed = f"/images link code:{discord_people.make_code(g.actor)}"
    answer = show("accounts/page.html", "accounts/_discord.html", **own_account(), typed=typed)
    assert isinstance(answer, Response)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/account/discord/<discord_id>/unlink")
@access_to("account")
def unlink_own(discord_id: str) -> ResponseReturnValue:
    discord_people.unlink_own(g.actor, discord_id)
    return done(
        "accounts/_discord.html", back_to=url_for("accounts.index"), toast="You are no longer linked to Discord there.", **own_account()
    )


def _people() -> dict[str, Any]:
    from pindeck.services.ingest.discord import threads

    settings = config.current()
    return {
        "links": discord_people.list_all(g.actor),
        "threads": threads.list_all(g.actor),
        "has_bot": bool(settings.discord_token),
        "has_door": bool(settings.discord_public_key),
        "role": settings.discord_moderator_role,
        "owner": discord_people.find_lent(),
        "form": {},
        "errors": {},
    }


PAGE = ListPage("admin/discord.html", "admin/_discord.html", "linking.index", _people)


@bp.get("/admin/discord")
@access_to("admin")
def index() -> ResponseReturnValue:
    return PAGE.show()


@bp.post("/admin/discord/link")
@access_to("admin")
def link() -> ResponseReturnValue:
    form = request.form
    try:
        user = discord_people.link(g.actor, form.get("discord_id", ""), form.get("email", ""), name=form.get("name", ""))
    except Invalid as error:
        return PAGE.show(422, form=form, errors=error.fields)
    except Conflict as error:
        return PAGE.show(409, form=form, errors={"discord_id": error.message})
    return PAGE.changed(f"{user.display_name} is linked.")


@bp.post("/admin/discord/<discord_id>/unlink")
@access_to("admin")
def unlink(discord_id: str) -> ResponseReturnValue:
    discord_people.unlink(g.actor, discord_id)
    return PAGE.changed("The link is ended.")


@bp.post("/admin/discord/threads/<channel_id>/unbind")
@access_to("admin")
def unbind(channel_id: str) -> ResponseReturnValue:
    from pindeck.services.ingest.discord import threads

    threads.unbind(g.actor, channel_id)
    return PAGE.changed("The thread belongs to no project any more.")
